import { DecodeFailure } from './failure.ts';
import type { FieldType, ValueOf } from './field-type.ts';
import type { Reader } from './reader.ts';
import { bigSizeLength, type Writer } from './writer.ts';

/** One known record of a TLV stream. */
export interface Tlv<T> {
  readonly type: bigint;
  readonly value: FieldType<T>;
}

/** Known records by the name of their property. Any order: the wire order is that of the types. */
export interface TlvList {
  readonly [name: string]: Tlv<unknown>;
}

/** A record as it stands on the wire. */
export interface TlvRecord {
  readonly type: bigint;
  readonly value: Uint8Array;
}

/** The optional properties of a TLV list. */
export type TlvValues<S extends TlvList> = { readonly [K in keyof S]?: ValueOf<S[K]['value']> | undefined };

/** Records that the stream does not know, in the order of their types; absent where there are none. */
export interface WithUnknownTlvs {
  readonly unknownTlvs?: readonly TlvRecord[] | undefined;
}

/**
 * Declares a known TLV record.
 *
 * @throws RangeError for a type outside a u64.
 */
export function tlv<T>(type: bigint, value: FieldType<T>): Tlv<T> {
  if (type < 0n || type > 0xffff_ffff_ffff_ffffn) throw new RangeError(`TLV type ${type} is outside a u64`);
  return { type, value };
}

interface CompiledTlv {
  readonly name: string;
  /** A number where it is exact, to compare without bigints. */
  readonly type: number | bigint;
  readonly value: FieldType<unknown>;
}

type Values = { [name: string]: unknown; unknownTlvs?: readonly TlvRecord[] | undefined };

const narrow = (type: bigint): number | bigint => (type <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(type) : type);

/** The reader and writer of a TLV stream's records into and out of an object that may have other properties too. */
export class TlvFields {
  readonly #known: readonly CompiledTlv[];
  readonly #keepEven: boolean;

  constructor(tlvs: TlvList, keepEven: boolean) {
    this.#known = Object.entries(tlvs)
      .map(([name, { type, value }]) => ({ name, type: narrow(type), value }))
      .sort((a, b) => (a.type < b.type ? -1 : 1));
    for (let i = 1; i < this.#known.length; i++) {
      const { name, type } = this.#known[i]!;
      if (this.#known[i - 1]!.type === type) throw new RangeError(`TLV type ${type} of ${name} is declared twice`);
    }
    this.#keepEven = keepEven;
  }

  /** Reads records to the end of the reader. BOLT 1, Type-Length-Value Format. */
  read(reader: Reader, into: Values): void {
    const { end } = reader;
    let unknown: TlvRecord[] | undefined;
    let previous: number | bigint = -1;
    let next = 0;
    while (reader.offset < end) {
      const start = reader.offset;
      const type = reader.bigSize();
      if (type <= previous) {
        reader.fail({ kind: 'tlv_order', tlvType: BigInt(type), previousType: BigInt(previous) }, start);
      }
      previous = type;
      const length = reader.bigSize();
      if (length > end - reader.offset) {
        reader.fail({ kind: 'truncated', needed: Number(length), available: end - reader.offset }, reader.offset);
      }
      while (next < this.#known.length && this.#known[next]!.type < type) next++;
      const known = this.#known[next];
      if (known !== undefined && known.type === type) {
        into[known.name] = readRecord(reader, known, Number(length));
      } else {
        if (!this.#keepEven && BigInt(type) % 2n === 0n) {
          reader.fail({ kind: 'unknown_even_tlv', tlvType: BigInt(type) }, start);
        }
        unknown ??= [];
        unknown.push({ type: BigInt(type), value: reader.view(Number(length)) });
      }
    }
    if (unknown !== undefined) into.unknownTlvs = unknown;
  }

  /** Bytes of all records that `from` has. */
  size(from: Values): number {
    let size = 0;
    let field = '';
    try {
      for (let i = 0; i < this.#known.length; i++) {
        const { name, type, value } = this.#known[i]!;
        const part = from[name];
        if (part === undefined) continue;
        field = name;
        const length = value.size(part);
        size += bigSizeLength(type) + bigSizeLength(length) + length;
      }
    } catch (error) {
      throw inField(error, field);
    }
    const { unknownTlvs } = from;
    if (unknownTlvs !== undefined) {
      for (const { type, value } of unknownTlvs) {
        size += bigSizeLength(type) + bigSizeLength(value.length) + value.length;
      }
    }
    return size;
  }

  /** @throws RangeError for unknown records out of order, doubled, of a known type, or even where those are refused. */
  write(writer: Writer, from: Values): void {
    const { unknownTlvs } = from;
    let written = 0;
    let field = '';
    try {
      for (let i = 0; i < this.#known.length; i++) {
        const { name, type, value } = this.#known[i]!;
        if (unknownTlvs !== undefined) {
          field = 'unknownTlvs';
          written = this.#writeUnknown(writer, unknownTlvs, written, type);
        }
        const part = from[name];
        if (part === undefined) continue;
        field = name;
        writer.bigSize(type);
        writer.bigSize(value.size(part));
        value.write(writer, part);
      }
      field = 'unknownTlvs';
      if (unknownTlvs !== undefined) this.#writeUnknown(writer, unknownTlvs, written, undefined);
    } catch (error) {
      throw inField(error, field);
    }
  }

  /** Writes the unknown records from index `from` on that come before the type `limit`; gives the next one's index. */
  #writeUnknown(
    writer: Writer,
    records: readonly TlvRecord[],
    from: number,
    limit: number | bigint | undefined,
  ): number {
    let i = from;
    for (; i < records.length; i++) {
      const { type, value } = records[i]!;
      if (limit !== undefined && type >= limit) {
        if (type === BigInt(limit)) throw new RangeError(`type ${type} is known and has its own property`);
        break;
      }
      if (i > 0 && type <= records[i - 1]!.type) throw new RangeError(`type ${type} is out of order`);
      if (!this.#keepEven && type % 2n === 0n) throw new RangeError(`type ${type} is even, nobody would accept it`);
      writer.bigSize(type);
      writer.bigSize(value.length);
      writer.raw(value);
    }
    return i;
  }
}

function readRecord(reader: Reader, known: CompiledTlv, length: number): unknown {
  const { end } = reader;
  reader.end = reader.offset + length;
  try {
    const value = known.value.read(reader);
    if (reader.offset !== reader.end) {
      const extra = reader.end - reader.offset;
      reader.fail({ kind: 'tlv_trailing_bytes', tlvType: BigInt(known.type), extra }, reader.offset);
    }
    return value;
  } catch (failure) {
    if (failure instanceof DecodeFailure) failure.path.push(known.name);
    throw failure;
  } finally {
    reader.end = end;
  }
}

/** Names the field in an error of the caller's making. */
function inField(error: unknown, name: string): unknown {
  if (error instanceof RangeError) return new RangeError(`${name}: ${error.message}`);
  if (error instanceof TypeError) return new TypeError(`${name}: ${error.message}`);
  return error;
}
