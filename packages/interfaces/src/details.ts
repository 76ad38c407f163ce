import type { BlockHeight, ChannelId, Msat, NodeId, OutPoint, Sat, ShortChannelId } from '@boltwright/base';

/** A channel as its user sees it. */
export interface ChannelDetails {
  readonly channelId: ChannelId;
  readonly counterparty: NodeId;
  readonly fundingOutpoint?: OutPoint;
  readonly channelValueSatoshis: Sat;
  readonly shortChannelId?: ShortChannelId;
  /** How the counterparty names the channel in route hints that lead to us. */
  readonly inboundScidAlias?: ShortChannelId;
  /** Our own name for it in routes out: the real one, or the counterparty's alias. */
  readonly outboundScid?: ShortChannelId;
  readonly isOutbound: boolean;
  readonly isAnnounced: boolean;
  /** The state's kind, by the BOLT's words. */
  readonly state: string;
  /** `channel_ready` went both ways. */
  readonly isReady: boolean;
  /** Ready, connected, not closing: payments can go through it. */
  readonly isUsable: boolean;
  /** HTLCs of either direction that are not gone from both commitments for good. */
  readonly pendingHtlcs: number;
  readonly balanceMsat: Msat;
  /** What we could send at once, after reserve, fees and limits. */
  readonly outboundCapacityMsat: Msat;
  readonly nextOutboundHtlcLimitMsat: Msat;
  readonly nextOutboundHtlcMinimumMsat: Msat;
  readonly inboundCapacityMsat: Msat;
  /** The counterparty's policy towards us, once its `channel_update` came. */
  readonly counterpartyForwarding?: {
    readonly feeBaseMsat: number;
    readonly feeProportionalMillionths: number;
    readonly cltvExpiryDelta: number;
  };
  readonly confirmedAt?: BlockHeight;
}
