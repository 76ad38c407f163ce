import type { CryptoBackend } from '@boltwright/crypto';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

// BOLT #4, Key Generation: the key type is the HMAC's key, without a terminating zero.
const keyTypes = {
  rho: ascii('rho'),
  mu: ascii('mu'),
  um: ascii('um'),
  pad: ascii('pad'),
  ammag: ascii('ammag'),
  ammagext: ascii('ammagext'),
  blindedNodeId: ascii('blinded_node_id'),
} as const;

/** What a key is used for, as BOLT 4 names it (`blindedNodeId`: the tweak of a blinded node's key). */
export type KeyType = keyof typeof keyTypes;

/**
 * One of the keys that BOLT 4 derives from a shared secret.
 *
 * @param secret - 32 bytes: a hop's shared secret (for `pad` the session key).
 * @returns 32 bytes.
 * @see BOLT #4, Key Generation
 */
export const deriveKey = (crypto: CryptoBackend, type: KeyType, secret: Uint8Array): Uint8Array =>
  crypto.hmacSha256(keyTypes[type], secret);

/** BOLT #4, Pseudo Random Byte Stream: the fixed nonce, safe because no key is used twice. */
export const zeroNonce: Uint8Array = new Uint8Array(12);

/** `length` bytes of the stream of one key. @see BOLT #4, Pseudo Random Byte Stream */
export const keyStream = (crypto: CryptoBackend, key: Uint8Array, length: number): Uint8Array =>
  crypto.chacha20(key, zeroNonce, new Uint8Array(length));

/** `data` under the stream of `key`, in bytes of its own; the same again undoes it. */
export const applyStream = (crypto: CryptoBackend, key: Uint8Array, data: Uint8Array): Uint8Array =>
  crypto.chacha20(key, zeroNonce, data);
