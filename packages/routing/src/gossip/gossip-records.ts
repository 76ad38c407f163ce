import { type NodeId, nodeIdOf, type ShortChannelId, shortChannelId, toHex } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { Logger } from '@boltwright/interfaces';
import { type ChannelAnnouncement, channelAnnouncement } from '@boltwright/wire';
import { fundingWitnessScript } from './funding-script.ts';
import type { GossipGraph } from './gossip-graph.ts';
import type { GossipKey, GossipStore } from './gossip-store.ts';
import { ShortChannelIdSet } from './short-channel-id-set.ts';

const updateTimestampAt = 2 + 64 + 32 + 8;
const nodeFeaturesAt = 2 + 64;

const u32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

/** The timestamp in a raw `channel_update`. */
export const updateTimestamp = (raw: Uint8Array): number => u32(raw, updateTimestampAt);

/** The timestamp in a raw `node_announcement`. */
export const nodeTimestamp = (raw: Uint8Array): number =>
  u32(raw, nodeFeaturesAt + 2 + ((raw[nodeFeaturesAt]! << 8) | raw[nodeFeaturesAt + 1]!));

/** Six bytes of a witness script's hash: enough to find candidates, which are then compared whole. */
const fundingKey = (scriptHash: Uint8Array): number => {
  let key = 0;
  for (let i = 0; i < 6; i++) key = key * 256 + scriptHash[i]!;
  return key;
};

/** The store, with what is found in it faster than by asking it. A store that throws is logged and reads as empty. */
export class GossipRecords {
  readonly ids: ShortChannelIdSet;
  readonly #store: GossipStore;
  readonly #graph: GossipGraph;
  readonly #crypto: CryptoBackend;
  readonly #logger: Logger;
  /** Channels by their funding script; built when the first block comes. */
  #byFunding: Map<number, readonly ShortChannelId[]> | undefined;

  constructor(store: GossipStore, graph: GossipGraph, crypto: CryptoBackend, logger: Logger) {
    this.#store = store;
    this.#graph = graph;
    this.#crypto = crypto;
    this.#logger = logger;
    this.ids = new ShortChannelIdSet(store.channelIds());
  }

  get(key: GossipKey): Uint8Array | undefined {
    return this.#guard(undefined, () => this.#store.get(key));
  }

  put(key: GossipKey, raw: Uint8Array): void {
    this.#guard(undefined, () => this.#store.put(key, raw));
  }

  putChannel(message: ChannelAnnouncement, raw: Uint8Array): void {
    const { shortChannelId: id } = message;
    this.put({ kind: 'channel', id }, raw);
    this.ids.add(id);
    if (this.#byFunding !== undefined) this.#indexFunding(this.#byFunding, id, message);
  }

  /** The announcement as it is kept, decoded. */
  announcement(id: ShortChannelId): ChannelAnnouncement | undefined {
    const raw = this.get({ kind: 'channel', id });
    const decoded = raw === undefined ? undefined : channelAnnouncement.decode(raw);
    return decoded?.ok === true ? decoded.value : undefined;
  }

  /** Of the last update of a direction; 0 where there is none. */
  lastTimestamp(id: ShortChannelId, direction: 0 | 1): number {
    const row = this.#graph.channelIndex(id);
    const known = row < 0 ? undefined : this.#graph.policy(row, direction);
    if (known !== undefined) return known.timestamp;
    // A channel with unknown required features has no policies in the graph: nobody is to route through it.
    const raw = this.ids.has(id) ? this.get({ kind: 'update', id, direction }) : undefined;
    return raw === undefined ? 0 : updateTimestamp(raw);
  }

  /** Channels whose funding output has this witness script. @param scriptHash - Its SHA-256. */
  withFunding(witnessScript: Uint8Array, scriptHash: Uint8Array): readonly ShortChannelId[] {
    this.#byFunding ??= this.#indexAll();
    const found = this.#byFunding.get(fundingKey(scriptHash)) ?? [];
    return found.filter((id) => {
      const message = this.announcement(id);
      if (message === undefined) return false;
      return toHex(fundingWitnessScript(message.bitcoinKey1, message.bitcoinKey2)) === toHex(witnessScript);
    });
  }

  /** Forgets a channel that the graph no longer has, and its nodes where they went with it. */
  forget(id: ShortChannelId): void {
    const message = this.announcement(id);
    this.ids.delete(id);
    this.#guard(undefined, () => {
      this.#store.delete({ kind: 'channel', id });
      this.#store.delete({ kind: 'update', id, direction: 0 });
      this.#store.delete({ kind: 'update', id, direction: 1 });
    });
    if (message === undefined) return;
    const { bitcoinKey1, bitcoinKey2 } = message;
    const key = fundingKey(this.#crypto.sha256(fundingWitnessScript(bitcoinKey1, bitcoinKey2)));
    const rest = this.#byFunding?.get(key)?.filter((other) => other !== id) ?? [];
    if (rest.length > 0) this.#byFunding?.set(key, rest);
    else this.#byFunding?.delete(key);
    for (const point of [message.nodeId1, message.nodeId2]) {
      if (this.#graph.nodeIndex(point) < 0) this.#forgetNode(nodeIdOf(point));
    }
  }

  /** Forgets what the graph has pruned. */
  forgetPruned(): void {
    for (const id of this.ids.range(0n, 1n << 64n)) {
      if (this.#graph.channelIndex(shortChannelId(id)) < 0) this.forget(shortChannelId(id));
    }
  }

  #forgetNode(id: NodeId): void {
    this.#guard(undefined, () => this.#store.delete({ kind: 'node', id }));
  }

  #indexAll(): Map<number, readonly ShortChannelId[]> {
    const index = new Map<number, readonly ShortChannelId[]>();
    for (const value of this.ids.range(0n, 1n << 64n)) {
      const id = shortChannelId(value);
      const message = this.announcement(id);
      if (message !== undefined) this.#indexFunding(index, id, message);
    }
    return index;
  }

  #indexFunding(
    index: Map<number, readonly ShortChannelId[]>,
    id: ShortChannelId,
    { bitcoinKey1, bitcoinKey2 }: ChannelAnnouncement,
  ): void {
    const key = fundingKey(this.#crypto.sha256(fundingWitnessScript(bitcoinKey1, bitcoinKey2)));
    const others = (index.get(key) ?? []).filter((other) => other !== id);
    index.set(key, [...others, id]);
  }

  #guard<T>(fallback: T, call: () => T): T {
    try {
      return call();
    } catch (error) {
      this.#logger.log('error', 'the gossip store threw', {
        error: error instanceof Error ? error.message : String(error),
      });
      return fallback;
    }
  }
}
