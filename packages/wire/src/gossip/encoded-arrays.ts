import { err, ok, type Result, type ShortChannelId } from '@boltwright/base';
import { DecodeFailure } from '../codec/failure.ts';
import type { FieldType } from '../codec/field-type.ts';
import { Reader } from '../codec/reader.ts';
import { t } from '../codec/t.ts';
import { bigSizeLength, Writer } from '../codec/writer.ts';
import { type WireError, wireError } from '../wire-error.ts';

/** BOLT 7, Query Messages: the one encoding that is left. 1 was zlib and must not be used. */
export const uncompressedEncoding = 0;

const spec = 'BOLT #7: Query Messages';

function decode<T>(name: string, bytes: Uint8Array, read: (reader: Reader) => T): Result<T, WireError> {
  try {
    return ok(read(new Reader(bytes)));
  } catch (failure) {
    if (!(failure instanceof DecodeFailure)) throw failure;
    return err(wireError(failure.fault, { messageName: name, field: '', offset: failure.offset, spec }));
  }
}

function checkEncoding(reader: Reader, encodingType: number, offset: number): void {
  if (encodingType !== uncompressedEncoding) {
    reader.fail({ kind: 'invalid_value', reason: `encoding type ${encodingType} is not 0, uncompressed` }, offset);
  }
}

function items<T>(reader: Reader, item: FieldType<T>, each: (value: T, offset: number) => void): void {
  while (reader.remaining > 0) {
    const { offset } = reader;
    each(item.read(reader), offset);
  }
}

/**
 * The ids in `encodedShortIds` of `query_short_channel_ids` and `reply_channel_range`: its encoding type, then ids of 8
 * bytes, rising (BOLT 7, Query Messages).
 */
export function decodeShortChannelIds(encoded: Uint8Array): Result<readonly ShortChannelId[], WireError> {
  return decode('encoded_short_ids', encoded, (reader) => {
    checkEncoding(reader, reader.u8(), 0);
    const ids: ShortChannelId[] = [];
    items(reader, t.shortChannelId, (id, offset) => {
      const previous = ids.at(-1);
      if (previous !== undefined && id <= previous) {
        reader.fail({ kind: 'invalid_value', reason: `short channel id ${id} after ${previous}` }, offset);
      }
      ids.push(id);
    });
    return ids;
  });
}

/**
 * The bytes of `encodedShortIds`.
 *
 * @throws RangeError for ids that do not rise.
 */
export function encodeShortChannelIds(ids: readonly ShortChannelId[]): Uint8Array {
  const writer = new Writer(1 + 8 * ids.length);
  writer.u8(uncompressedEncoding);
  for (let i = 0; i < ids.length; i++) {
    if (i > 0 && ids[i]! <= ids[i - 1]!) throw new RangeError(`short channel id ${ids[i]} after ${ids[i - 1]}`);
    writer.u64(ids[i]!);
  }
  return writer.bytes;
}

/** The record `queryFlags` of `query_short_channel_ids`. */
export interface EncodedQueryFlags {
  readonly encodingType: number;
  readonly encodedQueryFlags: Uint8Array;
}

/**
 * One flag per short channel id (BOLT 7): bit 0 `channel_announcement`, 1 and 2 the `channel_update` of node 1 and 2,
 * 3 and 4 their `node_announcement`.
 *
 * @param count - The number of short channel ids in the same message: another number of flags is an error.
 */
export function decodeQueryFlags(flags: EncodedQueryFlags, count: number): Result<readonly bigint[], WireError> {
  return decode('encoded_query_flags', flags.encodedQueryFlags, (reader) => {
    checkEncoding(reader, flags.encodingType, 0);
    const values: bigint[] = [];
    items(reader, t.bigSize, (value) => values.push(value));
    if (values.length !== count) {
      const reason = `${values.length} query flags for ${count} short channel ids`;
      reader.fail({ kind: 'invalid_value', reason }, reader.offset);
    }
    return values;
  });
}

/**
 * The record `queryFlags`, a BigSize for each flag.
 *
 * @throws RangeError for a flag outside a u64.
 */
export function encodeQueryFlags(flags: readonly bigint[]): EncodedQueryFlags {
  let size = 0;
  for (const flag of flags) size += bigSizeLength(flag);
  const writer = new Writer(size);
  for (const flag of flags) writer.bigSize(flag);
  return { encodingType: uncompressedEncoding, encodedQueryFlags: writer.bytes };
}

/** The times of a channel's two `channel_update`s in seconds since 1970, 0 where there is none (BOLT 7). */
export interface ChannelUpdateTimestamps {
  readonly timestampNodeId1: number;
  readonly timestampNodeId2: number;
}

/** The record `timestamps` of `reply_channel_range`. */
export interface EncodedTimestamps {
  readonly encodingType: number;
  readonly encodedTimestamps: Uint8Array;
}

/**
 * The times in the record `timestamps` of `reply_channel_range`, a pair per short channel id (BOLT 7).
 *
 * @param count - The number of short channel ids in the same message: another number of pairs is an error.
 */
export function decodeTimestamps(
  timestamps: EncodedTimestamps,
  count: number,
): Result<readonly ChannelUpdateTimestamps[], WireError> {
  return decode('encoded_timestamps', timestamps.encodedTimestamps, (reader) => {
    checkEncoding(reader, timestamps.encodingType, 0);
    if (reader.remaining !== 8 * count) {
      const reason = `${reader.remaining} bytes of timestamps for ${count} short channel ids, 8 for each belong`;
      reader.fail({ kind: 'invalid_value', reason }, 0);
    }
    const pairs: ChannelUpdateTimestamps[] = [];
    while (reader.remaining > 0) {
      const timestampNodeId1 = reader.u32();
      const timestampNodeId2 = reader.u32();
      pairs.push({ timestampNodeId1, timestampNodeId2 });
    }
    return pairs;
  });
}

/**
 * The record `timestamps`.
 *
 * @throws RangeError for a time outside a u32.
 */
export function encodeTimestamps(pairs: readonly ChannelUpdateTimestamps[]): EncodedTimestamps {
  const writer = new Writer(8 * pairs.length);
  for (const { timestampNodeId1, timestampNodeId2 } of pairs) {
    writer.u32(timestampNodeId1);
    writer.u32(timestampNodeId2);
  }
  return { encodingType: uncompressedEncoding, encodedTimestamps: writer.bytes };
}
