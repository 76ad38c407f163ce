import type { ChainHash, NodeId } from '@boltwright/base';
import type { ConnectionId } from '@boltwright/interfaces';
import { combineFeatures, hasFeature, type Init, type Message } from '@boltwright/wire';
import type { GossipLimits } from './gossip-limits.ts';
import type { GossipKey } from './gossip-store.ts';

/** What a peer's `gossip_timestamp_filter` lets through: `first` ≤ timestamp < `end`, in seconds since 1970. */
export interface TimestampFilter {
  readonly first: number;
  readonly end: number;
}

/** A message on its way to a peer; its bytes are fetched from the store when it leaves. */
export interface RelayEntry {
  readonly key: GossipKey;
  readonly timestamp: number;
}

/** Answers to one query, made one by one as there is room for them. */
export interface QueryAnswer {
  readonly type: 'query_channel_range' | 'query_short_channel_ids';
  readonly messages: Iterator<Message>;
}

/** What is known of one connection. */
export interface GossipPeer {
  readonly id: NodeId;
  readonly connection: ConnectionId;
  /** It named our chain in `init`, or none. */
  readonly servesChain: boolean;
  /** It is worth asking for gossip (BOLT 7, Query Messages). */
  readonly offersQueries: boolean;
  readonly extendedQueries: boolean;
  /** Set once it was told to go: what it still sends is passed over. */
  ended: boolean;
  warnings: number;
  /** Messages in this tick. */
  received: number;
  /** New messages that it may still bring in this tick unasked, and those that it was asked for. */
  unsolicited: number;
  solicited: number;
  /** What we told it to stream to us. */
  streams: 'untold' | 'silent' | 'streaming';
  filter: TimestampFilter | undefined;
  /** Its own tick of the minute, from 0 on. */
  readonly phase: number;
  /** What is relayed is leaving, over several ticks if need be. */
  flushing: boolean;
  /** By kind, as they leave; newer ones replace older ones. */
  readonly relay: Record<GossipKey['kind'], Map<string, RelayEntry>>;
  /** What its filter asks for of what we have; each step gives a channel's messages. */
  backlog: Iterator<readonly GossipKey[]> | undefined;
  answers: QueryAnswer[];
  queries: number;
  answerBytes: number;
  /** Bytes that may leave before it shows that it reads. */
  window: number;
}

export function gossipPeer(
  id: NodeId,
  connection: ConnectionId,
  init: Init,
  chainHash: ChainHash,
  limits: GossipLimits,
  phase: number,
): GossipPeer {
  const features = combineFeatures(init.globalFeatures, init.features);
  const extendedQueries = hasFeature(features, 'gossip_queries_ex');
  return {
    id,
    connection,
    servesChain: init.networks === undefined || init.networks.includes(chainHash),
    offersQueries: hasFeature(features, 'gossip_queries'),
    extendedQueries,
    ended: false,
    warnings: 0,
    received: 0,
    unsolicited: limits.unsolicitedPerTick,
    solicited: 0,
    streams: 'untold',
    filter: undefined,
    phase,
    flushing: false,
    relay: { channel: new Map(), update: new Map(), node: new Map() },
    backlog: undefined,
    answers: [],
    queries: 0,
    answerBytes: 0,
    window: limits.sendWindowBytes,
  };
}
