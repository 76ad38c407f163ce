/**
 * The one seam to cryptography. Every part takes a backend as a value, so that a user picks the library and a
 * simulation its stand-in. All backends answer alike, byte for byte, and the same vectors run on each.
 *
 * Lengths are bytes. Points are compressed (33), secrets and hashes 32, signatures compact `r || s` (64).
 * A length that is wrong is the caller's mistake and throws a `RangeError`, also a secret key that is none; a point,
 * scalar or signature that is invalid is normal input and is answered with `undefined` or `false`. What is answered is
 * in bytes of its own, and no input is changed or kept.
 */
export interface CryptoBackend {
  readonly name: string;

  // ---- secp256k1 ----------------------------------------------------------------------------------------------

  /** 32 bytes with 1 ≤ secret < n; false for any other length. */
  isSecretKey(secret: Uint8Array): boolean;
  /** 33 bytes that are a compressed point on the curve; false for any other length. */
  isPoint(point: Uint8Array): boolean;
  /** @throws RangeError when `secret` is no secret key. */
  publicKey(secret: Uint8Array): Uint8Array;
  /**
   * ECDSA over a 32-byte hash: RFC 6979, low S, 64 bytes.
   *
   * @param extraEntropy - 32 bytes mixed into the nonce, as BIP 62 grinding and hedging ask; deterministic without.
   */
  sign(hash: Uint8Array, secret: Uint8Array, extraEntropy?: Uint8Array): Uint8Array;
  /** False for a high S, a point that is none, or a signature that does not match; never throws for those. */
  verify(signature: Uint8Array, hash: Uint8Array, point: Uint8Array): boolean;
  /** As {@link CryptoBackend.sign} without extra entropy, with the id (0 to 3) that `recover` needs. */
  signRecoverable(
    hash: Uint8Array,
    secret: Uint8Array,
  ): { readonly signature: Uint8Array; readonly recoveryId: number };
  /**
   * The signer's point, or undefined where there is none. A high S is taken as it is: who minds checks it.
   *
   * @param recoveryId - 0 to 3; another throws a `RangeError`.
   */
  recover(signature: Uint8Array, recoveryId: number, hash: Uint8Array): Uint8Array | undefined;
  /**
   * SHA-256 of the compressed shared point (BOLT 8, BOLT 4), or undefined when `point` is none.
   *
   * @throws RangeError when `secret` is no secret key.
   */
  ecdh(point: Uint8Array, secret: Uint8Array): Uint8Array | undefined;
  /** a + b, or undefined when either is no point or the sum is infinity. */
  pointAdd(a: Uint8Array, b: Uint8Array): Uint8Array | undefined;
  /** scalar · point, or undefined when either is invalid (a zero scalar is). */
  pointMultiply(point: Uint8Array, scalar: Uint8Array): Uint8Array | undefined;
  /** point + tweak · G, or undefined when either is invalid or the sum is infinity. A zero tweak is valid. */
  pointAddScalar(point: Uint8Array, tweak: Uint8Array): Uint8Array | undefined;
  /** a + b mod n, or undefined when either is ≥ n or the sum is zero. */
  scalarAdd(a: Uint8Array, b: Uint8Array): Uint8Array | undefined;
  /** a · b mod n, or undefined when either is ≥ n or the product is zero. */
  scalarMultiply(a: Uint8Array, b: Uint8Array): Uint8Array | undefined;
  /** n − a. @throws RangeError when `a` is zero or ≥ n. */
  scalarNegate(a: Uint8Array): Uint8Array;
  /** BIP 340 over a 32-byte message, 64 bytes. @param auxiliary - 32 bytes; zeros when left out. */
  schnorrSign(message: Uint8Array, secret: Uint8Array, auxiliary?: Uint8Array): Uint8Array;
  /** False for a signature that does not match or an x that is on no point. @param xOnly - 32 bytes. */
  schnorrVerify(signature: Uint8Array, message: Uint8Array, xOnly: Uint8Array): boolean;

  // ---- hashes -------------------------------------------------------------------------------------------------

  sha256(data: Uint8Array): Uint8Array;
  /** SHA-256 twice. */
  hash256(data: Uint8Array): Uint8Array;
  /** RIPEMD-160 of SHA-256, 20 bytes. */
  hash160(data: Uint8Array): Uint8Array;
  ripemd160(data: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** HKDF-SHA256 (RFC 5869). @param length - output bytes, 0 to 8160. */
  hkdfSha256(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array;

  // ---- ciphers ------------------------------------------------------------------------------------------------

  /** ChaCha20 (RFC 8439, 12-byte nonce, counter 0) over `data`; over zeros it is the key stream. */
  chacha20(key: Uint8Array, nonce: Uint8Array, data: Uint8Array): Uint8Array;
  /** ChaCha20-Poly1305 (RFC 8439): ciphertext and 16-byte tag. */
  aeadEncrypt(key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** The plaintext, or undefined when the tag does not match or `ciphertext` is shorter than a tag. */
  aeadDecrypt(
    key: Uint8Array,
    nonce: Uint8Array,
    associatedData: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array | undefined;
}
