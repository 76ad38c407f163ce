import { InvoiceFailure } from './invoice-error.ts';
import type { TaggedField } from './tagged-field.ts';
import { tags } from './tags.ts';
import { bytesToWords, wordsToBytes } from './words.ts';

/**
 * An on-chain address to pay where Lightning fails (field `f`). Hashes: 20 bytes for `p2pkh`, `p2sh` and `p2wpkh`, 32
 * for `p2wsh`; `p2tr` is an output key of 32 bytes; `witness` is any other program, version 1 to 16, 2 to 40 bytes.
 */
export type FallbackAddress =
  | { readonly kind: 'p2pkh'; readonly hash: Uint8Array }
  | { readonly kind: 'p2sh'; readonly hash: Uint8Array }
  | { readonly kind: 'p2wpkh'; readonly hash: Uint8Array }
  | { readonly kind: 'p2wsh'; readonly hash: Uint8Array }
  | { readonly kind: 'p2tr'; readonly outputKey: Uint8Array }
  | { readonly kind: 'witness'; readonly version: number; readonly program: Uint8Array };

const pubkeyHashVersion = 17;
const scriptHashVersion = 18;
/** From here on a version means nothing yet, and readers pass it over (BOLT #11, Tagged Fields). */
export const firstUnknownVersion = 19;

function addressOf(version: number, program: Uint8Array): FallbackAddress | undefined {
  const { length } = program;
  if (version === pubkeyHashVersion) return length === 20 ? { kind: 'p2pkh', hash: program } : undefined;
  if (version === scriptHashVersion) return length === 20 ? { kind: 'p2sh', hash: program } : undefined;
  if (version === 0) {
    if (length === 20) return { kind: 'p2wpkh', hash: program };
    return length === 32 ? { kind: 'p2wsh', hash: program } : undefined;
  }
  if (version === 1 && length === 32) return { kind: 'p2tr', outputKey: program };
  return length >= 2 && length <= 40 ? { kind: 'witness', version, program } : undefined;
}

/**
 * An `f` field, or undefined for a version that is to be passed over (19 to 31).
 *
 * @throws InvoiceFailure `invalid_fallback` for a program that a known version does not have.
 */
export function readFallbackAddress(words: Uint8Array, position: number): FallbackAddress | undefined {
  const version = words[0];
  if (version !== undefined && version >= firstUnknownVersion) return undefined;
  const program = words.length === 0 ? undefined : wordsToBytes(words.subarray(1));
  const address = version === undefined || program === undefined ? undefined : addressOf(version, program);
  if (address !== undefined) return address;
  const fault = { kind: 'invalid_fallback', version: version ?? -1, length: words.length } as const;
  throw new InvoiceFailure('fallback_address', position, fault);
}

function versionAndProgram(address: FallbackAddress): readonly [number, Uint8Array] {
  switch (address.kind) {
    case 'p2pkh':
      return [pubkeyHashVersion, address.hash];
    case 'p2sh':
      return [scriptHashVersion, address.hash];
    case 'p2wpkh':
    case 'p2wsh':
      return [0, address.hash];
    case 'p2tr':
      return [1, address.outputKey];
    case 'witness':
      return [address.version, address.program];
  }
}

/** @throws RangeError for a hash, key or program of the wrong length. */
export function writeFallbackAddress(address: FallbackAddress): TaggedField {
  const [version, program] = versionAndProgram(address);
  const read = version < firstUnknownVersion && version >= 0 ? addressOf(version, program) : undefined;
  if (read?.kind !== address.kind) {
    throw new RangeError(`${program.length} bytes (version ${version}) are no ${address.kind} address`);
  }
  const programWords = bytesToWords(program);
  const words = new Uint8Array(1 + programWords.length);
  words[0] = version;
  words.set(programWords, 1);
  return { tag: tags.fallbackAddress, words };
}
