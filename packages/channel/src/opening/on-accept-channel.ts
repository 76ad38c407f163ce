import { copyBytes, ok, type Result } from '@boltwright/base';
import { fundingScript } from '@boltwright/transactions';
import { type AcceptChannel, equalFeatures } from '@boltwright/wire';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelError } from '../channel-error.ts';
import type { ChannelParameters } from '../channel-parameters.ts';
import type { WaitForAcceptChannel } from '../channel-state.ts';
import { type Problem, sections, violation } from '../problem.ts';
import { larger } from '../smaller-larger.ts';
import type { Step } from '../step.ts';
import { channelTypeBytes } from './channel-type.ts';
import { initialBalanceProblem } from './initial-balance.ts';
import { problemOfSide, remoteSide } from './remote-side.ts';

/** Opener: BOLT 2, `accept_channel`, Requirements of the receiver. */
export function onAcceptChannel(
  state: WaitForAcceptChannel,
  message: AcceptChannel,
  env: ChannelEnv,
): Result<Step, ChannelError> {
  const { proposed } = state;
  const fail = (problem: Problem) => violation(state.channelId, 'failChannel', problem);
  const fault = (code: string, field: string, text: string) =>
    fail({ code, section: sections.accept, field, message: text });
  const wanted = channelTypeBytes(proposed.channelType);
  if (message.channelType === undefined || !equalFeatures(message.channelType, wanted)) {
    return fault('wrong_channel_type', 'channel_type', 'not the one of open_channel');
  }
  const { maxMinimumDepth } = env.config.limits;
  if (message.minimumDepth > maxMinimumDepth) {
    return fault('depth_too_large', 'minimum_depth', `${message.minimumDepth}, at most ${maxMinimumDepth}`);
  }
  const side = problemOfSide(message, proposed.local, sections.accept, proposed.anySegwitShutdown, env);
  if (side !== undefined) return fail(side);
  const remote = remoteSide(message);
  const reserve = larger(remote.channelReserveSatoshis, proposed.local.channelReserveSatoshis);
  const balance = initialBalanceProblem(proposed, reserve, sections.accept);
  if (balance !== undefined) return fail(balance);
  const parameters: ChannelParameters = { ...proposed, remote, minimumDepth: Math.max(1, message.minimumDepth) };
  return ok({
    state: {
      kind: 'waitForFundingTransaction',
      channelId: state.channelId,
      parameters,
      localPoint: state.localPoint,
      remotePoint: copyBytes(message.firstPerCommitmentPoint),
    },
    effects: [
      {
        kind: 'fundingNeeded',
        value: proposed.fundingSatoshis,
        script: fundingScript(env.crypto, proposed.local.pubkeys.fundingPubkey, remote.pubkeys.fundingPubkey),
      },
    ],
  });
}
