import {
  type CltvDelta,
  cltvDelta,
  copyBytes,
  err,
  fromHex,
  type Msat,
  msat,
  type NodeId,
  ok,
  type Result,
  type Sat,
  type ShortChannelId,
  sat,
  toHex,
} from '@boltwright/base';
import { ChannelTable, flagDisabled, flagKnown, largestAmount } from './channel-table.ts';
import { type GraphError, graphError } from './graph-error.ts';
import { type NodeAnnouncementInfo, NodeTable } from './node-table.ts';

/** Bounds and sizes of a graph. */
export interface NetworkGraphOptions {
  /** Channels beyond this are refused with `graph_full`; 1,000,000 by default (mainnet has about 50,000). */
  readonly maxChannels?: number;
  /** 400,000 by default. */
  readonly maxNodes?: number;
  /** Secret 32 bits for the hash tables, against keys made to collide. The same seed gives the same tables. */
  readonly hashSeed?: number;
  /** Rows to reserve, where the size is known. */
  readonly expectedChannels?: number;
  readonly expectedNodes?: number;
}

/** A channel to be added; verifying its announcement is the caller's. */
export interface NewChannel {
  readonly shortChannelId: ShortChannelId;
  /** The lesser of the two (BOLT 7). An id, or its 33 bytes as they came. */
  readonly nodeId1: NodeId | Uint8Array;
  readonly nodeId2: NodeId | Uint8Array;
  /** Of the funding output, where it was looked up. */
  readonly capacitySat?: Sat;
  readonly features?: Uint8Array;
  /** Seconds since 1970: what {@link NetworkGraph.prune} goes by until updates come. */
  readonly receivedAt?: number;
}

/** What a `channel_update` says about one direction. */
export interface ChannelPolicy {
  /** Seconds since 1970, as the node says. */
  readonly timestamp: number;
  readonly disabled: boolean;
  readonly feeBaseMsat: number;
  readonly feeProportionalMillionths: number;
  readonly cltvExpiryDelta: CltvDelta;
  /** Both are kept up to 2^53 - 1 msat, about ninety thousand bitcoins; more reads as that. */
  readonly htlcMinimumMsat: Msat;
  readonly htlcMaximumMsat: Msat;
}

/** A channel as the graph knows it; an object made for the asker. */
export interface GraphChannel {
  readonly shortChannelId: ShortChannelId;
  readonly nodeId1: NodeId;
  readonly nodeId2: NodeId;
  readonly capacitySat?: Sat;
  readonly features: Uint8Array;
  /** Of the direction from `nodeId1` to `nodeId2`. */
  readonly policy1?: ChannelPolicy;
  readonly policy2?: ChannelPolicy;
}

/** A node as the graph knows it: one that has a channel there. */
export interface GraphNode {
  readonly nodeId: NodeId;
  readonly channelCount: number;
  readonly announcement?: NodeAnnouncementInfo;
}

const maxFeaturesLength = 1024;
const maxAddressesLength = 8192;
const maxFeatureVectors = 0xffff;
/** BOLT 7, Pruning the Network View: two weeks, in seconds. */
const staleAfter = 1_209_600;
/** BOLT 7, channel_announcement: forgotten 72 blocks after its funding output was spent. */
const forgetAfterBlocks = 72;
const announcements = 'BOLT #7: The `channel_announcement` Message';
const updates = 'BOLT #7: The `channel_update` Message';

/**
 * The network as columns in typed arrays: about 140 bytes a channel, nodes and indexes included, and no object for any
 * of them. What is added has been verified by the caller; what the graph refuses leaves it as it was.
 *
 * Rows: {@link NetworkGraph.channelTable} and {@link NetworkGraph.nodeTable} are open to who computes over the graph,
 * such as pathfinding and scorers; they are read only to all others. A row number stays until its channel or node is
 * removed, and may then be another's.
 */
export class NetworkGraph {
  readonly nodeTable: NodeTable;
  readonly channelTable: ChannelTable;
  readonly hashSeed: number;
  /** Changes whenever a channel comes or goes: what is kept by row numbers is then to be looked up again. */
  version = 0;
  readonly #featureVectors: Uint8Array[] = [new Uint8Array(0)];
  readonly #featureNumbers = new Map<string, number>([['', 0]]);
  /** Channels whose funding output is spent, and at what height. */
  readonly #spent = new Map<ShortChannelId, number>();

