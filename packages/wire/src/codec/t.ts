import type {
  BlockHeight,
  ChainHash,
  ChannelId,
  CltvDelta,
  FeeratePerKw,
  Msat,
  PaymentHash,
  Sat,
  ShortChannelId,
  Txid,
} from '@boltwright/base';
import { arrayRest, arrayU8, arrayU16 } from './arrays.ts';
import { bytes, bytesU8, bytesU16, point, rest } from './bytes-types.ts';
import type { FieldType } from './field-type.ts';
import { hexId, repeatingHexId } from './hex-ids.ts';
import { fixed, s64, signed, truncated64As, truncatedAs, u8, u16As, u32As, u64As } from './integers.ts';
import { bigSizeLength } from './writer.ts';

const maxSat = 2_100_000_000_000_000n;

const bigSize: FieldType<bigint> = {
  minSize: 1,
  isFixed: false,
  read: (reader) => BigInt(reader.bigSize()),
  size: (value) => {
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw new RangeError(`${value} is outside a u64`);
    return bigSizeLength(value);
  },
  write: (writer, value) => writer.bigSize(value),
};

const flag: FieldType<true> = fixed<true>(
  0,
  () => true,
  () => undefined,
);

/**
 * The field types of the BOLTs (BOLT 1, Fundamental Types).
 *
 * Byte fields are read as views of the decoded bytes: copy what must survive their reuse. Points
 * and signatures are taken as bytes and not checked to be on the curve or in range: who uses one validates it.
 */
export const t = {
  u8,
  u16: u16As<number>(),
  u32: u32As<number>(),
  u64: u64As<bigint>(),
  s8: signed(1),
  s16: signed(2),
  s32: signed(4),
  s64,
  /** 0 to 2 bytes, ends its TLV record. */
  tu16: truncatedAs<number>(2),
  /** 0 to 4 bytes, ends its TLV record. */
  tu32: truncatedAs<number>(4),
  /** 0 to 8 bytes, ends its TLV record. */
  tu64: truncated64As<bigint>(),
  bigSize,
  /** A u64 of satoshis. */
  sat: u64As<Sat>(),
  /** A u64 of millisatoshis. */
  msat: u64As<Msat>(),
  /** A truncated amount in satoshis, at most 21 million bitcoin (BOLT 1, Fundamental Types). */
  tSat: truncated64As<Sat>(maxSat),
  /** A truncated amount in millisatoshis, at most 21 million bitcoin (BOLT 1, Fundamental Types). */
  tMsat: truncated64As<Msat>(maxSat * 1000n),
  /** A truncated u32 of block height. */
  tBlockHeight: truncatedAs<BlockHeight>(4),
  blockHeight: u32As<BlockHeight>(),
  cltvDelta: u16As<CltvDelta>(),
  feeratePerKw: u32As<FeeratePerKw>(),
  shortChannelId: u64As<ShortChannelId>(),
  channelId: hexId<ChannelId>(32),
  paymentHash: hexId<PaymentHash>(32),
  /** 32 bytes of transaction hash, as a txid in display order. */
  txid: hexId<Txid>(32, true),
  chainHash: repeatingHexId<ChainHash>(32),
  /** 33 bytes that begin with 2 or 3, not checked to be a point of the curve. */
  point,
  /** 64 bytes, compact, not checked. */
  signature: bytes(64),
  /** 32 bytes. */
  sha256: bytes(32),
  /** Exactly `length` bytes. */
  bytes,
  /** Bytes with a u8 length before them. */
  bytesU8,
  /** Bytes with a u16 length before them. */
  bytesU16,
  /** All bytes to the end of the record. */
  rest,
  /** No bytes: `true` where the TLV record is there. */
  flag,
  arrayU8,
  arrayU16,
  arrayRest,
} as const;
