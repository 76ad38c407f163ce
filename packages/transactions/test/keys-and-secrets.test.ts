import { fromHex, toHex, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  derivePrivateKey,
  derivePublicKey,
  deriveRevocationPrivateKey,
  deriveRevocationPublicKey,
  deriveSecret,
  emptySecretStore,
  insertSecret,
  maxCommitmentNumber,
  perCommitmentSecret,
  type SecretStore,
  secretAt,
  secretIndex,
} from '../src/index.ts';
import { fixture } from './vectors.ts';

const seed = 20_260_302;

describe('BOLT 3 Key Derivation', () => {
  const vectors = fixture<{
    readonly base_secret: string;
    readonly per_commitment_secret: string;
    readonly base_point: string;
    readonly per_commitment_point: string;
    readonly localpubkey: string;
    readonly localprivkey: string;
    readonly revocationpubkey: string;
    readonly revocationprivkey: string;
  }>('key-derivation');
  const point = fromHex(vectors.per_commitment_point);
  const base = fromHex(vectors.base_point);

  test('gives the keys of Appendix E', () => {
    expect(toHex(derivePublicKey(noble, point, base))).toBe(vectors.localpubkey);
    expect(toHex(derivePrivateKey(noble, point, base, fromHex(vectors.base_secret)))).toBe(vectors.localprivkey);
    expect(toHex(deriveRevocationPublicKey(noble, point, base))).toBe(vectors.revocationpubkey);
    expect(
      toHex(deriveRevocationPrivateKey(noble, fromHex(vectors.per_commitment_secret), fromHex(vectors.base_secret))),
    ).toBe(vectors.revocationprivkey);
  });

  test('public keys belong to the private keys', () => {
    const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => noble.isSecretKey(bytes));
    fc.assert(
      fc.property(secret, secret, (commitment, basepoint) => {
        const perCommitmentPoint = noble.publicKey(commitment);
        const own = noble.publicKey(basepoint);
        expect(noble.publicKey(derivePrivateKey(noble, perCommitmentPoint, own, basepoint))).toEqual(
          derivePublicKey(noble, perCommitmentPoint, own),
        );
        expect(noble.publicKey(deriveRevocationPrivateKey(noble, commitment, basepoint))).toEqual(
          deriveRevocationPublicKey(noble, perCommitmentPoint, own),
        );
      }),
      { seed, numRuns: 20 },
    );
  });
});

describe('BOLT 3 per-commitment secrets', () => {
  const vectors = fixture<{
    readonly generation: readonly { name: string; seed: string; index: string; secret: string }[];
    readonly storage: readonly { name: string; insertions: readonly string[]; results: readonly ('OK' | 'ERROR')[] }[];
  }>('secrets');

  test.each(vectors.generation)('generation: $name', ({ seed, index, secret }) => {
    const bolt = BigInt(`0x${index}`);
    expect(toHex(deriveSecret(noble, fromHex(seed), 48, bolt))).toBe(secret);
    expect(toHex(perCommitmentSecret(noble, fromHex(seed), maxCommitmentNumber - bolt))).toBe(secret);
  });

  test.each(vectors.storage)('storage: $name', ({ insertions, results }) => {
    let store: SecretStore = emptySecretStore;
    for (const [number, secret] of insertions.entries()) {
      const inserted = insertSecret(noble, store, BigInt(number), fromHex(secret));
      expect(inserted.ok ? 'OK' : 'ERROR').toBe(results[number]);
      if (inserted.ok) store = inserted.value;
      else expect(inserted.error.kind).toBe('secretDoesNotMatch');
    }
    if (results.includes('ERROR')) return;
    for (const [number, secret] of insertions.entries()) {
      expect(toHex(secretAt(noble, store, BigInt(number))!)).toBe(secret);
    }
  });

  test('every secret inserted is found again, none that was not, and few are kept', () => {
    const seedBytes = new Uint8Array(32).fill(3);
    let store: SecretStore = emptySecretStore;
    for (let number = 0n; number < 300n; number++) {
      store = unwrap(insertSecret(noble, store, number, perCommitmentSecret(noble, seedBytes, number)));
      expect(secretAt(noble, store, number + 1n)).toBeUndefined();
    }
    expect(store.buckets.length).toBe(9);
    for (let number = 0n; number < 300n; number++) {
      expect(secretAt(noble, store, number)).toEqual(perCommitmentSecret(noble, seedBytes, number));
    }
    expect(secretAt(noble, store, -1n)).toBeUndefined();
  });

  test('a store of every bucket answers for the first and the last commitment', () => {
    const seedBytes = new Uint8Array(32).fill(4);
    const buckets = Array.from({ length: 49 }, (_, bucket) =>
      deriveSecret(noble, seedBytes, 48, bucket === 48 ? 0n : 1n << BigInt(bucket)),
    );
    const store: SecretStore = { count: maxCommitmentNumber + 1n, buckets };
    for (const number of [0n, 1n, 12_345_678_901n, maxCommitmentNumber - 1n, maxCommitmentNumber]) {
      expect(secretAt(noble, store, number)).toEqual(perCommitmentSecret(noble, seedBytes, number));
    }
  });

  test('insertion errors are typed', () => {
    const secret = perCommitmentSecret(noble, new Uint8Array(32), 0n);
    expect(insertSecret(noble, emptySecretStore, 0n, secret.subarray(1))).toEqual({
      ok: false,
      error: { kind: 'wrongSecretLength', length: 31 },
    });
    expect(insertSecret(noble, emptySecretStore, 1n, secret)).toEqual({
      ok: false,
      error: { kind: 'unexpectedCommitmentNumber', expected: 0n, actual: 1n },
    });
    const store = unwrap(insertSecret(noble, emptySecretStore, 0n, secret));
    expect(insertSecret(noble, store, 1n, secret)).toEqual({
      ok: false,
      error: { kind: 'secretDoesNotMatch', commitmentNumber: 1n, known: 0n },
    });
    expect(store.count).toBe(1n);
    expect(() => secretIndex(1n << 48n)).toThrow(RangeError);
    expect(() => secretIndex(-1n)).toThrow(RangeError);
  });
});
