import { type CltvDelta, type FeeratePerKw, msat, sat } from '@boltwright/base';
import type { UserConfig } from '@boltwright/interfaces';
import { featuresOf } from '@boltwright/wire';

export const config: UserConfig = {
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
    cltvExpiryDelta: 40 as CltvDelta,
    maxDustHtlcExposureMsat: msat(50_000_000n),
    forceCloseAvoidanceMaxFeeSatoshis: sat(1000n),
  },
  manuallyAcceptInboundChannels: false,
  acceptForwardsToPrivateChannels: true,
  minFeeratePerKw: 253 as FeeratePerKw,
};

export const withHandshake = (changes: Partial<UserConfig['handshake']>): UserConfig => ({
  ...config,
  handshake: { ...config.handshake, ...changes },
});

export const features = featuresOf({
  option_static_remotekey: 'required',
  option_channel_type: 'required',
  option_anchors: 'optional',
  option_scid_alias: 'optional',
  option_shutdown_anysegwit: 'optional',
  option_upfront_shutdown_script: 'optional',
});
