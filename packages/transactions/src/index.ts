export * from './chain/parse-transaction.ts';
export * from './chain/sighash.ts';
export * from './chain/signature.ts';
export {
  serializeTransaction,
  strippedLength,
  type Transaction,
  type TxIn,
  toRawTransaction,
  transactionId,
  transactionWeight,
  unsignedInput,
  withWitness,
  witnessLength,
} from './chain/transaction.ts';
export * from './closing/closing-transaction.ts';
export * from './closing/legacy-closing.ts';
export * from './closing/simple-closing.ts';
export * from './commitment.ts';
export * from './commitment-keys.ts';
export * from './commitment-number.ts';
export type { CommitmentOutput, CommitmentOutputs, HtlcOutput } from './commitment-outputs.ts';
export * from './deadlines.ts';
export * from './derive-keys.ts';
export * from './fees.ts';
export type { CommitmentRules, ScriptPair } from './format/commitment-rules.ts';
export { commitmentRules } from './format/rules-of.ts';
export * from './htlc-transaction.ts';
export * from './scripts/funding.ts';
export { type HtlcScriptKeys, type HtlcScripts, htlcScripts } from './scripts/htlc.ts';
export * from './scripts/script-kind.ts';
export { p2wpkh, p2wpkhScriptCode, p2wsh } from './scripts/templates.ts';
export { delayedWitnessScript } from './scripts/to-local.ts';
export { anchorWitnessScript, toRemoteAnchorsWitnessScript } from './scripts/to-remote.ts';
export * from './secrets.ts';
export * from './sign-commitment.ts';
export * from './verify-holder-commitment.ts';
export * from './weights.ts';
export * from './witnesses.ts';
