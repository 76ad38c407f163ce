import type { PaymentId } from '@boltwright/interfaces';
import type { SecretStore } from '@boltwright/transactions';
import { type FieldType, t } from '@boltwright/wire';
import type { ChannelHtlc, FeeUpdate, HtlcOutcome, HtlcRemoval } from '../commitments/channel-htlc.ts';
import type { Commitments } from '../commitments/commitments.ts';
import { type Side, updateStages } from '../commitments/update-stage.ts';
import type { HtlcSource } from '../htlc-source.ts';
import { hex32, listOf, oneOf, optional, record, tagged } from './fields.ts';

const sides: readonly Side[] = ['local', 'remote'];
const stage = oneOf(updateStages);

const source = tagged<HtlcSource>({
  payment: record<Omit<Extract<HtlcSource, { kind: 'payment' }>, 'kind'>>({
    paymentId: hex32<PaymentId>(),
    part: t.u32,
  }),
  forward: record<Omit<Extract<HtlcSource, { kind: 'forward' }>, 'kind'>>({ channelId: t.channelId, htlcId: t.u64 }),
});

const outcome = tagged<HtlcOutcome>({
  fulfilled: record<Omit<Extract<HtlcOutcome, { kind: 'fulfilled' }>, 'kind'>>({
    preimage: t.bytes(32),
    attributionData: optional(t.bytesU16),
  }),
  failed: record<Omit<Extract<HtlcOutcome, { kind: 'failed' }>, 'kind'>>({
    reason: t.bytesU16,
    attributionData: optional(t.bytesU16),
  }),
  malformed: record<Omit<Extract<HtlcOutcome, { kind: 'malformed' }>, 'kind'>>({
    sha256OfOnion: t.sha256,
    failureCode: t.u16,
  }),
});

/** 61 bytes for a forwarded HTLC without outcome or onion, besides the source's 41. */
const htlc: FieldType<ChannelHtlc> = record<ChannelHtlc>({
  offeredBy: oneOf(sides),
  id: t.u64,
  amountMsat: t.msat,
  paymentHash: t.paymentHash,
  cltvExpiry: t.blockHeight,
  stage,
  removal: optional(record<HtlcRemoval>({ stage, outcome })),
  onionRoutingPacket: optional(t.bytes(1366)),
  pathKey: optional(t.point),
  source: optional(source),
});

export const htlcsField = listOf(htlc);

/** All but the HTLCs, which have a record of their own. */
export type CommitmentsHead = Omit<Commitments, 'htlcs'>;

export const commitmentsHeadField: FieldType<CommitmentsHead> = record<CommitmentsHead>({
  localMsat: t.msat,
  remoteMsat: t.msat,
  feeratePerKw: t.feeratePerKw,
  feeUpdates: listOf(record<FeeUpdate>({ feeratePerKw: t.feeratePerKw, stage })),
  nextLocalHtlcId: t.u64,
  nextRemoteHtlcId: t.u64,
  localIndex: t.u64,
  localPoint: t.point,
  localNextPoint: optional(t.point),
  remoteIndex: t.u64,
  remotePoint: t.point,
  remoteNextPoint: optional(t.point),
  awaitedRevocation: optional(
    record<NonNullable<Commitments['awaitedRevocation']>>({ remotePoint: t.point, sentAtLocalIndex: t.u64 }),
  ),
  remoteSecrets: record<SecretStore>({ count: t.u64, buckets: t.arrayU8(t.bytes(32)) }),
});
