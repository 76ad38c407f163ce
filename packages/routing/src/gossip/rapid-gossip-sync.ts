import {
  type ChainHash,
  type CltvDelta,
  chainHash,
  cltvDelta,
  compareBytes,
  concatBytes,
  equalBytes,
  err,
  type Msat,
  msat,
  ok,
  type Result,
  type Sat,
  type ShortChannelId,
  sat,
  shortChannelId,
  toHex,
} from '@boltwright/base';
import { decodeNodeAddresses } from '@boltwright/wire';
import {
  RapidGossipCursor,
  type RapidGossipError,
  RapidGossipFailure,
  rapidGossipPrefix,
} from './rapid-gossip-bytes.ts';

/** A node of a snapshot; what is absent has not changed. */
export interface RapidGossipNode {
  /** 33 bytes. */
  readonly nodeId: Uint8Array;
  readonly features?: Uint8Array;
  /** Address descriptors, as they stand in a `node_announcement`. */
  readonly addresses?: Uint8Array;
  /** Nothing changed, but it lives. */
  readonly isReminder: boolean;
}

/** A channel that is new since the snapshot's start. */
export interface RapidGossipChannel {
  readonly shortChannelId: ShortChannelId;
  /** Index into the nodes; the lesser id. */
  readonly node1: number;
  readonly node2: number;
  readonly features: Uint8Array;
  readonly capacitySat?: Sat;
}

/** A direction's terms. In an incremental one, what is absent stays as it was. */
export interface RapidGossipUpdate {
  readonly shortChannelId: ShortChannelId;
  readonly direction: 0 | 1;
  readonly disabled: boolean;
  readonly isIncremental: boolean;
  readonly cltvExpiryDelta?: CltvDelta;
  readonly htlcMinimumMsat?: Msat;
  readonly feeBaseMsat?: number;
  readonly feeProportionalMillionths?: number;
  /** 2^64 - 1: no maximum. */
  readonly htlcMaximumMsat?: Msat;
}

/** A rapid gossip sync snapshot as it was read: nothing in it is signed, all rests on who gave it. */
export interface RapidGossipSnapshot {
  readonly version: 1 | 2;
  readonly chainHash: ChainHash;
  /** Seconds since 1970: what the next snapshot is to begin with. */
  readonly latestSeenTimestamp: number;
  readonly nodes: readonly RapidGossipNode[];
  readonly channels: readonly RapidGossipChannel[];
  readonly updates: readonly RapidGossipUpdate[];
}

/** Most entries of a snapshot; one that announces more is refused before they are read. */
export interface RapidGossipLimits {
  readonly maxNodes: number;
  readonly maxChannels: number;
  readonly maxUpdates: number;
}

/** About ten times of what mainnet has. */
export const defaultRapidGossipLimits: RapidGossipLimits = {
  maxNodes: 200_000,
  maxChannels: 630_000,
  maxUpdates: 1_260_000,
};

const additionalDataBit = 1n << 63n;

/**
 * Reads a rapid gossip sync snapshot, version 1 or 2 (the format is LDK's, described in its
 * `lightning-rapid-gossip-sync`). Either all of it is read or nothing.
 *
 * @param bytes - Uncompressed. What is answered shares its memory.
 * @param chain - The chain that it must be of.
 */
export function readRapidGossipSync(
  bytes: Uint8Array,
  chain: ChainHash,
  limits: RapidGossipLimits = defaultRapidGossipLimits,
): Result<RapidGossipSnapshot, RapidGossipError> {
  try {
    return ok(readSnapshot(new RapidGossipCursor(bytes), chain, limits));
  } catch (failure) {
    if (!(failure instanceof RapidGossipFailure)) throw failure;
    return err(failure.error);
  }
}

