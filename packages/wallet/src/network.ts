/** The chains that a wallet has addresses for. */
export type WalletNetwork = 'mainnet' | 'testnet' | 'signet' | 'regtest';

/** BIP 84's coin type, and the human-readable part of addresses (BIP 173). */
export const networks: Readonly<Record<WalletNetwork, { readonly coinType: number; readonly prefix: string }>> = {
  mainnet: { coinType: 0, prefix: 'bc' },
  testnet: { coinType: 1, prefix: 'tb' },
  signet: { coinType: 1, prefix: 'tb' },
  regtest: { coinType: 1, prefix: 'bcrt' },
};
