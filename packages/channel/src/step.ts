import type { ChannelEffect } from './channel-effect.ts';
import type { ChannelState } from './channel-state.ts';

/** What an input leads to: the next state, and what the shell is to do, in this order. */
export interface Step {
  readonly state: ChannelState;
  readonly effects: readonly ChannelEffect[];
}
