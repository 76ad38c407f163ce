import { struct } from '../codec/struct.ts';
import { t } from '../codec/t.ts';
import { tlv } from '../codec/tlv-fields.ts';
import { type TlvStreamOf, tlvStream } from '../codec/tlv-stream.ts';

/** The records of a hop's payload in a payment onion (BOLT 4, `payload` format), and keysend's preimage. */
export const onionPayloadTlvs = {
  amtToForward: tlv(2n, t.tMsat),
  outgoingCltvValue: tlv(4n, t.tBlockHeight),
  shortChannelId: tlv(6n, t.shortChannelId),
  paymentData: tlv(8n, struct({ paymentSecret: t.bytes(32), totalMsat: t.tMsat })),
  encryptedRecipientData: tlv(10n, t.rest),
  currentPathKey: tlv(12n, t.point),
  paymentMetadata: tlv(16n, t.rest),
  totalAmountMsat: tlv(18n, t.tMsat),
  /** Of bLIP 3; no BOLT has it. 32 bytes. */
  keysendPreimage: tlv(5_482_373_484n, t.bytes(32)),
} as const;

/**
 * The payload of one hop of a payment onion, without the BigSize before it. Custom records to send go into
 * `unknownTlvs`; who accepts even ones declares `tlvStream('payload', onionPayloadTlvs, { unknownEven: 'keep' })`.
 */
export const onionPayload = tlvStream('payload', onionPayloadTlvs, { spec: 'BOLT #4: `payload` format' });
/** What {@link onionPayload} encodes and decodes. */
export interface OnionPayload extends TlvStreamOf<typeof onionPayload> {}
