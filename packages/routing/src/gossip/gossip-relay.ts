import { type NodeId, nodeIdOf, type ShortChannelId, shortChannelId } from '@boltwright/base';
import type { ConnectionId } from '@boltwright/interfaces';
import { channelAnnouncement, channelUpdate, type Message, nodeAnnouncement } from '@boltwright/wire';
import type { GossipLimits } from './gossip-limits.ts';
import type { GossipPeer, TimestampFilter } from './gossip-peer.ts';
import type { AcceptedGossip } from './gossip-ports.ts';
import { type GossipRecords, nodeTimestamp, updateTimestamp } from './gossip-records.ts';
import type { GossipKey } from './gossip-store.ts';
import type { GossipOrigin } from './pending-channels.ts';

const codecs = { channel: channelAnnouncement, update: channelUpdate, node: nodeAnnouncement };
const directions = [0, 1] as const;

export interface GossipRelayPorts {
  readonly records: GossipRecords;
  readonly limits: GossipLimits;
  readonly peers: ReadonlyMap<ConnectionId, GossipPeer>;
  isSpent(id: ShortChannelId): boolean;
  send(peer: GossipPeer, message: Message): void;
}

const textOf = (key: GossipKey): string =>
  key.kind === 'update' ? `${key.id}/${key.direction}` : key.kind === 'channel' ? `${key.id}` : key.id;

const passes = (filter: TimestampFilter, timestamp: number): boolean =>
  timestamp >= filter.first && timestamp < filter.end;

/**
 * Passes accepted gossip on: to each peer at its own tick of the minute (BOLT 7, Rebroadcasting), what its filter lets
 * through, not to who brought it, the newest of each kind alone. What this node made itself goes at once to all.
 */
export class GossipRelay {
  readonly #ports: GossipRelayPorts;
  /** Accepted channels without an update: they are passed on with the first one, but not to these. */
  readonly #unannounced = new Map<ShortChannelId, ReadonlySet<GossipOrigin>>();
  readonly #own = new Map<string, GossipKey>();

  constructor(ports: GossipRelayPorts) {
    this.#ports = ports;
  }

  accepted({ key, timestamp, origins, relay }: AcceptedGossip): void {
    if (!relay) return;
    const isOwn = origins.has('own');
    if (isOwn) this.#own.set(`${key.kind} ${textOf(key)}`, key);
    if (key.kind === 'channel') {
      if (this.#unannounced.size >= this.#ports.limits.maxRelayQueue) {
        for (const oldest of this.#unannounced.keys()) {
          this.#unannounced.delete(oldest);
          break;
        }
      }
      this.#unannounced.set(key.id, origins);
      return;
    }
    // BOLT 7, gossip_timestamp_filter: an announcement goes before the first update, and has its timestamp.
    const announced = key.kind === 'update' ? this.#unannounced.get(key.id) : undefined;
    if (key.kind === 'update' && announced !== undefined) {
      this.#unannounced.delete(key.id);
      this.#enqueue({ kind: 'channel', id: key.id }, timestamp, announced);
    }
    this.#enqueue(key, timestamp, origins);
  }

  /** The peer brought it itself: it is not sent to it any more, unless ours is newer. */
  seen(origin: GossipOrigin, key: GossipKey, timestamp: number): void {
    if (origin === 'own') return;
    const lane = this.#ports.peers.get(origin)?.relay[key.kind];
    const entry = lane?.get(textOf(key));
    if (entry !== undefined && (key.kind === 'channel' || entry.timestamp === timestamp)) lane!.delete(textOf(key));
  }

