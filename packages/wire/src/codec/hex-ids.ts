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

const noDigit = 16;
/** The value of each ASCII character as a hex digit; `noDigit` for all that are none. Ids are lower case. */
const nibbles: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = digits.indexOf(String.fromCharCode(code));
  return value < 0 ? noDigit : value;
});

function writeHexAt(text: string, bytes: Uint8Array, start: number, length: number, reversed: boolean): void {
  let all = 0;
  for (let i = 0; i < length; i++) {
    const high = nibbles[text.charCodeAt(2 * i)] ?? noDigit;
    const low = nibbles[text.charCodeAt(2 * i + 1)] ?? noDigit;
    all |= high | low;
    bytes[reversed ? start + length - 1 - i : start + i] = (high << 4) | low;
  }
  if (all >= noDigit) throw new RangeError(`'${text}' is not lower-case hex`);
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
      writeHexAt(value, writer.bytes, writer.offset, length, reversed);
      writer.offset += length;
    },
  );
}

/** As {@link hexId}, remembering the last value read: for ids that are the same in message after message (`chain_hash`). */
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
    write: (writer, value) => {
      if (value !== last) plain.write(writer, value);
      else writer.raw(lastBytes);
    },
  };
}
