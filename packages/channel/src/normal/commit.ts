import { invariant, ok, type Result } from '@boltwright/base';
import type { CommitmentSigned } from '@boltwright/wire';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelState, FundedState } from '../channel-state.ts';
import { advance } from '../commitments/advance.ts';
import { commitmentSpec } from '../commitments/commitment-spec.ts';
import { hasUnsignedUpdates } from '../commitments/pending.ts';
import { canSend, isOperating, type OperatingState, updateMonitor } from '../funded-channel.ts';
import { remoteSpec } from '../opening/first-commitments.ts';
import { answered } from '../signer-pending.ts';
import type { Step } from '../step.ts';

/** Whether a `commitment_signed` is due, be it that it has to wait. */
export const hasPendingCommit = (state: ChannelState): boolean =>
  isOperating(state) && hasUnsignedUpdates(state.commitments, state.parameters.isOpener);

/** Whether `commit` would send one now. */
export const canCommit = (state: ChannelState): state is OperatingState =>
  isOperating(state) &&
  canSend(state) &&
  state.commitments.awaitedRevocation === undefined &&
  state.commitments.remoteNextPoint !== undefined &&
  hasPendingCommit(state);

const preimagesOf = (state: FundedState): readonly Uint8Array[] =>
  state.commitments.htlcs.flatMap(({ removal }) =>
    removal?.outcome.kind === 'fulfilled' ? [removal.outcome.preimage] : [],
  );

/**
 * Signs their next commitment (BOLT 2, `commitment_signed`), where there is something to sign and nothing to wait for.
 *
 * ```
 * us |--commitment_signed n+1-->| them: revoke n
 *    |<----revoke_and_ack n-----|
 * ```
 */
export function commit(state: ChannelState, env: ChannelEnv): Result<Step, never> {
  if (!canCommit(state)) return ok({ state, effects: [] });
  const { parameters, commitments, transactions } = state;
  const { remoteNextPoint, ...rest } = commitments;
  invariant(remoteNextPoint !== undefined, 'a next point is there before a commitment is signed');
  const remoteIndex = commitments.remoteIndex + 1n;
  const spec = commitmentSpec(commitments, parameters.isOpener, 'remoteNext', 'remote', remoteIndex, remoteNextPoint);
  const signatures = answered(
    env.signer.signCounterpartyCommitment({ parameters: transactions, spec }, preimagesOf(state)),
  );
  const advanced = advance(rest, parameters.isOpener, 'commitmentSent');
  const signed: OperatingState = {
    ...state,
    commitments: {
      ...advanced.commitments,
      remoteIndex,
      remotePoint: remoteNextPoint,
      awaitedRevocation: { remotePoint: commitments.remotePoint, sentAtLocalIndex: commitments.localIndex },
    },
  };
  const updated = updateMonitor(signed, [{ kind: 'counterpartyCommitment', commitment: spec }]);
  const message: CommitmentSigned = { type: 'commitment_signed', channelId: state.channelId, ...signatures };
  return ok({ state: updated.state, effects: [updated.effect, { kind: 'send', message }] });
}

/** The last `commitment_signed` once more, with the very same content (BOLT 2, Message Retransmission). */
export function commitmentSignedAgain(state: FundedState, env: ChannelEnv): CommitmentSigned {
  const signatures = answered(
    env.signer.signCounterpartyCommitment(
      { parameters: state.transactions, spec: remoteSpec(state) },
      preimagesOf(state),
    ),
  );
  return { type: 'commitment_signed', channelId: state.channelId, ...signatures };
}
