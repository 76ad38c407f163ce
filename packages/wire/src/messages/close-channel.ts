import { type MessageOf, message } from '../codec/message.ts';
import { struct } from '../codec/struct.ts';
import { t } from '../codec/t.ts';
import { tlv } from '../codec/tlv-fields.ts';

/** BOLT #2, Channel Quiescence. `initiator` is 1 for the side that asks for it, else 0. */
export const stfu = message(2, 'stfu', { channelId: t.channelId, initiator: t.u8 }, {}, 'BOLT #2: Channel Quiescence');
/** What {@link stfu} encodes and decodes. */
export interface Stfu extends MessageOf<typeof stfu> {}

/** BOLT #2, Closing Initiation: `shutdown`. */
export const shutdown = message(
  38,
  'shutdown',
  { channelId: t.channelId, scriptpubkey: t.bytesU16 },
  {},
  'BOLT #2: Closing Initiation: `shutdown`',
);
/** What {@link shutdown} encodes and decodes. */
export interface Shutdown extends MessageOf<typeof shutdown> {}

/** BOLT #2, Legacy Closing Negotiation: `closing_signed`. */
export const closingSigned = message(
  39,
  'closing_signed',
  { channelId: t.channelId, feeSatoshis: t.sat, signature: t.signature },
  { feeRange: tlv(1n, struct({ minFeeSatoshis: t.sat, maxFeeSatoshis: t.sat })) },
  'BOLT #2: Legacy Closing Negotiation: `closing_signed`',
);
/** What {@link closingSigned} encodes and decodes. */
export interface ClosingSigned extends MessageOf<typeof closingSigned> {}

const closingFields = {
  channelId: t.channelId,
  closerScriptpubkey: t.bytesU16,
  closeeScriptpubkey: t.bytesU16,
  feeSatoshis: t.sat,
  locktime: t.u32,
} as const;

const closingTlvs = {
  closerOutputOnly: tlv(1n, t.signature),
  closeeOutputOnly: tlv(2n, t.signature),
  closerAndCloseeOutputs: tlv(3n, t.signature),
} as const;

/** BOLT #2, Closing Negotiation: `closing_complete` and `closing_sig`. */
export const closingComplete = message(
  40,
  'closing_complete',
  closingFields,
  closingTlvs,
  'BOLT #2: Closing Negotiation: `closing_complete` and `closing_sig`',
);
/** What {@link closingComplete} encodes and decodes. */
export interface ClosingComplete extends MessageOf<typeof closingComplete> {}

/** BOLT #2, Closing Negotiation: `closing_complete` and `closing_sig`. */
export const closingSig = message(
  41,
  'closing_sig',
  closingFields,
  closingTlvs,
  'BOLT #2: Closing Negotiation: `closing_complete` and `closing_sig`',
);
/** What {@link closingSig} encodes and decodes. */
export interface ClosingSig extends MessageOf<typeof closingSig> {}
