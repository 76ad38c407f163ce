import { ok, type Result } from '@boltwright/base';
import type { ClosureReason } from '@boltwright/interfaces';
import type { ChannelEffect } from '../channel-effect.ts';
import type { ChannelState, ClosedChannel, FundedState } from '../channel-state.ts';
import { isFunded, updateMonitor } from '../funded-channel.ts';
import type { Step } from '../step.ts';

/** Ends a channel for which nothing is on chain and no monitor is there. */
export function abort(state: ChannelState, reason: ClosureReason, error?: string): Step {
  const { channelId } = state;
  return {
    state: { kind: 'aborted', channelId, reason },
    effects: [...errorEffects(channelId, error ?? ''), { kind: 'closed', reason }],
  };
}

/** BOLT 1, `error`: printable ASCII. */
const errorEffects = (channelId: ChannelState['channelId'], text: string): readonly ChannelEffect[] =>
  text === ''
    ? []
    : [
        {
          kind: 'send',
          message: {
            type: 'error',
            channelId,
            data: Uint8Array.from(text, (character) => character.charCodeAt(0) & 0x7f),
          },
        },
      ];

/** How a channel ends. */
export interface Ending {
  readonly reason: ClosureReason;
  /** Our `error` to the peer; empty for none. */
  readonly error: string;
  /**
   * `broadcast`: the monitor is told to close. `hold`: it is told not to (a stale state). `known`: the monitor decided
   * by itself, or the chain did.
   */
  readonly monitor: 'broadcast' | 'hold' | 'known';
}

/** Ends a channel in any state. One that is over already stays as it is. */
export function endChannel(state: ChannelState, ending: Ending): Result<Step, never> {
  if (state.kind === 'aborted') return ok({ state, effects: [] });
  if (!isFunded(state) || state.kind === 'waitForFundingSigned') return ok(abort(state, ending.reason, ending.error));
  if (state.kind === 'closed') return ok({ state, effects: [] });
  const { blocked: _blocked, ...open } = state;
  const told = (state.kind === 'shuttingDown' || state.kind === 'negotiating') && state.closing.agreed !== undefined;
  const effects: ChannelEffect[] = [];
  let closed: ClosedChannel = closedFrom(open, ending);
  if (ending.monitor !== 'known') {
    const broadcast = ending.monitor === 'broadcast';
    const updated = updateMonitor(closed, [{ kind: 'forceClose', broadcast, reason: describe(ending.reason) }]);
    closed = updated.state;
    effects.push(updated.effect);
  }
  if (state.connection !== 'disconnected') effects.push(...errorEffects(state.channelId, ending.error));
  if (!told) effects.push({ kind: 'closed', reason: ending.reason });
  return ok({ state: closed, effects });
}

function closedFrom(state: Omit<FundedState, 'blocked' | 'kind'>, ending: Ending): ClosedChannel {
  return {
    kind: 'closed',
    channelId: state.channelId,
    parameters: state.parameters,
    transactions: state.transactions,
    commitments: state.commitments,
    latestUpdateId: state.latestUpdateId,
    connection: state.connection,
    ...(state.confirmation === undefined ? {} : { confirmation: state.confirmation }),
    localReady: state.localReady,
    remoteReady: state.remoteReady,
    ...(state.remoteAlias === undefined ? {} : { remoteAlias: state.remoteAlias }),
    reason: ending.reason,
    errorMessage: ending.error,
  };
}

const describe = (reason: ClosureReason): string =>
  'message' in reason ? `${reason.kind}: ${reason.message}` : reason.kind;
