import type { CltvDelta, Msat, NodeId, Result, Sat, ShortChannelId } from '@boltwright/base';

/** One direction's terms, as the graph keeps them. */
export interface GossipPolicy {
  /** Seconds since 1970, as the node says. */
  readonly timestamp: number;
  readonly disabled: boolean;
  readonly feeBaseMsat: number;
  readonly feeProportionalMillionths: number;
  readonly cltvExpiryDelta: CltvDelta;
  readonly htlcMinimumMsat: Msat;
  readonly htlcMaximumMsat: Msat;
}

/** What gossip tells the graph of a channel, after verification. */
export interface GossipGraphChannel {
  readonly shortChannelId: ShortChannelId;
  /** 33 bytes each, the lesser first. */
  readonly nodeId1: Uint8Array;
  readonly nodeId2: Uint8Array;
  readonly capacitySat?: Sat;
  readonly features?: Uint8Array;
  /** Seconds since 1970. */
  readonly receivedAt?: number;
}

/** What the graph answers of a channel. */
export interface GossipGraphChannelDetails {
  readonly shortChannelId: ShortChannelId;
  readonly nodeId1: NodeId;
  readonly nodeId2: NodeId;
  readonly capacitySat?: Sat;
  readonly features: Uint8Array;
  readonly policy1?: GossipPolicy;
  readonly policy2?: GossipPolicy;
}

/** What gossip tells the graph of a node, after verification. */
export interface GossipGraphNode {
  readonly timestamp: number;
  readonly features: Uint8Array;
  /** 3 bytes. */
  readonly rgbColor: Uint8Array;
  /** 32 bytes. */
  readonly alias: Uint8Array;
  readonly addresses: Uint8Array;
}

/** Why the graph refused. */
export interface GossipGraphError {
  readonly kind: string;
  readonly spec: string;
  readonly message: string;
}

/**
 * What gossip needs of a graph: `NetworkGraph` is one.
 *
 * Requirements: rows (`channelIndex`, `nodeIndex`) are good until the next change. What is refused changes nothing.
 */
export interface GossipGraph {
  readonly channelCount: number;
  readonly nodeCount: number;
  /** A number for the channel; -1 where it is unknown. */
  channelIndex(id: ShortChannelId): number;
  /** A number for the node; -1 where it has no channel. */
  nodeIndex(id: NodeId | Uint8Array): number;
  channel(id: ShortChannelId): GossipGraphChannelDetails | undefined;
  node(id: NodeId): { readonly announcement?: GossipGraphNode } | undefined;
  channels(): Iterable<GossipGraphChannelDetails>;
  /** @param row - As `channelIndex` gives it. @param direction - 0 from `node_id_1`, 1 from `node_id_2`. */
  policy(row: number, direction: 0 | 1): GossipPolicy | undefined;
  addChannel(channel: GossipGraphChannel): Result<number, GossipGraphError>;
  updateChannel(id: ShortChannelId, direction: 0 | 1, policy: GossipPolicy): Result<void, GossipGraphError>;
  updateNode(id: NodeId | Uint8Array, announcement: GossipGraphNode): Result<void, GossipGraphError>;
  removeChannel(id: ShortChannelId): boolean;
  removeNode(id: NodeId): boolean;
  /** Removes what was not updated for two weeks. @param now - Seconds since 1970. @returns How many channels. */
  prune(now: number): number;
  channelSpent(id: ShortChannelId, height: number): void;
  channelUnspent(id: ShortChannelId): void;
  /** Forgets channels spent 72 blocks ago. @returns How many. */
  blockConnected(height: number): number;
}
