import { createCipheriv, createDecipheriv, createHmac, getHashes, hash } from 'node:crypto';
import { type CryptoBackend, requireHkdfLength, requireLength } from '@boltwright/crypto';

/** The same bytes as a plain array: callers never see a Buffer. */
const plain = (bytes: Buffer): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);

const sha256 = (data: Uint8Array): Uint8Array => plain(hash('sha256', data, 'buffer'));
const ripemd160 = (data: Uint8Array): Uint8Array => plain(hash('ripemd160', data, 'buffer'));
const hmacSha256 = (key: Uint8Array, data: Uint8Array): Uint8Array =>
  plain(createHmac('sha256', key).update(data).digest());

function hkdfSha256(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  requireHkdfLength(length);
  // By hand, because `hkdfSync` makes a key object and a job each time and takes twice as long.
  const pseudoRandomKey = hmacSha256(salt, secret);
  const output = new Uint8Array(length);
  let block = new Uint8Array(0);
  for (let done = 0, counter = 1; done < length; done += 32, counter++) {
    const next = createHmac('sha256', pseudoRandomKey).update(block).update(info).update(Uint8Array.of(counter));
    block = new Uint8Array(next.digest());
    output.set(block.subarray(0, length - done), done);
  }
  pseudoRandomKey.fill(0);
  block.fill(0);
  return output;
}

const tagLength = 16;
const aead = 'chacha20-poly1305';
const aeadOptions = { authTagLength: tagLength } as const;

function requireKeyAndNonce(key: Uint8Array, nonce: Uint8Array): void {
  requireLength(key, 32, 'key');
  requireLength(nonce, 12, 'nonce');
}

function aeadEncrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  requireKeyAndNonce(key, nonce);
  const cipher = createCipheriv(aead, key, nonce, aeadOptions);
  cipher.setAAD(associatedData, { plaintextLength: plaintext.length });
  const output = new Uint8Array(plaintext.length + tagLength);
  output.set(cipher.update(plaintext), 0);
  cipher.final();
  output.set(cipher.getAuthTag(), plaintext.length);
  return output;
}

function aeadDecrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array | undefined {
  requireKeyAndNonce(key, nonce);
  const length = ciphertext.length - tagLength;
  if (length < 0) return undefined;
  const decipher = createDecipheriv(aead, key, nonce, aeadOptions);
  decipher.setAAD(associatedData, { plaintextLength: length });
  decipher.setAuthTag(ciphertext.subarray(length));
  const plaintext = plain(decipher.update(ciphertext.subarray(0, length)));
  try {
    decipher.final();
    return plaintext;
  } catch {
    plaintext.fill(0);
    return undefined;
  }
}

/** From this many bytes on, Node's stream cipher makes good the cost of setting it up. */
const longStream = 512;

/**
 * A backend that takes the hashes and ciphers from `node:crypto`, where they were measured faster, and the curve from
 * `base`. Node's HMAC, SHA-256 and ChaCha20-Poly1305 win at every size, its ChaCha20 from some hundred bytes on; where
 * OpenSSL was built without RIPEMD-160, `base` keeps that one.
 *
 * `ecdh` of the base goes on using the base's SHA-256: both give the same bytes.
 */
export function nodeBackend(base: CryptoBackend): CryptoBackend {
  const ripemd = getHashes().includes('ripemd160') ? ripemd160 : base.ripemd160;
  return Object.freeze({
    ...base,
    name: `${base.name}+node`,
    sha256,
    hash256: (data: Uint8Array) => sha256(sha256(data)),
    ripemd160: ripemd,
    hash160: (data: Uint8Array) => ripemd(sha256(data)),
    hmacSha256,
    hkdfSha256,
    chacha20(key: Uint8Array, nonce: Uint8Array, data: Uint8Array): Uint8Array {
      if (data.length < longStream) return base.chacha20(key, nonce, data);
      requireKeyAndNonce(key, nonce);
      // OpenSSL wants the 32-bit block counter, here 0, ahead of the 96-bit nonce.
      const initial = new Uint8Array(16);
      initial.set(nonce, 4);
      return plain(createCipheriv('chacha20', key, initial).update(data));
    },
    aeadEncrypt,
    aeadDecrypt,
  });
}
