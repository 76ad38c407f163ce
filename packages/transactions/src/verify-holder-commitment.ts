import type { Result } from '@boltwright/base';
import { err, invariant, ok } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { CommitmentSignatures } from '@boltwright/interfaces';
import { type BuiltCommitment, commitmentSighash } from './commitment.ts';
import { htlcSighash } from './htlc-transaction.ts';

/** What is wrong with a `commitment_signed`, or the first commitment's signature (BOLT 2). */
export type CommitmentSignatureError =
  /** Not valid for our commitment, or a high S. */
  | { readonly kind: 'invalidCommitmentSignature'; readonly signature: Uint8Array }
  | { readonly kind: 'wrongHtlcSignatureCount'; readonly expected: number; readonly actual: number }
  /** `position` counts the HTLC outputs, `id` is the HTLC's. */
  | {
      readonly kind: 'invalidHtlcSignature';
      readonly position: number;
      readonly id: bigint;
      readonly signature: Uint8Array;
    };

/**
 * Checks the counterparty's signatures on our commitment and on its HTLC transactions (BOLT 2, `commitment_signed`).
 * The number is checked first, so that a wrong one costs no verification.
 *
 * @param commitment - ours: built with broadcaster `holder`.
 */
export function verifyHolderCommitment(
  crypto: CryptoBackend,
  commitment: BuiltCommitment,
  signatures: CommitmentSignatures,
): Result<void, CommitmentSignatureError> {
  invariant(commitment.broadcaster === 'holder', 'only our own commitment is checked');
  const { htlcs, keys, parameters } = commitment;
  const { signature, htlcSignatures } = signatures;
  if (htlcSignatures.length !== htlcs.length) {
    return err({ kind: 'wrongHtlcSignatureCount', expected: htlcs.length, actual: htlcSignatures.length });
  }
  const { fundingPubkey } = parameters.counterparty.pubkeys;
  if (!crypto.verify(signature, commitmentSighash(crypto, commitment), fundingPubkey)) {
    return err({ kind: 'invalidCommitmentSignature', signature });
  }
  for (const [position, output] of htlcs.entries()) {
    const htlcSignature = htlcSignatures[position]!;
    if (!crypto.verify(htlcSignature, htlcSighash(crypto, commitment, output), keys.countersignerHtlcPubkey)) {
      return err({ kind: 'invalidHtlcSignature', position, id: output.htlc.id, signature: htlcSignature });
    }
  }
  return ok(undefined);
}
