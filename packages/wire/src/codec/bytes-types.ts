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

/**
 * 33 bytes of compressed point: read as a view, not copied. The first byte must be 2 or 3; whether the point is on the
 * curve is not checked.
 */
export const point: FieldType<Uint8Array> = fixed<Uint8Array>(
  33,
  (reader) => {
    const start = reader.offset;
    const value = reader.view(33);
    if (value[0] !== 2 && value[0] !== 3) {
      reader.fail({ kind: 'invalid_value', reason: `byte ${value[0]} begins no compressed point` }, start);
    }
    return value;
  },
  (writer, value) => {
    if (value.length !== 33) throw new RangeError(`${value.length} bytes where 33 belong`);
    if (value[0] !== 2 && value[0] !== 3) throw new RangeError(`byte ${value[0]} begins no compressed point`);
    writer.raw(value);
  },
);
