import { copyBytes, ok, type Result } from '@boltwright/base';
import { type AcceptChannel, isNegotiated, type OpenChannel } from '@boltwright/wire';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelError, ChannelRefusal } from '../channel-error.ts';
import type { ChannelParameters } from '../channel-parameters.ts';
import { feerateProblem } from '../normal/feerate-bounds.ts';
import { type Problem, refusal, sections, violation } from '../problem.ts';
import type { Step } from '../step.ts';
import { channelTypeBytes, channelTypeOf, isTypeNegotiated } from './channel-type.ts';
import { initialBalanceProblem } from './initial-balance.ts';
import { localSide } from './local-side.ts';
import { largeChannelSatoshis } from './open-channel.ts';
import type { AcceptParameters } from './open-parameters.ts';
import { problemOfSide, remoteSide } from './remote-side.ts';

/**
 * Takes a channel that the counterparty funds: checks `open_channel` and answers `accept_channel`.
 *
 * @returns a `ChannelError` where the message is not acceptable, a refusal `signerPending` where the signer has no
 * first point yet: call again with the same message once it is unblocked.
 */
export function acceptChannel(
  message: OpenChannel,
  parameters: AcceptParameters,
  env: ChannelEnv,
): Result<Step, ChannelError | ChannelRefusal> {
  const { temporaryChannelId } = message;
  const fail = (problem: Problem) => violation(temporaryChannelId, 'failChannel', problem);
  const checked = checkOpenChannel(message, parameters, env);
  if ('code' in checked) return fail(checked);
  const point = env.signer.perCommitmentPoint(0n);
  if (point.kind === 'pending') {
    return refusal(temporaryChannelId, 'signerPending', 'the signer has no per-commitment point yet');
  }
  const { local } = checked;
  const answer: AcceptChannel = {
    type: 'accept_channel',
    temporaryChannelId,
    dustLimitSatoshis: local.dustLimitSatoshis,
    maxHtlcValueInFlightMsat: local.maxHtlcValueInFlightMsat,
    channelReserveSatoshis: local.channelReserveSatoshis,
    htlcMinimumMsat: local.htlcMinimumMsat,
    minimumDepth: checked.minimumDepth,
    toSelfDelay: local.toSelfDelay,
    maxAcceptedHtlcs: local.maxAcceptedHtlcs,
    ...local.pubkeys,
    firstPerCommitmentPoint: point.value,
    upfrontShutdownScript: local.upfrontShutdownScript ?? new Uint8Array(0),
    channelType: channelTypeBytes(checked.channelType),
  };
  return ok({
    state: {
      kind: 'waitForFundingCreated',
      channelId: temporaryChannelId,
      parameters: checked,
      localPoint: point.value,
      remotePoint: copyBytes(message.firstPerCommitmentPoint),
    },
    effects: [{ kind: 'send', message: answer }],
  });
}

/** BOLT 2, `open_channel`, Requirements of the receiving node. */
function checkOpenChannel(
  message: OpenChannel,
  parameters: AcceptParameters,
  env: ChannelEnv,
): ChannelParameters | Problem {
  const { localFeatures, remoteFeatures } = parameters;
  const { limits, handshake } = env.config;
  const fault = (code: string, field: string, text: string): Problem => ({
    code,
    section: sections.open,
    field,
    message: text,
  });
  const { fundingSatoshis, pushMsat, feeratePerKw } = message;
  if (message.chainHash !== env.chainHash) return fault('unknown_chain', 'chain_hash', message.chainHash);
  if (message.channelType === undefined) return fault('no_channel_type', 'channel_type', 'missing');
  const channelType = channelTypeOf(message.channelType);
  const announce = (message.channelFlags & 1) === 1;
  if (
    channelType === undefined ||
    !isTypeNegotiated(channelType, localFeatures, remoteFeatures) ||
    (channelType.scidAlias && announce) ||
    (channelType.commitmentFormat === 'anchors' && !handshake.anchors)
  ) {
    return fault('unsuitable_channel_type', 'channel_type', 'not a type that both sides know, or not for this channel');
  }
  if (pushMsat > fundingSatoshis * 1000n) {
    return fault('push_too_large', 'push_msat', `${pushMsat} msat of ${fundingSatoshis} sat`);
  }
  if (fundingSatoshis < limits.minFundingSatoshis || fundingSatoshis > limits.maxFundingSatoshis) {
    return fault(
      'unacceptable_funding',
      'funding_satoshis',
      `${fundingSatoshis}, from ${limits.minFundingSatoshis} to ${limits.maxFundingSatoshis} is accepted`,
    );
  }
  if (
    fundingSatoshis >= largeChannelSatoshis &&
    !isNegotiated(localFeatures, remoteFeatures, 'option_support_large_channel')
  ) {
    return fault('too_large', 'funding_satoshis', `${fundingSatoshis} without option_support_large_channel`);
  }
  const feerate = feerateProblem(feeratePerKw, channelType.commitmentFormat, sections.open, env);
  if (feerate !== undefined) return feerate;
  const local = localSide(env, fundingSatoshis, parameters.shutdownScript, parameters, message.dustLimitSatoshis);
  const anySegwitShutdown = isNegotiated(localFeatures, remoteFeatures, 'option_shutdown_anysegwit');
  const side = problemOfSide(message, local, sections.open, anySegwitShutdown, env);
  if (side !== undefined) return side;
  const balance = initialBalanceProblem(
    { fundingSatoshis, pushMsat, feeratePerKw, channelType },
    message.channelReserveSatoshis,
    sections.open,
  );
  if (balance !== undefined) return balance;
  return {
    temporaryChannelId: message.temporaryChannelId,
    channelKeysId: parameters.channelKeysId,
    counterparty: parameters.counterparty,
    isOpener: false,
    fundingSatoshis,
    pushMsat,
    feeratePerKw,
    announce,
    channelType,
    local,
    remote: remoteSide(message),
    anySegwitShutdown,
    localAlias: parameters.scidAlias,
    shutdownScript: parameters.shutdownScript,
    destinationScript: parameters.destinationScript,
    birthHeight: parameters.birthHeight,
    minimumDepth: Math.max(1, handshake.minimumDepth),
  };
}
