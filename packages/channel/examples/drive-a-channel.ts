import { type ChannelEnv, type ChannelInput, type ChannelState, transition } from '@boltwright/channel';
import type { ChannelMessage } from '@boltwright/interfaces';

/** The smallest shell: feeds one input, sends what is to be sent, and ends the channel when the peer breaks the BOLT. */
export function drive(
  state: ChannelState,
  input: ChannelInput,
  env: ChannelEnv,
  send: (message: ChannelMessage) => void,
): ChannelState {
  const step = transition(state, input, env);
  if (step.ok) {
    for (const effect of step.value.effects) if (effect.kind === 'send') send(effect.message);
    return step.value.state;
  }
  const { error } = step;
  if (error.kind === 'refused' || error.reaction !== 'failChannel') return state;
  return drive(state, { kind: 'fail', error }, env, send);
}