function readSnapshot(cursor: RapidGossipCursor, chain: ChainHash, limits: RapidGossipLimits): RapidGossipSnapshot {
  cursor.field = 'prefix';
  if (!equalBytes(cursor.view(3), rapidGossipPrefix)) cursor.fail('unknown_prefix', 'it does not begin with LDK');
  cursor.field = 'version';
  const version = cursor.u8();
  if (version !== 1 && version !== 2) cursor.fail('unknown_version', `version ${version} is neither 1 nor 2`);
  cursor.field = 'chain_hash';
  const hash = chainHash(toHex(cursor.view(32)));
  if (hash !== chain) cursor.fail('other_chain', `chain ${hash} is not ${chain}`);
  cursor.field = 'latest_seen_timestamp';
  const latestSeenTimestamp = cursor.u32();
  const defaultFeatures = version === 2 ? readDefaultFeatures(cursor) : [];
  cursor.field = 'node_id_count';
  const nodeCount = cursor.count(limits.maxNodes, 33);
  const nodes: RapidGossipNode[] = [];
  for (let i = 0; i < nodeCount; i++)
    nodes.push(version === 2 ? readNode(cursor, defaultFeatures) : readNodeId(cursor));
  const channels = readChannels(cursor, version, nodes, limits);
  const updates = readUpdates(cursor, version, limits);
  cursor.field = 'end';
  if (cursor.remaining > 0) cursor.fail('trailing_bytes', `${cursor.remaining} bytes too many`);
  return { version, chainHash: hash, latestSeenTimestamp, nodes, channels, updates };
}

function readDefaultFeatures(cursor: RapidGossipCursor): readonly Uint8Array[] {
  cursor.field = 'default_node_features';
  const features: Uint8Array[] = [];
  for (let left = cursor.u8(); left > 0; left--) features.push(cursor.bytesU16());
  return features;
}

function checkParity(cursor: RapidGossipCursor, parity: number): void {
  if (parity !== 2 && parity !== 3) cursor.fail('invalid_value', `a key that begins with ${parity}, not 2 or 3`);
}

function readNodeId(cursor: RapidGossipCursor): RapidGossipNode {
  cursor.field = 'node_id';
  const nodeId = cursor.view(33);
  checkParity(cursor, nodeId[0]!);
  return { nodeId, isReminder: false };
}

/** The spare bits of a key's first byte: 2 addresses, 3 to 5 features, 6 reminder, 7 more data. */
function readNode(cursor: RapidGossipCursor, defaultFeatures: readonly Uint8Array[]): RapidGossipNode {
  cursor.field = 'node_id';
  const key = cursor.view(33);
  const flags = key[0]!;
  checkParity(cursor, flags & 3);
  const nodeId = Uint8Array.from(key);
  nodeId[0] = flags & 3;
  const addresses = (flags & 4) !== 0 ? readAddresses(cursor) : undefined;
  const marker = (flags >> 3) & 7;
  let features: Uint8Array | undefined;
  cursor.field = 'node_features';
  if (marker === 7) features = cursor.bytesU16();
  else if (marker > 0) {
    features = defaultFeatures[marker - 1];
    if (features === undefined) cursor.fail('invalid_value', `default features ${marker} are not given`);
  }
  cursor.field = 'node_additional_data';
  if ((flags & 128) !== 0) cursor.additionalData();
  return {
    nodeId,
    isReminder: (flags & 64) !== 0,
    ...(features === undefined ? {} : { features }),
    ...(addresses === undefined ? {} : { addresses }),
  };
}

/** Those of a kind that we know; others are left out. */
function readAddresses(cursor: RapidGossipCursor): Uint8Array {
  cursor.field = 'node_addresses';
  const known: Uint8Array[] = [];
  for (let left = cursor.u8(); left > 0; left--) {
    const descriptor = cursor.view(cursor.u8());
    const decoded = decodeNodeAddresses(descriptor);
    if (decoded.ok && decoded.value.addresses.length === 1) known.push(descriptor);
  }
  return concatBytes(...known);
}

/** The next id of a rising list. */
function readDelta(cursor: RapidGossipCursor, previous: bigint): bigint {
  const next = previous + cursor.bigSize();
  if (next >= 1n << 64n) cursor.fail('invalid_value', `short channel id ${next} is above a u64`);
  return next;
}

