import { cltvDelta, type FeeratePerKw, feeratePerKw, msat, sat } from '@boltwright/base';
import type { UserConfig } from '@boltwright/interfaces';

/** The lowest there is, so that 483 HTLCs fit into what a payer must be able to pay for. */
export const feerate: FeeratePerKw = feeratePerKw(253);

/** 483 HTLCs each way, nothing else out of the ordinary. */
export const benchConfig = (anchors: boolean): UserConfig => ({
  handshake: {
    minimumDepth: 1,
    ourToSelfDelay: 144,
    dustLimitSatoshis: sat(354n),
    htlcMinimumMsat: msat(1n),
    maxHtlcValueInFlightPercent: 100,
    maxAcceptedHtlcs: 483,
    theirReserveMillionths: 10_000,
    announceChannel: false,
    anchors,
    commitUpfrontShutdownScript: true,
  },
  limits: {
    minFundingSatoshis: sat(10_000n),
    maxFundingSatoshis: sat(16_777_215n),
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
  minFeeratePerKw: feerate,
});
