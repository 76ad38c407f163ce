import { ok, type Result, unwrap } from '@boltwright/base';
import type { ChannelMessage } from '@boltwright/interfaces';
import { decodeMessage, encodeMessage } from '@boltwright/wire';
import type { ChannelEffect } from '../channel-effect.ts';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelError, ChannelRefusal } from '../channel-error.ts';
import type { ChannelInput } from '../channel-input.ts';
import type { Blocked, ChannelState, FundedState, WaitForFundingCreated } from '../channel-state.ts';
import type { ChannelHtlc } from '../commitments/channel-htlc.ts';
import { canSend, isFunded, isOperating } from '../funded-channel.ts';
import { removalMessage } from '../normal/remove-htlc.ts';
import { readyWhenDeep } from '../opening/channel-ready.ts';
import { refusal, sections, violation } from '../problem.ts';
import type { Step } from '../step.ts';

type Outcome = Result<Step, ChannelError | ChannelRefusal>;
type Blockable = FundedState | WaitForFundingCreated;

/** All that a peer can have under way: every HTLC added and removed either way, and then some. */
const mostQueuedMessages = 2048;
/** And all that such messages take, with onions and failures of usual sizes. They are in the stored state. */
const mostQueuedBytes = 4 << 20;

const isBlockable = (state: ChannelState): state is Blockable =>
  isFunded(state) || state.kind === 'waitForFundingCreated';

const blockedOf = (state: ChannelState): Blocked | undefined => (isBlockable(state) ? state.blocked : undefined);

/** Whether a message has to wait until the signer has answered. The end of a channel does not. */
export function isBehindSigner(state: ChannelState, message: ChannelMessage): boolean {
  const blocked = blockedOf(state);
  if (blocked === undefined || message.type === 'error' || message.type === 'warning') return false;
  // A commitment that waits for its signature is not touched by the reestablishing of a connection.
  return !(message.type === 'channel_reestablish' && blocked.messages.length === 0);
}

/** The message in bytes of its own: what came in may be views of a buffer that is used again. */
const kept = (message: ChannelMessage): ChannelMessage =>
  unwrap(decodeMessage(encodeMessage(message))) as ChannelMessage;

/** Its size, about: quicker than to encode all that waits for each message that comes. */
function bytesIn(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let sum = 0;
  for (const part of Object.values(value)) sum += bytesIn(part);
  return sum;
}

/** Keeps a message behind those that wait already. */
export function queueMessage(state: ChannelState, message: ChannelMessage): Outcome {
  const blocked = blockedOf(state);
  if (!isBlockable(state) || blocked === undefined) return ok({ state, effects: [] });
  const bytes = [message, ...blocked.messages].reduce((sum, waiting) => sum + bytesIn(waiting), 0);
  if (blocked.messages.length >= mostQueuedMessages || bytes > mostQueuedBytes) {
    return violation(state.channelId, 'disconnect', {
      code: 'too_many_messages',
      section: sections.channel,
      message: `${blocked.messages.length} messages wait already, with this one ${bytes} bytes`,
    });
  }
  return ok({
    state: { ...state, blocked: { ...blocked, messages: [...blocked.messages, kept(message)] } },
    effects: [],
  });
}

/** The signer is pending: nothing was done, and the input is to be made again. */
export function blockOn(state: ChannelState, input: ChannelInput): Outcome {
  if (!isBlockable(state)) return refusal(state.channelId, 'signerPending', 'the signer has not answered yet');
  const before = state.blocked ?? { commit: false, messages: [] };
  if (input.kind === 'message') {
    return ok({
      state: { ...state, blocked: { ...before, messages: [...before.messages, kept(input.message)] } },
      effects: [],
    });
  }
  if (input.kind === 'command' && input.command.kind === 'commit') {
    return ok({ state: { ...state, blocked: { ...before, commit: true } }, effects: [] });
  }
  return refusal(state.channelId, 'signerPending', 'the signer has not answered yet');
}

/** Asks the signer again: first the commitment that waits for it, then the messages behind it, then what was held. */
export function unblock(
  state: ChannelState,
  env: ChannelEnv,
  transition: (state: ChannelState, input: ChannelInput, env: ChannelEnv) => Outcome,
): Outcome {
  const blocked = blockedOf(state);
  if (!isBlockable(state) || blocked === undefined) {
    return ok(isFunded(state) ? readyWhenDeep(state, env) : { state, effects: [] });
  }
  // Without a connection the signature could not be sent: it is asked for after the next `channel_reestablish`.
  const waits = blocked.commit && isFunded(state) && state.connection !== 'connected';
  if (waits && blocked.messages.length === 0) return ok({ state, effects: [] });
  const { blocked: _blocked, ...rest } = state;
  let current = (waits ? { ...rest, blocked: { commit: true, messages: [] } } : rest) as ChannelState;
  const effects: ChannelEffect[] = [];
  const inputs: ChannelInput[] = [
    ...(blocked.commit && !waits ? [{ kind: 'command', command: { kind: 'commit' } } as const] : []),
    ...blocked.messages.map((message) => ({ kind: 'message', message }) as const),
  ];
  for (const input of inputs) {
    const outcome = transition(current, input, env);
    // What a queued message did wrong ends the channel as if it had just arrived.
    const next: Outcome =
      outcome.ok || outcome.error.kind === 'refused' ? outcome : failAfter(current, outcome.error, env, transition);
    if (!next.ok) continue;
    current = next.value.state;
    effects.push(...next.value.effects);
  }
  return ok({ state: current, effects });
}

function failAfter(
  state: ChannelState,
  error: ChannelError,
  env: ChannelEnv,
  transition: (state: ChannelState, input: ChannelInput, env: ChannelEnv) => Outcome,
): Outcome {
  if (error.reaction === 'failChannel') return transition(state, { kind: 'fail', error }, env);
  if (error.reaction === 'ignore') return ok({ state, effects: [] });
  return ok({
    state,
    effects: [
      {
        kind: 'send',
        message: {
          type: 'warning',
          channelId: state.channelId,
          data: Uint8Array.from(error.message, (character) => character.charCodeAt(0) & 0x7f),
        },
      },
      ...(error.reaction === 'disconnect' ? [{ kind: 'disconnect', reason: error.message } as const] : []),
    ],
  });
}

/** Removals that were decided while the signer was asked go out as soon as it has answered. */
export function releaseHeld(step: Step): Step {
  const { state } = step;
  if (!isOperating(state) || state.blocked !== undefined) return step;
  const { commitments } = state;
  if (!commitments.htlcs.some(({ removal }) => removal?.stage === 'held')) return step;
  const effects = [...step.effects];
  const htlcs = commitments.htlcs.map((htlc): ChannelHtlc => {
    const { removal } = htlc;
    if (removal?.stage !== 'held') return htlc;
    if (canSend(state)) {
      effects.push({ kind: 'send', message: removalMessage(state.channelId, htlc.id, removal.outcome) });
    }
    return { ...htlc, removal: { ...removal, stage: 'proposed' } };
  });
  return { state: { ...state, commitments: { ...commitments, htlcs } }, effects };
}
