import { compareBytes, fromHex } from '@boltwright/base';

const order = fromHex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');

/** Whether 32 bytes are a number below the order of the curve's group. */
export const isBelowOrder = (bytes: Uint8Array): boolean => compareBytes(bytes, order) < 0;

/**
 * A hash as RFC 6979 puts it into the nonce: reduced by the order (`bits2octets`). libsecp256k1 takes it as it is, which
 * differs for the one hash in 2^128 that is not below the order, and then the signature would not be the other backends'.
 */
export function reduceHash(hash: Uint8Array): Uint8Array {
  if (isBelowOrder(hash)) return hash;
  const reduced = new Uint8Array(32);
  let borrow = 0;
  for (let i = 31; i >= 0; i--) {
    const difference = hash[i]! - order[i]! - borrow;
    borrow = difference < 0 ? 1 : 0;
    reduced[i] = difference & 0xff;
  }
  return reduced;
}
