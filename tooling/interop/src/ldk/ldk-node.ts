import { createHash } from 'node:crypto';
import {
  type Block,
  type BlockHeight,
  blockHashBytes,
  fromHex,
  type Msat,
  type NodeId,
  nodeIdBytes,
  nodeIdOf,
  paymentHashOf,
  type RawTransaction,
  type Sat,
  type Txid,
  toHex,
  txid,
  txidOf,
} from '@boltwright/base';
import type { BlockLocation, ChainListener } from '@boltwright/interfaces';
import { Transaction } from 'bitcoinjs-lib';
import {
  BestBlock,
  Bolt11Invoice,
  BroadcasterInterface,
  type ChainMonitor,
  ChainMonitor as ChainMonitorClass,
  ChainParameters,
  ChannelManager,
  ChannelMonitorUpdateStatus,
  ClosureReason_CommitmentTxConfirmed,
  ClosureReason_CounterpartyForceClosed,
  ClosureReason_CounterpartyInitiatedCooperativeClosure,
  ClosureReason_HolderForceClosed,
  ClosureReason_LegacyCooperativeClosure,
  ClosureReason_LocallyInitiatedCooperativeClosure,
  ConfirmationTarget,
  DefaultMessageRouter,
  DefaultRouter,
  type Event,
  Event_ChannelClosed,
  Event_FundingGenerationReady,
  Event_OpenChannelRequest,
  Event_PaymentClaimable,
  Event_PaymentClaimed,
  Event_PaymentFailed,
  Event_PaymentSent,
  EventHandler,
  type EventsProvider,
  FeeEstimator,
  IgnoringMessageHandler,
  KeysManager,
  type Listen,
  Logger,
  MultiThreadedLockableScore,
  Network,
  NetworkGraph,
  Option_FilterZ,
  Option_PaymentFailureReasonZ_Some,
  Option_ThirtyTwoBytesZ_Some,
  Option_UtxoLookupZ,
  Option_u16Z,
  Option_u64Z,
  Option_u64Z_Some,
  P2PGossipSync,
  PaymentPurpose_Bolt11InvoicePayment,
  PeerManager,
  Persist,
  ProbabilisticScorer,
  ProbabilisticScoringDecayParameters,
  ProbabilisticScoringFeeParameters,
  Result_Bolt11InvoiceParseOrSemanticErrorZ_OK,
  Result_Bolt11InvoiceSignOrCreationErrorZ_OK,
  Result_C3Tuple_ThirtyTwoBytesRecipientOnionFieldsRouteParametersZNoneZ_OK,
  Result_NoneReplayEventZ,
  Retry,
  type RoutingMessageHandler,
  UtilMethods,
} from 'lightningdevkit';
import { resignedInvoice, signerWith } from '../resigned-invoice.ts';
import type { ClaimPolicy, PaymentOutcome, StoryChannel, StoryGraph, StoryNode } from '../story-node.ts';
import { collectLdkGarbage } from './collect-ldk-garbage.ts';
import { type LdkOptions, ldkConfig } from './ldk-config.ts';
import { announceLdkNode, ldkGraph } from './ldk-graph.ts';
import { LdkSockets } from './ldk-sockets.ts';
import { serialiseBlock } from './serialise-block.ts';

/** What an LDK node needs of its surroundings. */
export interface LdkParts {
  readonly name: string;
  /** 32 bytes. */
  readonly seed: Uint8Array;
  readonly tip: BlockLocation;
  /** Seconds since 1970. */
  readonly time: number;
  readonly options: LdkOptions;
  readonly feeratePerKw: () => number;
  readonly broadcast: (transactions: readonly RawTransaction[]) => void;
  /** A signed transaction that pays `value` to `script`. */
  readonly fund: (value: Sat, script: Uint8Array) => RawTransaction;
  /** Where LDK's own log lines go. */
  readonly log?: (line: string) => void;
}

/** What LDK takes from a peer, from the relay's minimum up, however fees move meanwhile. */
const fixedFeerates: ReadonlyMap<ConfirmationTarget, number> = new Map([
  [ConfirmationTarget.LDKConfirmationTarget_MinAllowedAnchorChannelRemoteFee, 253],
  [ConfirmationTarget.LDKConfirmationTarget_MinAllowedNonAnchorChannelRemoteFee, 253],
  [ConfirmationTarget.LDKConfirmationTarget_MaximumFeeEstimate, 25_000],
]);

