import {
  type BlockHeight,
  type CltvDelta,
  err,
  fromHex,
  type Msat,
  type NodeId,
  nodeIdOf,
  ok,
  type Result,
  type ShortChannelId,
} from '@boltwright/base';
import { type FieldType, struct, type TlvRecord, t, tlv, tlvStream, type WireError } from '@boltwright/wire';

const section = 'BOLT #4: Inside `encrypted_recipient_data`: `encrypted_data_tlv`';

/** What a hop of a blinded path takes for forwarding, and asks for time. */
export interface PaymentRelay {
  readonly cltvExpiryDelta: CltvDelta;
  /** Millionths of the amount, a u32. */
  readonly feeProportionalMillionths: number;
  /** Millisatoshis, a u32. */
  readonly feeBaseMsat: number;
}

/** What a hop of a blinded path asks of an HTLC before it forwards it. */
export interface PaymentConstraints {
  /** The last height that the HTLC may expire at. */
  readonly maxCltvExpiry: BlockHeight;
  /** At most 21 million bitcoin, as all truncated amounts (BOLT #1, Fundamental Types). */
  readonly htlcMinimumMsat: Msat;
}

/** BOLT #4, `encrypted_data_tlv`: what the creator of a blinded path tells one of its hops. Plain data. */
export interface EncryptedData {
  /** Bytes that mean nothing, to make all hops' data of one length. */
  readonly padding?: Uint8Array | undefined;
  /** The channel to the next hop; this or `nextNodeId`. */
  readonly shortChannelId?: ShortChannelId | undefined;
  readonly nextNodeId?: NodeId | undefined;
  /** For the creator alone: by it the last hop knows the path and what it is for. */
  readonly pathId?: Uint8Array | undefined;
  /** 33 bytes: the path key for the next hop, where another blinded path begins there. */
  readonly nextPathKeyOverride?: Uint8Array | undefined;
  readonly paymentRelay?: PaymentRelay | undefined;
  readonly paymentConstraints?: PaymentConstraints | undefined;
  /** Feature bits, big-endian; missing is the same as none. */
  readonly allowedFeatures?: Uint8Array | undefined;
  /** Odd records that this package does not know. */
  readonly unknownTlvs?: readonly TlvRecord[] | undefined;
}

/** A node's id: a compressed point in form, not checked to be on the curve. */
export const nodeIdField: FieldType<NodeId> = {
  minSize: 33,
  isFixed: true,
  read: (reader) => nodeIdOf(t.point.read(reader)),
  size: () => 33,
  write: (writer, value) => t.point.write(writer, fromHex(value)),
};

const stream = tlvStream(
  'encrypted_data_tlv',
  {
    padding: tlv(1n, t.rest),
    shortChannelId: tlv(2n, t.shortChannelId),
    nextNodeId: tlv(4n, nodeIdField),
    pathId: tlv(6n, t.rest),
    nextPathKeyOverride: tlv(8n, t.point),
    paymentRelay: tlv(
      10n,
      struct({ cltvExpiryDelta: t.cltvDelta, feeProportionalMillionths: t.u32, feeBaseMsat: t.tu32 }),
    ),
    paymentConstraints: tlv(12n, struct({ maxCltvExpiry: t.blockHeight, htlcMinimumMsat: t.tMsat })),
    allowedFeatures: tlv(14n, t.rest),
  },
  { spec: section },
);

/** @throws RangeError when a value does not fit its field. @see BOLT #4, `encrypted_data_tlv` */
export const encodeEncryptedData = (data: EncryptedData): Uint8Array => stream.encode(data);

/** The bytes that {@link encodeEncryptedData} gives. */
export const encryptedDataLength = (data: EncryptedData): number => stream.size(data);

/** Reads the decrypted data. Byte fields are views of `bytes`. @see BOLT #4, `encrypted_data_tlv` */
export function decodeEncryptedData(bytes: Uint8Array): Result<EncryptedData, WireError> {
  const decoded = stream.decode(bytes);
  return decoded.ok ? ok(decoded.value) : err(decoded.error);
}

/** No feature is defined for blinded paths, so any bit that is set is unknown (BOLT #4, `payload` format, reader). */
export const hasUnknownFeatures = (data: EncryptedData): boolean =>
  data.allowedFeatures?.some((byte) => byte !== 0) ?? false;

/**
 * Pads the hops' data to one length, so that it does not tell the hops apart.
 *
 * @param least - A length to reach at least, so that paths of different content look alike.
 * @see BOLT #4, Route Blinding: SHOULD add padding
 */
export function padEncryptedData(hops: readonly EncryptedData[], least = 0): readonly EncryptedData[] {
  const bare = hops.map(({ padding: _, ...data }) => data);
  const lengths = bare.map(encryptedDataLength);
  let target = Math.max(least, ...lengths);
  // A record takes 2 bytes at least, and 255 or 256 bytes in all are no record's.
  while (!lengths.every((length) => paddingFor(target - length) !== undefined)) target++;
  if (target > maxLength) throw new RangeError(`data of ${target} bytes for a hop: no message carries that`);
  return bare.map((data, i) => {
    const length = paddingFor(target - lengths[i]!);
    return length === undefined || length < 0 ? data : { padding: new Uint8Array(length), ...data };
  });
}

const maxLength = 0xffff;

/** The padding whose record takes `extra` bytes; -1: none is needed. */
function paddingFor(extra: number): number | undefined {
  if (extra === 0) return -1;
  if (extra >= 2 && extra <= 254) return extra - 2;
  return extra >= 257 ? extra - 4 : undefined;
}
