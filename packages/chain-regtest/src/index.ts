export { blockBytes } from './block.ts';
export type { Coin } from './coins.ts';
export { faucetScript } from './faucet.ts';
export type { Accepted } from './mempool-gate.ts';
export { type ParsedTransaction, parseTransaction, rawTransaction } from './parsed-transaction.ts';
export type { Refusal, RefusalKind } from './refusal.ts';
export {
  type ChainTransaction,
  type Funding,
  RegtestChain,
  regtestChainHash,
} from './regtest-chain.ts';
export { defaultFeerates, type RegtestOptions } from './regtest-options.ts';
export { checkScripts, type ScriptFailure, type ScriptRules } from './script-check.ts';
export { dustLimit, type ScriptKind, scriptKind } from './script-kind.ts';
export { syncListeners } from './sync-listeners.ts';