/** The real LDK, in this process, on real sockets, fed by the chain it is given. */
export class LdkNode implements StoryNode, ChainListener {
  readonly name: string;
  readonly nodeId: NodeId;
  #policy: (paymentHash: string) => ClaimPolicy = () => 'claim';
  readonly #parts: LdkParts;
  readonly #manager: ChannelManager;
  readonly #monitors: ChainMonitor;
  readonly #peers: PeerManager;
  readonly #gossip: RoutingMessageHandler;
  readonly #sockets: LdkSockets;
  readonly #keys: KeysManager;
  /** LDK's bindings hold callbacks by pointer: what is listed here must outlive the node. */
  readonly #alive: object[];
  readonly #timer: NodeJS.Timeout;
  readonly #broadcasts: RawTransaction[] = [];
  readonly #held = new Map<string, Uint8Array>();
  readonly #claimed = new Map<string, bigint>();
  readonly #outcomes = new Map<string, PaymentOutcome>();
  readonly #closures: string[] = [];
  #tip: BlockLocation;
  #blocks: { readonly block: Block; readonly height: number }[] = [];
  readonly #events: Event[] = [];
  /** Made once: LDK's memory grows with each object of its bindings, faster than they are collected. */
  readonly #eventHandler = EventHandler.new_impl({
    handle_event: (event) => {
      this.#events.push(event);
      return Result_NoneReplayEventZ.constructor_ok();
    },
  });
  readonly #eventsProviders: readonly EventsProvider[];
  readonly #listeners: readonly Listen[];
  readonly #wantsLog: boolean;
  #whenStopped: () => void = () => {};
  #pumping = false;
  #nextPayment = 1;
  #stopped = false;

  constructor(parts: LdkParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#wantsLog = parts.log !== undefined;
    this.#tip = parts.tip;
    const fees = FeeEstimator.new_impl({
      get_est_sat_per_1000_weight: (target) => fixedFeerates.get(target) ?? parts.feeratePerKw(),
    });
    const broadcaster = BroadcasterInterface.new_impl({
      broadcast_transactions: (transactions) => this.#broadcast(transactions),
    });
    const logger = Logger.new_impl({
      log: (record) => {
        if (this.#wantsLog) parts.log?.(`${parts.name} ${record.get_module_path()}: ${record.get_args()}`);
      },
    });
    const persister = Persist.new_impl({
      persist_new_channel: () => ChannelMonitorUpdateStatus.LDKChannelMonitorUpdateStatus_Completed,
      update_persisted_channel: () => ChannelMonitorUpdateStatus.LDKChannelMonitorUpdateStatus_Completed,
      archive_persisted_channel: () => undefined,
    });
    const filter = Option_FilterZ.constructor_none();
    this.#monitors = ChainMonitorClass.constructor_new(filter, broadcaster, logger, fees, persister);
    const keys = KeysManager.constructor_new(parts.seed, 42n, 42);
    this.#keys = keys;
    const graph = NetworkGraph.constructor_new(Network.LDKNetwork_Regtest, logger);
    const scorer = ProbabilisticScorer.constructor_new(
      ProbabilisticScoringDecayParameters.constructor_default(),
      graph,
      logger,
    );
    const score = MultiThreadedLockableScore.constructor_new(scorer.as_Score());
    const router = DefaultRouter.constructor_new(
      graph,
      logger,
      keys.as_EntropySource(),
      score.as_LockableScore(),
      ProbabilisticScoringFeeParameters.constructor_default(),
    );
    const messageRouter = DefaultMessageRouter.constructor_new(graph, keys.as_EntropySource());
    this.#manager = ChannelManager.constructor_new(
      fees,
      this.#monitors.as_Watch(),
      broadcaster,
      router.as_Router(),
      messageRouter.as_MessageRouter(),
      logger,
      keys.as_EntropySource(),
      keys.as_NodeSigner(),
      keys.as_SignerProvider(),
      ldkConfig(parts.options),
      ChainParameters.constructor_new(
        Network.LDKNetwork_Regtest,
        BestBlock.constructor_new(blockHashBytes(parts.tip.hash), parts.tip.height),
      ),
      42,
    );
    const gossip = P2PGossipSync.constructor_new(graph, Option_UtxoLookupZ.constructor_none(), logger);
    this.#gossip = gossip.as_RoutingMessageHandler();
    const ignorer = IgnoringMessageHandler.constructor_new();
    this.#peers = PeerManager.constructor_new(
      this.#manager.as_ChannelMessageHandler(),
      this.#gossip,
      ignorer.as_OnionMessageHandler(),
      ignorer.as_CustomMessageHandler(),
      parts.time,
      keys.as_EntropySource().get_secure_random_bytes(),
      logger,
      keys.as_NodeSigner(),
    );
    this.#eventsProviders = [this.#manager.as_EventsProvider(), this.#monitors.as_EventsProvider()];
    this.#listeners = [this.#manager.as_Listen(), this.#monitors.as_Listen()];
    this.#sockets = new LdkSockets(this.#peers, () => this.#pump());
    this.#alive = [
      fees,
      broadcaster,
      logger,
      persister,
      filter,
      keys,
      graph,
      scorer,
      score,
      router,
      messageRouter,
      gossip,
      ignorer,
    ];
    this.nodeId = nodeIdOf(this.#manager.get_our_node_id());
    this.#timer = setInterval(() => this.#pump(), 20);
  }

  /** @param policy - for every payment, or by the payment hash (hex). */
  setClaimPolicy(policy: ClaimPolicy | ((paymentHash: string) => ClaimPolicy)): void {
    this.#policy = typeof policy === 'function' ? policy : () => policy;
  }

  /** Hashes (hex) of the payments that were claimed, with what each brought. */
  claimedPayments(): ReadonlyMap<string, bigint> {
    return this.#claimed;
  }

  /** Claims or refuses one payment that is held. */
  resolveHeld(paymentHash: string, claim: boolean): void {
    const preimage = this.#held.get(paymentHash);
    if (preimage === undefined) return;
    this.#held.delete(paymentHash);
    if (claim) this.#manager.claim_funds(preimage);
    else this.#manager.fail_htlc_backwards(fromHex(paymentHash));
    this.#pump();
  }

  /** The most that one HTLC of this node's could carry now. */
  sendLimitMsat(): bigint {
    let most = 0n;
    for (const channel of this.#manager.list_channels()) {
      const limit = channel.get_next_outbound_htlc_limit_msat();
      if (limit > most) most = limit;
    }
    return most;
  }

  /** What is this node's in each channel, by funding transaction, in millisatoshi, where no HTLC is pending. */
  balances(): ReadonlyMap<Txid, bigint> {
    const balances = new Map<Txid, bigint>();
    for (const channel of this.#manager.list_channels()) {
      const funding = channel.get_funding_txo();
      if (funding === null) continue;
      const reserve = channel.get_unspendable_punishment_reserve();
      const outbound = channel.get_outbound_capacity_msat();
      const least = reserve instanceof Option_u64Z_Some ? reserve.some * 1000n : 0n;
      const theirReserve = channel.get_counterparty().get_unspendable_punishment_reserve() * 1000n;
      // below the reserve LDK says 0 for what it can send: the rest of the capacity tells then
      const own =
        outbound > 0n
          ? outbound + least
          : channel.get_channel_value_satoshis() * 1000n - channel.get_inbound_capacity_msat() - theirReserve;
      balances.set(txidOf(funding.get_txid()), own);
    }
    return balances;
  }

  heldPayments(): readonly string[] {
    return [...this.#held.keys()];
  }

  claimHeld(): void {
    for (const preimage of this.#held.values()) this.#manager.claim_funds(preimage);
    this.#held.clear();
    this.#pump();
  }

  listen(): Promise<number> {
    return this.#sockets.listen();
  }

  connect(peer: NodeId, port: number): Promise<void> {
    return this.#sockets.connect(nodeIdBytes(peer), port);
  }

  disconnect(peer: NodeId): void {
    this.#peers.disconnect_by_node_id(nodeIdBytes(peer));
    this.#pump();
  }

  isConnected(peer: NodeId): boolean {
    return this.#peers.list_peers().some((details) => nodeIdOf(details.get_counterparty_node_id()) === peer);
  }

  openChannel(peer: NodeId, value: Sat, push: Msat): void {
    const opened = this.#manager.create_channel(nodeIdBytes(peer), value, push, 1n, null, null);
    if (!opened.is_ok()) throw new Error('LDK refuses to open the channel');
    this.#pump();
  }

  channels(): readonly StoryChannel[] {
    return this.#manager.list_channels().map((channel) => ({
      counterparty: nodeIdOf(channel.get_counterparty().get_node_id()),
      valueSatoshis: channel.get_channel_value_satoshis(),
      outboundCapacityMsat: channel.get_outbound_capacity_msat(),
      isUsable: channel.get_is_usable(),
      pendingHtlcs: channel.get_pending_inbound_htlcs().length + channel.get_pending_outbound_htlcs().length,
    }));
  }

  publicGraph(): StoryGraph {
    return ldkGraph(this.#gossip);
  }

  createInvoice(amount: Msat | undefined, description: string): string {
    const invoice = UtilMethods.constructor_create_invoice_from_channelmanager(
      this.#manager,
      amount === undefined ? Option_u64Z.constructor_none() : Option_u64Z.constructor_some(amount),
      description,
      3600,
      Option_u16Z.constructor_none(),
    );
    if (!(invoice instanceof Result_Bolt11InvoiceSignOrCreationErrorZ_OK)) throw new Error('LDK makes no invoice');
    return invoice.res.to_str();
  }

  createInvoiceOfUnknownHash(amount: Msat): string {
    const paymentHash = paymentHashOf(
      new Uint8Array(createHash('sha256').update(`nobody knows ${this.name}`).digest()),
    );
    return resignedInvoice(
      this.createInvoice(amount, 'unknown'),
      { paymentHash },
      signerWith(this.#keys.get_node_secret_key()),
    );
  }

  createInvoiceAskingLess(wanted: Msat, asked: Msat): string {
    return resignedInvoice(
      this.createInvoice(wanted, 'less'),
      { amountMsat: asked },
      signerWith(this.#keys.get_node_secret_key()),
    );
  }

  pay(text: string, amount?: Msat): string {
    const parsed = Bolt11Invoice.constructor_from_str(text);
    if (!(parsed instanceof Result_Bolt11InvoiceParseOrSemanticErrorZ_OK))
      throw new Error('LDK cannot read the invoice');
    const prepared =
      amount === undefined
        ? UtilMethods.constructor_payment_parameters_from_invoice(parsed.res)
        : UtilMethods.constructor_payment_parameters_from_variable_amount_invoice(parsed.res, amount);
    if (!(prepared instanceof Result_C3Tuple_ThirtyTwoBytesRecipientOnionFieldsRouteParametersZNoneZ_OK)) {
      throw new Error('LDK finds no payment parameters in the invoice');
    }
    const parameters = prepared.res.get_c();
    const id = new Uint8Array(32);
    new DataView(id.buffer).setUint32(0, this.#nextPayment++);
    const key = toHex(id);
    const sent = this.#manager.send_payment(
      prepared.res.get_a(),
      prepared.res.get_b(),
      id,
      parameters,
      Retry.constructor_attempts(2),
    );
    if (!sent.is_ok()) this.#outcomes.set(key, { kind: 'failed', reason: 'refused' });
    this.#pump();
    return key;
  }

  paymentOutcome(payment: string): PaymentOutcome | undefined {
    return this.#outcomes.get(payment);
  }

  closeChannel(peer: NodeId): void {
    for (const channel of this.#manager.list_channels_with_counterparty(nodeIdBytes(peer))) {
      const closed = this.#manager.close_channel(channel.get_channel_id(), nodeIdBytes(peer));
      if (!closed.is_ok()) throw new Error('LDK refuses to close the channel');
    }
    this.#pump();
  }

  broadcasts(): readonly RawTransaction[] {
    return this.#broadcasts;
  }

  closures(): readonly string[] {
    return this.#closures;
  }

  timerTick(): void {
    this.#manager.timer_tick_occurred();
    this.#peers.timer_tick_occurred();
    // LDK leaves it to its user to announce the node now and then; without a public channel it does not.
    if (this.#parts.options.announce) announceLdkNode(this.#peers);
    this.#pump();
  }

  /** @param then - what is to be done when the node has stopped. */
  whenStopped(then: () => void): void {
    this.#whenStopped = then;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#whenStopped();
    clearInterval(this.#timer);
    await this.#sockets.close();
    this.#alive.length = 0;
    await collectLdkGarbage();
  }

  // ---- the chain ----------------------------------------------------------------------------------------------

  tip(): BlockLocation {
    return this.#tip;
  }

  blockConnected(block: Block, height: BlockHeight): void {
    if (height <= this.#tip.height) return;
    this.#tip = { hash: block.header.hash, height };
    this.#blocks.push({ block, height });
    const bytes = serialiseBlock(block);
    for (const listener of this.#listeners) listener.block_connected(bytes, height);
    this.#pump();
  }

  blocksDisconnected(forkPoint: BlockLocation): void {
    for (
      let last = this.#blocks.at(-1);
      last !== undefined && last.height > forkPoint.height;
      last = this.#blocks.at(-1)
    ) {
      for (const listener of this.#listeners) listener.block_disconnected(last.block.header.bytes, last.height);
      this.#blocks.pop();
    }
    this.#tip = forkPoint;
    this.#pump();
  }

  // ---- events -------------------------------------------------------------------------------------------------

  /** Lets LDK send what it has to say, then hears its events; LDK must not be called from within its own callbacks. */
  #pump(): void {
    if (this.#pumping || this.#stopped) return;
    this.#pumping = true;
    try {
      for (let round = 0; round < 10; round++) {
        this.#peers.process_events();
        for (const provider of this.#eventsProviders) provider.process_pending_events(this.#eventHandler);
        const events = this.#events.splice(0);
        for (const event of events) this.#onEvent(event);
        this.#manager.process_pending_htlc_forwards();
        if (events.length === 0) break;
      }
      this.#peers.process_events();
    } finally {
      this.#pumping = false;
    }
  }

  #onEvent(event: Event): void {
    if (event instanceof Event_FundingGenerationReady) {
      const funding = this.#parts.fund(event.channel_value_satoshis as Sat, event.output_script);
      this.#manager.funding_transaction_generated(
        event.temporary_channel_id,
        event.counterparty_node_id,
        funding.bytes,
      );
    } else if (event instanceof Event_OpenChannelRequest) {
      this.#manager.accept_inbound_channel(event.temporary_channel_id, event.counterparty_node_id, 1n);
    } else if (event instanceof Event_PaymentClaimable) {
      this.#onClaimable(event);
    } else if (event instanceof Event_PaymentClaimed) {
      this.#claimed.set(toHex(event.payment_hash), event.amount_msat);
    } else if (event instanceof Event_PaymentSent) {
      if (!(event.payment_id instanceof Option_ThirtyTwoBytesZ_Some)) return;
      this.#outcomes.set(toHex(event.payment_id.some), {
        kind: 'sent',
        preimage: event.payment_preimage,
        feePaidMsat: event.fee_paid_msat instanceof Option_u64Z_Some ? event.fee_paid_msat.some : 0n,
      });
    } else if (event instanceof Event_PaymentFailed) {
      const reason = event.reason instanceof Option_PaymentFailureReasonZ_Some ? `${event.reason.some}` : 'unknown';
      this.#outcomes.set(toHex(event.payment_id), { kind: 'failed', reason });
    } else if (event instanceof Event_ChannelClosed) {
      this.#closures.push(closureName(event));
    }
  }

  #onClaimable(event: Event_PaymentClaimable): void {
    const purpose = event.purpose;
    const preimage =
      purpose instanceof PaymentPurpose_Bolt11InvoicePayment &&
      purpose.payment_preimage instanceof Option_ThirtyTwoBytesZ_Some
        ? purpose.payment_preimage.some
        : undefined;
    const policy = this.#policy(toHex(event.payment_hash));
    if (preimage === undefined || policy === 'fail') {
      this.#manager.fail_htlc_backwards(event.payment_hash);
    } else if (policy === 'hold') {
      this.#held.set(toHex(event.payment_hash), preimage);
    } else {
      this.#manager.claim_funds(preimage);
    }
  }

  #broadcast(transactions: readonly Uint8Array[]): void {
    const raw = transactions.map((bytes) => ({ txid: txid(Transaction.fromBuffer(bytes).getId()), bytes }));
    this.#broadcasts.push(...raw);
    this.#parts.broadcast(raw);
  }
}

function closureName({ reason }: Event_ChannelClosed): string {
  if (
    reason instanceof ClosureReason_LegacyCooperativeClosure ||
    reason instanceof ClosureReason_CounterpartyInitiatedCooperativeClosure ||
    reason instanceof ClosureReason_LocallyInitiatedCooperativeClosure
  ) {
    return 'cooperative';
  }
  if (reason instanceof ClosureReason_CounterpartyForceClosed) return 'counterpartyForceClosed';
  if (reason instanceof ClosureReason_HolderForceClosed) return 'holderForceClosed';
  if (reason instanceof ClosureReason_CommitmentTxConfirmed) return 'commitmentConfirmed';
  return reason.constructor.name;
}