  constructor(options: NetworkGraphOptions = {}) {
    const { maxChannels = 1_000_000, maxNodes = 400_000, hashSeed = 0 } = options;
    this.hashSeed = hashSeed;
    this.nodeTable = new NodeTable(hashSeed, maxNodes, options.expectedNodes);
    this.channelTable = new ChannelTable(hashSeed, maxChannels, options.expectedChannels);
  }

  /** Channels in the graph. */
  get channelCount(): number {
    return this.channelTable.count;
  }

  /** Nodes that have a channel in the graph. */
  get nodeCount(): number {
    return this.nodeTable.count;
  }

  /** Bytes of all typed arrays, indexes included; announcements of nodes are apart. */
  get byteLength(): number {
    return this.nodeTable.byteLength + this.channelTable.byteLength;
  }

  /** The channel's row; -1 where it is unknown. */
  channelIndex(id: ShortChannelId): number {
    return this.channelTable.findId(id);
  }

  /** The node's row; -1 where it has no channel here. */
  nodeIndex(id: NodeId | Uint8Array): number {
    return typeof id === 'string' ? this.nodeTable.findId(id) : this.nodeTable.find(id);
  }

  /**
   * Adds a channel without policies; its nodes are added with it.
   *
   * @returns The row. Error `duplicate_channel` where the same is known, `conflicting_channel` where the id is known
   * between other nodes: BOLT 7 has a receiver distrust those (it knows from the chain which is right).
   */
  addChannel(channel: NewChannel): Result<number, GraphError> {
    const { shortChannelId, capacitySat, features, receivedAt } = channel;
    const key1 = keyOf(channel.nodeId1);
    const key2 = keyOf(channel.nodeId2);
    const problem = this.#refusal(shortChannelId, key1, key2, channel);
    if (problem !== undefined) return err(problem);
    const { channelTable, nodeTable } = this;
    const known1 = nodeTable.find(key1);
    const node1 = known1 >= 0 ? known1 : nodeTable.add(key1);
    if (node1 < 0) return err(graphError('graph_full', `${nodeTable.count} nodes are all that this graph may hold`));
    const known2 = nodeTable.find(key2);
    const node2 = known2 >= 0 ? known2 : nodeTable.add(key2);
    if (node2 < 0) {
      if (known1 < 0) nodeTable.remove(node1);
      return err(graphError('graph_full', `${nodeTable.count} nodes are all that this graph may hold`));
    }
    const row = channelTable.add(Number(shortChannelId >> 32n), Number(shortChannelId & 0xffff_ffffn), node1, node2);
    this.version++;
    channelTable.capacity[row] = capacitySat === undefined ? 0 : amount(capacitySat);
    channelTable.features[row] = this.#featureNumber(features);
    channelTable.addedAt[row] = receivedAt ?? 0;
    nodeTable.addEdge(node2, 2 * row, node1);
    nodeTable.addEdge(node1, 2 * row + 1, node2);
    return ok(row);
  }

  /**
   * Takes a direction's policy, if it is newer than the known one.
   *
   * @param direction - Bit 0 of `channel_flags`: 0 from `node_id_1`, 1 from `node_id_2`.
   */
  updateChannel(id: ShortChannelId, direction: 0 | 1, policy: ChannelPolicy): Result<void, GraphError> {
    const { channelTable } = this;
    const row = channelTable.findId(id);
    if (row < 0) return err(graphError('unknown_channel', `there is no channel ${id}`, updates));
    const edge = 2 * row + direction;
    const { timestamp, disabled, htlcMinimumMsat, htlcMaximumMsat } = policy;
    if (timestamp === 0) return err(graphError('zero_timestamp', 'timestamp is 0', updates));
    // BOLT 7: an update that is not newer than the last one is ignored.
    if (timestamp <= channelTable.timestamp[edge]!) {
      return err(
        graphError('stale_update', `timestamp ${timestamp} is not after ${channelTable.timestamp[edge]}`, updates),
      );
    }
    const minimum = amount(htlcMinimumMsat);
    const maximum = amount(htlcMaximumMsat);
    const capacity = channelTable.capacity[row]!;
    if (maximum === 0) return err(graphError('zero_htlc_maximum', 'htlc_maximum_msat is 0', updates));
    if (capacity > 0 && htlcMaximumMsat > BigInt(capacity) * 1000n) {
      return err(
        graphError(
          'htlc_maximum_above_capacity',
          `htlc_maximum_msat ${htlcMaximumMsat} is above the capacity of ${capacity} sat`,
          updates,
        ),
      );
    }
    if (minimum > maximum) {
      return err(graphError('htlc_minimum_above_maximum', `htlc_minimum_msat ${minimum} is above ${maximum}`, updates));
    }
    const wasActive = channelTable.flags[edge] === flagKnown;
    channelTable.timestamp[edge] = timestamp;
    channelTable.flags[edge] = disabled ? flagKnown | flagDisabled : flagKnown;
    channelTable.feeBase[edge] = policy.feeBaseMsat;
    channelTable.feeProportional[edge] = policy.feeProportionalMillionths;
    channelTable.cltvDelta[edge] = policy.cltvExpiryDelta;
    channelTable.htlcMinimum[edge] = minimum;
    channelTable.htlcMaximum[edge] = maximum;
    if (wasActive === disabled) this.nodeTable.setActive(channelTable.ends[edge ^ 1]!, edge, !disabled);
    return ok(undefined);
  }

