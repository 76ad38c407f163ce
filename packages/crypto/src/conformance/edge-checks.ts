import { concatBytes, fromHex } from '@boltwright/base';
import type { CryptoBackend } from '../backend.ts';
import { expectBytes, expectRangeError, expectSame } from './expect.ts';

const order = fromHex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');
const orderMinusOne = fromHex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140');
const halfOrder = fromHex('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0');
const field = fromHex('fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f');
const zero = new Uint8Array(32);
const one = fromHex('01'.padStart(64, '0'));
const allOnes = new Uint8Array(32).fill(0xff);
const generator = fromHex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');
const negatedGenerator = fromHex('0379be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');
/** No y belongs to x = 5. */
const offCurve = fromHex(`02${'05'.padStart(64, '0')}`);
const prefixed = (prefix: number, x: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(prefix), x);
const hash = new Uint8Array(32).fill(0x5a);

/** What is no point, each for its own reason. */
const noPoints: readonly (readonly [string, Uint8Array])[] = [
  ['x without y', offCurve],
  ['x at the field size', prefixed(2, field)],
  ['x above the field size', prefixed(3, allOnes)],
  ['x zero', prefixed(2, zero)],
  ['prefix 0', prefixed(0, generator.subarray(1))],
  ['prefix 4', prefixed(4, generator.subarray(1))],
  ['prefix 6', prefixed(6, generator.subarray(1))],
];

/** Secrets, scalars and points at the ends of their ranges. */
export function checkRanges(backend: CryptoBackend): void {
  for (const secret of [zero, order, allOnes]) {
    expectSame(backend.isSecretKey(secret), false, 'a secret outside 1 to n - 1');
    expectRangeError(() => backend.publicKey(secret), 'publicKey of no secret');
    expectRangeError(() => backend.sign(hash, secret), 'sign with no secret');
    expectRangeError(() => backend.signRecoverable(hash, secret), 'signRecoverable with no secret');
    expectRangeError(() => backend.schnorrSign(hash, secret), 'schnorrSign with no secret');
    expectRangeError(() => backend.ecdh(generator, secret), 'ecdh with no secret');
    expectRangeError(() => backend.scalarNegate(secret), 'scalarNegate of no secret');
  }
  expectSame(backend.isSecretKey(one), true, 'one is a secret');
  expectSame(backend.isSecretKey(orderMinusOne), true, 'n - 1 is a secret');
  expectBytes(backend.publicKey(one), generator, 'the generator');
  expectBytes(backend.publicKey(orderMinusOne), negatedGenerator, 'the negated generator');
  for (const length of [0, 31, 33, 64]) expectSame(backend.isSecretKey(new Uint8Array(length)), false, 'secret length');
  for (const length of [0, 32, 34, 65]) expectSame(backend.isPoint(new Uint8Array(length)), false, 'point length');
  expectSame(backend.isPoint(generator), true, 'the generator is a point');
  const uncompressed = concatBytes(
    fromHex('0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'),
    fromHex('483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8'),
  );
  expectSame(backend.isPoint(uncompressed), false, 'an uncompressed point is not taken');
}

/** Bytes that are no point are answered, never thrown. */
export function checkNoPoints(backend: CryptoBackend): void {
  const signature = backend.sign(hash, one);
  for (const [name, point] of noPoints) {
    expectSame(backend.isPoint(point), false, name);
    expectBytes(backend.ecdh(point, one), undefined, `ecdh, ${name}`);
    expectBytes(backend.pointAdd(point, generator), undefined, `pointAdd left, ${name}`);
    expectBytes(backend.pointAdd(generator, point), undefined, `pointAdd right, ${name}`);
    expectBytes(backend.pointMultiply(point, one), undefined, `pointMultiply, ${name}`);
    expectBytes(backend.pointAddScalar(point, one), undefined, `pointAddScalar, ${name}`);
    expectBytes(backend.pointAddScalar(point, zero), undefined, `pointAddScalar of zero, ${name}`);
    expectSame(backend.verify(signature, hash, point), false, `verify, ${name}`);
  }
  for (const x of [zero, field, allOnes, offCurve.subarray(1)]) {
    expectSame(backend.schnorrVerify(backend.schnorrSign(hash, one), hash, x), false, 'schnorrVerify with no x');
  }
}

