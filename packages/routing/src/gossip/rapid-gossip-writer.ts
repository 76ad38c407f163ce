import { type ChainHash, type NodeId, nodeIdBytes, toHex } from '@boltwright/base';
import type { GossipGraph, GossipGraphChannelDetails, GossipPolicy } from './gossip-graph.ts';
import { RapidGossipSink, rapidGossipPrefix } from './rapid-gossip-bytes.ts';

/** What stands at a snapshot’s head. */
export interface RapidGossipWriteOptions {
  readonly chainHash: ChainHash;
  /** Seconds since 1970, of the newest message that went into the graph. */
  readonly latestSeenTimestamp: number;
  /** 2 unless told otherwise: with features, addresses and capacities. */
  readonly version?: 1 | 2;
}

/** Markers 1 to 6 name default features; 7 says that others follow. */
const maxDefaultFeatures = 6;
const descriptorLengths: Readonly<Record<number, number>> = { 1: 7, 2: 19, 4: 38 };

interface Edge {
  readonly id: bigint;
  readonly direction: 0 | 1;
  readonly policy: GossipPolicy;
}

/**
 * The whole graph as a rapid gossip sync snapshot, as for who has nothing yet: every channel, every policy in full.
 * Deterministic for the same graph.
 *
 * @returns Uncompressed bytes, as `readRapidGossipSync` and LDK read them.
 */
export function writeRapidGossipSync(graph: GossipGraph, options: RapidGossipWriteOptions): Uint8Array {
  const { version = 2 } = options;
  const channels = [...graph.channels()].sort((a, b) => (a.shortChannelId < b.shortChannelId ? -1 : 1));
  const nodes = [...new Set(channels.flatMap(({ nodeId1, nodeId2 }) => [nodeId1, nodeId2]))].sort();
  const sink = new RapidGossipSink();
  sink.raw(rapidGossipPrefix);
  sink.u8(version);
  sink.hex(options.chainHash);
  sink.u32(options.latestSeenTimestamp);
  if (version === 2) writeNodes(sink, graph, nodes);
  else {
    sink.u32(nodes.length);
    for (const id of nodes) sink.hex(id);
  }
  writeChannels(sink, channels, new Map(nodes.map((id, index) => [id, index])), version);
  writeUpdates(sink, channels);
  return sink.bytes;
}

function writeNodes(sink: RapidGossipSink, graph: GossipGraph, nodes: readonly NodeId[]): void {
  const announced = nodes.map((id) => ({ id, announcement: graph.node(id)?.announcement }));
  const features = announced.flatMap(({ announcement }) =>
    announcement === undefined || announcement.features.length === 0 ? [] : [toHex(announcement.features)],
  );
  const defaults = byFrequency(features).slice(0, maxDefaultFeatures);
  sink.u8(defaults.length);
  for (const vector of defaults) {
    sink.u16(vector.length / 2);
    sink.hex(vector);
  }
  sink.u32(nodes.length);
  for (const { id, announcement } of announced) {
    const vector = announcement === undefined ? '' : toHex(announcement.features);
    const descriptors = announcement === undefined ? [] : descriptorsOf(announcement.addresses);
    const known = defaults.indexOf(vector);
    const marker = vector === '' ? 0 : known >= 0 ? known + 1 : 7;
    const key = nodeIdBytes(id);
    key[0] = key[0]! | (marker << 3) | (descriptors.length > 0 ? 4 : 0);
    sink.raw(key);
    if (descriptors.length > 0) sink.u8(descriptors.length);
    for (const descriptor of descriptors) {
      sink.u8(descriptor.length);
      sink.raw(descriptor);
    }
    if (marker === 7) sink.bytesU16(announcement!.features);
  }
}

