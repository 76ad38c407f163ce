export type { WalletCoin } from './coin-set.ts';
export type { WalletKey } from './key-chain.ts';
export type { WalletNetwork } from './network.ts';
export { type FundingWallet, OnChainWallet, type WalletBalance, type WalletOptions } from './on-chain-wallet.ts';
export { Sweeper, type SweeperParts } from './sweeper.ts';
export type { WalletError } from './wallet-error.ts';
export {
  type FeesRecord,
  type KeysRecord,
  readWalletRecords,
  type WalletRecordError,
  type WalletRecords,
} from './wallet-records.ts';
