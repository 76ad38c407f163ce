import { blockHeight, type NodeId, nodeIdOf, type ShortChannelId, shortChannelId } from '@boltwright/base';
import {
  channelUpdateChecksum,
  encodeShortChannelIds,
  encodeTimestamps,
  type Message,
  type QueryChannelRange,
  type QueryShortChannelIds,
  type ReplyChannelRange,
} from '@boltwright/wire';
import { type GossipRecords, updateTimestamp } from './gossip-records.ts';
import type { GossipKey } from './gossip-store.ts';

/** Bits of `query_flags` (BOLT 7, The `query_short_channel_ids`/`reply_short_channel_ids_end` Messages). */
export const queryFlag = { announcement: 1, update1: 2, update2: 4, node1: 8, node2: 16 } as const;
/** Bits of `query_option`. */
export const queryOption = { timestamps: 1n, checksums: 2n } as const;
export const allQueryFlags = 31;

const messageRoom = 65_535;
// Type, chain hash, blocks, sync_complete, length and encoding; type and length of both records, an encoding.
const replyOverhead = 2 + 32 + 4 + 4 + 1 + 2 + 1 + 2 * (1 + 5) + 1;
const maxBlock = 1 << 24;
const maxU32 = 0xffff_ffff;

export interface QueryAnswerPorts {
  readonly records: GossipRecords;
  isSpent(id: ShortChannelId): boolean;
  message(key: GossipKey): Message | undefined;
}

/**
 * The `reply_channel_range`s to a query, one at a time, each as full as a message may be. A block whose channels are too
 * many goes on in the next reply, which then begins with it.
 */
export function* answerChannelRange(
  { records, isSpent }: QueryAnswerPorts,
  query: QueryChannelRange,
  isOurChain: boolean,
): Generator<ReplyChannelRange> {
  const { chainHash, firstBlocknum, numberOfBlocks } = query;
  const end = Math.min(firstBlocknum + numberOfBlocks, maxU32);
  const option = query.queryOption ?? 0n;
  const withTimestamps = (option & queryOption.timestamps) !== 0n;
  const withChecksums = (option & queryOption.checksums) !== 0n;
  const perReply = Math.floor((messageRoom - replyOverhead) / (8 + (withTimestamps ? 8 : 0) + (withChecksums ? 8 : 0)));
  const known = isOurChain
    ? records.ids.range(BigInt(firstBlocknum) << 40n, BigInt(Math.min(end, maxBlock)) << 40n)
    : new BigUint64Array(0);
  let first: number = firstBlocknum;
  for (let start = 0; ; start += perReply) {
    const chunk = known.subarray(start, start + perReply);
    const isLast = start + perReply >= known.length;
    const last = isLast ? end - 1 : blockOf(chunk.at(-1)!);
    const ids = Array.from(chunk, (id) => shortChannelId(id)).filter((id) => !isSpent(id));
    const updates = withTimestamps || withChecksums ? ids.map((id) => updatesOf(records, id)) : [];
    yield {
      type: 'reply_channel_range',
      chainHash,
      firstBlocknum: blockHeight(first),
      numberOfBlocks: Math.max(last - first + 1, 1),
      syncComplete: isLast ? 1 : 0,
      encodedShortIds: encodeShortChannelIds(ids),
      ...(withTimestamps
        ? {
            timestamps: encodeTimestamps(
              updates.map(([one, two]) => ({
                timestampNodeId1: one === undefined ? 0 : updateTimestamp(one),
                timestampNodeId2: two === undefined ? 0 : updateTimestamp(two),
              })),
            ),
          }
        : {}),
      ...(withChecksums
        ? {
            checksums: updates.map(([one, two]) => ({
              checksumNodeId1: one === undefined ? 0 : channelUpdateChecksum(one),
              checksumNodeId2: two === undefined ? 0 : channelUpdateChecksum(two),
            })),
          }
        : {}),
    };
    if (isLast) return;
    const isSplit = blockOf(known[start + perReply]!) === last;
    first = isSplit ? last : last + 1;
  }
}

/**
 * What is known of the channels that were asked for, then `reply_short_channel_ids_end`. Each node is announced once.
 *
 * @param flags - One a channel, or none: everything.
 */
export function* answerShortChannelIds(
  { records, message }: QueryAnswerPorts,
  { chainHash }: QueryShortChannelIds,
  ids: readonly ShortChannelId[],
  flags: readonly bigint[] | undefined,
  isOurChain: boolean,
): Generator<Message> {
  const sent = new Set<NodeId>();
  for (const [index, id] of (isOurChain ? ids : []).entries()) {
    const announcement = records.announcement(id);
    if (announcement === undefined) continue;
    const wanted = flags === undefined ? allQueryFlags : Number(flags[index]! & BigInt(allQueryFlags));
    if ((wanted & queryFlag.announcement) !== 0) yield announcement;
    for (const direction of [0, 1] as const) {
      if ((wanted & (queryFlag.update1 << direction)) === 0) continue;
      const update = message({ kind: 'update', id, direction });
      if (update !== undefined) yield update;
    }
    for (const [end, point] of [announcement.nodeId1, announcement.nodeId2].entries()) {
      if ((wanted & (queryFlag.node1 << end)) === 0) continue;
      const node = nodeIdOf(point);
      if (sent.has(node)) continue;
      sent.add(node);
      const found = message({ kind: 'node', id: node });
      if (found !== undefined) yield found;
    }
  }
  yield { type: 'reply_short_channel_ids_end', chainHash, fullInformation: isOurChain ? 1 : 0 };
}

const blockOf = (id: bigint): number => Number(id >> 40n);

const updatesOf = (records: GossipRecords, id: ShortChannelId): readonly (Uint8Array | undefined)[] => [
  records.get({ kind: 'update', id, direction: 0 }),
  records.get({ kind: 'update', id, direction: 1 }),
];
