import { ok, type Result } from '@boltwright/base';
import type { Negotiating } from '../channel-state.ts';
import { canSend } from '../funded-channel.ts';
import { endChannel } from '../lifecycle/end-channel.ts';
import { sections } from '../problem.ts';
import type { Step } from '../step.ts';

/** Ticks (of a minute, as `ChannelManager` has them) that a connected peer has for its next `closing_signed`. */
export const closingPatienceTicks = 5;

/**
 * BOLT 2, `closing_signed`: without an answer, or one with a satisfying `fee_range`, the channel is failed after a while.
 * A lost connection begins the negotiation anew, and the waiting with it.
 */
export function onClosingTick(state: Negotiating): Result<Step, never> {
  const waitsForUs = state.parameters.isOpener && state.proposed === undefined;
  if (!canSend(state) || waitsForUs || state.closing.agreed !== undefined) return ok({ state, effects: [] });
  const silentTicks = (state.silentTicks ?? 0) + 1;
  if (silentTicks < closingPatienceTicks) return ok({ state: { ...state, silentTicks }, effects: [] });
  const message = `${sections.closingSigned}: no agreement in ${silentTicks} ticks`;
  return endChannel(state, { reason: { kind: 'protocolViolation', message }, error: message, monitor: 'broadcast' });
}