function readChannels(
  cursor: RapidGossipCursor,
  version: 1 | 2,
  nodes: readonly RapidGossipNode[],
  limits: RapidGossipLimits,
): readonly RapidGossipChannel[] {
  cursor.field = 'announcement_count';
  const count = cursor.count(limits.maxChannels, 5);
  const channels: RapidGossipChannel[] = [];
  let previous = 0n;
  for (let i = 0; i < count; i++) {
    cursor.field = 'channel_features';
    const features = cursor.bytesU16();
    cursor.field = 'announcement_short_channel_id';
    const id = readDelta(cursor, previous);
    if (id === previous) cursor.fail('invalid_value', `short channel id ${id} again`);
    previous = id;
    cursor.field = 'node_id_index';
    const index1 = cursor.bigSize();
    const second = cursor.bigSize();
    const hasMore = version === 2 && (second & additionalDataBit) !== 0n;
    const index2 = hasMore ? second & ~additionalDataBit : second;
    const highest = index1 > index2 ? index1 : index2;
    if (highest >= BigInt(nodes.length)) cursor.fail('invalid_value', `node ${highest} of ${nodes.length}`);
    const [node1, node2] = [Number(index1), Number(index2)];
    // BOLT 7, channel_announcement: `node_id_1` is the lesser; so no channel leads from a node to itself.
    if (compareBytes(nodes[node1]!.nodeId, nodes[node2]!.nodeId) >= 0) {
      cursor.fail('invalid_value', `channel ${id}: node_id_1 is not the lesser`);
    }
    cursor.field = 'channel_additional_data';
    const capacity = hasMore ? readCapacity(cursor) : undefined;
    channels.push({
      shortChannelId: shortChannelId(id),
      node1,
      node2,
      features,
      ...(capacity === undefined ? {} : { capacitySat: capacity }),
    });
  }
  return channels;
}

/** Additional data of a channel begin with its capacity; what follows is for later versions. */
function readCapacity(cursor: RapidGossipCursor): Sat {
  const inner = new RapidGossipCursor(cursor.additionalData());
  inner.field = cursor.field;
  const capacity = inner.bigSize();
  if (capacity === 0n) cursor.fail('invalid_value', 'a capacity of 0');
  return sat(capacity);
}

interface Terms {
  readonly cltvExpiryDelta: CltvDelta;
  readonly htlcMinimumMsat: Msat;
  readonly feeBaseMsat: number;
  readonly feeProportionalMillionths: number;
  readonly htlcMaximumMsat: Msat;
}

const readDefaults = (cursor: RapidGossipCursor): Terms => ({
  cltvExpiryDelta: cltvDelta(cursor.u16()),
  htlcMinimumMsat: msat(cursor.u64()),
  feeBaseMsat: cursor.u32(),
  feeProportionalMillionths: cursor.u32(),
  htlcMaximumMsat: msat(cursor.u64()),
});

function readUpdates(
  cursor: RapidGossipCursor,
  version: 1 | 2,
  limits: RapidGossipLimits,
): readonly RapidGossipUpdate[] {
  cursor.field = 'update_count';
  const count = cursor.count(limits.maxUpdates, 2);
  if (count === 0) return [];
  cursor.field = 'update_defaults';
  const defaults = readDefaults(cursor);
  const updates: RapidGossipUpdate[] = [];
  let previous = 0n;
  let previousDirection: 0 | 1 | undefined;
  for (let i = 0; i < count; i++) {
    cursor.field = 'update_short_channel_id';
    const id = readDelta(cursor, previous);
    cursor.field = 'custom_channel_flags';
    const flags = cursor.u8();
    const direction = (flags & 1) === 0 ? 0 : 1;
    const again = id === previous && direction === previousDirection;
    previous = id;
    previousDirection = direction;
    if (version === 2 && again) {
      // The same direction again stands for data of later versions.
      cursor.field = 'update_additional_data';
      cursor.additionalData();
      continue;
    }
    const isIncremental = (flags & 128) !== 0;
    cursor.field = 'update_data';
    updates.push({
      shortChannelId: shortChannelId(id),
      direction,
      disabled: (flags & 2) !== 0,
      isIncremental,
      ...(isIncremental ? {} : defaults),
      ...((flags & 64) === 0 ? {} : { cltvExpiryDelta: cltvDelta(cursor.u16()) }),
      ...((flags & 32) === 0 ? {} : { htlcMinimumMsat: msat(cursor.u64()) }),
      ...((flags & 16) === 0 ? {} : { feeBaseMsat: cursor.u32() }),
      ...((flags & 8) === 0 ? {} : { feeProportionalMillionths: cursor.u32() }),
      ...((flags & 4) === 0 ? {} : { htlcMaximumMsat: msat(cursor.u64()) }),
    });
  }
  return updates;
}
