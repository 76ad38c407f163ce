import { ok, type Result } from '@boltwright/base';
import { secretAt } from '@boltwright/transactions';
import { type ChannelReestablish, isNegotiated } from '@boltwright/wire';
import type { ChannelEffect } from '../channel-effect.ts';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelInput } from '../channel-input.ts';
import type { Blocked, ChannelState, FundedState } from '../channel-state.ts';
import { forgetUncommitted } from '../commitments/advance.ts';
import { isFunded } from '../funded-channel.ts';
import { abort } from '../lifecycle/end-channel.ts';
import type { Step } from '../step.ts';

type Connected = Extract<ChannelInput, { kind: 'connected' }>;

/** How many commitments of theirs are revoked: the number of the next `revoke_and_ack` that we expect. */
export const revocationsReceived = ({ commitments }: FundedState): bigint =>
  commitments.awaitedRevocation === undefined ? commitments.remoteIndex : commitments.remoteIndex - 1n;

/** BOLT 2, Message Retransmission, Requirements of the sender. */
function reestablishMessage(state: FundedState, env: ChannelEnv): ChannelReestablish {
  const { commitments } = state;
  const received = revocationsReceived(state);
  const secret = secretAt(env.crypto, commitments.remoteSecrets, received - 1n);
  return {
    type: 'channel_reestablish',
    channelId: state.channelId,
    nextCommitmentNumber: commitments.localIndex + 1n,
    nextRevocationNumber: received,
    yourLastPerCommitmentSecret: secret ?? new Uint8Array(32),
    myCurrentPerCommitmentPoint: commitments.localPoint,
  };
}

/** Our `error`, told again as long as the peer asks for the channel (BOLT 2, Message Retransmission). */
export const errorAgain = (state: Extract<FundedState, { kind: 'closed' }>): readonly ChannelEffect[] =>
  state.errorMessage === ''
    ? []
    : [
        {
          kind: 'send',
          message: {
            type: 'error',
            channelId: state.channelId,
            data: Uint8Array.from(state.errorMessage, (character) => character.charCodeAt(0) & 0x7f),
          },
        },
      ];

export function onConnected(state: ChannelState, input: Connected, env: ChannelEnv): Result<Step, never> {
  if (!isFunded(state)) return ok({ state, effects: [] });
  if (state.kind === 'closed') return ok({ state: { ...state, connection: 'connected' }, effects: errorAgain(state) });
  const parameters = {
    ...state.parameters,
    anySegwitShutdown: isNegotiated(input.localFeatures, input.remoteFeatures, 'option_shutdown_anysegwit'),
  };
  const next: FundedState = { ...state, parameters, connection: 'reestablishing' };
  return ok({ state: next, effects: [{ kind: 'send', message: reestablishMessage(next, env) }] });
}

/** What was not signed by them is forgotten, and so is what was negotiated on this connection. */
export function onDisconnected(state: ChannelState): Result<Step, never> {
  if (!isFunded(state) || state.kind === 'waitForFundingSigned') {
    // BOLT 2, Message Retransmission: before `funding_signed`, opening starts again from scratch.
    return ok(state.kind === 'aborted' ? { state, effects: [] } : abort(state, { kind: 'disconnectedBeforeFunding' }));
  }
  const { blocked, ...rest } = state;
  const frozen: { readonly blocked?: Blocked } =
    blocked?.commit === true ? { blocked: { commit: true, messages: [] } } : {};
  const base = {
    connection: 'disconnected' as const,
    commitments: forgetUncommitted(state.commitments, state.parameters.isOpener),
  };
  const kept = { ...rest, ...frozen, ...base } as typeof state;
  if (kept.kind === 'negotiating' || kept.kind === 'shuttingDown') {
    const { remoteScript: _theirs, ...closing } = kept.closing;
    if (kept.kind === 'shuttingDown') return ok({ state: { ...kept, closing }, effects: [] });
    const { proposed: _proposed, theirFeeSatoshis: _fee, silentTicks: _ticks, ...open } = kept;
    return ok({ state: { ...open, kind: 'shuttingDown', closing }, effects: [] });
  }
  return ok({ state: kept, effects: [] });
}
