import {
  type Block,
  type BlockHeight,
  type ChainHash,
  channelId,
  err,
  type NodeId,
  ok,
  type Result,
  type ShortChannelId,
} from '@boltwright/base';
import type {
  BlockLocation,
  ConnectionId,
  MessageSendEvent,
  PeerRefused,
  RoutingMessage,
  RoutingMessageHandler,
} from '@boltwright/interfaces';
import {
  decodeMessage,
  errorData,
  featuresOf,
  type GossipTimestampFilter,
  type Init,
  type Message,
  type Warning,
} from '@boltwright/wire';
import { FundingWatch } from './funding-watch.ts';
import { GossipIntake } from './gossip-intake.ts';
import { defaultGossipLimits, type GossipLimits } from './gossip-limits.ts';
import { type GossipPeer, gossipPeer } from './gossip-peer.ts';
import type { GossipClock, UtxoAnswer } from './gossip-ports.ts';
import { type GossipProblem, gossipProblem } from './gossip-problem.ts';
import { GossipRecords } from './gossip-records.ts';
import { GossipRelay } from './gossip-relay.ts';
import { memoryGossipStore } from './gossip-store.ts';
import { GraphSync } from './graph-sync.ts';
import { messageSize } from './message-size.ts';
import type { NetGraphMsgHandlerParts } from './net-graph-msg-handler-parts.ts';
import type { SignedGossip } from './pending-channels.ts';
import { QueryServer } from './query-server.ts';
import { seededPick } from './seeded-pick.ts';
import { backendVerifier, type SignatureBatchId } from './signature-checks.ts';
import type { SyncProgress } from './sync-progress.ts';

const maxU32 = 0xffff_ffff;
const allChannels = channelId('00'.repeat(32));

/**
 * Gossip (BOLT 7): verifies what peers tell into graph and store, passes it on, asks for what is missing and answers
 * what others ask.
 *
 * Order: `timerTick` about every 10 seconds; after any call, `getAndClearPendingMsgEvents` has what is to be sent, and
 * has signatures checked that wait. No method throws for what a peer sent.
 */
export class NetGraphMsgHandler implements RoutingMessageHandler {
  readonly #parts: NetGraphMsgHandlerParts;
  readonly #limits: GossipLimits;
  readonly #clock: GossipClock;
  readonly #records: GossipRecords;
  readonly #intake: GossipIntake;
  readonly #relay: GossipRelay;
  readonly #sync: GraphSync;
  readonly #watch: FundingWatch;
  readonly #queries: QueryServer;
  readonly #pick: (below: number) => number;
  readonly #peers = new Map<ConnectionId, GossipPeer>();
  #events: MessageSendEvent[] = [];
  #ticks = 0;

