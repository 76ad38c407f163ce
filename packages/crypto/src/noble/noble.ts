import type { CryptoBackend } from '../backend.ts';
import { aeadDecrypt, aeadEncrypt, chacha20 } from './ciphers.ts';
import { hash160, hash256, hkdfSha256, hmacSha256, ripemd160, sha256 } from './hashes.ts';
import { isPoint, pointAdd, pointAddScalar, pointMultiply, publicKey, sharedPoint } from './points.ts';
import { isSecretKey, scalarAdd, scalarMultiply, scalarNegate } from './scalars.ts';
import { recover, schnorrSign, schnorrVerify, sign, signRecoverable, verify } from './signatures.ts';

function ecdh(point: Uint8Array, secret: Uint8Array): Uint8Array | undefined {
  const shared = sharedPoint(point, secret);
  if (shared === undefined) return undefined;
  const hashed = sha256(shared);
  shared.fill(0);
  return hashed;
}

/** The backend in pure TypeScript, on noble's audited libraries: runs everywhere, and is the default. */
export const noble: CryptoBackend = Object.freeze({
  name: 'noble',
  isSecretKey,
  isPoint,
  publicKey,
  sign,
  verify,
  signRecoverable,
  recover,
  ecdh,
  pointAdd,
  pointMultiply,
  pointAddScalar,
  scalarAdd,
  scalarMultiply,
  scalarNegate,
  schnorrSign,
  schnorrVerify,
  sha256,
  hash256,
  hash160,
  ripemd160,
  hmacSha256,
  hkdfSha256,
  chacha20,
  aeadEncrypt,
  aeadDecrypt,
});
