import { concatBytes, invariant } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';

// BOLT 3, Key Derivation. Points must have been checked (`isPoint`) when they came in; that a sum of checked points is
// infinity would take a broken hash, so it throws.

/**
 * `basepoint + SHA256(per_commitment_point || basepoint) * G`: the HTLC and delayed payment keys.
 *
 * @param basepoint - 33 bytes, checked to be a point, as `perCommitmentPoint` is.
 */
export function derivePublicKey(
  crypto: CryptoBackend,
  perCommitmentPoint: Uint8Array,
  basepoint: Uint8Array,
): Uint8Array {
  const key = crypto.pointAddScalar(basepoint, crypto.sha256(concatBytes(perCommitmentPoint, basepoint)));
  invariant(key !== undefined, 'basepoints are points');
  return key;
}

/**
 * `basepoint_secret + SHA256(per_commitment_point || basepoint)`.
 *
 * @param basepoint - 33 bytes, the public key of `basepointSecret` (32 bytes).
 */
export function derivePrivateKey(
  crypto: CryptoBackend,
  perCommitmentPoint: Uint8Array,
  basepoint: Uint8Array,
  basepointSecret: Uint8Array,
): Uint8Array {
  const key = crypto.scalarAdd(basepointSecret, crypto.sha256(concatBytes(perCommitmentPoint, basepoint)));
  invariant(key !== undefined, 'basepoint secrets are secret keys');
  return key;
}

/** `revocation_basepoint * SHA256(rb || pcp) + per_commitment_point * SHA256(pcp || rb)`; both 33 bytes and points. */
export function deriveRevocationPublicKey(
  crypto: CryptoBackend,
  perCommitmentPoint: Uint8Array,
  revocationBasepoint: Uint8Array,
): Uint8Array {
  const ofBase = crypto.pointMultiply(
    revocationBasepoint,
    crypto.sha256(concatBytes(revocationBasepoint, perCommitmentPoint)),
  );
  const ofCommitment = crypto.pointMultiply(
    perCommitmentPoint,
    crypto.sha256(concatBytes(perCommitmentPoint, revocationBasepoint)),
  );
  invariant(ofBase !== undefined && ofCommitment !== undefined, 'revocation basepoints are points');
  const key = crypto.pointAdd(ofBase, ofCommitment);
  invariant(key !== undefined, 'a revocation key is no infinity');
  return key;
}

/**
 * `revocation_basepoint_secret * SHA256(rb || pcp) + per_commitment_secret * SHA256(pcp || rb)`: what punishes.
 *
 * @param perCommitmentSecret - 32 bytes, of the revoked commitment, checked against its point before.
 */
export function deriveRevocationPrivateKey(
  crypto: CryptoBackend,
  perCommitmentSecret: Uint8Array,
  revocationBasepointSecret: Uint8Array,
): Uint8Array {
  const perCommitmentPoint = crypto.publicKey(perCommitmentSecret);
  const revocationBasepoint = crypto.publicKey(revocationBasepointSecret);
  const ofBase = crypto.scalarMultiply(
    revocationBasepointSecret,
    crypto.sha256(concatBytes(revocationBasepoint, perCommitmentPoint)),
  );
  const ofCommitment = crypto.scalarMultiply(
    perCommitmentSecret,
    crypto.sha256(concatBytes(perCommitmentPoint, revocationBasepoint)),
  );
  invariant(ofBase !== undefined && ofCommitment !== undefined, 'revocation secrets are secret keys');
  const key = crypto.scalarAdd(ofBase, ofCommitment);
  invariant(key !== undefined, 'a revocation key is not zero');
  return key;
}
