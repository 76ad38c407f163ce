import { schnorr, secp256k1 } from '@noble/curves/secp256k1.js';
import { requireLength, requireRecoveryId } from '../require-length.ts';
import { readSecret } from './scalars.ts';

// The hash is the caller's: noble would otherwise hash it again.
const compact = { prehash: false, lowS: true, format: 'compact' } as const;
const recovered = { prehash: false, lowS: true, format: 'recovered' } as const;

export function sign(hash: Uint8Array, secret: Uint8Array, extraEntropy?: Uint8Array): Uint8Array {
  requireLength(hash, 32, 'hash');
  readSecret(secret);
  if (extraEntropy === undefined) return secp256k1.sign(hash, secret, compact);
  requireLength(extraEntropy, 32, 'extra entropy');
  return secp256k1.sign(hash, secret, { ...compact, extraEntropy });
}

export function verify(signature: Uint8Array, hash: Uint8Array, point: Uint8Array): boolean {
  requireLength(signature, 64, 'signature');
  requireLength(hash, 32, 'hash');
  requireLength(point, 33, 'point');
  return secp256k1.verify(signature, hash, point, compact);
}

export function signRecoverable(
  hash: Uint8Array,
  secret: Uint8Array,
): { readonly signature: Uint8Array; readonly recoveryId: number } {
  requireLength(hash, 32, 'hash');
  readSecret(secret);
  const signed = secp256k1.sign(hash, secret, recovered);
  return { signature: signed.subarray(1), recoveryId: signed[0]! };
}

export function recover(signature: Uint8Array, recoveryId: number, hash: Uint8Array): Uint8Array | undefined {
  requireLength(signature, 64, 'signature');
  requireRecoveryId(recoveryId);
  requireLength(hash, 32, 'hash');
  const withId = new Uint8Array(65);
  withId[0] = recoveryId;
  withId.set(signature, 1);
  try {
    return secp256k1.recoverPublicKey(withId, hash, recovered);
  } catch {
    return undefined;
  }
}

const noAuxiliary = new Uint8Array(32);

export function schnorrSign(message: Uint8Array, secret: Uint8Array, auxiliary: Uint8Array = noAuxiliary): Uint8Array {
  requireLength(message, 32, 'message');
  readSecret(secret);
  requireLength(auxiliary, 32, 'auxiliary randomness');
  return schnorr.sign(message, secret, auxiliary);
}

export function schnorrVerify(signature: Uint8Array, message: Uint8Array, xOnly: Uint8Array): boolean {
  requireLength(signature, 64, 'signature');
  requireLength(message, 32, 'message');
  requireLength(xOnly, 32, 'x-only point');
  return schnorr.verify(signature, message, xOnly);
}