  /** Sets what a later look-up of the funding output found; policies that exceed it are forgotten. */
  setCapacity(id: ShortChannelId, capacitySat: Sat): Result<void, GraphError> {
    const row = this.channelTable.findId(id);
    if (row < 0) return err(graphError('unknown_channel', `there is no channel ${id}`));
    if (capacitySat === 0n) return err(graphError('zero_capacity', `channel ${id} has no capacity`, announcements));
    const capacity = amount(capacitySat);
    this.channelTable.capacity[row] = capacity;
    for (const edge of [2 * row, 2 * row + 1]) {
      if (this.channelTable.htlcMaximum[edge]! > capacity * 1000) this.#forgetPolicy(edge);
    }
    return ok(undefined);
  }

  /** Takes a node's announcement, if it is newer than the known one. A node without channels is not kept (BOLT 7). */
  updateNode(id: NodeId | Uint8Array, announcement: NodeAnnouncementInfo): Result<void, GraphError> {
    const spec = 'BOLT #7: The `node_announcement` Message';
    const row = this.nodeIndex(id);
    if (row < 0) return err(graphError('unknown_node', 'the node has no channel here', spec));
    const known = this.nodeTable.announcements.get(row);
    if (known !== undefined && known.timestamp >= announcement.timestamp) {
      return err(graphError('stale_announcement', `timestamp ${announcement.timestamp} is not newer`, spec));
    }
    const { timestamp, features, rgbColor, alias, addresses } = announcement;
    if (features.length > maxFeaturesLength || addresses.length > maxAddressesLength) {
      return err(
        graphError('too_long', `${features.length} bytes of features, ${addresses.length} of addresses`, spec),
      );
    }
    if (rgbColor.length !== 3 || alias.length !== 32) throw new RangeError('rgbColor has 3 bytes, alias 32');
    this.nodeTable.announcements.set(row, {
      timestamp,
      features: copyBytes(features),
      rgbColor: copyBytes(rgbColor),
      alias: copyBytes(alias),
      addresses: copyBytes(addresses),
    });
    return ok(undefined);
  }

  /** False where the channel is unknown. Nodes left without channels go with it (BOLT 7, Pruning). */
  removeChannel(id: ShortChannelId): boolean {
    const row = this.channelTable.findId(id);
    if (row < 0) return false;
    const { channelTable, nodeTable } = this;
    this.#spent.delete(id);
    this.version++;
    for (const edge of [2 * row, 2 * row + 1]) nodeTable.removeEdge(channelTable.ends[edge ^ 1]!, edge);
    const ends = [channelTable.ends[2 * row]!, channelTable.ends[2 * row + 1]!];
    channelTable.remove(row);
    for (const node of ends) if (nodeTable.listLength[node] === 0) nodeTable.remove(node);
    return true;
  }

