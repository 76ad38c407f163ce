import { type ChainHash, err, type Msat, msat, nodeIdOf, ok, type Result, type ShortChannelId } from '@boltwright/base';
import { unknownRequiredBits } from '@boltwright/wire';
import type { GossipGraph, GossipPolicy } from './gossip-graph.ts';
import type { RapidGossipError } from './rapid-gossip-bytes.ts';
import {
  defaultRapidGossipLimits,
  type RapidGossipLimits,
  type RapidGossipSnapshot,
  type RapidGossipUpdate,
  readRapidGossipSync,
} from './rapid-gossip-sync.ts';

/** What became of a snapshot. */
export interface RapidGossipOutcome {
  /** What to ask the next snapshot from. */
  readonly latestSeenTimestamp: number;
  readonly channelsAdded: number;
  readonly updatesApplied: number;
  readonly nodesUpdated: number;
  /** What the graph had already, had newer, or refused. */
  readonly passedOver: number;
}

const week = 604_800;
const staleAfter = 1_209_600;
const noMaximum = (1n << 64n) - 1n;

/**
 * Reads a snapshot and puts it into a graph. A snapshot that is refused changes nothing.
 *
 * What it tells is dated a week before its latest message, as the format has it, so that signed gossip replaces it.
 *
 * @param now - Seconds since 1970: a snapshot more than two weeks old is refused then.
 */
export function applyRapidGossipSync(
  graph: GossipGraph,
  bytes: Uint8Array,
  chain: ChainHash,
  now?: number,
  limits: RapidGossipLimits = defaultRapidGossipLimits,
): Result<RapidGossipOutcome, RapidGossipError> {
  const read = readRapidGossipSync(bytes, chain, limits);
  if (!read.ok) return read;
  const snapshot = read.value;
  const { latestSeenTimestamp } = snapshot;
  if (now !== undefined && latestSeenTimestamp < now - staleAfter) {
    const message = `latest_seen_timestamp ${latestSeenTimestamp} is more than two weeks before ${now}`;
    return err({ kind: 'stale', field: 'latest_seen_timestamp', offset: 36, message });
  }
  const timestamp = Math.max(latestSeenTimestamp - week, 1);
  const channelsAdded = addChannels(graph, snapshot, timestamp);
  const nodes = updateNodes(graph, snapshot, timestamp);
  // BOLT 7, channel_announcement: no routes through a channel that requires what we do not know. It has no policy.
  const featuresTold = new Map(snapshot.channels.map(({ shortChannelId, features }) => [shortChannelId, features]));
  const isUsable = (id: ShortChannelId): boolean =>
    unknownRequiredBits(featuresTold.get(id) ?? graph.channel(id)?.features ?? new Uint8Array(0)).length === 0;
  let updatesApplied = 0;
  for (const update of snapshot.updates) {
    const policy = isUsable(update.shortChannelId) ? policyOf(graph, update, timestamp) : undefined;
    if (policy !== undefined && graph.updateChannel(update.shortChannelId, update.direction, policy).ok) {
      updatesApplied += 1;
    }
  }
  const told = snapshot.channels.length + snapshot.updates.length + nodes.told;
  return ok({
    latestSeenTimestamp,
    channelsAdded,
    updatesApplied,
    nodesUpdated: nodes.updated,
    passedOver: told - channelsAdded - updatesApplied - nodes.updated,
  });
}

function addChannels(graph: GossipGraph, { channels, nodes }: RapidGossipSnapshot, timestamp: number): number {
  let added = 0;
  for (const { shortChannelId, node1, node2, features, capacitySat } of channels) {
    const result = graph.addChannel({
      shortChannelId,
      nodeId1: nodes[node1]!.nodeId,
      nodeId2: nodes[node2]!.nodeId,
      features,
      receivedAt: timestamp,
      ...(capacitySat === undefined ? {} : { capacitySat }),
    });
    if (result.ok) added += 1;
  }
  return added;
}

function updateNodes(
  graph: GossipGraph,
  { nodes }: RapidGossipSnapshot,
  timestamp: number,
): { readonly told: number; readonly updated: number } {
  let told = 0;
  let updated = 0;
  for (const { nodeId, features, addresses, isReminder } of nodes) {
    if (features === undefined && addresses === undefined && !isReminder) continue;
    told += 1;
    if (graph.nodeIndex(nodeId) < 0) continue;
    const known = graph.node(nodeIdOf(nodeId))?.announcement;
    const result = graph.updateNode(nodeId, {
      timestamp,
      features: features ?? known?.features ?? new Uint8Array(0),
      rgbColor: known?.rgbColor ?? new Uint8Array(3),
      alias: known?.alias ?? new Uint8Array(32),
      addresses: addresses ?? known?.addresses ?? new Uint8Array(0),
    });
    if (result.ok) updated += 1;
  }
  return { told, updated };
}

/** Undefined for an increment to what is not known. */
function policyOf(graph: GossipGraph, update: RapidGossipUpdate, timestamp: number): GossipPolicy | undefined {
  const row = graph.channelIndex(update.shortChannelId);
  if (row < 0) return undefined;
  const known = update.isIncremental ? graph.policy(row, update.direction) : undefined;
  if (update.isIncremental && known === undefined) return undefined;
  // Which is absent is decided in one place: an update that is no increment has them all.
  const terms = { ...known, ...update } as GossipPolicy & RapidGossipUpdate;
  return {
    timestamp,
    disabled: update.disabled,
    feeBaseMsat: terms.feeBaseMsat,
    feeProportionalMillionths: terms.feeProportionalMillionths,
    cltvExpiryDelta: terms.cltvExpiryDelta,
    htlcMinimumMsat: terms.htlcMinimumMsat,
    htlcMaximumMsat: maximumOf(graph, update, terms.htlcMaximumMsat),
  };
}

/** Where the node names no maximum, the channel's capacity is one. */
function maximumOf(graph: GossipGraph, { shortChannelId }: RapidGossipUpdate, maximum: Msat): Msat {
  if (maximum !== noMaximum) return maximum;
  const capacity = graph.channel(shortChannelId)?.capacitySat;
  return capacity === undefined ? maximum : msat(capacity * 1000n);
}
