import type { CryptoBackend } from '@boltwright/crypto';
import { deriveSecret, secretIndex } from '@boltwright/transactions';

interface Pair {
  readonly secret: Uint8Array;
  readonly point: Uint8Array;
}

/** How many commitments' secret and point are kept: the one to be revoked, the current one, the next two. */
const kept = 4;
const lowBits = 8;

/**
 * A channel's own per-commitment secrets and points. A channel walks through them in order, so the last ones are kept, and
 * so is the secret that 256 of them have in common: a new one takes four hashes on average instead of some forty.
 */
export class CommitmentChain {
  readonly #crypto: CryptoBackend;
  readonly #seed: Uint8Array;
  readonly #pairs = new Map<bigint, Pair>();
  #prefix: { readonly high: bigint; readonly secret: Uint8Array } | undefined;

  constructor(crypto: CryptoBackend, seed: Uint8Array) {
    this.#crypto = crypto;
    this.#seed = seed;
  }

  /** The 32-byte secret of a commitment number, counting up from 0. @throws RangeError outside of 48 bits. */
  secret(commitmentNumber: bigint): Uint8Array {
    return this.#pairs.get(commitmentNumber)?.secret ?? this.#derive(commitmentNumber);
  }

  /** The 33-byte point of a commitment number. @throws RangeError outside of 48 bits. */
  point(commitmentNumber: bigint): Uint8Array {
    const known = this.#pairs.get(commitmentNumber);
    if (known !== undefined) return known.point;
    const secret = this.#derive(commitmentNumber);
    const pair = { secret, point: this.#crypto.publicKey(secret) };
    if (this.#pairs.size >= kept) {
      for (const oldest of this.#pairs.keys()) {
        this.#pairs.delete(oldest);
        break;
      }
    }
    this.#pairs.set(commitmentNumber, pair);
    return pair.point;
  }

  #derive(commitmentNumber: bigint): Uint8Array {
    const index = secretIndex(commitmentNumber);
    const high = (index >> BigInt(lowBits)) << BigInt(lowBits);
    if (this.#prefix?.high !== high) {
      this.#prefix = { high, secret: deriveSecret(this.#crypto, this.#seed, 48, high) };
    }
    return deriveSecret(this.#crypto, this.#prefix.secret, lowBits, index);
  }
}
