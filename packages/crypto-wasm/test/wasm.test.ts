import { fromHex } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { conformanceChecks } from '@boltwright/crypto/conformance';
import { describe, expect, test } from '@jest/globals';
import { createWasmBackend } from '../src/index.ts';

const wasm = createWasmBackend();

describe('wasm', () => {
  test.each(conformanceChecks(wasm).map(({ name, run }) => [name, run] as const))('%s', (_name, run) => run());

  test('is named after what it is made of', () => {
    expect(wasm.name).toBe('wasm');
    expect(createWasmBackend({ ...noble, name: 'mine' }).name).toBe('wasm over mine');
  });

  test('takes hashes and ciphers from its base', () => {
    const calls: string[] = [];
    const base = {
      ...noble,
      sha256(data: Uint8Array): Uint8Array {
        calls.push('sha256');
        return noble.sha256(data);
      },
    };
    const over = createWasmBackend(base);
    const secret = fromHex('07'.padStart(64, '0'));
    expect(over.ecdh(noble.publicKey(secret), secret)).toEqual(noble.ecdh(noble.publicKey(secret), secret));
    expect(over.sha256(secret)).toEqual(noble.sha256(secret));
    expect(calls).toEqual(['sha256', 'sha256']);
  });

  test('takes a Schnorr signature whose r is not below the order as noble does', () => {
    const signature = new Uint8Array(64).fill(1);
    // Between n and p: no scalar, and a possible x.
    signature.set(fromHex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142'));
    const hash = new Uint8Array(32).fill(3);
    const xOnly = noble.publicKey(hash).subarray(1);
    expect(wasm.schnorrVerify(signature, hash, xOnly)).toBe(noble.schnorrVerify(signature, hash, xOnly));
  });
});

describe('ECDH', () => {
  const secret = new Uint8Array(32).fill(0x11);
  const point = noble.publicKey(new Uint8Array(32).fill(0x22));

  test('splits the secret by an HMAC of the point, so that the library never multiplies by the secret itself', () => {
    const asked: [Uint8Array, Uint8Array][] = [];
    const hmacSha256 = (key: Uint8Array, data: Uint8Array): Uint8Array => {
      asked.push([Uint8Array.from(key), Uint8Array.from(data)]);
      return noble.hmacSha256(key, data);
    };
    expect(createWasmBackend({ ...noble, hmacSha256 }).ecdh(point, secret)).toEqual(noble.ecdh(point, secret));
    expect(asked).toEqual([[secret, point]]);
  });

  test('gives the same where the HMAC is no scalar, or is the secret', () => {
    for (const part of [new Uint8Array(32), new Uint8Array(32).fill(0xff), secret]) {
      const backend = createWasmBackend({ ...noble, hmacSha256: () => Uint8Array.from(part) });
      expect(backend.ecdh(point, secret)).toEqual(noble.ecdh(point, secret));
    }
  });
});
