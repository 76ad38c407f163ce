import { concatBytes, fromHex } from '@boltwright/base';
import type { CryptoBackend } from '../backend.ts';
import { ecdsaVectors } from './ecdsa-vectors.ts';
import { expectBytes, expectSame } from './expect.ts';
import { schnorrVectors } from './schnorr-vectors.ts';
import {
  aeadVector,
  chachaVectors,
  ecdhVector,
  hkdfVectors,
  hmacVectors,
  ripemd160Vectors,
  sha256Vectors,
} from './symmetric-vectors.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Signs, verifies and recovers as the published signatures say. */
export function checkEcdsaVectors(backend: CryptoBackend): void {
  for (const { secret, text, hash, signature } of ecdsaVectors) {
    const [key, digest, expected] = [fromHex(secret), fromHex(hash), fromHex(signature)];
    if (text !== undefined) expectBytes(backend.sha256(ascii(text)), digest, `hash of '${text}'`);
    expectBytes(backend.sign(digest, key), expected, `signature over ${hash}`);
    expectSame(backend.verify(expected, digest, backend.publicKey(key)), true, `signature over ${hash} verifies`);
    const recoverable = backend.signRecoverable(digest, key);
    expectBytes(recoverable.signature, expected, `recoverable signature over ${hash}`);
    expectBytes(backend.recover(expected, recoverable.recoveryId, digest), backend.publicKey(key), `signer of ${hash}`);
  }
}

/** BIP 340's vectors, the invalid ones too. */
export function checkSchnorrVectors(backend: CryptoBackend): void {
  for (const vector of schnorrVectors) {
    const { index, secret, auxiliary, valid } = vector;
    const [message, signature, xOnly] = [fromHex(vector.message), fromHex(vector.signature), fromHex(vector.xOnly)];
    if (secret !== undefined && auxiliary !== undefined) {
      const key = fromHex(secret);
      expectBytes(backend.publicKey(key).subarray(1), xOnly, `x-only point ${index}`);
      expectBytes(backend.schnorrSign(message, key, fromHex(auxiliary)), signature, `Schnorr signature ${index}`);
      if (/^0*$/.test(auxiliary))
        expectBytes(backend.schnorrSign(message, key), signature, `without auxiliary ${index}`);
    }
    expectSame(backend.schnorrVerify(signature, message, xOnly), valid, `Schnorr verification ${index}`);
  }
}

/** BOLT 8's first ECDH. */
export function checkEcdhVector(backend: CryptoBackend): void {
  const { secret, point, shared } = ecdhVector;
  expectBytes(backend.ecdh(fromHex(point), fromHex(secret)), fromHex(shared), 'ECDH of BOLT 8');
}

export function checkHashVectors(backend: CryptoBackend): void {
  for (const [text, hash] of sha256Vectors) {
    expectBytes(backend.sha256(ascii(text)), fromHex(hash), `SHA-256 of '${text}'`);
    expectBytes(backend.hash256(ascii(text)), backend.sha256(fromHex(hash)), `double SHA-256 of '${text}'`);
    expectBytes(backend.hash160(ascii(text)), backend.ripemd160(fromHex(hash)), `HASH160 of '${text}'`);
  }
  for (const [text, hash] of ripemd160Vectors) {
    expectBytes(backend.ripemd160(ascii(text)), fromHex(hash), `RIPEMD-160 of '${text}'`);
  }
}

export function checkKeyedHashVectors(backend: CryptoBackend): void {
  for (const { key, data, mac } of hmacVectors) {
    expectBytes(backend.hmacSha256(fromHex(key), fromHex(data)), fromHex(mac), `HMAC with key ${key}`);
  }
  for (const { secret, salt, info, length, output } of hkdfVectors) {
    const derived = backend.hkdfSha256(fromHex(secret), fromHex(salt), fromHex(info), length);
    expectBytes(derived, fromHex(output), `HKDF of ${secret} with salt '${salt}'`);
  }
}

export function checkCipherVectors(backend: CryptoBackend): void {
  const key = fromHex(aeadVector.key);
  const nonce = fromHex(aeadVector.nonce);
  const associatedData = fromHex(aeadVector.associatedData);
  const plaintext = ascii(aeadVector.plaintext);
  const closed = concatBytes(fromHex(aeadVector.ciphertext), fromHex(aeadVector.tag));
  expectBytes(backend.aeadEncrypt(key, nonce, associatedData, plaintext), closed, 'AEAD of RFC 8439');
  expectBytes(backend.aeadDecrypt(key, nonce, associatedData, closed), plaintext, 'AEAD of RFC 8439, opened');
  for (const vector of chachaVectors) {
    const stream = fromHex(vector.stream);
    const zeros = new Uint8Array(stream.length);
    expectBytes(backend.chacha20(fromHex(vector.key), fromHex(vector.nonce), zeros), stream, 'ChaCha20 of RFC 8439');
  }
}
