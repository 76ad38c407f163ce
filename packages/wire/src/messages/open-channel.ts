import { type MessageOf, message } from '../codec/message.ts';
import { t } from '../codec/t.ts';
import { tlv } from '../codec/tlv-fields.ts';

/** Records of `open_channel` and `accept_channel`; `channelType` is a feature vector, highest byte first. */
const openingTlvs = {
  upfrontShutdownScript: tlv(0n, t.rest),
  channelType: tlv(1n, t.rest),
} as const;

/** BOLT #2, The `open_channel` Message. */
export const openChannel = message(
  32,
  'open_channel',
  {
    chainHash: t.chainHash,
    temporaryChannelId: t.channelId,
    fundingSatoshis: t.sat,
    pushMsat: t.msat,
    dustLimitSatoshis: t.sat,
    maxHtlcValueInFlightMsat: t.msat,
    channelReserveSatoshis: t.sat,
    htlcMinimumMsat: t.msat,
    feeratePerKw: t.feeratePerKw,
    toSelfDelay: t.u16,
    maxAcceptedHtlcs: t.u16,
    fundingPubkey: t.point,
    revocationBasepoint: t.point,
    paymentBasepoint: t.point,
    delayedPaymentBasepoint: t.point,
    htlcBasepoint: t.point,
    firstPerCommitmentPoint: t.point,
    channelFlags: t.u8,
  },
  openingTlvs,
  'BOLT #2: The `open_channel` Message',
);
/** What {@link openChannel} encodes and decodes. */
export interface OpenChannel extends MessageOf<typeof openChannel> {}

/** BOLT #2, The `accept_channel` Message. */
export const acceptChannel = message(
  33,
  'accept_channel',
  {
    temporaryChannelId: t.channelId,
    dustLimitSatoshis: t.sat,
    maxHtlcValueInFlightMsat: t.msat,
    channelReserveSatoshis: t.sat,
    htlcMinimumMsat: t.msat,
    minimumDepth: t.u32,
    toSelfDelay: t.u16,
    maxAcceptedHtlcs: t.u16,
    fundingPubkey: t.point,
    revocationBasepoint: t.point,
    paymentBasepoint: t.point,
    delayedPaymentBasepoint: t.point,
    htlcBasepoint: t.point,
    firstPerCommitmentPoint: t.point,
  },
  openingTlvs,
  'BOLT #2: The `accept_channel` Message',
);
/** What {@link acceptChannel} encodes and decodes. */
export interface AcceptChannel extends MessageOf<typeof acceptChannel> {}

/** BOLT #2, The `funding_created` Message. */
export const fundingCreated = message(
  34,
  'funding_created',
  {
    temporaryChannelId: t.channelId,
    fundingTxid: t.txid,
    fundingOutputIndex: t.u16,
    signature: t.signature,
  },
  {},
  'BOLT #2: The `funding_created` Message',
);
/** What {@link fundingCreated} encodes and decodes. */
export interface FundingCreated extends MessageOf<typeof fundingCreated> {}

/** BOLT #2, The `funding_signed` Message. */
export const fundingSigned = message(
  35,
  'funding_signed',
  { channelId: t.channelId, signature: t.signature },
  {},
  'BOLT #2: The `funding_signed` Message',
);
/** What {@link fundingSigned} encodes and decodes. */
export interface FundingSigned extends MessageOf<typeof fundingSigned> {}

/** BOLT #2, The `channel_ready` Message. `shortChannelId` is the sender's alias for the channel. */
export const channelReady = message(
  36,
  'channel_ready',
  { channelId: t.channelId, secondPerCommitmentPoint: t.point },
  { shortChannelId: tlv(1n, t.shortChannelId) },
  'BOLT #2: The `channel_ready` Message',
);
/** What {@link channelReady} encodes and decodes. */
export interface ChannelReady extends MessageOf<typeof channelReady> {}
