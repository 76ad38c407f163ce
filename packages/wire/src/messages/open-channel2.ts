import { type MessageOf, message } from '../codec/message.ts';
import { t } from '../codec/t.ts';
import { tlv } from '../codec/tlv-fields.ts';

/** Records of `open_channel2` and `accept_channel2`. */
const openingTlvs = {
  upfrontShutdownScript: tlv(0n, t.rest),
  channelType: tlv(1n, t.rest),
  requireConfirmedInputs: tlv(2n, t.flag),
} as const;

/** BOLT #2, The `open_channel2` Message. */
export const openChannel2 = message(
  64,
  'open_channel2',
  {
    chainHash: t.chainHash,
    temporaryChannelId: t.channelId,
    fundingFeeratePerkw: t.feeratePerKw,
    commitmentFeeratePerkw: t.feeratePerKw,
    fundingSatoshis: t.sat,
    dustLimitSatoshis: t.sat,
    maxHtlcValueInFlightMsat: t.msat,
    htlcMinimumMsat: t.msat,
    toSelfDelay: t.u16,
    maxAcceptedHtlcs: t.u16,
    locktime: t.u32,
    fundingPubkey: t.point,
    revocationBasepoint: t.point,
    paymentBasepoint: t.point,
    delayedPaymentBasepoint: t.point,
    htlcBasepoint: t.point,
    firstPerCommitmentPoint: t.point,
    secondPerCommitmentPoint: t.point,
    channelFlags: t.u8,
  },
  openingTlvs,
  'BOLT #2: The `open_channel2` Message',
);
/** What {@link openChannel2} encodes and decodes. */
export interface OpenChannel2 extends MessageOf<typeof openChannel2> {}

/** BOLT #2, The `accept_channel2` Message. */
export const acceptChannel2 = message(
  65,
  'accept_channel2',
  {
    temporaryChannelId: t.channelId,
    fundingSatoshis: t.sat,
    dustLimitSatoshis: t.sat,
    maxHtlcValueInFlightMsat: t.msat,
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
    secondPerCommitmentPoint: t.point,
  },
  openingTlvs,
  'BOLT #2: The `accept_channel2` Message',
);
/** What {@link acceptChannel2} encodes and decodes. */
export interface AcceptChannel2 extends MessageOf<typeof acceptChannel2> {}
