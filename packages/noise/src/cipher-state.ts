import type { CryptoBackend } from '@boltwright/crypto';
import { empty } from './symmetric-state.ts';

/** A key serves 1000 encryptions, that is 500 messages (BOLT 8, Lightning Message Key Rotation). */
const usesPerKey = 1000;

/** One direction's key with its nonce and chaining key. It owns the two buffers it is given. */
export class CipherState {
  readonly #crypto: CryptoBackend;
  readonly #nonce = new Uint8Array(12);
  #key: Uint8Array;
  #chainingKey: Uint8Array;
  #uses = 0;

  constructor(crypto: CryptoBackend, key: Uint8Array, chainingKey: Uint8Array) {
    this.#crypto = crypto;
    this.#key = key;
    this.#chainingKey = chainingKey;
  }

  /** Ciphertext and tag: 16 bytes more than `plaintext`. */
  encrypt(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.#crypto.aeadEncrypt(this.#key, this.#nonce, empty, plaintext);
    this.#advance();
    return ciphertext;
  }

  /** The plaintext, or undefined when the tag does not match; the state then stays as it was. */
  decrypt(ciphertext: Uint8Array): Uint8Array | undefined {
    const plaintext = this.#crypto.aeadDecrypt(this.#key, this.#nonce, empty, ciphertext);
    if (plaintext !== undefined) this.#advance();
    return plaintext;
  }

  wipe(): void {
    this.#key.fill(0);
    this.#chainingKey.fill(0);
  }

  #advance(): void {
    this.#uses += 1;
    if (this.#uses === usesPerKey) this.#rotate();
    // The nonce stays below 1000, so that two of its bytes suffice.
    this.#nonce[4] = this.#uses & 0xff;
    this.#nonce[5] = this.#uses >> 8;
  }

  /** ck', k' = HKDF(ck, k); at once, so that the old key is gone as early as may be. */
  #rotate(): void {
    const output = this.#crypto.hkdfSha256(this.#key, this.#chainingKey, empty, 64);
    this.wipe();
    this.#chainingKey = output.subarray(0, 32);
    this.#key = output.subarray(32);
    this.#uses = 0;
  }
}
