/**
 * How far an update (an HTLC added, an HTLC removed, a new feerate) has come: BOLT 2, Normal Operation.
 *
 * ```
 *             X proposes         Y
 *   proposed     |---update_*--->|
 *   signed       |--commitment-->|   in Y's commitment
 *   acked        |<----revoke----|   only that one of Y's is left
 *   countersigned|<--commitment--|   in X's commitment
 *   irrevocable  |----revoke---->|
 * ```
 *
 * `held` is ours alone: decided, but not yet sent, since a request to the signer is outstanding.
 */
export const updateStages = ['held', 'proposed', 'signed', 'acked', 'countersigned', 'irrevocable'] as const;

/** One of {@link updateStages}. */
export type UpdateStage = (typeof updateStages)[number];

const rank: Readonly<Record<UpdateStage, number>> = {
  held: 0,
  proposed: 1,
  signed: 2,
  acked: 3,
  countersigned: 4,
  irrevocable: 5,
};

/** Whether an update has come as far as `least`, or further. */
export const isAtLeast = (stage: UpdateStage, least: UpdateStage): boolean => rank[stage] >= rank[least];

/** Whose: ours or the peer’s. */
export type Side = 'local' | 'remote';

/** The side across. */
export const otherSide = (side: Side): Side => (side === 'local' ? 'remote' : 'local');

/** What moves updates on, seen from us. */
export type CommitmentEvent = 'commitmentSent' | 'revocationReceived' | 'commitmentReceived' | 'revocationSent';

const moves: Readonly<Record<CommitmentEvent, Readonly<Record<Side, readonly [UpdateStage, UpdateStage]>>>> = {
  commitmentSent: { local: ['proposed', 'signed'], remote: ['acked', 'countersigned'] },
  revocationReceived: { local: ['signed', 'acked'], remote: ['countersigned', 'irrevocable'] },
  commitmentReceived: { local: ['acked', 'countersigned'], remote: ['proposed', 'signed'] },
  revocationSent: { local: ['countersigned', 'irrevocable'], remote: ['signed', 'acked'] },
};

/** The stage after `event` of an update that `proposer` proposed. */
export function nextStage(stage: UpdateStage, proposer: Side, event: CommitmentEvent): UpdateStage {
  const [from, to] = moves[event][proposer];
  return stage === from ? to : stage;
}
