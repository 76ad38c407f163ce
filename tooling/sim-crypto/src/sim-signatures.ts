import { concatBytes, equalBytes } from '@boltwright/base';
import { type CryptoBackend, requireLength, requireRecoveryId } from '@boltwright/crypto';
import { order, pointBytes, readNumber, writeNumber } from './scalars.ts';

type Signatures = Pick<
  CryptoBackend,
  'sign' | 'verify' | 'signRecoverable' | 'recover' | 'schnorrSign' | 'schnorrVerify'
>;

const label = (name: string): Uint8Array => Uint8Array.from(name, (character) => character.charCodeAt(0));
const nonceLabel = label('sim nonce');
const maskLabel = label('sim mask');
const tagLabel = label('sim tag');
const schnorrLabel = label('sim schnorr');

const halfOfS = 16;

/**
 * Signatures that look like the real ones: compact, low S, neither half zero, so that DER takes them.
 *
 * `s` is a nonce (16 bytes, its first bit clear) and a tag (16 bytes) over everything; `r` is the signer's scalar under
 * a mask made from hash and nonce, so that the signer can be recovered from the signature without any memory.
 */
export function simSignatures(
  sha256: (data: Uint8Array) => Uint8Array,
  readPoint: (point: Uint8Array) => bigint | undefined,
  readSecret: (secret: Uint8Array) => bigint,
): Signatures {
  const maskOf = (hash: Uint8Array, nonce: Uint8Array): bigint =>
    readNumber(sha256(concatBytes(maskLabel, hash, nonce)), 0) % order;
  const tagOf = (hash: Uint8Array, r: Uint8Array, nonce: Uint8Array, point: Uint8Array): Uint8Array =>
    sha256(concatBytes(tagLabel, hash, r, nonce, point)).subarray(0, halfOfS);

  function sign(hash: Uint8Array, secret: Uint8Array, extraEntropy?: Uint8Array): Uint8Array {
    requireLength(hash, 32, 'hash');
    const scalar = readSecret(secret);
    if (extraEntropy !== undefined) requireLength(extraEntropy, 32, 'extra entropy');
    const signature = new Uint8Array(64);
    const nonce = signature.subarray(32, 48);
    nonce.set(sha256(concatBytes(nonceLabel, hash, secret, extraEntropy ?? new Uint8Array(0))).subarray(0, halfOfS));
    // Below half the order for certain, and above zero.
    nonce[0] = nonce[0]! % 0x7f;
    nonce[1] = nonce[1]! | 1;
    // r is never zero: mask and scalar cancel with a chance of 2^-256.
    writeNumber((scalar + maskOf(hash, nonce)) % order, signature, 0);
    signature.set(tagOf(hash, signature.subarray(0, 32), nonce, pointBytes(scalar)!), 48);
    return signature;
  }

  /** The point that the signature names, if its tag agrees. */
  function signerOf(signature: Uint8Array, hash: Uint8Array): Uint8Array | undefined {
    requireLength(signature, 64, 'signature');
    requireLength(hash, 32, 'hash');
    const r = readNumber(signature, 0);
    if (r === 0n || r >= order) return undefined;
    const nonce = signature.subarray(32, 48);
    const point = pointBytes((r + order - maskOf(hash, nonce)) % order);
    if (point === undefined) return undefined;
    const tag = tagOf(hash, signature.subarray(0, 32), nonce, point);
    return equalBytes(tag, signature.subarray(48)) ? point : undefined;
  }

  const recoveryIdOf = (signature: Uint8Array): number => signature[47]! & 1;
  const schnorrTag = (r: Uint8Array, message: Uint8Array, xOnly: Uint8Array): Uint8Array => {
    const tag = sha256(concatBytes(schnorrLabel, tagLabel, r, message, xOnly));
    tag[0] = tag[0]! & 0x7f;
    return tag;
  };

  return {
    sign,
    verify(signature, hash, point) {
      const expected = readPoint(point);
      const signer = signerOf(signature, hash);
      return signer !== undefined && expected === readNumber(signer, 1);
    },
    signRecoverable(hash, secret) {
      const signature = sign(hash, secret);
      return { signature, recoveryId: recoveryIdOf(signature) };
    },
    recover(signature, recoveryId, hash) {
      requireRecoveryId(recoveryId);
      const signer = signerOf(signature, hash);
      return recoveryId === recoveryIdOf(signature) ? signer : undefined;
    },
    schnorrSign(message, secret, auxiliary = new Uint8Array(32)) {
      requireLength(message, 32, 'message');
      requireLength(auxiliary, 32, 'auxiliary randomness');
      const xOnly = pointBytes(readSecret(secret))!.subarray(1);
      const r = sha256(concatBytes(schnorrLabel, nonceLabel, auxiliary, xOnly, message));
      r[0] = r[0]! & 0x7f;
      return concatBytes(r, schnorrTag(r, message, xOnly));
    },
    schnorrVerify(signature, message, xOnly) {
      requireLength(signature, 64, 'signature');
      requireLength(message, 32, 'message');
      requireLength(xOnly, 32, 'x-only point');
      const value = readNumber(xOnly, 0);
      if (value === 0n || value >= order) return false;
      return equalBytes(schnorrTag(signature.subarray(0, 32), message, xOnly), signature.subarray(32));
    },
  };
}
