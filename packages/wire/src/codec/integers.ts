import type { FieldType } from './field-type.ts';
import type { Reader } from './reader.ts';
import { truncatedLength, type Writer } from './writer.ts';

const maxU32 = 0xffff_ffff;
const maxU64 = 0xffff_ffff_ffff_ffffn;

/** A type whose values all take `size` bytes. */
export function fixed<T>(
  size: number,
  read: (reader: Reader) => T,
  write: (writer: Writer, value: T) => void,
): FieldType<T> {
  return { minSize: size, isFixed: true, read, write, size: () => size };
}

export const u8 = fixed<number>(
  1,
  (reader) => reader.u8(),
  (writer, value) => writer.u8(value),
);

export const u16As = <T extends number>(): FieldType<T> =>
  fixed<T>(
    2,
    (reader) => reader.u16() as T,
    (writer, value) => writer.u16(value),
  );

export const u32As = <T extends number>(): FieldType<T> =>
  fixed<T>(
    4,
    (reader) => reader.u32() as T,
    (writer, value) => writer.u32(value),
  );

export const u64As = <T extends bigint>(): FieldType<T> =>
  fixed<T>(
    8,
    (reader) => reader.u64() as T,
    (writer, value) => writer.u64(value),
  );

export const s64 = fixed<bigint>(
  8,
  (reader) => reader.s64(),
  (writer, value) => writer.s64(value),
);

/** s8, s16 or s32: two's complement in `bytes` bytes. */
export function signed(bytes: 1 | 2 | 4): FieldType<number> {
  const half = 2 ** (8 * bytes - 1);
  return fixed<number>(
    bytes,
    (reader) => {
      const value = bytes === 1 ? reader.u8() : bytes === 2 ? reader.u16() : reader.u32();
      return value >= half ? value - 2 * half : value;
    },
    (writer, value) => {
      if (!(Number.isInteger(value) && value >= -half && value < half)) {
        throw new RangeError(`${value} is outside an s${8 * bytes}`);
      }
      const unsigned = value < 0 ? value + 2 * half : value;
      if (bytes === 1) writer.u8(unsigned);
      else if (bytes === 2) writer.u16(unsigned);
      else writer.u32(unsigned);
    },
  );
}

/** tu16 or tu32: takes the rest of its TLV record (BOLT 1, Fundamental Types). */
export function truncatedAs<T extends number>(bytes: 2 | 4): FieldType<T> {
  const max = bytes === 2 ? 0xffff : maxU32;
  return {
    minSize: 0,
    isFixed: false,
    read: (reader) => Number(reader.truncated(bytes)) as T,
    size: (value) => {
      if (!(Number.isInteger(value) && value >= 0 && value <= max)) {
        throw new RangeError(`${value} is outside a tu${8 * bytes}`);
      }
      return truncatedLength(value);
    },
    write: (writer, value) => writer.truncated(BigInt(value), truncatedLength(value)),
  };
}

/** tu64 up to `max`: takes the rest of its TLV record (BOLT 1, Fundamental Types). */
export function truncated64As<T extends bigint>(max: bigint = maxU64): FieldType<T> {
  return {
    minSize: 0,
    isFixed: false,
    read: (reader) => {
      const start = reader.offset;
      const value = reader.truncated(8);
      if (value > max) reader.fail({ kind: 'out_of_range', value, max }, start);
      return value as T;
    },
    size: (value) => {
      if (value < 0n || value > max) throw new RangeError(`${value} is no amount from 0 to ${max}`);
      return truncatedLength(value);
    },
    write: (writer, value) => writer.truncated(value, truncatedLength(value)),
  };
}
