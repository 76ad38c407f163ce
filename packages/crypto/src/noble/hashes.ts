import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { ripemd160 as nobleRipemd160 } from '@noble/hashes/legacy.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { requireHkdfLength } from '../require-length.ts';

export const sha256 = (data: Uint8Array): Uint8Array => nobleSha256(data);

export const hash256 = (data: Uint8Array): Uint8Array => nobleSha256(nobleSha256(data));

export const ripemd160 = (data: Uint8Array): Uint8Array => nobleRipemd160(data);

export const hash160 = (data: Uint8Array): Uint8Array => nobleRipemd160(nobleSha256(data));

export const hmacSha256 = (key: Uint8Array, data: Uint8Array): Uint8Array => hmac(nobleSha256, key, data);

export function hkdfSha256(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  requireHkdfLength(length);
  return hkdf(nobleSha256, secret, salt, info, length);
}
