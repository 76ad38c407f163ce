import type { FieldType } from './field-type.ts';
import { fixed } from './integers.ts';

/** Exactly `length` bytes: read as a view, not copied. */
export function bytes(length: number): FieldType<Uint8Array> {
  return fixed<Uint8Array>(
    length,
    (reader) => reader.view(length),
    (writer, value) => {
      if (value.length !== length) throw new RangeError(`${value.length} bytes where ${length} belong`);
      writer.raw(value);
    },
  );
}

/** Bytes with a u16 length before them: read as a view, not copied. */
export const bytesU16: FieldType<Uint8Array> = {
  minSize: 2,
  isFixed: false,
  read: (reader) => reader.view(reader.u16()),
  size: (value) => 2 + value.length,
  write: (writer, value) => {
    writer.u16(value.length);
    writer.raw(value);
  },
};

/** Bytes with a u8 length before them: read as a view, not copied. */
export const bytesU8: FieldType<Uint8Array> = {
  minSize: 1,
  isFixed: false,
  read: (reader) => reader.view(reader.u8()),
  size: (value) => 1 + value.length,
  write: (writer, value) => {
    writer.u8(value.length);
    writer.raw(value);
  },
};

/** All bytes to the end of the TLV record or message: read as a view, not copied. */
export const rest: FieldType<Uint8Array> = {
  minSize: 0,
  isFixed: false,
  read: (reader) => reader.view(reader.remaining),
  size: (value) => value.length,
  write: (writer, value) => writer.raw(value),
};