  constructor(parts: NetGraphMsgHandlerParts) {
    const { graph, crypto, chainHash, chainWatch, logger, seed, now } = parts;
    const limits = { ...defaultGossipLimits, ...parts.limits };
    const clock: GossipClock = { now: now === undefined ? undefined : Math.floor(now / 1000), height: undefined };
    const records = new GossipRecords(parts.store ?? memoryGossipStore(), graph, crypto, logger);
    const isSpent = (id: ShortChannelId): boolean => this.#watch.isSpent(id);
    const send = (peer: GossipPeer, message: Message): void => this.#send(peer, message);
    this.#parts = parts;
    this.#limits = limits;
    this.#clock = clock;
    this.#records = records;
    this.#pick = seededPick(seed);
    this.#watch = new FundingWatch({ graph, records, crypto, clock, lookUp: (id) => this.#lookUp(id) });
    this.#relay = new GossipRelay({ records, limits, peers: this.#peers, isSpent, send });
    this.#queries = new QueryServer({
      records,
      limits,
      chainHash,
      isSpent,
      message: (key) => this.#relay.message(key),
      send,
    });
    this.#sync = new GraphSync({
      graph,
      records,
      limits,
      chainHash,
      clock,
      pick: this.#pick,
      send,
      intakeSize: () => this.#intake.size,
    });
    this.#intake = new GossipIntake({
      graph,
      records,
      crypto,
      verifier: parts.verifier ?? backendVerifier(crypto),
      chainHash,
      chainWatch,
      limits,
      logger,
      clock,
      isSpent,
      accepted: (gossip) => this.#relay.accepted(gossip),
      seen: (origin, key, timestamp) => this.#relay.seen(origin, key, timestamp),
      stray: (origin, id) => {
        if (origin !== 'own') this.#sync.stray(origin, id);
      },
      punish: (connection, problem) => this.#punish(connection, problem),
    });
  }

  // ---- peers --------------------------------------------------------------------------------------------------

  peerConnected(id: NodeId, connection: ConnectionId, init: Init, _inbound: boolean): Result<void, PeerRefused> {
    const { chainHash } = this.#parts;
    const peer = gossipPeer(id, connection, init, chainHash, this.#limits, this.#pick(this.#limits.relayTicks));
    this.#peers.set(connection, peer);
    this.#assignStreams();
    this.#sync.peerConnected(peer);
    return ok(undefined);
  }

  peerDisconnected(_id: NodeId, connection: ConnectionId): void {
    this.#peers.delete(connection);
    this.#sync.peerDisconnected(connection);
    this.#assignStreams();
  }

  providedNodeFeatures(): Uint8Array {
    return this.#parts.offersQueries === false
      ? new Uint8Array(0)
      : featuresOf({ gossip_queries: 'optional', gossip_queries_ex: 'optional' });
  }

  providedInitFeatures(_peer: NodeId): Uint8Array {
    return this.providedNodeFeatures();
  }

  // ---- messages -----------------------------------------------------------------------------------------------

  handleMessage(_id: NodeId, connection: ConnectionId, message: RoutingMessage, raw: Uint8Array): void {
    const peer = this.#peers.get(connection);
    if (peer === undefined || peer.ended) return;
    const problem = this.#take(peer, message, raw);
    if (problem !== undefined) this.#punish(connection, problem);
  }

  /**
   * Takes in and publishes what this node made itself: to all peers at once, whatever their filters, a channel's
   * announcement with its first update (BOLT 7, The `gossip_timestamp_filter` Message).
   *
   * @param raw - A signed `channel_announcement`, `channel_update` or `node_announcement` with its type.
   * @returns Why it was refused, as far as it shows before its signature is checked.
   */
  announce(raw: Uint8Array): Result<void, GossipProblem> {
    const decoded = decodeMessage(raw);
    if (!decoded.ok) return err(gossipProblem('undecodable', decoded.error.message));
    const message = decoded.value;
    if (!isSignedGossip(message)) return err(gossipProblem('undecodable', `${message.type} is no signed gossip`));
    const problem = this.#intake.handle(message, raw, 'own');
    this.#intake.submit();
    return problem === undefined ? ok(undefined) : err(problem);
  }

  getAndClearPendingMsgEvents(): readonly MessageSendEvent[] {
    this.#intake.submit();
    this.#sync.advance();
    for (const peer of this.#peers.values()) this.#queries.continueAnswers(peer);
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** The answers to a batch that the verifier said to be `pending`. */
  signaturesChecked(batch: SignatureBatchId, answers: readonly boolean[]): void {
    this.#intake.signaturesChecked(batch, answers);
    this.#sync.advance();
  }

  // ---- chain and time -----------------------------------------------------------------------------------------

  /** The answer to a `getChainUtxo` that was `pending`. */
  utxoFound(chain: ChainHash, id: ShortChannelId, answer: UtxoAnswer): void {
    if (chain !== this.#parts.chainHash) return;
    this.#watch.utxoFound(id, answer);
    this.#intake.utxoFound(id, answer);
    this.#sync.advance();
  }

  /** As `ChainListener`: finds channels that close. */
  blockConnected(block: Block, height: BlockHeight): void {
    if (this.#watch.blockConnected(block, height) > 0) this.#forgetPruned();
  }

  /** For who sees no whole blocks: `fundingSpent` tells of closed channels then. */
  bestBlockUpdated(height: BlockHeight): void {
    if (this.#watch.bestBlock(height) > 0) this.#forgetPruned();
  }

  /** The funding output of a channel was spent in a block of this height. */
  fundingSpent(id: ShortChannelId, height: BlockHeight): void {
    this.#watch.fundingSpent(id, height);
  }

  blocksDisconnected(forkPoint: BlockLocation): void {
    this.#watch.blocksDisconnected(forkPoint);
  }

  /**
   * About 10 seconds have passed.
   *
   * @param now - Milliseconds since 1970. Without any, no timestamp is found to be in the future or long past, and
   * nothing is pruned.
   */
  timerTick(now?: number): void {
    this.#ticks += 1;
    if (now !== undefined) this.#clock.now = Math.floor(now / 1000);
    for (const peer of this.#peers.values()) this.#renew(peer);
    this.#intake.submit();
    this.#intake.countTick();
    this.#sync.countTick();
    this.#assignStreams();
    for (const peer of this.#peers.values()) this.#sendDue(peer);
    if (this.#ticks % this.#limits.pruneTicks === 0 && this.#clock.now !== undefined) {
      if (this.#parts.graph.prune(this.#clock.now) > 0) this.#forgetPruned();
    }
  }

  /** How far the sync is. */
  syncProgress(): SyncProgress {
    return this.#sync.progress();
  }

  // ---- what peers send ----------------------------------------------------------------------------------------

  #take(peer: GossipPeer, message: RoutingMessage, raw: Uint8Array): GossipProblem | undefined {
    const { connection } = peer;
    switch (message.type) {
      case 'channel_announcement':
      case 'channel_update':
        this.#sync.delivered(connection, message.shortChannelId);
        return this.#takeGossip(peer, message, raw);
      case 'node_announcement':
        return this.#takeGossip(peer, message, raw);
      case 'query_channel_range':
        return this.#queries.takeRangeQuery(peer, message);
      case 'query_short_channel_ids':
        return this.#queries.takeIdsQuery(peer, message);
      case 'reply_channel_range':
        return this.#sync.replyChannelRange(connection, message);
      case 'reply_short_channel_ids_end':
        return this.#sync.replyShortChannelIdsEnd(connection);
      case 'gossip_timestamp_filter':
        return this.#takeFilter(peer, message);
    }
  }

  #takeGossip(peer: GossipPeer, message: SignedGossip, raw: Uint8Array): GossipProblem | undefined {
    peer.received += 1;
    const allowed = this.#limits.floodPerTick + peer.solicited;
    if (peer.received > allowed) return gossipProblem('flood', `${peer.received} gossip messages within a tick`);
    return this.#intake.handle(message, raw, peer.connection, () => {
      if (peer.solicited > 0) peer.solicited -= 1;
      else if (peer.unsolicited > 0) peer.unsolicited -= 1;
      else return false;
      return true;
    });
  }

  #takeFilter(peer: GossipPeer, { chainHash, firstTimestamp, timestampRange }: GossipTimestampFilter): undefined {
    if (chainHash !== this.#parts.chainHash || !peer.servesChain) return;
    this.#relay.setFilter(peer, { first: firstTimestamp, end: firstTimestamp + timestampRange });
  }

  // ---- what goes to peers -------------------------------------------------------------------------------------

  #renew(peer: GossipPeer): void {
    peer.window = this.#limits.sendWindowBytes;
    peer.received = 0;
    peer.unsolicited = this.#limits.unsolicitedPerTick;
    peer.queries = 0;
    peer.answerBytes = 0;
  }

  #sendDue(peer: GossipPeer): void {
    if (peer.ended) return;
    this.#queries.continueAnswers(peer);
    if ((this.#ticks + peer.phase) % this.#limits.relayTicks === 0) peer.flushing = true;
    if (peer.flushing) {
      this.#relay.flush(peer);
      peer.flushing = Object.values(peer.relay).some((lane) => lane.size > 0);
    }
    this.#relay.continueBacklog(peer);
  }

  /** A few peers stream what is new; the others are told that they need not (BOLT 7, `gossip_timestamp_filter`). */
  #assignStreams(): void {
    const { streamingPeers, streamBackSeconds } = this.#limits;
    // Until the first tick the time may still be said.
    if (this.#clock.now === undefined && this.#ticks === 0) return;
    let streaming = 0;
    for (const peer of this.#peers.values()) if (peer.streams === 'streaming') streaming += 1;
    for (const peer of this.#peers.values()) {
      if (!peer.servesChain || peer.ended || peer.streams === 'streaming') continue;
      const wanted = peer.offersQueries && streaming < streamingPeers;
      if (!wanted && peer.streams === 'silent') continue;
      if (wanted) streaming += 1;
      peer.streams = wanted ? 'streaming' : 'silent';
      const first = this.#clock.now === undefined ? 0 : Math.max(0, this.#clock.now - streamBackSeconds);
      this.#send(peer, {
        type: 'gossip_timestamp_filter',
        chainHash: this.#parts.chainHash,
        firstTimestamp: wanted ? first : maxU32,
        timestampRange: wanted ? maxU32 : 0,
      });
    }
  }

  #send(peer: GossipPeer, message: Message): void {
    if (peer.ended) return;
    peer.window -= messageSize(message);
    this.#events.push({ kind: 'send', peer: peer.id, connection: peer.connection, message });
  }

  #punish(connection: ConnectionId, problem: GossipProblem): void {
    const peer = this.#peers.get(connection);
    if (peer === undefined || peer.ended) return;
    const { kind, reaction, spec, message: reason } = problem;
    const { logger } = this.#parts;
    if (reaction === 'ignore') {
      logger.log('trace', 'gossip ignored', { peer: peer.id, kind, reason });
      return;
    }
    logger.log('warn', 'gossip against the rules', { peer: peer.id, connection, kind, spec, reason });
    const text = `${kind}: ${reason} (${spec})`;
    const message: Warning = { type: 'warning', channelId: allChannels, data: errorData(text) };
    peer.warnings += 1;
    if (reaction === 'warn' && peer.warnings <= this.#limits.maxWarnings) {
      this.#send(peer, message);
      return;
    }
    peer.ended = true;
    peer.answers = [];
    peer.backlog = undefined;
    this.#events.push({ kind: 'disconnect', peer: peer.id, connection, reason: text, message });
  }

  // ---- the rest -----------------------------------------------------------------------------------------------

  #lookUp(id: ShortChannelId): UtxoAnswer | undefined {
    const { chainWatch, chainHash, logger } = this.#parts;
    try {
      const answer = chainWatch?.getChainUtxo(chainHash, id);
      return answer?.kind === 'ready' ? answer.value : undefined;
    } catch (error) {
      logger.log('error', 'getChainUtxo threw', { error: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  }

  #forgetPruned(): void {
    this.#records.forgetPruned();
    this.#watch.prune();
    this.#relay.prune();
  }
}

const isSignedGossip = (message: { readonly type: string }): message is SignedGossip =>
  message.type === 'channel_announcement' || message.type === 'channel_update' || message.type === 'node_announcement';
