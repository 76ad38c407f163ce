import { invariant, type Msat } from '@boltwright/base';
import type { ChannelHtlc, FeeUpdate } from './channel-htlc.ts';
import type { Commitments } from './commitments.ts';
import { type CommitmentEvent, isAtLeast, nextStage, otherSide, type Side } from './update-stage.ts';

/** Where the updates stand after an event, and what became irrevocable by it. */
export interface Advanced {
  readonly commitments: Commitments;
  /** Theirs, now in both commitments for good: with onion, which is theirs to keep from here. */
  readonly received: readonly ChannelHtlc[];
  /** Either side's, gone from both commitments for good. */
  readonly removed: readonly ChannelHtlc[];
}

/** Moves every update on that `event` concerns. One pass. */
export function advance(commitments: Commitments, isOpener: boolean, event: CommitmentEvent): Advanced {
  const balance: Record<Side, bigint> = { local: commitments.localMsat, remote: commitments.remoteMsat };
  const received: ChannelHtlc[] = [];
  const removed: ChannelHtlc[] = [];
  const htlcs: ChannelHtlc[] = [];
  for (const htlc of commitments.htlcs) {
    const moved = moveHtlc(htlc, event);
    if (moved.stage === 'irrevocable' && htlc.stage !== 'irrevocable' && htlc.offeredBy === 'remote') {
      received.push(htlc);
    }
    const { removal, offeredBy } = moved;
    if (removal?.stage !== 'irrevocable') {
      htlcs.push(moved);
      continue;
    }
    removed.push(moved);
    if (removal.outcome.kind === 'fulfilled') {
      balance[offeredBy] -= moved.amountMsat;
      balance[otherSide(offeredBy)] += moved.amountMsat;
    }
  }
  invariant(balance.local >= 0n && balance.remote >= 0n, 'no balance is negative');
  return {
    received,
    removed,
    commitments: {
      ...commitments,
      ...moveFees(commitments, isOpener ? 'local' : 'remote', event),
      localMsat: balance.local as Msat,
      remoteMsat: balance.remote as Msat,
      htlcs,
    },
  };
}

function moveHtlc(htlc: ChannelHtlc, event: CommitmentEvent): ChannelHtlc {
  const stage = nextStage(htlc.stage, htlc.offeredBy, event);
  const { removal } = htlc;
  if (removal !== undefined) {
    const removalStage = nextStage(removal.stage, otherSide(htlc.offeredBy), event);
    // An HTLC is removed only once it is irrevocable: its own stage does not move any more.
    return removalStage === removal.stage ? htlc : { ...htlc, removal: { ...removal, stage: removalStage } };
  }
  if (stage === htlc.stage) return htlc;
  // Ours was needed for retransmission until they revoked; theirs is handed to the shell with the HTLC.
  const drops = isAtLeast(stage, htlc.offeredBy === 'local' ? 'acked' : 'irrevocable');
  return drops ? withoutOnion({ ...htlc, stage }) : { ...htlc, stage };
}

function withoutOnion(htlc: ChannelHtlc): ChannelHtlc {
  const { onionRoutingPacket: _packet, pathKey: _pathKey, ...rest } = htlc;
  return rest;
}

function moveFees(
  commitments: Commitments,
  proposer: Side,
  event: CommitmentEvent,
): Pick<Commitments, 'feeratePerKw' | 'feeUpdates'> {
  let { feeratePerKw } = commitments;
  const feeUpdates: FeeUpdate[] = [];
  for (const update of commitments.feeUpdates) {
    const stage = nextStage(update.stage, proposer, event);
    if (stage === 'irrevocable') feeratePerKw = update.feeratePerKw;
    else feeUpdates.push(stage === update.stage ? update : { ...update, stage });
  }
  return { feeratePerKw, feeUpdates };
}

/**
 * What a lost connection leaves: updates of theirs that no `commitment_signed` covered are forgotten (BOLT 2, Message
 * Retransmission). A preimage that came with one is not: it is the shell's already.
 */
export function forgetUncommitted(commitments: Commitments, isOpener: boolean): Commitments {
  const htlcs: ChannelHtlc[] = [];
  let forgotten = 0n;
  for (const htlc of commitments.htlcs) {
    if (htlc.offeredBy === 'remote' && htlc.stage === 'proposed') {
      forgotten++;
    } else if (htlc.offeredBy === 'local' && htlc.removal?.stage === 'proposed') {
      const { removal: _removal, ...rest } = htlc;
      htlcs.push(rest);
    } else {
      htlcs.push(htlc);
    }
  }
  return {
    ...commitments,
    htlcs,
    nextRemoteHtlcId: commitments.nextRemoteHtlcId - forgotten,
    feeUpdates: isOpener ? commitments.feeUpdates : commitments.feeUpdates.filter(({ stage }) => stage !== 'proposed'),
  };
}
