import { nodeIdOf } from '@boltwright/base';
import { type ChannelUpdate, decodeNodeAddresses, type NodeAnnouncement, unknownRequiredBits } from '@boltwright/wire';
import { directionOf, isDisabled } from './gossip-checks.ts';
import type { GossipIntakePorts } from './gossip-ports.ts';
import type { GossipProblemKind } from './gossip-problem.ts';
import type { GossipJob } from './pending-channels.ts';

const updateRefusals: Readonly<Record<string, GossipProblemKind>> = {
  htlc_maximum_above_capacity: 'htlc_maximum_above_capacity',
  htlc_minimum_above_maximum: 'htlc_minimum_above_maximum',
  zero_htlc_maximum: 'zero_htlc_maximum',
};

/** Notes what was refused after it had been taken for checking. */
export function logRefusal(
  { logger }: GossipIntakePorts,
  kind: GossipProblemKind,
  reason: string,
  level: 'debug' | 'error' = 'debug',
): void {
  logger.log(level, 'gossip refused', { kind, reason });
}

/** An update whose signature is right goes into graph and store. */
export function applyUpdate(ports: GossipIntakePorts, { message, raw, origins }: GossipJob<ChannelUpdate>): void {
  const { graph, records, limits } = ports;
  const { shortChannelId: id, timestamp } = message;
  const direction = directionOf(message);
  const channel = graph.channel(id);
  // It may have gone, or a newer update come, while the signature was checked.
  if (channel === undefined || timestamp <= records.lastTimestamp(id, direction)) return;
  // BOLT 7, channel_announcement: no routes through a channel that requires what we do not know. It has no policy.
  if (unknownRequiredBits(channel.features).length === 0) {
    const applied = graph.updateChannel(id, direction, {
      timestamp,
      disabled: isDisabled(message),
      feeBaseMsat: message.feeBaseMsat,
      feeProportionalMillionths: message.feeProportionalMillionths,
      cltvExpiryDelta: message.cltvExpiryDelta,
      htlcMinimumMsat: message.htlcMinimumMsat,
      htlcMaximumMsat: message.htlcMaximumMsat,
    });
    if (!applied.ok) {
      logRefusal(ports, updateRefusals[applied.error.kind] ?? 'refused_by_graph', applied.error.message);
      return;
    }
  }
  const key = { kind: 'update', id, direction } as const;
  // BOLT 7, channel_update: `dont_forward`. Without its announcement kept, an update is of no use to others.
  const relay = raw.length <= limits.maxRelayBytes && (message.messageFlags & 2) === 0 && records.ids.has(id);
  if (relay) records.put(key, raw);
  ports.accepted({ key, timestamp, origins, relay });
}

/** A node's announcement whose signature is right goes into graph and store. */
export function applyNode(ports: GossipIntakePorts, { message, raw, origins }: GossipJob<NodeAnnouncement>): void {
  const { graph, records, limits } = ports;
  const { nodeId: point, timestamp, features, rgbColor, alias, addresses } = message;
  const applied = graph.updateNode(point, { timestamp, features, rgbColor, alias, addresses });
  if (!applied.ok) {
    logRefusal(ports, 'refused_by_graph', applied.error.message);
    return;
  }
  const key = { kind: 'node', id: nodeIdOf(point) } as const;
  const decoded = decodeNodeAddresses(addresses);
  // BOLT 7, node_announcement: with more than one host name it is not forwarded.
  const relay = raw.length <= limits.maxRelayBytes && decoded.ok && !decoded.value.hasSeveralHostnames;
  if (relay) records.put(key, raw);
  ports.accepted({ key, timestamp, origins, relay });
}
