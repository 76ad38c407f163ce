import type { CltvDelta, FeeratePerKw, Msat, Sat } from '@boltwright/base';

/** What we ask for, and accept, when a channel is opened (BOLT 2, Channel Establishment). */
export interface ChannelHandshakeConfig {
  /** Confirmations of the funding transaction that we wait for as the fundee. */
  readonly minimumDepth: number;
  /** The delay, in blocks, that we ask for on their outputs to themselves. */
  readonly ourToSelfDelay: number;
  readonly dustLimitSatoshis: Sat;
  readonly htlcMinimumMsat: Msat;
  /** Share of the channel's value, in percent, that may be in flight towards us. */
  readonly maxHtlcValueInFlightPercent: number;
  /** At most 483 (BOLT 2). */
  readonly maxAcceptedHtlcs: number;
  /** The reserve that we ask of them, in millionths of the channel's value; at least 1000 sat. */
  readonly theirReserveMillionths: number;
  readonly announceChannel: boolean;
  /** Offer anchors where both sides know them. */
  readonly anchors: boolean;
  readonly commitUpfrontShutdownScript: boolean;
}

/** What we accept of what the other side asks for when a channel is opened; beyond it, the opening is refused (BOLT 2). */
export interface ChannelHandshakeLimits {
  readonly minFundingSatoshis: Sat;
  readonly maxFundingSatoshis: Sat;
  readonly maxHtlcMinimumMsat: Msat;
  readonly minMaxHtlcValueInFlightMsat: Msat;
  readonly maxChannelReserveSatoshis: Sat;
  readonly minMaxAcceptedHtlcs: number;
  readonly maxMinimumDepth: number;
  readonly theirToSelfDelay: number;
}

/** What we charge for forwarding out through a channel, and how we guard it. */
export interface ChannelConfig {
  readonly forwardingFeeBaseMsat: number;
  readonly forwardingFeeProportionalMillionths: number;
  readonly cltvExpiryDelta: CltvDelta;
  /** Most dust, in msat, that either commitment may carry. */
  readonly maxDustHtlcExposureMsat: Msat;
  /** Above the minimum feerate, what we accept to pay in a mutual close to avoid a unilateral one. */
  readonly forceCloseAvoidanceMaxFeeSatoshis: Sat;
}

/** All that a user decides about channels. */
export interface UserConfig {
  readonly handshake: ChannelHandshakeConfig;
  readonly limits: ChannelHandshakeLimits;
  readonly channel: ChannelConfig;
  /** Whether inbound channels wait for the user's word (`openChannelRequest`). */
  readonly manuallyAcceptInboundChannels: boolean;
  readonly acceptForwardsToPrivateChannels: boolean;
  /** Feerate bounds that we accept from the opener, besides the estimator's. */
  readonly minFeeratePerKw: FeeratePerKw;
}
