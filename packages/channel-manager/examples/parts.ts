import { cltvDelta, feeratePerKw, msat, ready, sat } from '@boltwright/base';
import type { ChannelWatch, UserConfig } from '@boltwright/interfaces';

/** A watch that guards nothing, and says so: with it no channel can be opened. `@boltwright/monitor` has a real one. */
export const watch: ChannelWatch = {
  watchChannel: () => 'failed',
  updateChannel: () => 'failed',
  lastUpdateId: () => ready(undefined),
  monitorEvents: () => [],
  acknowledgeMonitorEvents: () => undefined,
};

export const config: UserConfig = {
  handshake: {
    minimumDepth: 3,
    ourToSelfDelay: 144,
    dustLimitSatoshis: sat(354n),
    htlcMinimumMsat: msat(1n),
    maxHtlcValueInFlightPercent: 100,
    maxAcceptedHtlcs: 30,
    theirReserveMillionths: 10_000,
    announceChannel: false,
    anchors: false,
    commitUpfrontShutdownScript: true,
  },
  limits: {
    minFundingSatoshis: sat(10_000n),
    maxFundingSatoshis: sat(10_000_000n),
    maxHtlcMinimumMsat: msat(1_000_000n),
    minMaxHtlcValueInFlightMsat: msat(1_000_000n),
    maxChannelReserveSatoshis: sat(1_000_000n),
    minMaxAcceptedHtlcs: 5,
    maxMinimumDepth: 100,
    theirToSelfDelay: 2016,
  },
  channel: {
    forwardingFeeBaseMsat: 1000,
    forwardingFeeProportionalMillionths: 100,
    cltvExpiryDelta: cltvDelta(40),
    maxDustHtlcExposureMsat: msat(50_000_000n),
    forceCloseAvoidanceMaxFeeSatoshis: sat(1000n),
  },
  manuallyAcceptInboundChannels: false,
  acceptForwardsToPrivateChannels: true,
  minFeeratePerKw: feeratePerKw(253),
};
