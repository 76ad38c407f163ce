import { copyBytes, type NodeId, nodeIdBytes, nodeIdOf, type OutPoint, type Script } from '@boltwright/base';
import { type FieldType, struct, t } from '@boltwright/wire';

/** A field as another value. */
export const mapped = <A, B>(field: FieldType<A>, to: (value: A) => B, from: (value: B) => A): FieldType<B> => ({
  minSize: field.minSize,
  isFixed: field.isFixed,
  read: (reader) => to(field.read(reader)),
  size: (value) => field.size(from(value)),
  write: (writer, value) => field.write(writer, from(value)),
});

/** A byte, 0 for absent and 1 for present, and the value. */
export const optional = <T>(field: FieldType<T>): FieldType<T | undefined> => ({
  minSize: 1,
  isFixed: false,
  read: (reader) => {
    const start = reader.offset;
    const flag = reader.u8();
    if (flag > 1) reader.fail({ kind: 'invalid_value', reason: `presence byte ${flag}` }, start);
    return flag === 0 ? undefined : field.read(reader);
  },
  size: (value) => (value === undefined ? 1 : 1 + field.size(value)),
  write: (writer, value) => {
    writer.u8(value === undefined ? 0 : 1);
    if (value !== undefined) field.write(writer, value);
  },
});

/** One of some names, as a byte: its place in the list, which only ever grows at its end. */
export const oneOf = <T extends string>(names: readonly T[]): FieldType<T> => ({
  minSize: 1,
  isFixed: true,
  read: (reader) => {
    const start = reader.offset;
    const index = reader.u8();
    const name = names[index];
    if (name === undefined) {
      return reader.fail({ kind: 'out_of_range', value: BigInt(index), max: BigInt(names.length - 1) }, start);
    }
    return name;
  },
  size: () => 1,
  write: (writer, value) => writer.u8(names.indexOf(value)),
});

export const bool: FieldType<boolean> = mapped(
  oneOf(['no', 'yes']),
  (name) => name === 'yes',
  (value) => (value ? 'yes' : 'no'),
);

type RecordFields<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K> ? FieldType<T[K] | undefined> : FieldType<T[K]>;
};

/** A fresh object that `struct` has just read loses the properties that were not there. */
function withoutUndefined(value: Record<string, unknown>): object {
  for (const name in value) if (value[name] === undefined) delete value[name];
  return value;
}

/** All fields of a type, in this order: one that is missing here does not compile. */
export const record = <T extends object>(fields: RecordFields<T>): FieldType<T> => {
  const inner = struct(fields as unknown as Record<string, FieldType<unknown>>);
  return mapped(
    inner,
    (value) => withoutUndefined(value as Record<string, unknown>) as T,
    (value) => value as Record<string, unknown>,
  );
};

/** A union by `kind`: a byte that names the variant, and its fields. Variants are only ever added at the end. */
export function tagged<U extends { readonly kind: string }>(
  variants: {
    readonly [K in U['kind']]: FieldType<Omit<Extract<U, { kind: K }>, 'kind'>>;
  },
): FieldType<U> {
  const kinds = oneOf(Object.keys(variants) as U['kind'][]);
  const fieldsOf = (kind: U['kind']): FieldType<object> => variants[kind] as unknown as FieldType<object>;
  return {
    minSize: 1,
    isFixed: false,
    read: (reader) => {
      const kind = kinds.read(reader);
      return { kind, ...fieldsOf(kind).read(reader) } as unknown as U;
    },
    size: (value) => 1 + fieldsOf(value.kind).size(value),
    write: (writer, value) => {
      kinds.write(writer, value.kind);
      fieldsOf(value.kind).write(writer, value);
    },
  };
}

/** No fields at all. */
export const nothing: FieldType<object> = {
  minSize: 0,
  isFixed: true,
  read: () => ({}),
  size: () => 0,
  write: () => undefined,
};

/** UTF-16 code units, up to 65535 of them, with their count. */
export const text: FieldType<string> = mapped(
  t.arrayU16(t.u16),
  (units) => units.map((unit) => String.fromCharCode(unit)).join(''),
  (value) => Array.from({ length: value.length }, (_, i) => value.charCodeAt(i)),
);

/** 32 bytes as 64 hex digits, of any brand. */
export const hex32 = <T extends string>(): FieldType<T> => t.channelId as unknown as FieldType<T>;

export const nodeIdField: FieldType<NodeId> = mapped(t.point, nodeIdOf, nodeIdBytes);
export const scriptField: FieldType<Script> = t.bytesU16;
export const outpointField: FieldType<OutPoint> = record<OutPoint>({ txid: t.txid, vout: t.u32 });

/** Items with a u32 count: more than a u16 length could hold are possible. */
export const listOf = <T>(item: FieldType<T>): FieldType<readonly T[]> => ({
  minSize: 4,
  isFixed: false,
  read: (reader) => {
    const start = reader.offset;
    const count = reader.u32();
    const needed = count * Math.max(1, item.minSize);
    if (needed > reader.remaining) {
      reader.fail({ kind: 'truncated', needed, available: reader.remaining }, start);
    }
    return Array.from({ length: count }, () => item.read(reader));
  },
  size: (values) => values.reduce((sum, value) => sum + item.size(value), 4),
  write: (writer, values) => {
    writer.u32(values.length);
    for (const value of values) item.write(writer, value);
  },
});

/** Bytes with a u32 length, in memory of their own. */
export const longBytes: FieldType<Uint8Array> = {
  minSize: 4,
  isFixed: false,
  read: (reader) => copyBytes(reader.view(reader.u32())),
  size: (value) => 4 + value.length,
  write: (writer, value) => {
    writer.u32(value.length);
    writer.raw(value);
  },
};
