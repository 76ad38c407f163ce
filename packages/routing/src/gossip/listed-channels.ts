import { err, ok, type Result, type ShortChannelId } from '@boltwright/base';
import {
  channelUpdateChecksum,
  decodeShortChannelIds,
  decodeTimestamps,
  type ReplyChannelRange,
} from '@boltwright/wire';
import type { GossipGraph } from './gossip-graph.ts';
import type { GossipLimits } from './gossip-limits.ts';
import type { GossipClock } from './gossip-ports.ts';
import { type GossipProblem, gossipProblem } from './gossip-problem.ts';
import type { GossipRecords } from './gossip-records.ts';
import { allQueryFlags, queryFlag } from './query-answers.ts';

/** A `query_channel_range` whose replies are coming in. */
export interface Listing {
  /** Where the query began. */
  readonly from: number;
  /** Of the last reply. */
  lastFirst: number;
  replies: number;
}

/** A channel as a peer lists it. */
export interface ListedChannel {
  readonly id: ShortChannelId;
  /** Of its two updates, 0 where there is none; absent where the peer does not tell. */
  readonly timestamps: readonly [number, number] | undefined;
  readonly checksums: readonly [number, number] | undefined;
}

const day = 86_400;
const week = 604_800;

/** What a reply lists, or what is wrong with it (BOLT 7, The `query_channel_range` and `reply_channel_range` Messages). */
export function readListing(
  { from, lastFirst, replies }: Listing,
  reply: ReplyChannelRange,
  maxReplies: number,
): Result<readonly ListedChannel[], GossipProblem> {
  const { firstBlocknum: first, numberOfBlocks } = reply;
  const end = first + numberOfBlocks;
  if (replies >= maxReplies) return err(gossipProblem('too_many_replies', `more than ${replies} reply_channel_range`));
  if (replies === 0 ? first > from : first < lastFirst) {
    const before = replies === 0 ? from : lastFirst;
    return err(gossipProblem('reply_out_of_order', `first_blocknum ${first} after ${before}`));
  }
  if (end <= from) {
    return err(gossipProblem('reply_out_of_range', `blocks ${first} to ${end} are not from ${from} on`));
  }
  const ids = decodeShortChannelIds(reply.encodedShortIds);
  if (!ids.ok) return err(gossipProblem('invalid_reply', ids.error.message));
  const times = reply.timestamps === undefined ? undefined : decodeTimestamps(reply.timestamps, ids.value.length);
  if (times?.ok === false) return err(gossipProblem('invalid_reply', times.error.message));
  const sums = reply.checksums;
  if (sums !== undefined && sums.length !== ids.value.length) {
    return err(gossipProblem('invalid_reply', `${sums.length} checksums for ${ids.value.length} channels`));
  }
  const channels: ListedChannel[] = [];
  for (const [index, id] of ids.value.entries()) {
    const block = Number(id >> 40n);
    if (block < first || block >= end) {
      return err(gossipProblem('reply_out_of_range', `channel ${id} is not of blocks ${first} to ${end}`));
    }
    const time = times?.value[index];
    const sum = sums?.[index];
    channels.push({
      id,
      timestamps: time === undefined ? undefined : [time.timestampNodeId1, time.timestampNodeId2],
      checksums: sum === undefined ? undefined : [sum.checksumNodeId1, sum.checksumNodeId2],
    });
  }
  return ok(channels);
}

export interface WantedPorts {
  readonly graph: GossipGraph;
  readonly records: GossipRecords;
  readonly clock: GossipClock;
  readonly limits: GossipLimits;
}

/** What of a listed channel we lack, as `query_flags`; 0 for nothing. */
export function wantedFlags(
  { graph, records, clock, limits }: WantedPorts,
  { id, timestamps, checksums }: ListedChannel,
): number {
  const { now } = clock;
  const isStale = (time: number): boolean => time === 0 || (now !== undefined && time < now - limits.staleSeconds);
  if (graph.channelIndex(id) < 0) return timestamps?.every(isStale) === true ? 0 : allQueryFlags;
  let flags = 0;
  for (const direction of [0, 1] as const) {
    const ours = records.lastTimestamp(id, direction);
    const theirs = timestamps?.[direction];
    if (theirs === undefined) {
      // It cannot tell: asked again where ours is missing or getting old.
      if (ours === 0 || (now !== undefined && ours < now - week)) flags |= queryFlag.update1 << direction;
      continue;
    }
    if (theirs <= ours || isStale(theirs) || (now !== undefined && theirs > now + limits.maxFutureSeconds)) continue;
    // The same terms a little later are no news; a day later they say that the channel lives.
    const sum = checksums?.[direction];
    if (sum !== undefined && theirs - ours < day && sum === checksumOf(records, id, direction)) continue;
    flags |= queryFlag.update1 << direction;
  }
  return flags;
}

function checksumOf(records: GossipRecords, id: ShortChannelId, direction: 0 | 1): number | undefined {
  const raw = records.get({ kind: 'update', id, direction });
  return raw === undefined ? undefined : channelUpdateChecksum(raw);
}
