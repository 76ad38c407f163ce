import { fromHex, toHex } from '@boltwright/base';
import { BadRecord, type ByteSink, ByteSource, ByteSink as Sink } from './bytes-io.ts';

/** How one value stands in a record of the store. Values that do not fit are our own mistake and throw. */
export interface Stored<T> {
  write(sink: ByteSink, value: T): void;
  /** @throws BadRecord, caught where the record is decoded. */
  read(source: ByteSource): T;
}

/** The value type of a stored type. */
export type StoredValue<S> = S extends Stored<infer T> ? T : never;

const textBytes = (text: string): Uint8Array => new Uint8Array(encodeUtf8(text));

/** UTF-8 without the platform's TextEncoder: the core runs everywhere. */
function encodeUtf8(text: string): number[] {
  const bytes: number[] = [];
  for (const letter of text) {
    const code = letter.codePointAt(0)!;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return bytes;
}

function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i]!;
    const size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (i + size > bytes.length) throw new BadRecord('a text is cut off');
    let code = size === 1 ? first : first & (0xff >> (size + 1));
    for (let k = 1; k < size; k++) code = (code << 6) | (bytes[i + k]! & 63);
    if (code > 0x10ffff) throw new BadRecord('a text holds no character');
    text += String.fromCodePoint(code);
    i += size;
  }
  return text;
}

/** Any bytes, with their length before them. */
export const blob: Stored<Uint8Array> = {
  write(sink, value) {
    sink.varint(BigInt(value.length));
    sink.raw(value);
  },
  read: (source) => source.raw(source.length()),
};

const textOf = <T extends string>(): Stored<T> => ({
  write: (sink, value) => blob.write(sink, textBytes(value)),
  read: (source) => decodeUtf8(blob.read(source)) as T,
});
/** A text. */
export const text: Stored<string> = textOf<string>();

/** A hex id of `bytes` bytes. */
export const hexId = <T extends string>(bytes: number): Stored<T> => ({
  write(sink, value) {
    const raw = fromHex(value);
    if (raw.length !== bytes) throw new RangeError(`'${value}' is no id of ${bytes} bytes`);
    sink.raw(raw);
  },
  read: (source) => toHex(source.raw(bytes)) as T,
});

/** A non-negative bigint. */
export const bigintOf = <T extends bigint = bigint>(): Stored<T> => ({
  write: (sink, value) => sink.varint(value),
  read: (source) => source.varint() as T,
});

