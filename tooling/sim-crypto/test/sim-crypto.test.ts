import { fromHex } from '@boltwright/base';
import { conformanceChecks } from '@boltwright/crypto/conformance';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSimCrypto } from '../src/index.ts';

const sim = createSimCrypto();
const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
const scalar = (value: number): Uint8Array => fromHex(value.toString(16).padStart(64, '0'));
const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => sim.isSecretKey(bytes));
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const seed = { seed: 20, numRuns: 300 };

describe('the stand-in', () => {
  test('refuses to be made outside tests unless asked for by name', () => {
    const variable = 'NODE_ENV';
    const before = process.env[variable];
    process.env[variable] = 'production';
    try {
      expect(() => createSimCrypto()).toThrow(/protects nothing/);
      expect(createSimCrypto({ iKnowThisIsNotCryptography: true }).name).toBe('sim');
    } finally {
      process.env[variable] = before;
    }
  });

  test('adds and multiplies as the curve does', () => {
    fc.assert(
      fc.property(secret, secret, (a, b) => {
        const sum = sim.scalarAdd(a, b)!;
        const product = sim.scalarMultiply(a, b)!;
        expect(sim.publicKey(sum)).toEqual(sim.pointAdd(sim.publicKey(a), sim.publicKey(b)));
        expect(sim.publicKey(sum)).toEqual(sim.pointAddScalar(sim.publicKey(a), b));
        expect(sim.publicKey(product)).toEqual(sim.pointMultiply(sim.publicKey(a), b));
        expect(sim.ecdh(sim.publicKey(a), b)).toEqual(sim.ecdh(sim.publicKey(b), a));
        expect(sim.scalarAdd(a, sim.scalarNegate(a))).toBeUndefined();
        expect(sim.pointAddScalar(sim.publicKey(a), sim.scalarNegate(a))).toBeUndefined();
        const negated = Uint8Array.from(sim.publicKey(a));
        negated[0] = 3;
        expect(sim.pointAdd(sim.publicKey(a), negated)).toBeUndefined();
      }),
      seed,
    );
  });

  test('signs so that only the same hash and key verify, with a low S and a first byte that DER takes', () => {
    fc.assert(
      fc.property(secret, hash, hash, fc.nat(511), fc.option(hash), (key, message, other, bit, entropy) => {
        const point = sim.publicKey(key);
        const signature = sim.sign(message, key, entropy ?? undefined);
        expect(sim.verify(signature, message, point)).toBe(true);
        expect(signature[32]! < 0x7f).toBe(true);
        expect(signature.subarray(0, 32).some((byte) => byte !== 0)).toBe(true);
        if (!message.every((byte, index) => byte === other[index])) {
          expect(sim.verify(signature, other, point)).toBe(false);
        }
        expect(sim.verify(signature, message, sim.pointAddScalar(point, scalar(1))!)).toBe(false);
        const flipped = Uint8Array.from(signature);
        flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
        expect(sim.verify(flipped, message, point)).toBe(false);
      }),
      seed,
    );
  });

  test('recovers the signer in another instance', () => {
    const elsewhere = createSimCrypto();
    fc.assert(
      fc.property(secret, hash, (key, message) => {
        const { signature, recoveryId } = sim.signRecoverable(message, key);
        expect(signature).toEqual(sim.sign(message, key));
        expect(elsewhere.recover(signature, recoveryId, message)).toEqual(sim.publicKey(key));
        expect(elsewhere.recover(signature, 1 - recoveryId, message)).toBeUndefined();
      }),
      seed,
    );
  });

  test('signs Schnorr over x-only points', () => {
    fc.assert(
      fc.property(secret, hash, hash, fc.nat(511), (key, message, auxiliary, bit) => {
        const xOnly = sim.publicKey(key).subarray(1);
        const signature = sim.schnorrSign(message, key, auxiliary);
        expect(sim.schnorrVerify(signature, message, xOnly)).toBe(true);
        const flipped = Uint8Array.from(signature);
        flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
        expect(sim.schnorrVerify(flipped, message, xOnly)).toBe(false);
        expect(sim.schnorrVerify(signature, message, auxiliary)).toBe(false);
      }),
      seed,
    );
  });

  // What of a real backend's checks does not need the real curve.
  const kept = /wrong length|hashes and encrypts|ciphertexts|FIPS|RFC 4231|RFC 8439/;
  const checks = conformanceChecks(sim, { rounds: 20 }).filter(({ name }) => kept.test(name));
  test.each(checks.map(({ name, run }) => [name, run] as const))('%s', (_name, run) => run());

  test('takes only what is in range', () => {
    expect(sim.isPoint(fromHex(`02${order}`))).toBe(false);
    expect(sim.isPoint(fromHex(`02${'00'.repeat(32)}`))).toBe(false);
    expect(sim.isPoint(fromHex(`04${'01'.repeat(32)}`))).toBe(false);
    expect(sim.isPoint(fromHex(`03${'01'.repeat(32)}`))).toBe(true);
    expect(sim.isPoint(fromHex('0201'))).toBe(false);
    expect(sim.isSecretKey(fromHex(order))).toBe(false);
    expect(sim.isSecretKey(new Uint8Array(32))).toBe(false);
    expect(() => sim.publicKey(fromHex(order))).toThrow(RangeError);
    expect(() => sim.publicKey(new Uint8Array(31))).toThrow(RangeError);
    expect(() => sim.verify(new Uint8Array(63), scalar(1), sim.publicKey(scalar(1)))).toThrow(RangeError);
    expect(sim.ecdh(fromHex(`02${order}`), scalar(1))).toBeUndefined();
    expect(sim.pointMultiply(sim.publicKey(scalar(5)), new Uint8Array(32))).toBeUndefined();
    expect(sim.scalarAdd(fromHex(order), scalar(1))).toBeUndefined();
  });
});
