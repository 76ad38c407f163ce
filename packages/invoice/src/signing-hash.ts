import type { CryptoBackend } from '@boltwright/crypto';
import { wordsToPaddedBytes } from './words.ts';

/** SHA-256 over the human-readable part and the data before the signature, padded with zero bits (BOLT #11). */
export function signingHash(prefix: string, words: Uint8Array, crypto: Pick<CryptoBackend, 'sha256'>): Uint8Array {
  const preimage = new Uint8Array(prefix.length + Math.ceil((words.length * 5) / 8));
  // The prefix is ASCII: bech32 allows nothing else.
  for (let i = 0; i < prefix.length; i++) preimage[i] = prefix.charCodeAt(i);
  wordsToPaddedBytes(words, preimage, prefix.length);
  return crypto.sha256(preimage);
}
