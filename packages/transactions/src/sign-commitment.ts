import type { CryptoBackend } from '@boltwright/crypto';
import type { CommitmentSignatures } from '@boltwright/interfaces';
import { type BuiltCommitment, commitmentSighash } from './commitment.ts';
import { htlcSighash } from './htlc-transaction.ts';

/**
 * Our signatures on the counterparty's commitment: one for it, one per HTLC transaction in the outputs' order.
 *
 * @param fundingSecret - 32 bytes.
 * @param htlcSecret - 32 bytes: our HTLC basepoint's secret, tweaked by the commitment's point.
 */
export const signCommitment = (
  crypto: CryptoBackend,
  commitment: BuiltCommitment,
  fundingSecret: Uint8Array,
  htlcSecret: Uint8Array,
): CommitmentSignatures => ({
  signature: crypto.sign(commitmentSighash(crypto, commitment), fundingSecret),
  htlcSignatures: commitment.htlcs.map((output) => crypto.sign(htlcSighash(crypto, commitment, output), htlcSecret)),
});
