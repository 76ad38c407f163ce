import { copyBytes, ok, type Result } from '@boltwright/base';
import type { ChannelReady } from '@boltwright/wire';
import type { ChannelEffect } from '../channel-effect.ts';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelError } from '../channel-error.ts';
import type { FundedState } from '../channel-state.ts';
import { canSend } from '../funded-channel.ts';
import { sections, violation } from '../problem.ts';
import type { Step } from '../step.ts';

/** Blocks after which a fundee forgets a channel whose funding transaction it does not see (BOLT 2, `channel_ready`). */
export const fundingTimeoutBlocks = 2016;

const messageOf = (state: FundedState, secondPerCommitmentPoint: Uint8Array): ChannelEffect => ({
  kind: 'send',
  message: {
    type: 'channel_ready',
    channelId: state.channelId,
    secondPerCommitmentPoint,
    shortChannelId: state.parameters.localAlias,
  },
});

/** `channel_ready` again: after a reconnect, as long as neither side knows that the other has it (BOLT 2, Message Retransmission). */
export const channelReadyAgain = (state: FundedState): readonly ChannelEffect[] =>
  state.localReady && state.commitments.localNextPoint !== undefined
    ? [messageOf(state, state.commitments.localNextPoint)]
    : [];

/**
 * Once the funding transaction is deep enough, `channel_ready` goes out (or is kept to go out on the next connection).
 * Where the signer has no second point yet, the next input asks again.
 */
export function readyWhenDeep(state: FundedState, env: ChannelEnv): Step {
  const { confirmation, parameters, commitments } = state;
  const mayBeReady = state.kind === 'waitForChannelReady' || state.kind === 'shuttingDown';
  if (!mayBeReady || state.localReady || confirmation === undefined) return { state, effects: [] };
  if (env.height - confirmation.height + 1 < parameters.minimumDepth) return { state, effects: [] };
  const point = env.signer.perCommitmentPoint(1n);
  if (point.kind === 'pending') return { state, effects: [] };
  const next: FundedState = {
    ...state,
    localReady: true,
    commitments: { ...commitments, localNextPoint: point.value },
  };
  const sent = canSend(state) ? [messageOf(next, point.value)] : [];
  return withEffects(sent, becomeNormal(next));
}

const withEffects = (before: readonly ChannelEffect[], step: Step): Step => ({
  state: step.state,
  effects: [...before, ...step.effects],
});

function becomeNormal(state: FundedState): Step {
  if (state.kind !== 'waitForChannelReady' || !state.localReady || !state.remoteReady) return { state, effects: [] };
  return { state: { ...state, kind: 'normal' }, effects: [{ kind: 'ready' }] };
}

/** BOLT 2, `channel_ready`: the first brings their second point; later ones may bring another alias. */
export function onChannelReady(state: FundedState, message: ChannelReady, env: ChannelEnv): Result<Step, ChannelError> {
  const alias = message.shortChannelId === undefined ? {} : { remoteAlias: message.shortChannelId };
  if (state.remoteReady) return ok({ state: { ...state, ...alias }, effects: [] });
  if (!env.crypto.isPoint(message.secondPerCommitmentPoint)) {
    return violation(state.channelId, 'failChannel', {
      code: 'invalid_point',
      section: sections.ready,
      field: 'second_per_commitment_point',
      message: 'not a point of secp256k1',
    });
  }
  const next: FundedState = {
    ...state,
    ...alias,
    remoteReady: true,
    commitments: { ...state.commitments, remoteNextPoint: copyBytes(message.secondPerCommitmentPoint) },
  };
  return ok(becomeNormal(next));
}
