import { concatBytes, copyBytes, equalBytes } from '@boltwright/base';
import type { CryptoBackend } from '../backend.ts';
import { expectBytes, expectSame } from './expect.ts';
import type { RandomBytes } from './random-bytes.ts';

/** The same random inputs to both backends: every answer is the same, byte for byte. */
export function checkCurveAgainst(backend: CryptoBackend, reference: CryptoBackend, random: RandomBytes): void {
  const [a, b, hash, entropy] = [random.secret(), random.secret(), random.bytes(32), random.bytes(32)];
  const [left, right] = [backend.publicKey(a), backend.publicKey(b)];
  expectBytes(left, reference.publicKey(a), 'publicKey');
  expectBytes(backend.pointAdd(left, right), reference.pointAdd(left, right), 'pointAdd');
  expectBytes(backend.pointMultiply(left, b), reference.pointMultiply(left, b), 'pointMultiply');
  expectBytes(backend.pointAddScalar(left, b), reference.pointAddScalar(left, b), 'pointAddScalar');
  expectBytes(backend.scalarAdd(a, b), reference.scalarAdd(a, b), 'scalarAdd');
  expectBytes(backend.scalarMultiply(a, b), reference.scalarMultiply(a, b), 'scalarMultiply');
  expectBytes(backend.scalarNegate(a), reference.scalarNegate(a), 'scalarNegate');
  expectBytes(backend.ecdh(left, b), reference.ecdh(left, b), 'ecdh');
  expectBytes(backend.sign(hash, a), reference.sign(hash, a), 'sign');
  expectBytes(backend.sign(hash, a, entropy), reference.sign(hash, a, entropy), 'sign with entropy');
  expectBytes(backend.schnorrSign(hash, a, entropy), reference.schnorrSign(hash, a, entropy), 'schnorrSign');
  const recoverable = reference.signRecoverable(hash, a);
  expectSame(backend.signRecoverable(hash, a).recoveryId, recoverable.recoveryId, 'recoveryId');
  for (const id of [0, 1, 2, 3]) {
    const expected = reference.recover(recoverable.signature, id, hash);
    expectBytes(backend.recover(recoverable.signature, id, hash), expected, `recover with id ${id}`);
  }
  const x = random.bytes(32);
  for (const candidate of [concatBytes(Uint8Array.of(2), x), concatBytes(Uint8Array.of(random.below(256)), x)]) {
    expectSame(backend.isPoint(candidate), reference.isPoint(candidate), 'isPoint of random bytes');
  }
  const small = new Uint8Array(64);
  small.set(random.bytes(15), 17);
  small.set(random.secret(), 32);
  for (const id of [0, 1, 2, 3]) {
    expectBytes(
      backend.recover(small, id, hash),
      reference.recover(small, id, hash),
      `recover a small r with id ${id}`,
    );
  }
}

/** Laws of the curve and the signatures, on random inputs. */
export function checkCurveLaws(backend: CryptoBackend, random: RandomBytes): void {
  const [a, b, hash] = [random.secret(), random.secret(), random.bytes(32)];
  const [left, right] = [backend.publicKey(a), backend.publicKey(b)];
  const kept = [a, b, hash, left, right].map(copyBytes);
  const sum = backend.scalarAdd(a, b)!;
  expectBytes(backend.publicKey(sum), backend.pointAdd(left, right), '(a + b) G = aG + bG');
  expectBytes(backend.publicKey(sum), backend.pointAddScalar(left, b), '(a + b) G = aG + b');
  expectBytes(backend.publicKey(backend.scalarMultiply(a, b)!), backend.pointMultiply(left, b), '(ab) G = b (aG)');
  expectBytes(backend.ecdh(left, b), backend.ecdh(right, a), 'ECDH from both sides');
  expectBytes(backend.pointAdd(left, right), backend.pointAdd(right, left), 'sums commute');
  expectBytes(backend.pointAdd(left, backend.publicKey(backend.scalarNegate(a))), undefined, 'P + (-P)');
  const signature = backend.sign(hash, a);
  expectSame(backend.verify(signature, hash, left), true, 'a signature verifies');
  expectSame(backend.verify(signature, hash, right), false, 'not with another key');
  expectSame(backend.verify(signature, random.bytes(32), left), false, 'nor over another hash');
  const flipped = copyBytes(signature);
  const bit = random.below(512);
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  expectSame(backend.verify(flipped, hash, left), false, 'nor with a bit flipped');
  const schnorr = backend.schnorrSign(hash, a);
  expectSame(backend.schnorrVerify(schnorr, hash, left.subarray(1)), true, 'a Schnorr signature verifies');
  expectSame(backend.schnorrVerify(schnorr, hash, right.subarray(1)), false, 'not with another key');
  [a, b, hash, left, right].forEach((bytes, i) => {
    expectSame(equalBytes(bytes, kept[i]!), true, 'inputs stay as they were');
  });
}

/** Hashes and ciphers of every length up to some blocks, against the reference. */
export function checkHashesAgainst(backend: CryptoBackend, reference: CryptoBackend, random: RandomBytes): void {
  const data = random.bytes(random.below(1500));
  const key = random.bytes(32);
  const other = random.bytes(random.below(200));
  const nonce = random.bytes(12);
  expectBytes(backend.sha256(data), reference.sha256(data), `sha256 of ${data.length}`);
  expectBytes(backend.hash256(data), reference.hash256(data), `hash256 of ${data.length}`);
  expectBytes(backend.ripemd160(data), reference.ripemd160(data), `ripemd160 of ${data.length}`);
  expectBytes(backend.hash160(data), reference.hash160(data), `hash160 of ${data.length}`);
  expectBytes(backend.hmacSha256(other, data), reference.hmacSha256(other, data), `hmac with ${other.length}`);
  const length = random.below(300);
  const derived = reference.hkdfSha256(data, other, key, length);
  expectBytes(backend.hkdfSha256(data, other, key, length), derived, `hkdf of ${length}`);
  expectBytes(backend.chacha20(key, nonce, data), reference.chacha20(key, nonce, data), `chacha20 of ${data.length}`);
  const closed = backend.aeadEncrypt(key, nonce, other, data);
  expectBytes(closed, reference.aeadEncrypt(key, nonce, other, data), `AEAD of ${data.length}`);
  expectBytes(backend.aeadDecrypt(key, nonce, other, closed), data, `AEAD of ${data.length}, opened`);
  const changed = copyBytes(closed);
  const bit = random.below(8 * closed.length);
  changed[bit >> 3]! ^= 1 << (bit & 7);
  expectBytes(backend.aeadDecrypt(key, nonce, other, changed), undefined, 'AEAD with a bit flipped');
}
