import { assertNever, type Err, ok, type Result } from '@boltwright/base';
import type { ChannelCommand } from './channel-command.ts';
import type { ChannelEffect } from './channel-effect.ts';
import type { ChannelEnv } from './channel-env.ts';
import type { ChannelError, ChannelRefusal } from './channel-error.ts';
import type { ChannelInput } from './channel-input.ts';
import type { ChannelState } from './channel-state.ts';
import { onClosingTick } from './closing/closing-patience.ts';
import { close, continueClosing } from './closing/shutdown.ts';
import { blockOn, isBehindSigner, queueMessage, releaseHeld, unblock } from './lifecycle/blocked.ts';
import { endChannel } from './lifecycle/end-channel.ts';
import { onBlock, onFundingConfirmed, onFundingSpent, onFundingUnconfirmed } from './lifecycle/on-chain.ts';
import { addHtlc } from './normal/add-htlc.ts';
import { commit } from './normal/commit.ts';
import { removeHtlc } from './normal/remove-htlc.ts';
import { updateFee } from './normal/update-fee.ts';
import { onMessage } from './on-message.ts';
import { createFunding } from './opening/funding.ts';
import { refusal } from './problem.ts';
import { onConnected, onDisconnected } from './reestablish/connection.ts';
import { SignerPending } from './signer-pending.ts';
import type { Step } from './step.ts';

type Outcome = Result<Step, ChannelError | ChannelRefusal>;

/**
 * The channel: BOLT 2 as a pure function.
 *
 * A `ChannelError` is the counterparty's violation (a reaction `failChannel` comes back as the input `fail`), a
 * `ChannelRefusal` a command that cannot be done; neither changes anything. Where the signer is pending, the input is
 * kept in the state and made again on `signerUnblocked`.
 *
 * @param env - its `signer` is the channel's own.
 */
export function transition(state: ChannelState, input: ChannelInput, env: ChannelEnv): Outcome {
  try {
    const outcome = dispatch(state, input, env);
    return outcome.ok ? ok(mergeMonitorUpdates(continueClosing(releaseHeld(outcome.value), env))) : outcome;
  } catch (signal) {
    if (!(signal instanceof SignerPending)) throw signal;
    return blockOn(state, input);
  }
}

function dispatch(state: ChannelState, input: ChannelInput, env: ChannelEnv): Outcome {
  switch (input.kind) {
    case 'message':
      return isBehindSigner(state, input.message)
        ? queueMessage(state, input.message)
        : onMessage(state, input.message, env);
    case 'command':
      return onCommand(state, input.command, env);
    case 'connected':
      return onConnected(state, input, env);
    case 'disconnected':
      return onDisconnected(state);
    case 'fundingConfirmed':
      return onFundingConfirmed(state, input, env);
    case 'fundingUnconfirmed':
      return onFundingUnconfirmed(state);
    case 'fundingSpent':
      return onFundingSpent(state, input.spend);
    case 'timerTick':
      return state.kind === 'negotiating' ? onClosingTick(state) : onBlock(state, env);
    case 'block':
      return onBlock(state, env);
    case 'signerUnblocked':
      return unblock(state, env, transition);
    case 'closing':
      return endChannel(state, {
        reason: { kind: 'deadline', message: input.reason },
        error: `channel closed: ${input.reason}`,
        monitor: 'known',
      });
    case 'fail':
      return endChannel(state, {
        reason: { kind: 'protocolViolation', message: describe(input.error) },
        error: describe(input.error),
        monitor: 'broadcast',
      });
    default:
      return assertNever(input);
  }
}

const describe = ({ section, field, message }: ChannelError): string =>
  field === undefined ? `${section}: ${message}` : `${section}: ${field}: ${message}`;

function onCommand(state: ChannelState, command: ChannelCommand, env: ChannelEnv): Outcome {
  switch (command.kind) {
    case 'fundingCreated':
      return state.kind === 'waitForFundingTransaction'
        ? createFunding(state, command.fundingOutpoint, env)
        : wrongState(state, 'fundingCreated');
    case 'addHtlc':
      return addHtlc(state, command, env);
    case 'fulfillHtlc':
    case 'failHtlc':
    case 'failMalformedHtlc':
      return removeHtlc(state, command, env);
    case 'updateFee':
      return updateFee(state, command.feeratePerKw, env);
    case 'commit':
      return commit(state, env);
    case 'close':
      return close(state, command.script, command.feeratePerKw);
    case 'forceClose':
      return endChannel(state, {
        reason: { kind: 'holderForceClosed', message: command.message },
        error: command.message,
        monitor: 'broadcast',
      });
    default:
      return assertNever(command);
  }
}

const wrongState = (state: ChannelState, command: string): Err<ChannelRefusal> =>
  refusal(state.channelId, 'wrongState', `${command} in state ${state.kind}`);

/** One transition makes one update, before all that follows from it. */
function mergeMonitorUpdates(step: Step): Step {
  const updates = step.effects.flatMap((effect) => (effect.kind === 'updateMonitor' ? [effect.update] : []));
  const [first] = updates;
  if (first === undefined || updates.length === 1 || !('latestUpdateId' in step.state)) return step;
  const update = { ...first, steps: updates.flatMap(({ steps }) => steps) };
  const effects: ChannelEffect[] = [];
  for (const effect of step.effects) {
    if (effect.kind !== 'updateMonitor') effects.push(effect);
    else if (effect.update === first) effects.push({ kind: 'updateMonitor', update });
  }
  return { state: { ...step.state, latestUpdateId: first.updateId }, effects };
}