/** Sums and products at zero, n and infinity. */
export function checkArithmeticEdges(backend: CryptoBackend): void {
  expectBytes(backend.pointAdd(generator, negatedGenerator), undefined, 'P - P is infinity');
  expectBytes(backend.pointAdd(generator, generator), backend.publicKey(fromHex('02'.padStart(64, '0'))), 'P + P');
  expectBytes(backend.pointAddScalar(generator, orderMinusOne), undefined, 'G + (n - 1) G is infinity');
  expectBytes(backend.pointAddScalar(negatedGenerator, one), undefined, '-G + G is infinity');
  expectBytes(backend.pointAddScalar(generator, zero), generator, 'a zero tweak');
  expectBytes(backend.pointAddScalar(generator, order), undefined, 'a tweak of n');
  expectBytes(backend.pointMultiply(generator, zero), undefined, 'zero times a point');
  expectBytes(backend.pointMultiply(generator, order), undefined, 'n times a point');
  expectBytes(backend.pointMultiply(generator, one), generator, 'one times a point');
  expectBytes(backend.pointMultiply(generator, orderMinusOne), negatedGenerator, '-1 times a point');
  expectBytes(backend.scalarAdd(one, orderMinusOne), undefined, '1 + (n - 1)');
  expectBytes(backend.scalarAdd(zero, zero), undefined, '0 + 0');
  expectBytes(backend.scalarAdd(zero, one), one, '0 + 1');
  expectBytes(backend.scalarAdd(one, zero), one, '1 + 0');
  expectBytes(backend.scalarAdd(order, one), undefined, 'n + 1');
  expectBytes(backend.scalarAdd(one, allOnes), undefined, '1 + 2^256 - 1');
  expectBytes(backend.scalarMultiply(zero, one), undefined, '0 * 1');
  expectBytes(backend.scalarMultiply(one, order), undefined, '1 * n');
  expectBytes(backend.scalarMultiply(orderMinusOne, orderMinusOne), one, '(-1) * (-1)');
  expectBytes(backend.scalarNegate(one), orderMinusOne, '-1');
  expectBytes(backend.scalarNegate(orderMinusOne), one, '-(-1)');
}

/** Signatures at the ends of their ranges: high S, zeros, n, a hash that is not below n. */
export function checkSignatureEdges(backend: CryptoBackend): void {
  const point = backend.publicKey(one);
  const signature = backend.sign(hash, one);
  const r = signature.subarray(0, 32);
  const s = signature.subarray(32);
  const high = concatBytes(r, backend.scalarNegate(s));
  expectSame(backend.verify(high, hash, point), false, 'a high S is refused');
  const { recoveryId } = backend.signRecoverable(hash, one);
  expectBytes(backend.recover(high, recoveryId ^ 1, hash), point, 'a high S is recovered with the other id');
  for (const part of [zero, order, allOnes]) {
    for (const bad of [concatBytes(part, s), concatBytes(r, part)]) {
      expectSame(backend.verify(bad, hash, point), false, 'r or s out of range');
      expectBytes(backend.recover(bad, 0, hash), undefined, 'r or s out of range, recovered');
      expectBytes(backend.recover(bad, 2, hash), undefined, 'r or s out of range, recovered with id 2');
    }
  }
  expectSame(backend.verify(concatBytes(r, halfOrder), hash, point), false, 's at half the order');
  // r + n is above the field for nearly every r: no point there.
  expectBytes(backend.recover(signature, recoveryId | 2, hash), undefined, 'r + n beyond the field');
  for (const digest of [zero, order, allOnes]) {
    const signed = backend.sign(digest, one);
    expectSame(backend.verify(signed, digest, point), true, 'an extreme hash');
    const recoverable = backend.signRecoverable(digest, one);
    expectBytes(backend.recover(signed, recoverable.recoveryId, digest), point, 'an extreme hash, recovered');
  }
}

