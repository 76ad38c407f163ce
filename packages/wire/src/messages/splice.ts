import { type MessageOf, message } from '../codec/message.ts';
import { t } from '../codec/t.ts';
import { tlv } from '../codec/tlv-fields.ts';

/** BOLT #2, The `splice_init` Message. The contribution is in satoshis, negative to take out. */
export const spliceInit = message(
  80,
  'splice_init',
  {
    channelId: t.channelId,
    fundingContributionSatoshis: t.s64,
    fundingFeeratePerkw: t.feeratePerKw,
    locktime: t.u32,
    fundingPubkey: t.point,
  },
  { requireConfirmedInputs: tlv(2n, t.flag) },
  'BOLT #2: The `splice_init` Message',
);
/** What {@link spliceInit} encodes and decodes. */
export interface SpliceInit extends MessageOf<typeof spliceInit> {}

/** BOLT #2, The `splice_ack` Message. */
export const spliceAck = message(
  81,
  'splice_ack',
  { channelId: t.channelId, fundingContributionSatoshis: t.s64, fundingPubkey: t.point },
  { requireConfirmedInputs: tlv(2n, t.flag) },
  'BOLT #2: The `splice_ack` Message',
);
/** What {@link spliceAck} encodes and decodes. */
export interface SpliceAck extends MessageOf<typeof spliceAck> {}

/** BOLT #2, The `splice_locked` Message. */
export const spliceLocked = message(
  77,
  'splice_locked',
  { channelId: t.channelId, spliceTxid: t.txid },
  {},
  'BOLT #2: The `splice_locked` Message',
);
/** What {@link spliceLocked} encodes and decodes. */
export interface SpliceLocked extends MessageOf<typeof spliceLocked> {}
