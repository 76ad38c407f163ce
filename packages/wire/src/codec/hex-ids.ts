import type { FieldType } from './field-type.ts';
import { fixed } from './integers.ts';

const digits = '0123456789abcdef';
const pairs: readonly string[] = Array.from({ length: 256 }, (_, byte) => digits[byte >> 4]! + digits[byte & 15]!);

function hexAt(bytes: Uint8Array, start: number, length: number): string {
  let text = '';
  for (let i = start; i < start + length; i++) text += pairs[bytes[i]!]!;
  return text;
}

function reversedHexAt(bytes: Uint8Array, start: number, length: number): string {
  let text = '';
  for (let i = start + length - 1; i >= start; i--) text += pairs[bytes[i]!]!;
  return text;
}

function nibble(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  throw new RangeError(`no lower-case hex digit at position ${at}`);
}

/** An id of `length` bytes as lower-case hex; `reversed` for hashes that are displayed backwards (txids). */
export function hexId<T extends string>(length: number, reversed = false): FieldType<T> {
  return fixed<T>(
    length,
    (reader) => {
      const start = reader.take(length);
      return (reversed ? reversedHexAt(reader.bytes, start, length) : hexAt(reader.bytes, start, length)) as T;
    },
    (writer, value) => {
      if (value.length !== 2 * length) throw new RangeError(`${value.length} hex digits where ${2 * length} belong`);
      const { bytes, offset } = writer;
      for (let i = 0; i < length; i++) {
        const at = reversed ? length - 1 - i : i;
        bytes[offset + at] = (nibble(value, 2 * i) << 4) | nibble(value, 2 * i + 1);
      }
      writer.offset += length;
    },
  );
}

/** As {@link hexId}, remembering the last value: for ids that are the same in message after message (`chain_hash`). */
export function repeatingHexId<T extends string>(length: number): FieldType<T> {
  const plain = hexId<T>(length);
  const lastBytes = new Uint8Array(length);
  let last: T | undefined;
  return {
    ...plain,
    read: (reader) => {
      const start = reader.take(length);
      const { bytes } = reader;
      if (last !== undefined) {
        let i = 0;
        while (i < length && bytes[start + i] === lastBytes[i]) i++;
        if (i === length) return last;
      }
      for (let i = 0; i < length; i++) lastBytes[i] = bytes[start + i]!;
      last = hexAt(bytes, start, length) as T;
      return last;
    },
  };
}
