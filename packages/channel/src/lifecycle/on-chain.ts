import { assertNever, ok, type Result } from '@boltwright/base';
import type { FundingSpend } from '@boltwright/interfaces';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelInput } from '../channel-input.ts';
import type { ChannelState } from '../channel-state.ts';
import { isFunded } from '../funded-channel.ts';
import { fundingTimeoutBlocks, readyWhenDeep } from '../opening/channel-ready.ts';
import type { Step } from '../step.ts';
import { endChannel } from './end-channel.ts';

type Confirmed = Extract<ChannelInput, { kind: 'fundingConfirmed' }>;

export function onFundingConfirmed(state: ChannelState, input: Confirmed, env: ChannelEnv): Result<Step, never> {
  if (!isFunded(state) || state.kind === 'closed') return ok({ state, effects: [] });
  const { height, shortChannelId } = input;
  return ok(readyWhenDeep({ ...state, confirmation: { height, shortChannelId } }, env));
}

/** A reorg took the funding transaction out: it is expected back; what was ready stays ready. */
export function onFundingUnconfirmed(state: ChannelState): Result<Step, never> {
  if (!isFunded(state)) return ok({ state, effects: [] });
  const { confirmation: _gone, ...rest } = state;
  return ok({ state: rest as typeof state, effects: [] });
}

export function onBlock(state: ChannelState, env: ChannelEnv): Result<Step, never> {
  if (!isFunded(state)) return ok({ state, effects: [] });
  const { isOpener, birthHeight } = state.parameters;
  const isEarly = state.kind === 'waitForChannelReady' || state.kind === 'shuttingDown';
  const waits = isEarly && state.confirmation === undefined && !state.localReady;
  if (waits && !isOpener && env.height >= birthHeight + fundingTimeoutBlocks) {
    return endChannel(state, {
      reason: { kind: 'fundingTimedOut' },
      error: `no funding transaction after ${fundingTimeoutBlocks} blocks`,
      monitor: 'known',
    });
  }
  return ok(readyWhenDeep(state, env));
}

/** The chain ended the channel, whatever was said before. */
export function onFundingSpent(state: ChannelState, spend: FundingSpend): Result<Step, never> {
  switch (spend) {
    case 'cooperative':
      return endChannel(state, { reason: { kind: 'cooperative' }, error: '', monitor: 'known' });
    case 'holder':
      return endChannel(state, { reason: { kind: 'commitmentConfirmed' }, error: '', monitor: 'known' });
    case 'counterparty':
    case 'revoked':
    case 'unknown':
      return endChannel(state, {
        reason: { kind: 'counterpartyForceClosed', message: `the funding output is spent (${spend})` },
        error: '',
        monitor: 'known',
      });
    default:
      return assertNever(spend);
  }
}
