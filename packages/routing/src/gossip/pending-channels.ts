import { equalBytes, type NodeId, nodeIdOf, type ShortChannelId } from '@boltwright/base';
import type { ConnectionId } from '@boltwright/interfaces';
import type { ChannelAnnouncement, ChannelUpdate, NodeAnnouncement } from '@boltwright/wire';
import type { GossipLimits } from './gossip-limits.ts';
import type { Verifiable } from './verification-queue.ts';

/** Who brought a message: a peer, by its connection, or this node itself. */
export type GossipOrigin = ConnectionId | 'own';

export type SignedGossip = ChannelAnnouncement | ChannelUpdate | NodeAnnouncement;

/** A message on its way through its signatures' checks. */
export interface GossipJob<M extends SignedGossip = SignedGossip> extends Verifiable {
  readonly message: M;
  /** With its type; of our own, not the read buffer's. */
  readonly raw: Uint8Array;
  /** All who brought it meanwhile. */
  readonly origins: Set<GossipOrigin>;
}

/** A message that waits until a channel is accepted or not. */
export interface HeldGossip {
  readonly message: SignedGossip;
  readonly raw: Uint8Array;
  readonly origin: GossipOrigin;
}

/** An announced channel whose signatures or funding output are being looked at. */
export interface PendingChannel {
  readonly job: GossipJob<ChannelAnnouncement>;
  readonly held: HeldGossip[];
  /** Set while the funding output is looked up: ticks passed. */
  utxoTicks: number | undefined;
}

/** Channels that are being looked at, and what waits for them, all within bounds. */
export class PendingChannels {
  readonly #limits: GossipLimits;
  readonly #channels = new Map<ShortChannelId, PendingChannel>();
  readonly #byNode = new Map<NodeId, Set<ShortChannelId>>();
  #held = 0;
  #awaitingOutput = 0;

  constructor(limits: GossipLimits) {
    this.#limits = limits;
  }

  get held(): number {
    return this.#held;
  }

  /** Those whose funding output is being looked up. */
  get awaitingOutput(): number {
    return this.#awaitingOutput;
  }

  get isFull(): boolean {
    return this.#channels.size >= this.#limits.maxPendingChannels;
  }

  get(id: ShortChannelId): PendingChannel | undefined {
    return this.#channels.get(id);
  }

  /** One of those that this node is an end of. */
  withNode(id: NodeId): PendingChannel | undefined {
    for (const channel of this.#byNode.get(id) ?? []) return this.#channels.get(channel);
    return undefined;
  }

  add(job: GossipJob<ChannelAnnouncement>): PendingChannel {
    const pending: PendingChannel = { job, held: [], utxoTicks: undefined };
    const { shortChannelId: id } = job.message;
    this.#channels.set(id, pending);
    for (const node of nodesOf(job.message)) {
      const channels = this.#byNode.get(node);
      if (channels === undefined) this.#byNode.set(node, new Set([id]));
      else channels.add(id);
    }
    return pending;
  }

  /** False where there is no room for it, or it is held already. */
  hold(pending: PendingChannel, gossip: HeldGossip): boolean {
    const { maxHeld, maxHeldPerChannel, maxHeldPerPeerAndChannel } = this.#limits;
    if (this.#held >= maxHeld || pending.held.length >= maxHeldPerChannel) return false;
    let fromThisPeer = 0;
    for (const { origin, raw } of pending.held) {
      if (equalBytes(raw, gossip.raw)) return false;
      if (origin === gossip.origin) fromThisPeer += 1;
    }
    if (fromThisPeer >= maxHeldPerPeerAndChannel) return false;
    pending.held.push(gossip);
    this.#held += 1;
    return true;
  }

  /** Its signatures are right: now its output is looked up. */
  awaitOutput(pending: PendingChannel): void {
    pending.utxoTicks = 0;
    this.#awaitingOutput += 1;
  }

  /** Takes it out; what waited for it is the caller's to go on with. */
  remove(pending: PendingChannel): readonly HeldGossip[] {
    const { shortChannelId: id } = pending.job.message;
    this.#channels.delete(id);
    for (const node of nodesOf(pending.job.message)) {
      const channels = this.#byNode.get(node);
      channels?.delete(id);
      if (channels?.size === 0) this.#byNode.delete(node);
    }
    this.#held -= pending.held.length;
    if (pending.utxoTicks !== undefined) this.#awaitingOutput -= 1;
    return pending.held;
  }

  /** Counts a tick; gives back those whose funding output nobody found in time. */
  countTick(): readonly PendingChannel[] {
    const expired: PendingChannel[] = [];
    for (const pending of this.#channels.values()) {
      if (pending.utxoTicks === undefined) continue;
      pending.utxoTicks += 1;
      if (pending.utxoTicks > this.#limits.utxoTicks) expired.push(pending);
    }
    return expired;
  }
}

const nodesOf = ({ nodeId1, nodeId2 }: ChannelAnnouncement): readonly NodeId[] => [
  nodeIdOf(nodeId1),
  nodeIdOf(nodeId2),
];
