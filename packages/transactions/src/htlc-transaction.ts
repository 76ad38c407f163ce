import type { RawTransaction, Sat } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { type SighashType, segwitSighash } from './chain/sighash.ts';
import { type Transaction, toRawTransaction, unsignedInput, withWitness } from './chain/transaction.ts';
import type { BuiltCommitment } from './commitment.ts';
import type { HtlcOutput } from './commitment-outputs.ts';
import { htlcTransactionFee } from './fees.ts';
import { htlcSuccessWitness, htlcTimeoutWitness } from './witnesses.ts';

/**
 * The HTLC-timeout (offered) or HTLC-success (received) transaction of one HTLC output, unsigned (BOLT 3, HTLC-Timeout
 * and HTLC-Success Transactions). No hash is computed.
 *
 * @param output - one of `commitment.htlcs`.
 */
export function htlcTransaction(commitment: BuiltCommitment, output: HtlcOutput): Transaction {
  const { rules, spec } = commitment;
  const { direction, cltvExpiry } = output.htlc;
  const fee = htlcTransactionFee(rules.format, direction, spec.feeratePerKw);
  return {
    version: 2,
    inputs: [unsignedInput({ txid: commitment.raw.txid, vout: output.vout }, rules.htlcSequence)],
    outputs: [{ value: (output.value - fee) as Sat, script: commitment.delayed.script }],
    lockTime: direction === 'offered' ? cltvExpiry : 0,
  };
}

/**
 * What is signed of an HTLC transaction: 32 bytes.
 *
 * @param transaction - {@link htlcTransaction}, where the caller has it.
 * @param sighashType - the countersigner's by default; the broadcaster signs with `sighashAll`.
 */
export const htlcSighash = (
  crypto: CryptoBackend,
  commitment: BuiltCommitment,
  output: HtlcOutput,
  transaction: Transaction = htlcTransaction(commitment, output),
  sighashType: SighashType = commitment.rules.htlcSighashType,
): Uint8Array => segwitSighash(crypto, transaction, 0, output.witnessScript, output.value, sighashType);

/**
 * The HTLC transaction ready for broadcast (for anchors: without the inputs that pay its fee).
 *
 * @param countersignature - 64 bytes, from `commitment_signed`.
 * @param signature - 64 bytes, the broadcaster's, SIGHASH_ALL.
 * @param preimage - 32 bytes, for a received HTLC.
 * @throws RangeError when the preimage is missing for a received HTLC.
 */
export function signedHtlcTransaction(
  crypto: CryptoBackend,
  commitment: BuiltCommitment,
  output: HtlcOutput,
  countersignature: Uint8Array,
  signature: Uint8Array,
  preimage?: Uint8Array,
): RawTransaction {
  const { htlcSighashType } = commitment.rules;
  if (output.htlc.direction === 'received' && preimage === undefined) {
    throw new RangeError('an HTLC-success transaction needs the preimage');
  }
  const witness =
    output.htlc.direction === 'received' && preimage !== undefined
      ? htlcSuccessWitness(countersignature, signature, preimage, output.witnessScript, htlcSighashType)
      : htlcTimeoutWitness(countersignature, signature, output.witnessScript, htlcSighashType);
  return toRawTransaction(crypto, withWitness(htlcTransaction(commitment, output), 0, witness));
}