  /** Removes a node's channels, and so the node. */
  removeNode(id: NodeId): boolean {
    const row = this.nodeIndex(id);
    if (row < 0) return false;
    const ids = [...this.#edgesTo(row)].map((edge) => this.channelTable.id(edge >> 1));
    for (const channel of ids) this.removeChannel(channel);
    return true;
  }

  /**
   * Removes channels of which either direction was not updated for two weeks (BOLT 7, Pruning the Network View): where
   * one was never updated, the time of the channel's addition counts, if it was given.
   *
   * @param now - Seconds since 1970.
   * @returns How many were removed.
   */
  prune(now: number): number {
    const { channelTable } = this;
    const oldest = now - staleAfter;
    const stale: ShortChannelId[] = [];
    for (let row = 0; row < channelTable.length; row++) {
      if (!channelTable.has(row)) continue;
      const first = channelTable.timestamp[2 * row]! || channelTable.addedAt[row]!;
      const second = channelTable.timestamp[2 * row + 1]! || channelTable.addedAt[row]!;
      if ((first > 0 && first < oldest) || (second > 0 && second < oldest)) stale.push(channelTable.id(row));
    }
    for (const id of stale) this.removeChannel(id);
    return stale.length;
  }

  /** The funding output of a channel was spent in a block of this height: it is forgotten 72 blocks later (BOLT 7). */
  channelSpent(id: ShortChannelId, height: number): void {
    if (this.channelTable.findId(id) >= 0) this.#spent.set(id, height);
  }

  /** The block that spent the funding output is no longer in the chain. */
  channelUnspent(id: ShortChannelId): void {
    this.#spent.delete(id);
  }

  /** @returns How many channels were forgotten at this height. */
  blockConnected(height: number): number {
    const due = [...this.#spent].filter(([, spent]) => height >= spent + forgetAfterBlocks);
    for (const [id] of due) this.removeChannel(id);
    return due.length;
  }

  /** The channel, or undefined where it is unknown. */
  channel(id: ShortChannelId): GraphChannel | undefined {
    const row = this.channelTable.findId(id);
    return row < 0 ? undefined : this.#channelAt(row);
  }

  /** The node, or undefined where no channel of its is known. */
  node(id: NodeId): GraphNode | undefined {
    const row = this.nodeIndex(id);
    if (row < 0) return undefined;
    const announcement = this.nodeTable.announcements.get(row);
    const node = { nodeId: id, channelCount: this.nodeTable.listLength[row]! };
    return announcement === undefined ? node : { ...node, announcement };
  }

  /** All channels, one at a time; the graph must not be changed in between. */
  *channels(): Generator<GraphChannel> {
    for (let row = 0; row < this.channelTable.length; row++) {
      if (this.channelTable.has(row)) yield this.#channelAt(row);
    }
  }

  /** A node's channels; the graph must not be changed in between. */
  *channelsOf(id: NodeId): Generator<GraphChannel> {
    const row = this.nodeIndex(id);
    if (row >= 0) for (const edge of this.#edgesTo(row)) yield this.#channelAt(edge >> 1);
  }

  /** The policy of a direction, where it is known. */
  policy(row: number, direction: 0 | 1): ChannelPolicy | undefined {
    const { channelTable } = this;
    const edge = 2 * row + direction;
    const flags = channelTable.flags[edge]!;
    if ((flags & flagKnown) === 0) return undefined;
    return {
      timestamp: channelTable.timestamp[edge]!,
      disabled: (flags & flagDisabled) !== 0,
      feeBaseMsat: channelTable.feeBase[edge]!,
      feeProportionalMillionths: channelTable.feeProportional[edge]!,
      cltvExpiryDelta: cltvDelta(channelTable.cltvDelta[edge]!),
      htlcMinimumMsat: msat(BigInt(channelTable.htlcMinimum[edge]!)),
      htlcMaximumMsat: msat(BigInt(channelTable.htlcMaximum[edge]!)),
    };
  }

  /** Feature vectors of channels, by the numbers in their column; the first is the empty one. */
  get featureVectors(): readonly Uint8Array[] {
    return this.#featureVectors;
  }

  /** Adds a vector, if it is new. @returns Its number; 0, none, where there are too many. */
  addFeatureVector(features: Uint8Array): number {
    return this.#featureNumber(features);
  }

  /** Makes the nodes' lists from the channels' columns, where those were filled without them. */
  linkNodes(): void {
    const { channelTable, nodeTable } = this;
    const lengths = new Int32Array(nodeTable.length);
    for (let edge = 0; edge < 2 * channelTable.length; edge++) {
      const node = channelTable.ends[edge]!;
      if (node >= 0) lengths[node] = lengths[node]! + 1;
    }
    nodeTable.reserveLists(lengths);
    for (const active of [true, false]) {
      for (let edge = 0; edge < 2 * channelTable.length; edge++) {
        const from = channelTable.ends[edge]!;
        if (from < 0 || (channelTable.flags[edge] === flagKnown) !== active) continue;
        const to = channelTable.ends[edge ^ 1]!;
        nodeTable.addEdge(to, edge, from);
        if (active) nodeTable.listActive[to] = nodeTable.listActive[to]! + 1;
      }
    }
  }

  /** Gives back the room kept for growth. */
  compact(): void {
    this.channelTable.compact();
    this.nodeTable.compact();
  }

  #channelAt(row: number): GraphChannel {
    const { channelTable, nodeTable } = this;
    const capacity = channelTable.capacity[row]!;
    const policy1 = this.policy(row, 0);
    const policy2 = this.policy(row, 1);
    return {
      shortChannelId: channelTable.id(row),
      nodeId1: nodeTable.id(channelTable.ends[2 * row]!),
      nodeId2: nodeTable.id(channelTable.ends[2 * row + 1]!),
      ...(capacity === 0 ? {} : { capacitySat: sat(BigInt(capacity)) }),
      features: this.#featureVectors[channelTable.features[row]!]!,
      ...(policy1 === undefined ? {} : { policy1 }),
      ...(policy2 === undefined ? {} : { policy2 }),
    };
  }

  *#edgesTo(node: number): Generator<number> {
    const { listStart, listLength, pool } = this.nodeTable;
    const start = listStart[node]!;
    for (let i = 0; i < listLength[node]!; i++) yield pool[2 * (start + i)]!;
  }

  #forgetPolicy(edge: number): void {
    const { channelTable } = this;
    if (channelTable.flags[edge] === flagKnown) {
      this.nodeTable.setActive(channelTable.ends[edge ^ 1]!, edge, false);
    }
    channelTable.flags[edge] = 0;
    channelTable.timestamp[edge] = 0;
  }

