import { cltvDelta, feeratePerKw, msat, sat } from '@boltwright/base';
import type { UserConfig } from '@boltwright/interfaces';

/** What a node asks for, accepts and charges unless told otherwise. */
export const defaultConfig: UserConfig = {
  handshake: {
    minimumDepth: 3,
    ourToSelfDelay: 144,
    dustLimitSatoshis: sat(354n),
    htlcMinimumMsat: msat(1n),
    maxHtlcValueInFlightPercent: 100,
    maxAcceptedHtlcs: 483,
    theirReserveMillionths: 10_000,
    announceChannel: false,
    anchors: false,
    commitUpfrontShutdownScript: true,
  },
  limits: {
    minFundingSatoshis: sat(20_000n),
    maxFundingSatoshis: sat(16_777_215n),
    maxHtlcMinimumMsat: msat(1_000_000n),
    minMaxHtlcValueInFlightMsat: msat(1_000_000n),
    maxChannelReserveSatoshis: sat(1_000_000n),
    minMaxAcceptedHtlcs: 5,
    maxMinimumDepth: 144,
    theirToSelfDelay: 2016,
  },
  channel: {
    forwardingFeeBaseMsat: 1000,
    forwardingFeeProportionalMillionths: 100,
    cltvExpiryDelta: cltvDelta(80),
    maxDustHtlcExposureMsat: msat(50_000_000n),
    forceCloseAvoidanceMaxFeeSatoshis: sat(1000n),
  },
  manuallyAcceptInboundChannels: false,
  acceptForwardsToPrivateChannels: true,
  minFeeratePerKw: feeratePerKw(253),
};
