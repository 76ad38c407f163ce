import {
  type Block,
  type BlockHeight,
  type ChannelId,
  err,
  type FeeratePerKw,
  type NodeId,
  ok,
  type PaymentHash,
  type RawTransaction,
  type Result,
  type Sat,
  type Script,
} from '@boltwright/base';
import { channelDetails } from '@boltwright/channel';
import type {
  BlockLocation,
  ChainListener,
  ChannelDetails,
  ChannelMessage,
  ChannelMessageHandler,
  ConnectionId,
  Event,
  EventId,
  EventsProvider,
  MessageSendEvent,
  PaymentId,
  PeerRefused,
  RecordKey,
  Route,
  RouteError,
  RouteRequestId,
  StoreError,
  TurnId,
  TurnListener,
} from '@boltwright/interfaces';
import { type ChannelUpdate, combineFeatures, featuresFor, type Init, unknownRequiredBits } from '@boltwright/wire';
import { type ApiError, apiError } from './api-error.ts';
import { findFundingOutput } from './chain/fundings.ts';
import type { CreateChannelOptions } from './channels/channel-opener.ts';
import { fundedState, type LiveChannel } from './channels/live-channel.ts';
import type { StartingPoint } from './core/core.ts';
import { deadlines } from './deadlines.ts';
import type { ChannelManagerParts } from './manager-parts.ts';
import { nodeFeatures } from './node-features.ts';
import { type CreatedInvoice, type InvoiceRequest, makeInvoice } from './payments/invoices.ts';
import type { PaymentDetails } from './payments/payment-details.ts';
import type { SendOptions } from './payments/payments-out.ts';
import { type RestoreError, readRecords, type StoredRecords } from './restore/read-records.ts';
import { resume } from './restore/resume.ts';
import { Workings } from './workings.ts';

/** How a channel is to be closed with the peer. */
export interface CloseOptions {
  /** Where our part goes; the channel's own script where left out. */
  readonly script?: Script;
  readonly feeratePerKw?: FeeratePerKw;
}

/**
 * Many channels: payments out, in and through, events, and restarts (BOLTs 2 and 4).
 *
 * Every call is a turn: it changes states, stages records, and returns; what it promises to anyone leaves once the
 * turn is durable (`turnCommitted`) and the watch has its updates (`updateCompleted`). Nothing that a peer, the chain
 * or a record says makes a method throw; a port that calls back from within a call does.
 */
export class ChannelManager implements ChannelMessageHandler, EventsProvider, ChainListener, TurnListener {
  readonly #w: Workings;