/** A non-negative whole number. */
export const numberOf = <T extends number = number>(): Stored<T> => ({
  write(sink, value) {
    // What could not be read again would keep the node from starting: it is not written.
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no number that a record can hold`);
    sink.varint(BigInt(value));
  },
  read: (source) => source.length() as T,
});

export const flag: Stored<boolean> = {
  write: (sink, value) => sink.varint(value ? 1n : 0n),
  read: (source) => source.varint() === 1n,
};

/** One of some words, by its place in the list: new words go to the end. */
export const oneOf = <const T extends string>(...words: readonly T[]): Stored<T> => ({
  write(sink, value) {
    const index = words.indexOf(value);
    if (index < 0) throw new RangeError(`'${value}' is none of ${words.join(', ')}`);
    sink.varint(BigInt(index));
  },
  read(source) {
    const word = words[source.length()];
    if (word === undefined) throw new BadRecord('an unknown word');
    return word;
  },
});

export const list = <T>(item: Stored<T>): Stored<readonly T[]> => ({
  write(sink, value) {
    sink.varint(BigInt(value.length));
    for (const one of value) item.write(sink, one);
  },
  read(source) {
    const count = source.length();
    if (count > source.remaining) throw new BadRecord(`${count} items in ${source.remaining} bytes`);
    return Array.from({ length: count }, () => item.read(source));
  },
});

/** A field of a record: `tag` is for good. */
export interface Field<T, Optional extends boolean> {
  readonly tag: number;
  readonly type: Stored<T>;
  readonly optional: Optional;
}
export const field = <T>(tag: number, type: Stored<T>): Field<T, false> => ({ tag, type, optional: false });
export const optional = <T>(tag: number, type: Stored<T>): Field<T, true> => ({ tag, type, optional: true });

interface Fields {
  readonly [name: string]: Field<never, boolean> | Field<unknown, boolean>;
}
type ValueOfField<F> = F extends Field<infer T, boolean> ? T : never;
type RecordValue<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Field<never, true> | Field<unknown, true> ? never : K]: ValueOfField<F[K]>;
} & {
  readonly [K in keyof F as F[K] extends Field<never, true> | Field<unknown, true> ? K : never]?: ValueOfField<F[K]>;
};

/**
 * Named fields, each with its tag and length, so that older code reads what newer code wrote: tags it does not know
 * are passed over if they are odd, and are an error if they are even (BOLT 1's rule, for the store).
 */
export function record<const F extends Fields>(fields: F): Stored<RecordValue<F>> {
  const entries = Object.entries(fields).sort(([, a], [, b]) => a.tag - b.tag) as [string, Field<unknown, boolean>][];
  const byTag = new Map(entries.map(([name, one]) => [one.tag, { name, one }]));
  if (byTag.size !== entries.length) throw new RangeError('two fields of a record have one tag');
  return {
    write(sink, value) {
      const values = value as Readonly<Record<string, unknown>>;
      const present = entries.filter(([name]) => values[name] !== undefined);
      sink.varint(BigInt(present.length));
      for (const [name, { tag, type }] of present) {
        const inner = new Sink();
        type.write(inner, values[name]);
        sink.varint(BigInt(tag));
        blob.write(sink, inner.finish());
      }
      for (const [name, one] of entries) {
        if (!one.optional && values[name] === undefined) throw new RangeError(`field ${name} of a record is missing`);
      }
    },
    read(source) {
      const values: Record<string, unknown> = {};
      for (let left = source.length(); left > 0; left--) {
        const tag = source.length();
        const bytes = blob.read(source);
        const known = byTag.get(tag);
        if (known === undefined) {
          if (tag % 2 === 0) throw new BadRecord(`field ${tag} is not known: written by a newer version`);
          continue;
        }
        const inner = new ByteSource(bytes);
        values[known.name] = known.one.type.read(inner);
        if (inner.remaining !== 0) throw new BadRecord(`field ${known.name} has ${inner.remaining} bytes too many`);
      }
      for (const [name, one] of entries) {
        if (!one.optional && values[name] === undefined) throw new BadRecord(`field ${name} is missing`);
      }
      return values as RecordValue<F>;
    },
  };
}

interface Variants {
  readonly [kind: string]: readonly [tag: number, type: Stored<never> | Stored<object>];
}
type VariantValue<V extends Variants> = {
  [K in keyof V & string]: { readonly kind: K } & (V[K][1] extends Stored<infer T> ? T : never);
}[keyof V & string];

/** A union on `kind`: each kind has its number, for good, and its fields. */
export function variant<const V extends Variants>(variants: V): Stored<VariantValue<V>> {
  const entries = Object.entries(variants) as [string, readonly [number, Stored<object>]][];
  const byTag = new Map(entries.map(([kind, [tag, type]]) => [tag, { kind, type }]));
  return {
    write(sink, value) {
      const { kind } = value as { readonly kind: string };
      const found = variants[kind] as readonly [number, Stored<object>] | undefined;
      if (found === undefined) throw new RangeError(`'${kind}' is no kind of this record`);
      sink.varint(BigInt(found[0]));
      found[1].write(sink, value as object);
    },
    read(source) {
      const found = byTag.get(source.length());
      if (found === undefined) throw new BadRecord('an unknown kind: written by a newer version');
      return { kind: found.kind, ...found.type.read(source) } as VariantValue<V>;
    },
  };
}
