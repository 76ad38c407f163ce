import { blockHeight, type ChainHash, type ShortChannelId } from '@boltwright/base';
import type { ConnectionId } from '@boltwright/interfaces';
import { encodeQueryFlags, encodeShortChannelIds, type Message, type ReplyChannelRange } from '@boltwright/wire';
import type { GossipGraph } from './gossip-graph.ts';
import type { GossipLimits } from './gossip-limits.ts';
import type { GossipPeer } from './gossip-peer.ts';
import type { GossipClock } from './gossip-ports.ts';
import { type GossipProblem, gossipProblem } from './gossip-problem.ts';
import type { GossipRecords } from './gossip-records.ts';
import { type Listing, readListing, wantedFlags } from './listed-channels.ts';
import { allQueryFlags, queryFlag, queryOption } from './query-answers.ts';
import type { SyncProgress } from './sync-progress.ts';

export interface GraphSyncPorts {
  readonly graph: GossipGraph;
  readonly records: GossipRecords;
  readonly limits: GossipLimits;
  readonly chainHash: ChainHash;
  readonly clock: GossipClock;
  /** A number from 0 on and below `below`. */
  pick(below: number): number;
  send(peer: GossipPeer, message: Message): void;
  /** Messages that are being checked. */
  intakeSize(): number;
}

interface Fetching {
  readonly asked: ReadonlyMap<ShortChannelId, Wanted>;
  /** Those of which nothing came yet. */
  readonly missing: Set<ShortChannelId>;
}

interface Wanted {
  readonly flags: number;
  readonly lister: ConnectionId;
  readonly triedBy: readonly ConnectionId[];
}

interface SyncPeer {
  readonly peer: GossipPeer;
  listing: Listing | undefined;
  fetching: Fetching | undefined;
  /** Its list was gone through to the end. */
  listed: boolean;
  /** It is not asked any more: it kept silent, or listed what it did not have. */
  retired: boolean;
  silentTicks: number;
  asked: number;
  given: number;
}

const allBlocks = 0xffff_ffff;

/**
 * Asks peers for what we lack: one for its list of channels, all of them for the channels on it; then another for its
 * list, until `listingPeers` were heard, and now and then one more. A peer that leaves or keeps silent gives its task
 * back: the list goes on at the block that it had reached, its channels go to others.
 */
export class GraphSync {
  readonly #ports: GraphSyncPorts;
  readonly #peers = new Map<ConnectionId, SyncPeer>();
  readonly #wanted = new Map<ShortChannelId, Wanted>();
  #listsDone = 0;
  #reached = 0;
  /** A list is being read, or is to be read on by somebody. */
  #inRound = false;
  #found = 0;
  #unavailable = 0;
  #ticksSinceRound = 0;
  #strays = 0;

  constructor(ports: GraphSyncPorts) {
    this.#ports = ports;
  }

  get isSynced(): boolean {
    return this.#phase() === 'synced';
  }

