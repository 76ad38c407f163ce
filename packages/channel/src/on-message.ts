import { type Err, ok, type Result } from '@boltwright/base';
import type { ChannelMessage } from '@boltwright/interfaces';
import type { ChannelEnv } from './channel-env.ts';
import type { ChannelError, ChannelRefusal } from './channel-error.ts';
import type { ChannelState, FundedState } from './channel-state.ts';
import { onClosingSigned } from './closing/on-closing-signed.ts';
import { onShutdown } from './closing/shutdown.ts';
import { isFunded, isOperating } from './funded-channel.ts';
import { endChannel } from './lifecycle/end-channel.ts';
import { onUpdateAddHtlc } from './normal/add-htlc.ts';
import { commit } from './normal/commit.ts';
import { onCommitmentSigned } from './normal/on-commitment-signed.ts';
import { onRevokeAndAck } from './normal/on-revoke-and-ack.ts';
import { onRemoveHtlc } from './normal/remove-htlc.ts';
import { onUpdateFee } from './normal/update-fee.ts';
import { onChannelReady } from './opening/channel-ready.ts';
import { onFundingCreated, onFundingSigned } from './opening/funding.ts';
import { onAcceptChannel } from './opening/on-accept-channel.ts';
import { sections, violation } from './problem.ts';
import { errorAgain } from './reestablish/connection.ts';
import { onChannelReestablish } from './reestablish/on-channel-reestablish.ts';
import { SignerPending } from './signer-pending.ts';
import type { Step } from './step.ts';

type Outcome = Result<Step, ChannelError | ChannelRefusal>;

const unchanged = (state: ChannelState): Outcome => ok({ state, effects: [] });

/** What a peer wrote, printable characters only (BOLT 1, `error`). */
const printable = (data: Uint8Array): string => {
  let text = '';
  for (const byte of data.subarray(0, 500)) text += byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '?';
  return text;
};

/** Dispatch on the message's type and the state's kind, nothing else. */
export function onMessage(state: ChannelState, message: ChannelMessage, env: ChannelEnv): Outcome {
  if (state.kind === 'aborted') return unchanged(state);
  if (message.type === 'warning') return unchanged(state);
  if (message.type === 'error') {
    // BOLT 1: the channel that an error is about is failed.
    return endChannel(state, {
      reason: { kind: 'counterpartyForceClosed', message: printable(message.data) },
      error: '',
      monitor: 'broadcast',
    });
  }
  return isFunded(state) ? onFundedMessage(state, message, env) : onOpeningMessage(state, message, env);
}

function onOpeningMessage(
  state: Exclude<ChannelState, FundedState>,
  message: ChannelMessage,
  env: ChannelEnv,
): Outcome {
  if (state.kind === 'waitForAcceptChannel' && message.type === 'accept_channel') {
    return onAcceptChannel(state, message, env);
  }
  if (state.kind === 'waitForFundingCreated' && message.type === 'funding_created') {
    return onFundingCreated(state, message, env);
  }
  return outOfOrder(state, message);
}

function onFundedMessage(state: FundedState, message: ChannelMessage, env: ChannelEnv): Outcome {
  if (state.kind === 'closed') {
    // BOLT 2, Message Retransmission: the error again, and nothing else.
    return ok({ state, effects: message.type === 'channel_reestablish' ? errorAgain(state) : [] });
  }
  if (message.type === 'channel_reestablish') return reestablished(onChannelReestablish(state, message, env), env);
  if (state.connection !== 'connected') return outOfOrder(state, message);
  switch (message.type) {
    case 'funding_signed':
      return state.kind === 'waitForFundingSigned' ? onFundingSigned(state, message, env) : outOfOrder(state, message);
    case 'channel_ready':
      return state.kind === 'waitForFundingSigned' ? outOfOrder(state, message) : onChannelReady(state, message, env);
    case 'shutdown':
      return onShutdown(state, message);
    case 'closing_signed':
      return state.kind === 'negotiating' ? onClosingSigned(state, message, env) : outOfOrder(state, message);
    case 'announcement_signatures':
      // BOLT 7's own exchange, which this package takes no part in.
      return unchanged(state);
    case 'stfu':
    case 'closing_complete':
    case 'closing_sig':
      return violation(state.channelId, 'disconnect', {
        code: 'not_negotiated',
        section: message.type === 'stfu' ? sections.quiescence : sections.shutdown,
        message: `${message.type} belongs to a feature that was not negotiated`,
      });
    case 'update_add_htlc':
    case 'update_fulfill_htlc':
    case 'update_fail_htlc':
    case 'update_fail_malformed_htlc':
    case 'update_fee':
    case 'commitment_signed':
    case 'revoke_and_ack':
      return onOperationMessage(state, message, env);
    default:
      return outOfOrder(state, message);
  }
}

type OperationMessage = Extract<
  ChannelMessage,
  {
    type:
      | 'update_add_htlc'
      | 'update_fulfill_htlc'
      | 'update_fail_htlc'
      | 'update_fail_malformed_htlc'
      | 'update_fee'
      | 'commitment_signed'
      | 'revoke_and_ack';
  }
>;

function onOperationMessage(state: FundedState, message: OperationMessage, env: ChannelEnv): Outcome {
  // BOLT 2, Normal Operation: begins once `channel_ready` went both ways.
  if (!isOperating(state) || !state.localReady || !state.remoteReady) return outOfOrder(state, message);
  switch (message.type) {
    case 'update_add_htlc':
      return onUpdateAddHtlc(state, message);
    case 'update_fee':
      return onUpdateFee(state, message, env);
    case 'commitment_signed':
      return onCommitmentSigned(state, message, env);
    case 'revoke_and_ack':
      return onRevokeAndAck(state, message, env);
    default:
      return onRemoveHtlc(state, message, env);
  }
}

/** A commitment whose signature was asked for before the connection broke is made now. */
function reestablished(outcome: Outcome, env: ChannelEnv): Outcome {
  if (!outcome.ok || !isFunded(outcome.value.state)) return outcome;
  const { state, effects } = outcome.value;
  if (state.blocked?.commit !== true || state.connection !== 'connected') return outcome;
  const { blocked: _blocked, ...rest } = state;
  try {
    const again = commit(rest as FundedState, env);
    return again.ok ? ok({ state: again.value.state, effects: [...effects, ...again.value.effects] }) : outcome;
  } catch (signal) {
    // Still pending: the connection is reestablished all the same.
    if (signal instanceof SignerPending) return outcome;
    throw signal;
  }
}

const outOfOrder = (state: ChannelState, message: ChannelMessage): Err<ChannelError> =>
  violation(state.channelId, 'failChannel', {
    code: 'out_of_order',
    section: sections.channel,
    message: `${message.type} in state ${state.kind}${isFunded(state) ? `, ${state.connection}` : ''}`,
  });
