import { chacha20poly1305, chacha20 as nobleChacha20 } from '@noble/ciphers/chacha.js';
import { requireLength } from '../require-length.ts';

export function chacha20(key: Uint8Array, nonce: Uint8Array, data: Uint8Array): Uint8Array {
  requireLength(key, 32, 'key');
  requireLength(nonce, 12, 'nonce');
  return nobleChacha20(key, nonce, data);
}

export function aeadEncrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  requireLength(key, 32, 'key');
  requireLength(nonce, 12, 'nonce');
  return chacha20poly1305(key, nonce, associatedData).encrypt(plaintext);
}

export function aeadDecrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array | undefined {
  requireLength(key, 32, 'key');
  requireLength(nonce, 12, 'nonce');
  if (ciphertext.length < 16) return undefined;
  try {
    return chacha20poly1305(key, nonce, associatedData).decrypt(ciphertext);
  } catch {
    return undefined;
  }
}
