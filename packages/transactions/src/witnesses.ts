import type { Script } from '@boltwright/base';
import { type SighashType, sighashAll } from './chain/sighash.ts';
import { witnessSignature } from './chain/signature.ts';

// The witness stacks of BOLT 3 and BOLT 5, bottom first, the witness script last. Signatures are 64 bytes, compact.

const empty = new Uint8Array(0);
const one = Uint8Array.of(1);

/** HTLC-success (BOLT 3): the broadcaster's, with the countersigner's signature. @param preimage - 32 bytes. */
export const htlcSuccessWitness = (
  countersignature: Uint8Array,
  signature: Uint8Array,
  preimage: Uint8Array,
  witnessScript: Script,
  countersignatureType: SighashType,
): readonly Uint8Array[] => [
  empty,
  witnessSignature(countersignature, countersignatureType),
  witnessSignature(signature),
  preimage,
  witnessScript,
];

/** HTLC-timeout (BOLT 3). */
export const htlcTimeoutWitness = (
  countersignature: Uint8Array,
  signature: Uint8Array,
  witnessScript: Script,
  countersignatureType: SighashType,
): readonly Uint8Array[] => [
  empty,
  witnessSignature(countersignature, countersignatureType),
  witnessSignature(signature),
  empty,
  witnessScript,
];

/** `to_local` or an HTLC transaction's output, by its owner after `to_self_delay`. */
export const delayedWitness = (signature: Uint8Array, witnessScript: Script): readonly Uint8Array[] => [
  witnessSignature(signature),
  empty,
  witnessScript,
];

/** `to_local` or an HTLC transaction's output of a revoked commitment, by the revocation key. */
export const revokedDelayedWitness = (signature: Uint8Array, witnessScript: Script): readonly Uint8Array[] => [
  witnessSignature(signature),
  one,
  witnessScript,
];

/** An HTLC output of a revoked commitment, by the revocation key. @param revocationPubkey - 33 bytes. */
export const revokedHtlcWitness = (
  signature: Uint8Array,
  revocationPubkey: Uint8Array,
  witnessScript: Script,
): readonly Uint8Array[] => [witnessSignature(signature), revocationPubkey, witnessScript];

/** An HTLC that the counterparty offered in its commitment, by the preimage. @param preimage - 32 bytes. */
export const htlcPreimageWitness = (
  signature: Uint8Array,
  preimage: Uint8Array,
  witnessScript: Script,
): readonly Uint8Array[] => [witnessSignature(signature), preimage, witnessScript];

/** An HTLC that we offered, in the counterparty's commitment, after its `cltv_expiry`. */
export const htlcExpiredWitness = (signature: Uint8Array, witnessScript: Script): readonly Uint8Array[] => [
  witnessSignature(signature),
  empty,
  witnessScript,
];

/** P2WPKH: `to_remote` without anchors, and a wallet's coins. @param pubkey - 33 bytes. */
export const p2wpkhWitness = (
  signature: Uint8Array,
  pubkey: Uint8Array,
  sighashType: SighashType = sighashAll,
): readonly Uint8Array[] => [witnessSignature(signature, sighashType), pubkey];

/** `to_remote` with anchors (one block after confirmation), and an anchor by its owner. */
export const signatureWitness = (signature: Uint8Array, witnessScript: Script): readonly Uint8Array[] => [
  witnessSignature(signature),
  witnessScript,
];

/** An anchor, by anyone, 16 blocks after confirmation. */
export const anchorByAnyoneWitness = (witnessScript: Script): readonly Uint8Array[] => [empty, witnessScript];
