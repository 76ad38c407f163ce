import type { RawTransaction, Result, Sat, Script, TxOut } from '@boltwright/base';
import { compareBytes, err, ok } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelTransactionParameters, ClosingTransaction } from '@boltwright/interfaces';
import { segwitSighash } from '../chain/sighash.ts';
import { type Transaction, toRawTransaction, unsignedInput, withWitness } from '../chain/transaction.ts';
import type { Broadcaster } from '../commitment-keys.ts';
import { channelWitnessScript, fundingWitness } from '../scripts/funding.ts';

/** A closing transaction that cannot be made of these figures. */
export type ClosingError =
  | { readonly kind: 'feeAboveBalance'; readonly feeSatoshis: Sat; readonly balanceSatoshis: Sat }
  /** Every output is dust, or left out. */
  | { readonly kind: 'noOutputs' };

/** By value, then by script (BOLT 3, Transaction Output Ordering). */
export const orderedOutputs = (outputs: readonly TxOut[]): readonly TxOut[] =>
  [...outputs].sort((a, b) => (a.value === b.value ? compareBytes(a.script, b.script) : a.value < b.value ? -1 : 1));

/** The outputs in their order as a closing transaction. */
export const closingOf = (
  parameters: ChannelTransactionParameters,
  outputs: readonly TxOut[],
  lockTime: number,
  sequence: number,
): Result<ClosingTransaction, ClosingError> =>
  outputs.length === 0
    ? err({ kind: 'noOutputs' })
    : ok({ parameters, lockTime, sequence, outputs: orderedOutputs(outputs) });

/** The transaction, unsigned. No hash is computed. */
export const closingTransaction = (closing: ClosingTransaction): Transaction => ({
  version: 2,
  inputs: [unsignedInput(closing.parameters.fundingOutpoint, closing.sequence)],
  outputs: closing.outputs,
  lockTime: closing.lockTime,
});

/** What both sides sign of a closing transaction: 32 bytes. */
export const closingSighash = (crypto: CryptoBackend, closing: ClosingTransaction): Uint8Array =>
  segwitSighash(
    crypto,
    closingTransaction(closing),
    0,
    channelWitnessScript(closing.parameters),
    closing.parameters.fundingSatoshis,
  );

/** Whether a side's signature (64 bytes) on a closing transaction is valid, with a low S. */
export const verifyClosingSignature = (
  crypto: CryptoBackend,
  closing: ClosingTransaction,
  signer: Broadcaster,
  signature: Uint8Array,
): boolean =>
  crypto.verify(signature, closingSighash(crypto, closing), closing.parameters[signer].pubkeys.fundingPubkey);

/** The closing transaction ready for broadcast. @param holder - 64 bytes, our signature; `counterparty` theirs. */
export const signedClosing = (
  crypto: CryptoBackend,
  closing: ClosingTransaction,
  holder: Uint8Array,
  counterparty: Uint8Array,
): RawTransaction =>
  toRawTransaction(
    crypto,
    withWitness(closingTransaction(closing), 0, fundingWitness(closing.parameters, holder, counterparty)),
  );

/**
 * Expected weight of a closing transaction: signatures of 73 bytes, as BOLT 3 counts them.
 *
 * @param scripts - those of its outputs.
 */
export const closingWeight = (scripts: readonly Script[]): number =>
  4 * (4 + 1 + 41 + 1 + 4 + scripts.reduce((total, script) => total + 9 + script.length, 0)) + 2 + 222;
