import { compareBytes, shortChannelIdParts, toHex } from '@boltwright/base';
import type { ChannelAnnouncement, ChannelUpdate } from '@boltwright/wire';
import type { GossipIntakePorts } from './gossip-ports.ts';
import { type GossipProblem, gossipProblem } from './gossip-problem.ts';
import type { GossipOrigin } from './pending-channels.ts';

export const directionOf = ({ channelFlags }: ChannelUpdate): 0 | 1 => ((channelFlags & 1) === 0 ? 0 : 1);
export const isDisabled = ({ channelFlags }: ChannelUpdate): boolean => (channelFlags & 2) !== 0;

/** What shows of an announcement without any arithmetic on curves (BOLT 7, The `channel_announcement` Message). */
export function checkAnnouncement(
  { graph, chainHash, chainWatch, clock, limits, seen }: GossipIntakePorts,
  message: ChannelAnnouncement,
  origin: GossipOrigin,
  isBlacklisted: (point: Uint8Array) => boolean,
): GossipProblem | undefined {
  const { shortChannelId: id, nodeId1, nodeId2 } = message;
  if (message.chainHash !== chainHash) return gossipProblem('unknown_chain', `chain ${message.chainHash}`);
  if (id === 0n) return gossipProblem('zero_short_channel_id', 'short_channel_id is 0');
  const order = compareBytes(nodeId1, nodeId2);
  if (order >= 0) {
    const fault = order === 0 ? 'both ends are the same node' : 'node_id_1 is not the lesser';
    return gossipProblem('node_order', `channel ${id}: ${fault}`);
  }
  if (graph.channelIndex(id) >= 0) {
    const known = graph.channel(id);
    if (known?.nodeId1 === toHex(nodeId1) && known.nodeId2 === toHex(nodeId2)) {
      seen(origin, { kind: 'channel', id }, 0);
      return gossipProblem('duplicate', `channel ${id} is known`);
    }
    // Only the chain can tell who is right.
    if (chainWatch === undefined) {
      return gossipProblem('conflicting_announcement', `channel ${id} is known between other nodes`);
    }
  }
  if (isBlacklisted(nodeId1) || isBlacklisted(nodeId2)) {
    return gossipProblem('blacklisted_node', `channel ${id} has an end that is not trusted`);
  }
  if (clock.height !== undefined) {
    const confirmations = clock.height - shortChannelIdParts(id).block + 1;
    if (confirmations < 6 - limits.confirmationSlack) {
      return gossipProblem('few_confirmations', `channel ${id} has ${confirmations} confirmations`);
    }
  }
  return undefined;
}

/** What shows of an update of a known channel before its signature (BOLT 7, The `channel_update` Message). */
export function checkUpdate(
  { records, clock, limits, seen, isSpent }: GossipIntakePorts,
  message: ChannelUpdate,
  origin: GossipOrigin,
): GossipProblem | undefined {
  const { shortChannelId: id, timestamp } = message;
  const direction = directionOf(message);
  const last = records.lastTimestamp(id, direction);
  if (timestamp <= last) {
    if (timestamp === last) seen(origin, { kind: 'update', id, direction }, timestamp);
    return timestamp === 0
      ? gossipProblem('zero_timestamp', `channel ${id}: timestamp is 0`)
      : gossipProblem('old_timestamp', `channel ${id}: timestamp ${timestamp} is not after ${last}`);
  }
  const { now } = clock;
  if (now !== undefined) {
    const what = `channel ${id}: timestamp ${timestamp}`;
    if (timestamp > now + limits.maxFutureSeconds) return gossipProblem('future_timestamp', `${what} is after ${now}`);
    if (timestamp < now - limits.staleSeconds) {
      return gossipProblem('stale_timestamp', `${what} is long before ${now}`);
    }
  }
  if (isSpent(id) && !isDisabled(message)) return gossipProblem('spent_channel', `the output of ${id} is spent`);
  return undefined;
}
