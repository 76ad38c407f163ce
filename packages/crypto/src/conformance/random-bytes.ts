import { concatBytes } from '@boltwright/base';
import { noble } from '../noble/noble.ts';

/** Bytes that look random and are the same in every run with the same seed: SHA-256 over a counter. */
export interface RandomBytes {
  /** The next `length` bytes. */
  bytes(length: number): Uint8Array;
  /** The next 32 bytes that are a secret key. */
  secret(): Uint8Array;
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
}

export function randomBytes(seed: number): RandomBytes {
  let counter = 0;
  const block = (): Uint8Array => {
    const input = new Uint8Array(8);
    const view = new DataView(input.buffer);
    view.setUint32(0, seed);
    view.setUint32(4, counter++);
    return noble.sha256(input);
  };
  const bytes = (length: number): Uint8Array => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, block);
    return concatBytes(...blocks).subarray(0, length);
  };
  const secret = (): Uint8Array => {
    const candidate = bytes(32);
    return noble.isSecretKey(candidate) ? candidate : secret();
  };
  return {
    bytes,
    secret,
    below: (limit) => new DataView(bytes(32).buffer).getUint32(0) % limit,
  };
}
