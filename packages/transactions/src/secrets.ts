import type { Result } from '@boltwright/base';
import { copyBytes, equalBytesConstantTime, err, ok } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { maxCommitmentNumber } from './commitment-number.ts';

// BOLT 3, Per-commitment Secret Requirements and Efficient Per-commitment Secret Storage. BOLT 3's secret indexes count
// down from 2^48 - 1; commitment numbers, which the rest of the project uses, count up from 0.

/** BOLT 3's index of a commitment's secret. @throws RangeError outside of 48 bits. */
export function secretIndex(commitmentNumber: bigint): bigint {
  if (commitmentNumber < 0n || commitmentNumber > maxCommitmentNumber) {
    throw new RangeError(`${commitmentNumber} is no commitment number: 48 bits`);
  }
  return maxCommitmentNumber - commitmentNumber;
}

/**
 * `derive_secret`: the secret at `index` from one whose index has the same bits from `bits` up.
 *
 * @param base - 32 bytes. @param bits - 0 to 48.
 */
export function deriveSecret(crypto: CryptoBackend, base: Uint8Array, bits: number, index: bigint): Uint8Array {
  const high = Number(index >> 24n);
  const low = Number(index & 0xff_ffffn);
  let secret = copyBytes(base);
  for (let bit = bits - 1; bit >= 0; bit--) {
    if ((((bit < 24 ? low : high) >>> (bit % 24)) & 1) === 0) continue;
    secret[bit >>> 3]! ^= 1 << (bit & 7);
    secret = copyBytes(crypto.sha256(secret));
  }
  return secret;
}

/** The secret of a commitment number from the channel's seed (`generate_from_seed`). @param seed - 32 bytes. */
export const perCommitmentSecret = (crypto: CryptoBackend, seed: Uint8Array, commitmentNumber: bigint): Uint8Array =>
  deriveSecret(crypto, seed, 48, secretIndex(commitmentNumber));

/** The secrets that the counterparty revealed so far, from which every earlier one follows. Plain data. */
export interface SecretStore {
  /** How many were inserted: the commitment number of the next. */
  readonly count: bigint;
  /** 32 bytes each: bucket `b` holds the last secret whose index ends in `b` zero bits; at most 49. */
  readonly buckets: readonly Uint8Array[];
}

/** What a new channel begins with: no secret was revealed. */
export const emptySecretStore: SecretStore = { count: 0n, buckets: [] };

/** Why a revealed secret was not taken (BOLT 3, Efficient Per-commitment Secret Storage); the store stays as it was. */
export type SecretError =
  | { readonly kind: 'wrongSecretLength'; readonly length: number }
  /** Secrets come in order, each once. */
  | { readonly kind: 'unexpectedCommitmentNumber'; readonly expected: bigint; readonly actual: bigint }
  /** The secret is not of the seed that the earlier ones came from: `known` is an earlier one it does not give. */
  | { readonly kind: 'secretDoesNotMatch'; readonly commitmentNumber: bigint; readonly known: bigint };

const bucketOf = (index: bigint): number => {
  for (let bit = 0; bit < 48; bit++) if ((index >> BigInt(bit)) & 1n) return bit;
  return 48;
};

/** The index of the secret in a bucket when `next` is the index of the next insertion: the last with those zeros. */
function indexIn(bucket: number, next: bigint): bigint {
  const step = 1n << BigInt(bucket);
  const least = next + 1n;
  // The least index ≥ next + 1 that ends in exactly `bucket` zeros.
  const rounded = ((least + step - 1n) >> BigInt(bucket)) << BigInt(bucket);
  return bucket === 48 || (rounded & step) !== 0n ? rounded : rounded + step;
}

/**
 * `insert_secret`: keeps the secret of the next revoked commitment, after a check that all earlier ones follow from it.
 *
 * @param commitmentNumber - counting up from 0; must be `store.count`.
 * @param secret - 32 bytes, from `revoke_and_ack`.
 */
export function insertSecret(
  crypto: CryptoBackend,
  store: SecretStore,
  commitmentNumber: bigint,
  secret: Uint8Array,
): Result<SecretStore, SecretError> {
  if (secret.length !== 32) return err({ kind: 'wrongSecretLength', length: secret.length });
  if (commitmentNumber !== store.count) {
    return err({ kind: 'unexpectedCommitmentNumber', expected: store.count, actual: commitmentNumber });
  }
  const index = secretIndex(commitmentNumber);
  const bucket = bucketOf(index);
  for (let b = 0; b < bucket && b < store.buckets.length; b++) {
    const known = indexIn(b, index);
    if (!equalBytesConstantTime(deriveSecret(crypto, secret, bucket, known), store.buckets[b]!)) {
      return err({ kind: 'secretDoesNotMatch', commitmentNumber, known: maxCommitmentNumber - known });
    }
  }
  const buckets = [...store.buckets];
  buckets[bucket] = copyBytes(secret);
  return ok({ count: store.count + 1n, buckets });
}

/** `derive_old_secret`: the secret of a revoked commitment, 32 bytes, or undefined where it was not revealed yet. */
export function secretAt(crypto: CryptoBackend, store: SecretStore, commitmentNumber: bigint): Uint8Array | undefined {
  if (commitmentNumber < 0n || commitmentNumber >= store.count) return undefined;
  const index = secretIndex(commitmentNumber);
  const next = maxCommitmentNumber - store.count;
  for (let b = 0; b < store.buckets.length; b++) {
    if ((index >> BigInt(b)) << BigInt(b) === indexIn(b, next)) {
      return deriveSecret(crypto, store.buckets[b]!, b, index);
    }
  }
  return undefined;
}
