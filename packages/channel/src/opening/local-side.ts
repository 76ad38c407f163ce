import type { Msat, Sat, Script } from '@boltwright/base';
import { isNegotiated } from '@boltwright/wire';
import type { ChannelEnv } from '../channel-env.ts';
import type { SideParameters } from '../channel-parameters.ts';
import { larger } from '../smaller-larger.ts';

/** BOLT 2: at least the dust limits, and never so little that cheating costs nothing. */
const leastReserve = 1000n;

/** What we say of ourselves in `open_channel` or `accept_channel`. @param theirDustLimit - the opener's, where known. */
export function localSide(
  env: ChannelEnv,
  fundingSatoshis: Sat,
  shutdownScript: Script,
  features: { readonly localFeatures: Uint8Array; readonly remoteFeatures: Uint8Array },
  theirDustLimit: Sat = 0n as Sat,
): SideParameters {
  const { handshake } = env.config;
  const share = (fundingSatoshis * BigInt(handshake.theirReserveMillionths)) / 1_000_000n;
  const reserve = larger(larger(share, leastReserve), larger(handshake.dustLimitSatoshis, theirDustLimit));
  const upfront =
    handshake.commitUpfrontShutdownScript &&
    isNegotiated(features.localFeatures, features.remoteFeatures, 'option_upfront_shutdown_script');
  return {
    pubkeys: env.signer.pubkeys,
    dustLimitSatoshis: handshake.dustLimitSatoshis,
    maxHtlcValueInFlightMsat: (fundingSatoshis * 10n * BigInt(handshake.maxHtlcValueInFlightPercent)) as Msat,
    channelReserveSatoshis: reserve as Sat,
    htlcMinimumMsat: handshake.htlcMinimumMsat,
    toSelfDelay: handshake.ourToSelfDelay,
    maxAcceptedHtlcs: handshake.maxAcceptedHtlcs,
    ...(upfront ? { upfrontShutdownScript: shutdownScript } : {}),
  };
}
