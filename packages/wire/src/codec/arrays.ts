import type { FieldType } from './field-type.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

function sizeOf<T>(item: FieldType<T>, values: readonly T[]): number {
  if (item.isFixed) return values.length * item.minSize;
  let size = 0;
  for (const value of values) size += item.size(value);
  return size;
}

/** Items with a u16 or u8 count before them. The count is checked against the bytes that remain before any is read. */
function counted<T>(
  item: FieldType<T>,
  countSize: number,
  readCount: (reader: Reader) => number,
  writeCount: (writer: Writer, count: number) => void,
): FieldType<readonly T[]> {
  return {
    minSize: countSize,
    isFixed: false,
    read: (reader) => {
      const count = readCount(reader);
      const needed = count * item.minSize;
      if (needed > reader.remaining) {
        reader.fail({ kind: 'truncated', needed, available: reader.remaining }, reader.offset);
      }
      const values: T[] = [];
      for (let i = 0; i < count; i++) values.push(item.read(reader));
      return values;
    },
    size: (values) => countSize + sizeOf(item, values),
    write: (writer, values) => {
      writeCount(writer, values.length);
      for (const value of values) item.write(writer, value);
    },
  };
}

/** Items with a u16 count before them. */
export const arrayU16 = <T>(item: FieldType<T>): FieldType<readonly T[]> =>
  counted(
    item,
    2,
    (reader) => reader.u16(),
    (writer, count) => writer.u16(count),
  );

/** Items with a u8 count before them. */
export const arrayU8 = <T>(item: FieldType<T>): FieldType<readonly T[]> =>
  counted(
    item,
    1,
    (reader) => reader.u8(),
    (writer, count) => writer.u8(count),
  );

/** Items to the end of the TLV record or message; each takes at least a byte. */
export function arrayRest<T>(item: FieldType<T>): FieldType<readonly T[]> {
  if (item.minSize < 1) throw new RangeError('items of an array without a count need at least one byte each');
  return {
    minSize: 0,
    isFixed: false,
    read: (reader) => {
      const values: T[] = [];
      while (reader.remaining > 0) values.push(item.read(reader));
      return values;
    },
    size: (values) => sizeOf(item, values),
    write: (writer, values) => {
      for (const value of values) item.write(writer, value);
    },
  };
}
