import { concatBytes } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const protocolName = ascii('Noise_XK_secp256k1_ChaChaPoly_SHA256');
const prologue = ascii('lightning');
export const empty = new Uint8Array(0);

/** BOLT 8's 12-byte nonce: 4 zero bytes, then the number little-endian. The handshake knows 0 and 1 only. */
const nonces = [new Uint8Array(12), Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)] as const;

/** The handshake's running variables `ck`, `h` and the current temporary key (BOLT 8, Handshake State). */
export class SymmetricState {
  readonly #crypto: CryptoBackend;
  #chainingKey: Uint8Array;
  #hash: Uint8Array;
  #key: Uint8Array = empty;

  /** @param responder - the responder's static public key, 33 bytes, which both sides mix in first. */
  constructor(crypto: CryptoBackend, responder: Uint8Array) {
    this.#crypto = crypto;
    this.#chainingKey = crypto.sha256(protocolName);
    this.#hash = this.#chainingKey;
    this.mixHash(prologue);
    this.mixHash(responder);
  }

  /** h = SHA-256(h || data). */
  mixHash(data: Uint8Array): void {
    this.#hash = this.#crypto.sha256(concatBytes(this.#hash, data));
  }

  /** ck, temp_k = HKDF(ck, ikm). */
  mixKey(sharedSecret: Uint8Array): void {
    const output = this.#crypto.hkdfSha256(sharedSecret, this.#chainingKey, empty, 64);
    this.#key.fill(0);
    this.#chainingKey = output.subarray(0, 32);
    this.#key = output.subarray(32);
  }

  /** c = encryptWithAD(temp_k, nonce, h, plaintext), then mixed into h. */
  seal(nonce: 0 | 1, plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.#crypto.aeadEncrypt(this.#key, nonces[nonce], this.#hash, plaintext);
    this.mixHash(ciphertext);
    return ciphertext;
  }

  /** The plaintext of `ciphertext`, which is mixed into h; undefined when its tag does not match. */
  open(nonce: 0 | 1, ciphertext: Uint8Array): Uint8Array | undefined {
    const plaintext = this.#crypto.aeadDecrypt(this.#key, nonces[nonce], this.#hash, ciphertext);
    if (plaintext !== undefined) this.mixHash(ciphertext);
    return plaintext;
  }

  /** HKDF(ck, zero): first the key of the initiator's direction, then that of the responder's; and the last ck. */
  split(): TransportKeys {
    const output = this.#crypto.hkdfSha256(empty, this.#chainingKey, empty, 64);
    this.#key.fill(0);
    return {
      fromInitiator: output.subarray(0, 32),
      fromResponder: output.subarray(32),
      chainingKey: this.#chainingKey,
    };
  }

  /** Overwrites what is secret, as far as JavaScript lets us. */
  wipe(): void {
    this.#key.fill(0);
    this.#chainingKey.fill(0);
  }
}

export interface TransportKeys {
  readonly fromInitiator: Uint8Array;
  readonly fromResponder: Uint8Array;
  readonly chainingKey: Uint8Array;
}