  #refusal(
    id: ShortChannelId,
    key1: Uint8Array,
    key2: Uint8Array,
    { capacitySat, features }: NewChannel,
  ): GraphError | undefined {
    if (id === 0n) return graphError('zero_short_channel_id', 'short_channel_id is 0', announcements);
    for (const key of [key1, key2]) {
      if (key.length !== 33 || (key[0] !== 2 && key[0] !== 3)) {
        return graphError('invalid_node_id', `${toHex(key)} is no compressed public key`, announcements);
      }
    }
    const order = compareKeys(key1, key2);
    if (order === 0) return graphError('self_loop', `both ends of ${id} are the same node`, announcements);
    if (order > 0) return graphError('node_order', 'node_id_1 is not the lesser of the two', announcements);
    if (capacitySat === 0n) return graphError('zero_capacity', `channel ${id} has no capacity`, announcements);
    if (features !== undefined && features.length > maxFeaturesLength) {
      return graphError('too_long', `${features.length} bytes of features`, announcements);
    }
    const { channelTable, nodeTable } = this;
    const known = channelTable.findId(id);
    if (known >= 0) {
      const same =
        channelTable.ends[2 * known] === nodeTable.find(key1) &&
        channelTable.ends[2 * known + 1] === nodeTable.find(key2);
      return same
        ? graphError('duplicate_channel', `channel ${id} is known`, announcements)
        : graphError('conflicting_channel', `channel ${id} is known between other nodes`, announcements);
    }
    if (channelTable.isFull) {
      return graphError('graph_full', `${channelTable.count} channels are all that this graph may hold`);
    }
    return undefined;
  }

  #featureNumber(features: Uint8Array | undefined): number {
    if (features === undefined || features.length === 0) return 0;
    const text = toHex(features);
    const known = this.#featureNumbers.get(text);
    if (known !== undefined) return known;
    // bounded: pathfinding does not go by them, so what is too many reads as none
    if (this.#featureVectors.length > maxFeatureVectors) return 0;
    this.#featureVectors.push(copyBytes(features));
    this.#featureNumbers.set(text, this.#featureVectors.length - 1);
    return this.#featureVectors.length - 1;
  }
}

const keyOf = (id: NodeId | Uint8Array): Uint8Array => (typeof id === 'string' ? fromHex(id) : id);

function compareKeys(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < 33; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

const amount = (value: bigint): number => (value > BigInt(largestAmount) ? largestAmount : Number(value));
