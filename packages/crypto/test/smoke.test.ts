import { fromHex, toHex } from '@boltwright/base';
import { expect, test } from '@jest/globals';
import { noble } from '../src/index.ts';

const hash = noble.sha256(new Uint8Array([1, 2, 3]));
const one = fromHex(`${'00'.repeat(31)}01`);
const two = fromHex(`${'00'.repeat(31)}02`);

test('signatures verify and recover', () => {
  const point = noble.publicKey(one);
  expect(toHex(point)).toBe('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');
  const signature = noble.sign(hash, one);
  expect(noble.verify(signature, hash, point)).toBe(true);
  const recoverable = noble.signRecoverable(hash, one);
  expect(recoverable.signature).toEqual(signature);
  expect(noble.recover(signature, recoverable.recoveryId, hash)).toEqual(point);
  const xOnly = point.subarray(1);
  expect(noble.schnorrVerify(noble.schnorrSign(hash, one), hash, xOnly)).toBe(true);
});

test('scalars and points agree', () => {
  const point = noble.publicKey(one);
  expect(noble.publicKey(two)).toEqual(noble.pointAdd(point, point));
  expect(noble.pointAddScalar(point, one)).toEqual(noble.pointMultiply(point, two));
  expect(noble.scalarAdd(one, noble.scalarNegate(one))).toBeUndefined();
  expect(noble.pointAddScalar(point, noble.scalarNegate(one))).toBeUndefined();
  expect(noble.ecdh(noble.publicKey(two), one)).toEqual(noble.sha256(noble.publicKey(two)));
});

test('ciphers open what they closed', () => {
  const key = new Uint8Array(32).fill(7);
  const nonce = new Uint8Array(12);
  const closed = noble.aeadEncrypt(key, nonce, hash, one);
  expect(closed).toHaveLength(48);
  expect(noble.aeadDecrypt(key, nonce, hash, closed)).toEqual(one);
  expect(noble.aeadDecrypt(key, nonce, one, closed)).toBeUndefined();
  expect(noble.chacha20(key, nonce, noble.chacha20(key, nonce, one))).toEqual(one);
});
