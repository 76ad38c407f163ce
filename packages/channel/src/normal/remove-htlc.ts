import { copyBytes, ok, paymentHashOf, type Result } from '@boltwright/base';
import type { ChannelMessage } from '@boltwright/interfaces';
import type { UpdateFailHtlc, UpdateFailMalformedHtlc, UpdateFulfillHtlc } from '@boltwright/wire';
import type { ChannelCommand } from '../channel-command.ts';
import type { ChannelEffect } from '../channel-effect.ts';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelError, ChannelRefusal } from '../channel-error.ts';
import type { ChannelState, FundedState } from '../channel-state.ts';
import type { ChannelHtlc, HtlcOutcome } from '../commitments/channel-htlc.ts';
import type { Commitments } from '../commitments/commitments.ts';
import type { Side, UpdateStage } from '../commitments/update-stage.ts';
import { canSend, isFunded, isOperating, type OperatingState, updateMonitor } from '../funded-channel.ts';
import { refusal, sections, violation } from '../problem.ts';
import type { Step } from '../step.ts';
import { attributionBytes, attributionOf } from './attribution-bytes.ts';

type RemoveCommand = Extract<ChannelCommand, { kind: 'fulfillHtlc' | 'failHtlc' | 'failMalformedHtlc' }>;
type RemoveMessage = UpdateFulfillHtlc | UpdateFailHtlc | UpdateFailMalformedHtlc;

/** BOLT 4, Failure Messages: the flag of a failure about the onion itself. */
const badOnion = 0x8000;

const copied = (bytes: Uint8Array | undefined) => (bytes === undefined ? {} : { attributionData: copyBytes(bytes) });

/** What tells the counterparty of a removal. */
export function removalMessage(channelId: FundedState['channelId'], id: bigint, outcome: HtlcOutcome): ChannelMessage {
  if (outcome.kind === 'malformed') {
    const { sha256OfOnion, failureCode } = outcome;
    return { type: 'update_fail_malformed_htlc', channelId, id, sha256OfOnion, failureCode };
  }
  const extra =
    outcome.attributionData === undefined ? {} : { attributionData: attributionOf(outcome.attributionData) };
  return outcome.kind === 'fulfilled'
    ? { type: 'update_fulfill_htlc', channelId, id, paymentPreimage: outcome.preimage, ...extra }
    : { type: 'update_fail_htlc', channelId, id, reason: outcome.reason, ...extra };
}

/** An HTLC that can be taken out: in both commitments for good (BOLT 2, Removing an HTLC), and not being removed. */
const removable = (commitments: Commitments, offeredBy: Side, id: bigint): ChannelHtlc | undefined =>
  commitments.htlcs.find(
    (htlc) =>
      htlc.id === id && htlc.offeredBy === offeredBy && htlc.stage === 'irrevocable' && htlc.removal === undefined,
  );

function withRemoval(
  commitments: Commitments,
  target: ChannelHtlc,
  stage: UpdateStage,
  outcome: HtlcOutcome,
): Commitments {
  return {
    ...commitments,
    htlcs: commitments.htlcs.map((htlc) => (htlc === target ? { ...htlc, removal: { stage, outcome } } : htlc)),
  };
}

function outcomeOf(command: RemoveCommand): HtlcOutcome {
  if (command.kind === 'fulfillHtlc') {
    return { kind: 'fulfilled', preimage: copyBytes(command.preimage), ...copied(command.attributionData) };
  }
  if (command.kind === 'failHtlc') {
    return { kind: 'failed', reason: copyBytes(command.reason), ...copied(command.attributionData) };
  }
  return {
    kind: 'malformed',
    sha256OfOnion: copyBytes(command.sha256OfOnion),
    failureCode: command.failureCode | badOnion,
  };
}

/**
 * Settles an HTLC of theirs. Taken in any state that knows the HTLC: what cannot be sent now is sent after the next
 * `channel_reestablish`, or when the signer answers. A preimage goes to the monitor first.
 */
export function removeHtlc(state: ChannelState, command: RemoveCommand, env: ChannelEnv): Result<Step, ChannelRefusal> {
  const known = isFunded(state) ? removable(state.commitments, 'remote', command.id) : undefined;
  if (!isFunded(state) || known === undefined) {
    return refusal(state.channelId, 'unknownHtlc', `no HTLC ${command.id} of theirs waits for an outcome`);
  }
  const outcome = outcomeOf(command);
  if (outcome.kind === 'fulfilled' && paymentHashOf(env.crypto.sha256(outcome.preimage)) !== known.paymentHash) {
    return refusal(state.channelId, 'wrongPreimage', `the preimage does not belong to ${known.paymentHash}`);
  }
  const held = !isOperating(state) || state.blocked !== undefined;
  let next: FundedState = {
    ...state,
    commitments: withRemoval(state.commitments, known, held ? 'held' : 'proposed', outcome),
  };
  const effects: ChannelEffect[] = [];
  if (outcome.kind === 'fulfilled') {
    const { paymentHash } = known;
    const updated = updateMonitor(next, [{ kind: 'paymentPreimage', paymentHash, preimage: outcome.preimage }]);
    next = updated.state;
    effects.push(updated.effect);
  }
  if (isOperating(state) && canSend(state)) {
    effects.push({ kind: 'send', message: removalMessage(state.channelId, known.id, outcome) });
  }
  return ok({ state: next, effects });
}

/** The counterparty settles an HTLC of ours (BOLT 2, Removing an HTLC, Requirements of the receiver). */
export function onRemoveHtlc(
  state: OperatingState,
  message: RemoveMessage,
  env: ChannelEnv,
): Result<Step, ChannelError> {
  const fault = (code: string, field: string, text: string) =>
    violation(state.channelId, 'failChannel', { code, section: sections.remove, field, message: text });
  const htlc = removable(state.commitments, 'local', message.id);
  if (htlc === undefined) return fault('unknown_htlc', 'id', `no HTLC ${message.id} of ours can be removed`);
  const remove = (outcome: HtlcOutcome): FundedState => ({
    ...state,
    commitments: withRemoval(state.commitments, htlc, 'proposed', outcome),
  });
  const attribution =
    message.type === 'update_fail_malformed_htlc' || message.attributionData === undefined
      ? {}
      : { attributionData: attributionBytes(message.attributionData) };
  switch (message.type) {
    case 'update_fulfill_htlc': {
      const preimage = copyBytes(message.paymentPreimage);
      if (paymentHashOf(env.crypto.sha256(preimage)) !== htlc.paymentHash) {
        return fault('wrong_preimage', 'payment_preimage', `it does not hash to ${htlc.paymentHash}`);
      }
      const { id, source, paymentHash, amountMsat } = htlc;
      const fulfilled: readonly ChannelEffect[] =
        source === undefined
          ? []
          : [{ kind: 'htlcFulfilled', id, source, paymentHash, amountMsat, preimage, ...attribution }];
      return ok({ state: remove({ kind: 'fulfilled', preimage, ...attribution }), effects: fulfilled });
    }
    case 'update_fail_htlc':
      return ok({
        state: remove({ kind: 'failed', reason: copyBytes(message.reason), ...attribution }),
        effects: [],
      });
    case 'update_fail_malformed_htlc': {
      const { sha256OfOnion, failureCode } = message;
      if ((failureCode & badOnion) === 0) {
        return fault('no_bad_onion', 'failure_code', `${failureCode} is without the BADONION bit`);
      }
      return ok({
        state: remove({ kind: 'malformed', sha256OfOnion: copyBytes(sha256OfOnion), failureCode }),
        effects: [],
      });
    }
  }
}
