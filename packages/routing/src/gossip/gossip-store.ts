import type { NodeId, ShortChannelId } from '@boltwright/base';

/** Which signed message: a channel's announcement, the last update of one of its directions, a node's announcement. */
export type GossipKey =
  | { readonly kind: 'channel'; readonly id: ShortChannelId }
  | { readonly kind: 'update'; readonly id: ShortChannelId; readonly direction: 0 | 1 }
  | { readonly kind: 'node'; readonly id: NodeId };

/**
 * Keeps signed messages as they came, with their two bytes of type, for whoever serves gossip to others.
 *
 * Requirements: answers at once; a message put under a key replaces the one before. Losing what was put costs no money:
 * peers have it too. Bytes given and got are not changed by either side.
 */
export interface GossipStore {
  put(key: GossipKey, raw: Uint8Array): void;
  get(key: GossipKey): Uint8Array | undefined;
  delete(key: GossipKey): void;
  /** Channels whose announcement is kept, in any order. */
  channelIds(): Iterable<ShortChannelId>;
}

/** Keeps them in memory: about 1,300 bytes a channel. */
export function memoryGossipStore(): GossipStore {
  const channels = new Map<ShortChannelId, Uint8Array>();
  const updates = [new Map<ShortChannelId, Uint8Array>(), new Map<ShortChannelId, Uint8Array>()] as const;
  const nodes = new Map<NodeId, Uint8Array>();
  return {
    put(key, raw) {
      if (key.kind === 'channel') channels.set(key.id, raw);
      else if (key.kind === 'update') updates[key.direction].set(key.id, raw);
      else nodes.set(key.id, raw);
    },
    get(key) {
      if (key.kind === 'channel') return channels.get(key.id);
      return key.kind === 'update' ? updates[key.direction].get(key.id) : nodes.get(key.id);
    },
    delete(key) {
      if (key.kind === 'channel') channels.delete(key.id);
      else if (key.kind === 'update') updates[key.direction].delete(key.id);
      else nodes.delete(key.id);
    },
    channelIds: () => channels.keys(),
  };
}
