import type { Script } from '@boltwright/base';
import type { MonitorStep } from '@boltwright/interfaces';
import type { ChannelEffect } from './channel-effect.ts';
import type { ChannelState, FundedState } from './channel-state.ts';

/** Whether the funding outpoint is known. */
export const isFunded = (state: ChannelState): state is FundedState =>
  state.kind !== 'waitForAcceptChannel' &&
  state.kind !== 'waitForFundingTransaction' &&
  state.kind !== 'waitForFundingCreated' &&
  state.kind !== 'aborted';

/** States in which HTLCs live: updates, `commitment_signed` and `revoke_and_ack` have their place. */
export type OperatingState = Extract<FundedState, { kind: 'normal' | 'shuttingDown' }>;

export const isOperating = (state: ChannelState): state is OperatingState =>
  state.kind === 'normal' || state.kind === 'shuttingDown';

/** Connected and reestablished, with no request to the signer outstanding. */
export const canSend = (state: FundedState): boolean => state.connection === 'connected' && state.blocked === undefined;

/** Numbers the next monitor update. Steps of one transition go into one update. */
export function updateMonitor<S extends FundedState>(
  state: S,
  steps: readonly MonitorStep[],
): { readonly state: S; readonly effect: ChannelEffect } {
  const updateId = state.latestUpdateId + 1n;
  return {
    state: { ...state, latestUpdateId: updateId },
    effect: { kind: 'updateMonitor', update: { channelId: state.channelId, updateId, steps } },
  };
}

/** Where a mutual close pays us. */
export const ourShutdownScript = (state: FundedState): Script =>
  state.parameters.local.upfrontShutdownScript ?? state.parameters.shutdownScript;
