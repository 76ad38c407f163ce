import { type FeeratePerKw, ok, type Result } from '@boltwright/base';
import { isNegotiated, type OpenChannel } from '@boltwright/wire';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelRefusal } from '../channel-error.ts';
import type { ProposedParameters } from '../channel-parameters.ts';
import { refusal } from '../problem.ts';
import type { Step } from '../step.ts';
import { channelTypeBytes, preferredType } from './channel-type.ts';
import { initialBalanceProblem } from './initial-balance.ts';
import { localSide } from './local-side.ts';
import type { OpenParameters } from './open-parameters.ts';

/** BOLT 2: from here on only with `option_support_large_channel`. */
export const largeChannelSatoshis = 1n << 24n;

/**
 * Starts a channel that we fund: sends `open_channel`.
 *
 * @returns a refusal where the amounts do not fit (`unaffordable`, `too_large`, `push_too_large`), or the signer has no
 * first point yet (`signerPending`: call again once it is unblocked).
 */
export function openChannel(parameters: OpenParameters, env: ChannelEnv): Result<Step, ChannelRefusal> {
  const { temporaryChannelId, fundingSatoshis, pushMsat, localFeatures, remoteFeatures } = parameters;
  const refuse = (code: string, message: string) => refusal(temporaryChannelId, code, message);
  const point = env.signer.perCommitmentPoint(0n);
  if (point.kind === 'pending') return refuse('signerPending', 'the signer has no per-commitment point yet');
  const announce = parameters.announce ?? env.config.handshake.announceChannel;
  const channelType = preferredType(localFeatures, remoteFeatures, env.config.handshake.anchors, announce);
  const target = channelType.commitmentFormat === 'anchors' ? 'anchorChannel' : 'nonAnchorChannel';
  const feeratePerKw: FeeratePerKw = parameters.feeratePerKw ?? env.feerate(target);
  const local = localSide(env, fundingSatoshis, parameters.shutdownScript, parameters);
  if (
    fundingSatoshis >= largeChannelSatoshis &&
    !isNegotiated(localFeatures, remoteFeatures, 'option_support_large_channel')
  ) {
    return refuse('too_large', `${fundingSatoshis} sat: the peer does not take channels of ${largeChannelSatoshis} up`);
  }
  if (pushMsat > fundingSatoshis * 1000n) return refuse('push_too_large', `${pushMsat} msat are above the funding`);
  const proposed: ProposedParameters = {
    temporaryChannelId,
    channelKeysId: parameters.channelKeysId,
    counterparty: parameters.counterparty,
    isOpener: true,
    fundingSatoshis,
    pushMsat,
    feeratePerKw,
    announce,
    channelType,
    local,
    anySegwitShutdown: isNegotiated(localFeatures, remoteFeatures, 'option_shutdown_anysegwit'),
    localAlias: parameters.scidAlias,
    shutdownScript: parameters.shutdownScript,
    destinationScript: parameters.destinationScript,
    birthHeight: parameters.birthHeight,
    minimumDepth: 1,
  };
  const problem = initialBalanceProblem(proposed, local.channelReserveSatoshis, '');
  if (problem !== undefined) return refuse('unaffordable', problem.message);
  const message: OpenChannel = {
    type: 'open_channel',
    chainHash: env.chainHash,
    temporaryChannelId,
    fundingSatoshis,
    pushMsat,
    dustLimitSatoshis: local.dustLimitSatoshis,
    maxHtlcValueInFlightMsat: local.maxHtlcValueInFlightMsat,
    channelReserveSatoshis: local.channelReserveSatoshis,
    htlcMinimumMsat: local.htlcMinimumMsat,
    feeratePerKw,
    toSelfDelay: local.toSelfDelay,
    maxAcceptedHtlcs: local.maxAcceptedHtlcs,
    ...local.pubkeys,
    firstPerCommitmentPoint: point.value,
    channelFlags: announce ? 1 : 0,
    upfrontShutdownScript: local.upfrontShutdownScript ?? new Uint8Array(0),
    channelType: channelTypeBytes(channelType),
  };
  return ok({
    state: { kind: 'waitForAcceptChannel', channelId: temporaryChannelId, proposed, localPoint: point.value },
    effects: [{ kind: 'send', message }],
  });
}
