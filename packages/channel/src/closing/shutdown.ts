import { copyBytes, equalBytes, type FeeratePerKw, ok, type Result, type Script } from '@boltwright/base';
import type { Shutdown } from '@boltwright/wire';
import type { ChannelEffect } from '../channel-effect.ts';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelError, ChannelRefusal } from '../channel-error.ts';
import type { ChannelState, Closing, FundedState, Negotiating, ShuttingDown } from '../channel-state.ts';
import { hasUnsignedLocalUpdates, isQuiet } from '../commitments/pending.ts';
import { canSend, isFunded, ourShutdownScript, updateMonitor } from '../funded-channel.ts';
import { refusal, sections, violation } from '../problem.ts';
import type { Step } from '../step.ts';
import { proposeClosing } from './propose-closing.ts';
import { isShutdownScript } from './shutdown-script.ts';

/** The user wants a mutual close. `shutdown` goes out once all our updates are signed (BOLT 2, Closing Initiation). */
export function close(
  state: ChannelState,
  script: Script | undefined,
  feeratePerKw: FeeratePerKw | undefined,
): Result<Step, ChannelRefusal> {
  const refuse = (code: string, message: string) => refusal(state.channelId, code, message);
  if (!isFunded(state)) return refuse('notFunded', 'nothing is funded yet: force-close forgets the channel');
  if (state.kind !== 'waitForChannelReady' && state.kind !== 'normal' && state.kind !== 'shuttingDown') {
    return refuse('alreadyClosing', `the channel is in state ${state.kind}`);
  }
  const known = state.kind === 'shuttingDown' ? state.closing.localScript : ourShutdownScript(state);
  const committed =
    state.parameters.local.upfrontShutdownScript !== undefined ||
    (state.kind === 'shuttingDown' && state.closing.localSent);
  if (script !== undefined && committed && !equalBytes(script, known)) {
    return refuse('scriptFixed', 'the closing script was told to the peer already');
  }
  const localScript = script === undefined ? known : copyBytes(script);
  if (!isShutdownScript(localScript, state.parameters.anySegwitShutdown)) {
    return refuse('invalidScript', 'the closing script has no form that shutdown allows');
  }
  const previous: Partial<Closing> = state.kind === 'shuttingDown' ? state.closing : {};
  const closing: Closing = {
    localSent: false,
    ...previous,
    localScript,
    ...(feeratePerKw === undefined ? {} : { feeratePerKw }),
  };
  return ok({ state: { ...state, kind: 'shuttingDown', closing }, effects: [] });
}

/** BOLT 2, Closing Initiation, Requirements of the receiver. Our own `shutdown` follows as soon as it may. */
export function onShutdown(state: FundedState, message: Shutdown): Result<Step, ChannelError> {
  const { channelId, parameters } = state;
  const fault = (reaction: 'warn' | 'disconnect' | 'failChannel', code: string, text: string) =>
    violation(channelId, reaction, { code, section: sections.shutdown, field: 'scriptpubkey', message: text });
  if (state.kind === 'negotiating' || (state.kind === 'shuttingDown' && state.closing.remoteScript !== undefined)) {
    return fault('warn', 'repeated_shutdown', 'shutdown was received on this connection already');
  }
  if (state.kind !== 'waitForChannelReady' && state.kind !== 'normal' && state.kind !== 'shuttingDown') {
    return fault('failChannel', 'out_of_order', `shutdown in state ${state.kind}`);
  }
  const remoteScript = copyBytes(message.scriptpubkey);
  const { upfrontShutdownScript } = parameters.remote;
  if (upfrontShutdownScript !== undefined && !equalBytes(upfrontShutdownScript, remoteScript)) {
    return fault('disconnect', 'not_upfront_script', 'not the upfront_shutdown_script of the opening');
  }
  if (!isShutdownScript(remoteScript, parameters.anySegwitShutdown)) {
    return fault('warn', 'invalid_script', 'no form that shutdown allows');
  }
  if (state.commitments.htlcs.some((htlc) => htlc.offeredBy === 'remote' && htlc.stage === 'proposed')) {
    return fault('failChannel', 'unsigned_updates', 'shutdown with an HTLC that commitment_signed does not cover');
  }
  const closing: Closing =
    state.kind === 'shuttingDown'
      ? { ...state.closing, remoteScript }
      : { localScript: ourShutdownScript(state), localSent: false, remoteScript };
  return ok({ state: { ...state, kind: 'shuttingDown', closing }, effects: [] });
}

const shutdownMessage = (state: ShuttingDown): ChannelEffect => ({
  kind: 'send',
  message: { type: 'shutdown', channelId: state.channelId, scriptpubkey: state.closing.localScript },
});

/** `shutdown` again, on a new connection (BOLT 2, Message Retransmission). */
export const shutdownAgain = (state: FundedState): readonly ChannelEffect[] =>
  state.kind === 'shuttingDown' && state.closing.localSent ? [shutdownMessage(state)] : [];

/** What a closing channel can do after any input: send `shutdown`, begin to negotiate, propose the fee. */
export function continueClosing(step: Step, env: ChannelEnv): Step {
  let { state } = step;
  const effects = [...step.effects];
  if (state.kind === 'shuttingDown' && canSend(state)) {
    if (!state.closing.localSent && !hasUnsignedLocalUpdates(state.commitments, state.parameters.isOpener)) {
      const closing = { ...state.closing, localSent: true };
      const updated = updateMonitor({ ...state, closing }, [{ kind: 'shutdownScript', script: closing.localScript }]);
      state = updated.state;
      effects.push(updated.effect, shutdownMessage(updated.state));
    }
    const { remoteScript, localSent } = state.closing;
    if (localSent && remoteScript !== undefined && isQuiet(state.commitments)) {
      const negotiating: Negotiating = {
        ...state,
        kind: 'negotiating',
        closing: { ...state.closing, remoteScript },
      };
      state = negotiating;
    }
  }
  if (state.kind === 'negotiating' && canSend(state)) {
    const proposal = proposeClosing(state, env);
    state = proposal.state;
    effects.push(...proposal.effects);
  }
  return { state, effects };
}