  peerConnected(peer: GossipPeer): void {
    if (!peer.offersQueries || !peer.servesChain) return;
    this.#peers.set(peer.connection, {
      peer,
      listing: undefined,
      fetching: undefined,
      listed: false,
      retired: false,
      silentTicks: 0,
      asked: 0,
      given: 0,
    });
    this.advance();
  }

  peerDisconnected(connection: ConnectionId): void {
    const left = this.#peers.get(connection);
    this.#peers.delete(connection);
    if (left === undefined) return;
    this.#takeBack(left);
    this.advance();
  }

  /** Hands out what can be asked now. */
  advance(): void {
    if (this.#idlePeers().length === 0) return;
    if (!this.#inRound && this.#wanted.size === 0 && !this.#isFetching()) this.#maybeBeginRound();
    if (this.#inRound && !this.#isListing()) this.#list();
    this.#fetch();
  }

  countTick(): void {
    this.#ticksSinceRound += 1;
    this.#strays = 0;
    for (const sync of this.#peers.values()) {
      if (sync.listing === undefined && sync.fetching === undefined) continue;
      sync.silentTicks += 1;
      if (sync.silentTicks > this.#ports.limits.queryTicks) this.#retire(sync);
    }
    this.advance();
  }

  /** A peer brought a channel's announcement or update. */
  delivered(connection: ConnectionId, id: ShortChannelId): void {
    const sync = this.#peers.get(connection);
    if (sync?.fetching === undefined) return;
    sync.silentTicks = 0;
    sync.fetching.missing.delete(id);
  }

  /** An update came for a channel that nobody announced to us: its bearer may know the announcement (BOLT 7). */
  stray(connection: ConnectionId, id: ShortChannelId): void {
    const sync = this.#peers.get(connection);
    if (sync === undefined || sync.retired || this.#strays >= this.#ports.limits.strayQueriesPerTick) return;
    if (!this.isSynced || this.#isAsked(id)) return;
    this.#strays += 1;
    this.#want(id, allQueryFlags, connection);
  }

  /** @returns What is wrong with the reply: then nothing of it was taken. */
  replyChannelRange(connection: ConnectionId, reply: ReplyChannelRange): GossipProblem | undefined {
    const sync = this.#peers.get(connection);
    const listing = sync?.listing;
    if (sync === undefined || listing === undefined || reply.chainHash !== this.#ports.chainHash) {
      // A late answer of a peer that was given up is no offence.
      return sync?.retired === true ? undefined : gossipProblem('unexpected_reply', 'no query_channel_range of ours');
    }
    const listed = readListing(listing, reply, this.#ports.limits.maxRangeReplies);
    if (!listed.ok) return listed.error;
    for (const channel of listed.value) {
      const flags = wantedFlags(this.#ports, channel);
      if (flags !== 0 && !this.#isAsked(channel.id)) this.#want(channel.id, flags, connection);
    }
    const end = reply.firstBlocknum + reply.numberOfBlocks;
    sync.silentTicks = 0;
    listing.lastFirst = reply.firstBlocknum;
    listing.replies += 1;
    this.#reached = Math.max(this.#reached, end - 1);
    if (end >= allBlocks) {
      sync.listing = undefined;
      sync.listed = true;
      this.#inRound = false;
      this.#listsDone += 1;
    }
    this.advance();
    return undefined;
  }

  replyShortChannelIdsEnd(connection: ConnectionId): GossipProblem | undefined {
    const sync = this.#peers.get(connection);
    if (sync?.fetching === undefined) {
      return sync?.retired === true
        ? undefined
        : gossipProblem('unexpected_reply', 'no query_short_channel_ids of ours');
    }
    const { asked, missing } = sync.fetching;
    sync.fetching = undefined;
    sync.silentTicks = 0;
    sync.peer.solicited = 0;
    sync.given += asked.size - missing.size;
    for (const id of missing) this.#putBack(id, asked.get(id)!, connection);
    const { queryChannels } = this.#ports.limits;
    // It lists what it does not have: nobody is kept busy with that.
    if (sync.asked >= 4 * queryChannels && sync.given * 10 < sync.asked) this.#retire(sync);
    this.advance();
    return undefined;
  }

  progress(): SyncProgress {
    const { graph, limits } = this.#ports;
    const syncs = [...this.#peers.values()];
    const asked = syncs.reduce((sum, { fetching }) => sum + (fetching?.asked.size ?? 0), 0);
    const phase = this.#phase();
    const open = this.#wanted.size + asked;
    const fetched = this.#found === 0 ? 1 : Math.max(0, this.#found - open) / this.#found;
    const height = Math.max(this.#ports.clock.height ?? 1_000_000, 1);
    const listed = this.#inRound ? Math.min(this.#reached / height, 1) : 1;
    const part = Math.min(0.1 * listed + 0.9 * (this.#inRound ? 0 : fetched), 0.999);
    return {
      phase,
      fraction: phase === 'synced' ? 1 : phase === 'idle' && this.#listsDone === 0 && this.#reached === 0 ? 0 : part,
      listsDone: this.#listsDone,
      listsWanted: limits.listingPeers,
      listedToBlock: Math.min(this.#reached, this.#ports.clock.height ?? this.#reached),
      channelsFound: this.#found,
      channelsWaiting: this.#wanted.size,
      channelsAsked: asked,
      channelsUnavailable: this.#unavailable,
      messagesPending: this.#ports.intakeSize(),
      channelsKnown: graph.channelCount,
      nodesKnown: graph.nodeCount,
      peers: syncs.map(({ peer, listing, fetching, retired, asked, given }) => ({
        peer: peer.id,
        task: retired ? 'retired' : listing !== undefined ? 'listing' : fetching !== undefined ? 'fetching' : 'idle',
        asked,
        given,
      })),
    };
  }

  #phase(): SyncProgress['phase'] {
    if (this.#isListing()) return 'listing';
    if (this.#isFetching()) return 'fetching';
    if (this.#wanted.size > 0 || this.#inRound) return this.#idlePeers().length === 0 ? 'idle' : 'fetching';
    return this.#listsDone > 0 ? 'synced' : 'idle';
  }

  // ---- lists --------------------------------------------------------------------------------------------------

  #maybeBeginRound(): void {
    const { listingPeers, resyncTicks } = this.#ports.limits;
    const isDue = this.#listsDone > 0 && this.#ticksSinceRound >= resyncTicks;
    const isFirst = this.#listsDone < listingPeers && this.#idlePeers().some(({ listed }) => !listed);
    if (!isDue && !isFirst) return;
    if (isDue) for (const sync of this.#peers.values()) sync.listed = false;
    this.#inRound = true;
    this.#reached = 0;
    this.#found = 0;
    this.#unavailable = 0;
    this.#ticksSinceRound = 0;
  }

  #list(): void {
    const candidates = this.#idlePeers().filter(({ listed }) => !listed);
    // Who can tell what is new about channels that we know comes first.
    const best = candidates.filter(({ peer }) => peer.extendedQueries);
    const from = best.length > 0 ? best : candidates.length > 0 ? candidates : this.#idlePeers();
    const sync = from[this.#ports.pick(from.length)];
    if (sync === undefined) return;
    const first = this.#reached;
    sync.listing = { from: first, lastFirst: 0, replies: 0 };
    sync.silentTicks = 0;
    this.#ports.send(sync.peer, {
      type: 'query_channel_range',
      chainHash: this.#ports.chainHash,
      firstBlocknum: blockHeight(first),
      numberOfBlocks: allBlocks - first,
      ...(sync.peer.extendedQueries ? { queryOption: queryOption.timestamps | queryOption.checksums } : {}),
    });
  }

  // ---- channels -----------------------------------------------------------------------------------------------

  #want(id: ShortChannelId, flags: number, lister: ConnectionId): void {
    if (this.#wanted.size >= this.#ports.limits.maxWanted) return;
    this.#wanted.set(id, { flags, lister, triedBy: [] });
    this.#found += 1;
  }

  #fetch(): void {
    const { limits, intakeSize } = this.#ports;
    if (this.#wanted.size === 0) return;
    let busy = 0;
    for (const { fetching } of this.#peers.values()) if (fetching !== undefined) busy += 1;
    for (const sync of this.#idlePeers()) {
      // What was fetched is checked first: the queues are bounded, and what they drop would be lost.
      if (busy >= limits.fetchingPeers || intakeSize() * 4 > limits.maxInFlight) return;
      if (this.#ask(sync)) busy += 1;
    }
    if (busy > 0 || this.#isListing()) return;
    // Everybody who is left was asked for the rest already.
    this.#unavailable += this.#wanted.size;
    this.#wanted.clear();
  }

  #ask(sync: SyncPeer): boolean {
    const { graph, limits, chainHash, send } = this.#ports;
    const { connection } = sync.peer;
    const asked = new Map<ShortChannelId, Wanted>();
    // What was tried before stands at the end.
    for (const [id, wanted] of this.#wanted) {
      if (asked.size >= limits.queryChannels) break;
      // It came by another way meanwhile.
      if ((wanted.flags & queryFlag.announcement) !== 0 && graph.channelIndex(id) >= 0) {
        this.#wanted.delete(id);
        continue;
      }
      if (!wanted.triedBy.includes(connection)) asked.set(id, wanted);
    }
    if (asked.size === 0) return false;
    for (const id of asked.keys()) this.#wanted.delete(id);
    const ids = [...asked.keys()].sort((a, b) => (a < b ? -1 : 1));
    sync.fetching = { asked, missing: new Set(ids) };
    sync.silentTicks = 0;
    sync.asked += ids.length;
    // An announcement, two updates and two nodes each.
    sync.peer.solicited += 5 * ids.length;
    const flags = ids.map((id) => BigInt(asked.get(id)!.flags));
    send(sync.peer, {
      type: 'query_short_channel_ids',
      chainHash,
      encodedShortIds: encodeShortChannelIds(ids),
      ...(sync.peer.extendedQueries ? { queryFlags: encodeQueryFlags(flags) } : {}),
    });
    return true;
  }

  /** It was not given: another may, unless who listed it had none either. */
  #putBack(id: ShortChannelId, wanted: Wanted, connection: ConnectionId): void {
    const triedBy = [...wanted.triedBy, connection];
    const isHopeless = connection === wanted.lister || triedBy.length >= 3 || !this.#hasOther(triedBy);
    if (isHopeless || (wanted.flags & queryFlag.announcement) === 0) this.#unavailable += 1;
    else this.#wanted.set(id, { ...wanted, triedBy });
  }

  #hasOther(triedBy: readonly ConnectionId[]): boolean {
    for (const [connection, { retired }] of this.#peers) if (!retired && !triedBy.includes(connection)) return true;
    return false;
  }

  #retire(sync: SyncPeer): void {
    sync.retired = true;
    this.#takeBack(sync);
    for (const [id, { lister }] of this.#wanted) {
      if (lister !== sync.peer.connection) continue;
      this.#wanted.delete(id);
      this.#unavailable += 1;
    }
  }

  /** A peer's tasks are free for others. */
  #takeBack(sync: SyncPeer): void {
    sync.listing = undefined;
    if (sync.fetching === undefined) return;
    for (const id of sync.fetching.missing) this.#wanted.set(id, sync.fetching.asked.get(id)!);
    sync.fetching = undefined;
    sync.peer.solicited = 0;
  }

  #isAsked(id: ShortChannelId): boolean {
    if (this.#wanted.has(id)) return true;
    for (const { fetching } of this.#peers.values()) if (fetching?.asked.has(id) === true) return true;
    return false;
  }

  #idlePeers(): readonly SyncPeer[] {
    return [...this.#peers.values()].filter(
      ({ listing, fetching, retired }) => listing === undefined && fetching === undefined && !retired,
    );
  }

  #isListing(): boolean {
    for (const { listing } of this.#peers.values()) if (listing !== undefined) return true;
    return false;
  }

  #isFetching(): boolean {
    for (const { fetching } of this.#peers.values()) if (fetching !== undefined) return true;
    return false;
  }
}
