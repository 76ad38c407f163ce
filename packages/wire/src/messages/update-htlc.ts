import type { FieldType } from '../codec/field-type.ts';
import { type MessageOf, message } from '../codec/message.ts';
import { struct } from '../codec/struct.ts';
import { t } from '../codec/t.ts';
import { tlv } from '../codec/tlv-fields.ts';

/** BOLT #4, Attribution Data: as laid out on the wire, for the onion's arithmetic over bytes. */
export interface AttributionData {
  /** 80 bytes: twenty u32 of hold time, the first hop's first. */
  readonly htlcHoldTimes: Uint8Array;
  /** 840 bytes: 210 HMACs of 4 bytes. */
  readonly truncatedHmacs: Uint8Array;
}

const attributionData: FieldType<AttributionData> = struct({
  htlcHoldTimes: t.bytes(20 * 4),
  truncatedHmacs: t.bytes(210 * 4),
});

/** BOLT #2, Adding an HTLC: `update_add_htlc`. `pathKey` (TLV `blinded_path`) is there inside a blinded path. */
export const updateAddHtlc = message(
  128,
  'update_add_htlc',
  {
    channelId: t.channelId,
    id: t.u64,
    amountMsat: t.msat,
    paymentHash: t.paymentHash,
    cltvExpiry: t.blockHeight,
    onionRoutingPacket: t.bytes(1366),
  },
  { pathKey: tlv(0n, t.point) },
  'BOLT #2: Adding an HTLC: `update_add_htlc`',
);
/** What {@link updateAddHtlc} encodes and decodes. */
export interface UpdateAddHtlc extends MessageOf<typeof updateAddHtlc> {}

const removing = 'BOLT #2: Removing an HTLC';

/** BOLT #2, Removing an HTLC. `paymentPreimage` is 32 bytes. */
export const updateFulfillHtlc = message(
  130,
  'update_fulfill_htlc',
  { channelId: t.channelId, id: t.u64, paymentPreimage: t.bytes(32) },
  { attributionData: tlv(1n, attributionData) },
  removing,
);
/** What {@link updateFulfillHtlc} encodes and decodes. */
export interface UpdateFulfillHtlc extends MessageOf<typeof updateFulfillHtlc> {}

/** BOLT #2, Removing an HTLC. `reason` is the encrypted failure for the payer. */
export const updateFailHtlc = message(
  131,
  'update_fail_htlc',
  { channelId: t.channelId, id: t.u64, reason: t.bytesU16 },
  { attributionData: tlv(1n, attributionData) },
  removing,
);
/** What {@link updateFailHtlc} encodes and decodes. */
export interface UpdateFailHtlc extends MessageOf<typeof updateFailHtlc> {}

/** BOLT #2, Removing an HTLC: the onion could not be read. */
export const updateFailMalformedHtlc = message(
  135,
  'update_fail_malformed_htlc',
  { channelId: t.channelId, id: t.u64, sha256OfOnion: t.sha256, failureCode: t.u16 },
  {},
  removing,
);
/** What {@link updateFailMalformedHtlc} encodes and decodes. */
export interface UpdateFailMalformedHtlc extends MessageOf<typeof updateFailMalformedHtlc> {}

/** BOLT #2, Updating Fees: `update_fee`. */
export const updateFee = message(
  134,
  'update_fee',
  { channelId: t.channelId, feeratePerKw: t.feeratePerKw },
  {},
  'BOLT #2: Updating Fees: `update_fee`',
);
/** What {@link updateFee} encodes and decodes. */
export interface UpdateFee extends MessageOf<typeof updateFee> {}