  /** A peer said what it wants: from now on that, and of what we have too (BOLT 7, The `gossip_timestamp_filter` Message). */
  setFilter(peer: GossipPeer, filter: TimestampFilter): void {
    for (const key of peer.filter === undefined ? this.#own.values() : []) {
      // Still without an update: it goes with the first one.
      if (key.kind !== 'channel' || !this.#unannounced.has(key.id)) this.#send(peer, key);
    }
    peer.filter = filter;
    for (const lane of Object.values(peer.relay)) lane.clear();
    peer.backlog =
      filter.end > filter.first ? this.#backlog(filter, this.#ports.records.ids.range(0n, 1n << 64n)) : undefined;
  }

  /** Sends what waits for the peer, as far as its window goes. */
  flush(peer: GossipPeer): void {
    // Announcements first: whatever else concerns their channels comes after them.
    for (const kind of ['channel', 'update', 'node'] as const) {
      const lane = peer.relay[kind];
      for (const [text, { key }] of lane) {
        if (peer.window <= 0) return;
        lane.delete(text);
        this.#send(peer, key);
      }
    }
  }

  /** Sends on of what the peer's filter asks for. */
  continueBacklog(peer: GossipPeer): void {
    for (let scanned = 0; scanned < this.#ports.limits.maxBacklogScan; scanned++) {
      if (peer.backlog === undefined || peer.window <= 0) return;
      const step = peer.backlog.next();
      if (step.done === true) {
        peer.backlog = undefined;
        return;
      }
      for (const key of step.value) {
        // The store has the newest: it need not be relayed again.
        peer.relay[key.kind].delete(textOf(key));
        this.#send(peer, key);
      }
    }
  }

  /** Forgets what no longer is. */
  prune(): void {
    const { records } = this.#ports;
    for (const id of this.#unannounced.keys()) if (!records.ids.has(id)) this.#unannounced.delete(id);
    for (const [text, key] of this.#own) if (records.get(key) === undefined) this.#own.delete(text);
  }

  /** A message from the store, decoded. */
  message(key: GossipKey): Message | undefined {
    const raw = this.#ports.records.get(key);
    const decoded = raw === undefined ? undefined : codecs[key.kind].decode(raw);
    return decoded?.ok === true ? decoded.value : undefined;
  }

  #enqueue(key: GossipKey, timestamp: number, origins: ReadonlySet<GossipOrigin>): void {
    const { peers, limits } = this.#ports;
    const isOwn = origins.has('own');
    for (const peer of peers.values()) {
      if (peer.ended || !peer.servesChain) continue;
      // BOLT 7: what a node generates itself ignores filters.
      if (isOwn) {
        this.#send(peer, key);
        continue;
      }
      if (peer.filter === undefined || origins.has(peer.connection) || !passes(peer.filter, timestamp)) continue;
      const lane = peer.relay[key.kind];
      const text = textOf(key);
      lane.delete(text);
      if (lane.size >= limits.maxRelayQueue) {
        for (const oldest of lane.keys()) {
          lane.delete(oldest);
          break;
        }
      }
      lane.set(text, { key, timestamp });
    }
  }

  #send(peer: GossipPeer, key: GossipKey): void {
    const message = this.message(key);
    if (message === undefined || (key.kind === 'channel' && this.#ports.isSpent(key.id))) return;
    this.#ports.send(peer, message);
  }

  /** @param ids - What we had when the filter came: what comes later is relayed. */
  *#backlog(filter: TimestampFilter, ids: BigUint64Array): Generator<readonly GossipKey[]> {
    const { records } = this.#ports;
    const nodes = new Set<NodeId>();
    for (const value of ids) {
      const id = shortChannelId(value);
      const keys: GossipKey[] = [];
      for (const direction of directions) {
        const raw = records.get({ kind: 'update', id, direction });
        if (raw !== undefined && passes(filter, updateTimestamp(raw))) keys.push({ kind: 'update', id, direction });
      }
      // Its timestamp is that of one of its updates: none in time, no announcement.
      if (keys.length > 0) keys.unshift({ kind: 'channel', id });
      const announcement = records.announcement(id);
      for (const point of announcement === undefined ? [] : [announcement.nodeId1, announcement.nodeId2]) {
        const node = nodeIdOf(point);
        if (nodes.has(node)) continue;
        nodes.add(node);
        const raw = records.get({ kind: 'node', id: node });
        if (raw !== undefined && passes(filter, nodeTimestamp(raw))) keys.push({ kind: 'node', id: node });
      }
      yield keys;
    }
  }
}