  /**
   * A manager that has no records yet. For one that has: {@link ChannelManager.restore}.
   *
   * @throws RangeError where the configuration asks for a `cltv_expiry_delta` in which a forward cannot be kept safe.
   */
  constructor(parts: ChannelManagerParts, start?: StartingPoint) {
    const { cltvExpiryDelta } = parts.config.channel;
    if (cltvExpiryDelta < deadlines.leastCltvExpiryDelta) {
      throw new RangeError(`cltvExpiryDelta is ${cltvExpiryDelta}: at least ${deadlines.leastCltvExpiryDelta} is safe`);
    }
    this.#w = new Workings(parts, start ?? { tip: parts.tip, time: 0, run: 0 }, (peer) =>
      this.providedInitFeatures(peer),
    );
    if (start === undefined) this.#w.runner.run(() => this.#w.core.saveTip());
  }

  /**
   * A manager where its last durable turn left it. Records of other parts in the same store are passed over.
   *
   * Order: before peers connect and blocks come in. What was told to the watch and not completed is told again.
   */
  static restore(
    parts: ChannelManagerParts,
    records: Iterable<readonly [RecordKey, Uint8Array]>,
  ): Result<ChannelManager, RestoreError> {
    const read = readRecords(records);
    if (!read.ok) return read;
    const { start } = read.value;
    if (start === undefined) return ok(new ChannelManager(parts));
    const manager = new ChannelManager(parts, { ...start, run: start.run + 1 });
    return manager.#resume(read.value);
  }

  #resume(records: StoredRecords): Result<ChannelManager, RestoreError> {
    const resumed = this.#w.runner.run(() => resume(this.#w, records));
    return resumed.ok ? ok(this) : resumed;
  }

  // ---- channels ------------------------------------------------------------------------------------------------

  /**
   * Offers a channel to a connected peer.
   *
   * @returns its temporary id; the event `fundingGenerationReady` asks for the transaction.
   */
  createChannel(peer: NodeId, value: Sat, options: CreateChannelOptions = {}): Result<ChannelId, ApiError> {
    return this.#api(() => this.#w.opener.create(peer, value, options));
  }

  /** Says yes to an `openChannelRequest`. */
  acceptChannel(temporaryChannelId: ChannelId, counterparty: NodeId): Result<void, ApiError> {
    return this.#api(() => this.#w.opener.accept(temporaryChannelId, counterparty));
  }

  /** Says no to an `openChannelRequest`. */
  rejectChannel(temporaryChannelId: ChannelId, counterparty: NodeId, reason: string): Result<void, ApiError> {
    return this.#api(() => this.#w.opener.reject(temporaryChannelId, counterparty, reason));
  }

  /**
   * The funding transaction of one or more channels, signed and not broadcast: once all that it funds is durable the
   * manager broadcasts it, then again until it is confirmed (rule 3).
   *
   * @param outputIndex - found by value and script where left out.
   */
  fundingTransactionGenerated(
    temporaryChannelId: ChannelId,
    transaction: RawTransaction,
    outputIndex?: number,
  ): Result<void, ApiError> {
    return this.#api(() => {
      const { core, shell, fundings } = this.#w;
      const channel = core.registry.find(temporaryChannelId);
      if (channel === undefined) return unknownChannel(temporaryChannelId);
      const outpoint = findFundingOutput(core, channel, transaction, outputIndex);
      if (!outpoint.ok) return outpoint;
      const created = shell.command(channel, { kind: 'fundingCreated', fundingOutpoint: outpoint.value });
      if (!created.ok) {
        const pending = created.error.kind === 'refused' && created.error.code === 'signerPending';
        return err(apiError(pending ? 'signerPending' : 'refused', created.error.message));
      }
      fundings.put({ channelId: channel.state.channelId, transaction, release: false });
      return ok(undefined);
    });
  }

  /**
   * The funding transactions of ours that are not confirmed yet, broadcast or not: their coins are spent, whatever a wallet
   * that was restored may think.
   */
  pendingFundings(): readonly RawTransaction[] {
    return this.#w.fundings.unconfirmed();
  }

  /** Starts a mutual close. */
  closeChannel(id: ChannelId, options: CloseOptions = {}): Result<void, ApiError> {
    const { script, feeratePerKw } = options;
    return this.#onChannel(id, (channel) =>
      this.#w.shell.command(channel, {
        kind: 'close',
        ...(script === undefined ? {} : { script }),
        ...(feeratePerKw === undefined ? {} : { feeratePerKw }),
      }),
    );
  }

  /** Ends a channel on chain: its monitor broadcasts. */
  forceCloseChannel(id: ChannelId, reason: string): Result<void, ApiError> {
    return this.#onChannel(id, (channel) => this.#w.shell.command(channel, { kind: 'forceClose', message: reason }));
  }

  listChannels(): readonly ChannelDetails[] {
    return this.#w.listChannels();
  }

  // ---- payments ------------------------------------------------------------------------------------------------

  /** Nothing is stored for an unpaid invoice, so it is good at once. */
  createInvoice(request: InvoiceRequest): Result<CreatedInvoice, ApiError> {
    return this.#api(() => {
      this.#w.core.tellTime(request.now);
      return makeInvoice(this.#w.core, request, this.#w.routeHints());
    });
  }

  /**
   * Pays an invoice. The same id pays once, over restarts too.
   *
   * @returns an error where nothing was sent and nothing is remembered; otherwise `paymentSent` or `paymentFailed` follows.
   */
  sendPayment(invoice: string, paymentId: PaymentId, options: SendOptions = {}): Result<void, ApiError> {
    if (!/^[0-9a-f]{64}$/.test(paymentId)) throw new RangeError(`'${paymentId}' is no payment id: 64 hex digits are`);
    return this.#api(() => {
      this.#w.core.tellTime(options.now);
      return this.#w.paymentsOut.send(invoice, paymentId, options);
    });
  }

  /** No more attempts. What is in flight may still succeed. */
  abandonPayment(paymentId: PaymentId): Result<void, ApiError> {
    return this.#api(() => this.#w.paymentsOut.abandon(paymentId));
  }

  /** Forgets a payment that is over, so that its record and its id are free. */
  forgetPayment(paymentId: PaymentId): Result<void, ApiError> {
    return this.#api(() => this.#w.paymentsOut.forget(paymentId));
  }

  /** Claims what a `paymentClaimable` told of. @param preimage - 32 bytes. */
  claimFunds(preimage: Uint8Array): Result<void, ApiError> {
    return this.#api(() => this.#w.paymentsIn.claim(preimage));
  }

  /** Refuses what a `paymentClaimable` told of. */
  failHtlcBackwards(paymentHash: PaymentHash): Result<void, ApiError> {
    return this.#api(() => this.#w.paymentsIn.failBackwards(paymentHash));
  }

  listPayments(): readonly PaymentDetails[] {
    return this.#w.paymentsOut.list();
  }

  /** Answers a `Router` that left a request pending. */
  routeFound(request: RouteRequestId, route: Result<Route, RouteError>): void {
    this.#report(() => this.#w.paymentsOut.routeFound(request, route));
  }

  /** With `batchForwards`: sends on what has come in. */
  processPendingHtlcForwards(): void {
    this.#report(() => this.#w.forwarding.forwardAll());
  }

  // ---- peers ---------------------------------------------------------------------------------------------------

  peerConnected(peer: NodeId, connection: ConnectionId, init: Init): Result<void, PeerRefused> {
    const features = combineFeatures(init.globalFeatures, init.features);
    const unknown = unknownRequiredBits(features);
    if (unknown.length > 0) {
      return err({ kind: 'peerRefused', reason: `BOLT 1: features ${unknown.join(', ')} are required and not known` });
    }
    if (this.#w.core.clock.failure !== undefined) return err({ kind: 'peerRefused', reason: 'the store failed' });
    this.#w.runner.run(() => {
      const before = this.#w.core.peers.get(peer);
      if (before !== undefined) this.#w.disconnected(peer, before.connection);
      this.#w.core.peers.connected(peer, connection, features);
      for (const channel of this.#w.core.registry.withPeer(peer)) this.#w.connect(channel);
    });
    return ok(undefined);
  }

  peerDisconnected(peer: NodeId, connection: ConnectionId): void {
    this.#report(() => this.#w.disconnected(peer, connection));
  }

  handleMessage(peer: NodeId, connection: ConnectionId, message: ChannelMessage): void {
    this.#report(() => this.#w.dispatch.dispatch(peer, connection, message));
  }

  /**
   * A direct peer's `channel_update` about a channel with us: how it forwards to us goes into the hints of our invoices.
   * Any other is passed over, and costs no turn; gossip is the `RoutingMessageHandler`'s.
   *
   * @returns whether it is about a channel between that peer and us.
   */
  handleChannelUpdate(peer: NodeId, update: ChannelUpdate): boolean {
    if (this.#w.core.registry.byOutboundScid(update.shortChannelId)?.counterparty !== peer) return false;
    this.#report(() => {
      this.#w.updates.received(peer, update);
    });
    return true;
  }

  getAndClearPendingMsgEvents(): readonly MessageSendEvent[] {
    return this.#w.core.peers.take();
  }

  providedNodeFeatures(): Uint8Array {
    return featuresFor('node', nodeFeatures(this.#w.core.parts.config.handshake.anchors));
  }

  providedInitFeatures(_peer: NodeId): Uint8Array {
    return featuresFor('init', nodeFeatures(this.#w.core.parts.config.handshake.anchors));
  }

  // ---- events --------------------------------------------------------------------------------------------------

  /** What is durable and not handled yet, in the order in which it happened. */
  pendingEvents(): readonly { readonly id: EventId; readonly event: Event }[] {
    const { core } = this.#w;
    if (core.clock.failure !== undefined) return [];
    return core.events.visible(
      (turn, gate) => (turn === undefined || core.clock.isDurable(turn)) && (gate === undefined || core.isOpen(gate)),
    );
  }

  eventHandled(id: EventId): void {
    this.#report(() => this.#w.core.events.handled(id));
  }

  // ---- chain and time ------------------------------------------------------------------------------------------

  tip(): BlockLocation {
    return this.#w.core.tip;
  }

  blockConnected(block: Block, height: BlockHeight): void {
    this.#report(() => this.#w.blockConnected(block, height));
  }

  blocksDisconnected(forkPoint: BlockLocation): void {
    this.#report(() => this.#w.follower.blocksDisconnected(forkPoint));
  }

  /** Wanted every minute. @param now - milliseconds since 1970; where left out, a minute has passed since the last. */
  timerTick(now?: number): void {
    this.#report(() => this.#w.timerTick(now));
  }

  // ---- the store, the watch and the signer ---------------------------------------------------------------------

  turnCommitted(turn: TurnId): void {
    const { clock } = this.#w.core;
    clock.committed(turn);
    if (!clock.running) this.#w.runner.release();
  }

  /** Nothing more leaves this node, and it does nothing more: open the store anew and restore. */
  storeFailed(error: StoreError): void {
    this.#w.core.clock.failed(error);
    this.#w.core.parts.logger.log('error', 'the store failed', { kind: error.kind, message: error.message });
  }

  /** The watch has made durable an update that it answered `inProgress` (0: the initial monitor). */
  updateCompleted(channelId: ChannelId, updateId: bigint): void {
    this.#report(() => this.#w.updateCompleted(channelId, updateId));
  }

  /** Answers a `lastUpdateId` that the watch left pending at the restart. */
  watchAnswered(channelId: ChannelId, lastUpdateId: bigint | undefined): void {
    this.#report(() => this.#w.watchAnswered(channelId, lastUpdateId));
  }

  /** What the watch saw on chain; also taken with each block and each tick. */
  handleMonitorEvents(): void {
    this.#report(() => this.#w.monitorEvents.handleAll());
  }

  /** A signer can answer what it left pending: of one channel, or (left out) of the node's key and all channels. */
  signerUnblocked(channelId?: ChannelId): void {
    this.#report(() => this.#w.signerUnblocked(channelId));
  }

  #report(work: () => void): void {
    if (this.#w.core.clock.failure !== undefined) return;
    this.#w.runner.report(work);
  }

  #api<T>(work: () => Result<T, ApiError>): Result<T, ApiError> {
    if (this.#w.core.clock.failure !== undefined) {
      return err(apiError('storeFailed', 'the store failed: open it anew and restore the manager'));
    }
    return this.#w.runner.run(work);
  }

  #onChannel(
    id: ChannelId,
    work: (channel: LiveChannel) => Result<unknown, { readonly kind: string; readonly message: string }>,
  ): Result<void, ApiError> {
    return this.#api(() => {
      const channel = this.#w.core.registry.find(id);
      if (channel === undefined || channelDetails(channel.state) === undefined) return unknownChannel(id);
      if (fundedState(channel.state)?.kind === 'closed') return err(apiError('wrongState', 'the channel is closed'));
      const done = work(channel);
      if (done.ok) return ok(undefined);
      return err(apiError(done.error.kind === 'frozen' ? 'frozen' : 'refused', done.error.message));
    });
  }
}

const unknownChannel = (id: ChannelId) => err(apiError('unknownChannel', `there is no channel ${id}`));