/** Up to 255 descriptors of known type and up to 255 bytes, which the format has room for. */
function descriptorsOf(addresses: Uint8Array): readonly Uint8Array[] {
  const descriptors: Uint8Array[] = [];
  let at = 0;
  while (at < addresses.length) {
    const type = addresses[at]!;
    // Type, length, name, port; Tor v2 is no longer passed on.
    const length = type === 5 ? 4 + (addresses[at + 1] ?? 0) : type === 3 ? 13 : descriptorLengths[type];
    if (length === undefined || at + length > addresses.length) break;
    if (type !== 3 && length <= 255 && descriptors.length < 255) descriptors.push(addresses.subarray(at, at + length));
    at += length;
  }
  return descriptors;
}

function writeChannels(
  sink: RapidGossipSink,
  channels: readonly GossipGraphChannelDetails[],
  indexes: ReadonlyMap<NodeId, number>,
  version: 1 | 2,
): void {
  sink.u32(channels.length);
  let previous = 0n;
  for (const { shortChannelId, nodeId1, nodeId2, features, capacitySat } of channels) {
    sink.bytesU16(features);
    sink.bigSize(shortChannelId - previous);
    previous = shortChannelId;
    sink.bigSize(BigInt(indexes.get(nodeId1)!));
    const second = BigInt(indexes.get(nodeId2)!);
    if (version === 1 || capacitySat === undefined) {
      sink.bigSize(second);
      continue;
    }
    sink.bigSize(second | (1n << 63n));
    const capacity = new RapidGossipSink();
    capacity.bigSize(capacitySat);
    sink.bytesU16(capacity.bytes);
  }
}

function writeUpdates(sink: RapidGossipSink, channels: readonly GossipGraphChannelDetails[]): void {
  const edges: Edge[] = [];
  for (const { shortChannelId: id, policy1, policy2 } of channels) {
    if (policy1 !== undefined) edges.push({ id, direction: 0, policy: policy1 });
    if (policy2 !== undefined) edges.push({ id, direction: 1, policy: policy2 });
  }
  sink.u32(edges.length);
  if (edges.length === 0) return;
  const most = <T>(of: (policy: GossipPolicy) => T): T => byFrequency(edges.map(({ policy }) => of(policy)))[0]!;
  const cltvExpiryDelta = most((policy) => policy.cltvExpiryDelta);
  const htlcMinimumMsat = most((policy) => policy.htlcMinimumMsat);
  const feeBaseMsat = most((policy) => policy.feeBaseMsat);
  const feeProportionalMillionths = most((policy) => policy.feeProportionalMillionths);
  const htlcMaximumMsat = most((policy) => policy.htlcMaximumMsat);
  sink.u16(cltvExpiryDelta);
  sink.u64(htlcMinimumMsat);
  sink.u32(feeBaseMsat);
  sink.u32(feeProportionalMillionths);
  sink.u64(htlcMaximumMsat);
  let previous = 0n;
  for (const { id, direction, policy } of edges) {
    sink.bigSize(id - previous);
    previous = id;
    const flags =
      direction |
      (policy.disabled ? 2 : 0) |
      (policy.cltvExpiryDelta === cltvExpiryDelta ? 0 : 64) |
      (policy.htlcMinimumMsat === htlcMinimumMsat ? 0 : 32) |
      (policy.feeBaseMsat === feeBaseMsat ? 0 : 16) |
      (policy.feeProportionalMillionths === feeProportionalMillionths ? 0 : 8) |
      (policy.htlcMaximumMsat === htlcMaximumMsat ? 0 : 4);
    sink.u8(flags);
    if ((flags & 64) !== 0) sink.u16(policy.cltvExpiryDelta);
    if ((flags & 32) !== 0) sink.u64(policy.htlcMinimumMsat);
    if ((flags & 16) !== 0) sink.u32(policy.feeBaseMsat);
    if ((flags & 8) !== 0) sink.u32(policy.feeProportionalMillionths);
    if ((flags & 4) !== 0) sink.u64(policy.htlcMaximumMsat);
  }
}

/** Each value once, the most frequent first. */
function byFrequency<T>(values: readonly T[]): readonly T[] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([value]) => value);
}