/** Tags, short ciphertexts and changed inputs. */
export function checkCipherEdges(backend: CryptoBackend): void {
  const nonce = new Uint8Array(12);
  const empty = new Uint8Array(0);
  const closed = backend.aeadEncrypt(hash, nonce, empty, empty);
  expectSame(closed.length, 16, 'an empty message has a tag');
  expectBytes(backend.aeadDecrypt(hash, nonce, empty, closed), empty, 'an empty message opens');
  for (let length = 0; length < 16; length++) {
    expectBytes(backend.aeadDecrypt(hash, nonce, empty, closed.subarray(0, length)), undefined, 'no whole tag');
  }
  expectBytes(backend.aeadDecrypt(hash, nonce, one, closed), undefined, 'other associated data');
  expectBytes(backend.aeadDecrypt(one, nonce, empty, closed), undefined, 'another key');
  expectBytes(backend.chacha20(hash, nonce, empty), empty, 'ChaCha20 of nothing');
  expectSame(backend.hkdfSha256(hash, empty, empty, 0).length, 0, 'HKDF of no length');
  expectSame(backend.hkdfSha256(hash, empty, empty, 8160).length, 8160, 'HKDF of the greatest length');
}

/** Every length that is wrong throws a RangeError and nothing else. */
export function checkLengths(backend: CryptoBackend): void {
  const signature = backend.sign(hash, one);
  const schnorr = backend.schnorrSign(hash, one);
  const x = generator.subarray(1);
  const nonce = new Uint8Array(12);
  const calls: readonly (readonly [string, readonly Uint8Array[], (...parts: readonly Uint8Array[]) => unknown])[] = [
    ['publicKey', [one], (secret) => backend.publicKey(secret!)],
    ['sign', [hash, one, zero], (digest, secret, extra) => backend.sign(digest!, secret!, extra!)],
    ['verify', [signature, hash, generator], (made, digest, point) => backend.verify(made!, digest!, point!)],
    ['signRecoverable', [hash, one], (digest, secret) => backend.signRecoverable(digest!, secret!)],
    ['recover', [signature, hash], (made, digest) => backend.recover(made!, 0, digest!)],
    ['recover 2', [signature, hash], (made, digest) => backend.recover(made!, 2, digest!)],
    ['ecdh', [generator, one], (point, secret) => backend.ecdh(point!, secret!)],
    ['pointAdd', [generator, generator], (a, b) => backend.pointAdd(a!, b!)],
    ['pointMultiply', [generator, one], (point, scalar) => backend.pointMultiply(point!, scalar!)],
    ['pointAddScalar', [generator, one], (point, tweak) => backend.pointAddScalar(point!, tweak!)],
    ['scalarAdd', [one, one], (a, b) => backend.scalarAdd(a!, b!)],
    ['scalarMultiply', [one, one], (a, b) => backend.scalarMultiply(a!, b!)],
    ['scalarNegate', [one], (a) => backend.scalarNegate(a!)],
    ['schnorrSign', [hash, one, zero], (message, secret, extra) => backend.schnorrSign(message!, secret!, extra!)],
    ['schnorrVerify', [schnorr, hash, x], (made, message, key) => backend.schnorrVerify(made!, message!, key!)],
    ['chacha20', [hash, nonce], (key, iv) => backend.chacha20(key!, iv!, zero)],
    ['chacha20, long', [hash, nonce], (key, iv) => backend.chacha20(key!, iv!, new Uint8Array(2000))],
    ['aeadEncrypt', [hash, nonce], (key, iv) => backend.aeadEncrypt(key!, iv!, zero, zero)],
    ['aeadDecrypt', [hash, nonce], (key, iv) => backend.aeadDecrypt(key!, iv!, zero, zero)],
  ];
  for (const [name, parts, call] of calls) {
    call(...parts);
    for (let i = 0; i < parts.length; i++) {
      for (const length of [0, parts[i]!.length - 1, parts[i]!.length + 1]) {
        const wrong = parts.map((part, index) => (index === i ? new Uint8Array(length).fill(2) : part));
        expectRangeError(() => call(...wrong), `${name} with ${length} bytes in place ${i}`);
      }
    }
  }
  for (const id of [-1, 4, 0.5, Number.NaN]) {
    expectRangeError(() => backend.recover(signature, id, hash), `recovery id ${id}`);
  }
  for (const length of [-1, 8161, 0.5, Number.NaN]) {
    expectRangeError(() => backend.hkdfSha256(hash, hash, hash, length), `HKDF length ${length}`);
  }
}
