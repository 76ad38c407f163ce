import { concatBytes, fromHex, nodeIdOf, type OutPoint, toHex } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { toRawTransaction } from '@boltwright/transactions';
import type { ChannelManager, Event, PeerManager, SocketDescriptor as Socket } from 'lightningdevkit';
import * as ldk from 'lightningdevkit';
import { feerate } from './bench-config.ts';

const regtestGenesis = fromHex('06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f');
const channelValue = 16_000_000n;

/** Somebody else's coin: LDK looks at what a funding transaction pays, not at what it spends. */
const funding = (value: bigint, script: Uint8Array, index: number): Uint8Array =>
  toRawTransaction(noble, {
    version: 2,
    lockTime: 0,
    inputs: [
      {
        outpoint: { txid: toHex(new Uint8Array(32).fill(index + 1)), vout: 0 } as OutPoint,
        sequence: 0xffff_fffd,
        scriptSig: new Uint8Array(0),
        witness: [Uint8Array.of(0x51)],
      },
    ],
    outputs: [{ value, script }] as never,
  }).bytes;

/** What a payment needs of its payee, who makes it beforehand. */
interface Inbound {
  readonly hash: Uint8Array;
  readonly secret: Uint8Array;
}

/** An LDK node without sockets: what it has to send waits in queues. Nothing is written to a store. */
class LdkEnd {
  readonly manager: ChannelManager;
  readonly peers: PeerManager;
  readonly id: Uint8Array;
  readonly fundings: Uint8Array[] = [];
  sent = 0;
  monitorUpdates = 0;
  monitorBytes = 0;
  readonly #listeners: readonly ldk.Listen[];
  readonly #providers: readonly ldk.EventsProvider[];
  readonly #events: Event[] = [];
  readonly #handler = ldk.EventHandler.new_impl({
    handle_event: (event) => {
      this.#events.push(event);
      return ldk.Result_NoneReplayEventZ.constructor_ok();
    },
  });
  /** LDK's bindings hold callbacks by pointer. */
  readonly alive: object[];

  constructor(index: number, config: ldk.UserConfig) {
    const fees = ldk.FeeEstimator.new_impl({ get_est_sat_per_1000_weight: () => feerate });
    const broadcaster = ldk.BroadcasterInterface.new_impl({ broadcast_transactions: () => {} });
    const logger = ldk.Logger.new_impl({ log: () => {} });
    const completed = ldk.ChannelMonitorUpdateStatus.LDKChannelMonitorUpdateStatus_Completed;
    const persister = ldk.Persist.new_impl({
      persist_new_channel: () => completed,
      update_persisted_channel: (_outpoint, update) => {
        this.monitorUpdates++;
        if (this.countsBytes && update !== null) this.monitorBytes += update.write().length;
        return completed;
      },
      archive_persisted_channel: () => undefined,
    });
    const filter = ldk.Option_FilterZ.constructor_none();
    const monitors = ldk.ChainMonitor.constructor_new(filter, broadcaster, logger, fees, persister);
    const keys = ldk.KeysManager.constructor_new(new Uint8Array(32).fill(index + 1), 42n, 42);
    const graph = ldk.NetworkGraph.constructor_new(ldk.Network.LDKNetwork_Regtest, logger);
    const scorer = ldk.ProbabilisticScorer.constructor_new(
      ldk.ProbabilisticScoringDecayParameters.constructor_default(),
      graph,
      logger,
    );
    const score = ldk.MultiThreadedLockableScore.constructor_new(scorer.as_Score());
    const router = ldk.DefaultRouter.constructor_new(
      graph,
      logger,
      keys.as_EntropySource(),
      score.as_LockableScore(),
      ldk.ProbabilisticScoringFeeParameters.constructor_default(),
    );
    const messageRouter = ldk.DefaultMessageRouter.constructor_new(graph, keys.as_EntropySource());
    this.manager = ldk.ChannelManager.constructor_new(
      fees,
      monitors.as_Watch(),
      broadcaster,
      router.as_Router(),
      messageRouter.as_MessageRouter(),
      logger,
      keys.as_EntropySource(),
      keys.as_NodeSigner(),
      keys.as_SignerProvider(),
      config,
      ldk.ChainParameters.constructor_new(
        ldk.Network.LDKNetwork_Regtest,
        ldk.BestBlock.constructor_new(regtestGenesis, 0),
      ),
      42,
    );
    const gossip = ldk.P2PGossipSync.constructor_new(graph, ldk.Option_UtxoLookupZ.constructor_none(), logger);
    const ignorer = ldk.IgnoringMessageHandler.constructor_new();
    this.peers = ldk.PeerManager.constructor_new(
      this.manager.as_ChannelMessageHandler(),
      gossip.as_RoutingMessageHandler(),
      ignorer.as_OnionMessageHandler(),
      ignorer.as_CustomMessageHandler(),
      1,
      keys.as_EntropySource().get_secure_random_bytes(),
      logger,
      keys.as_NodeSigner(),
    );
    this.#providers = [this.manager.as_EventsProvider(), monitors.as_EventsProvider()];
    this.#listeners = [this.manager.as_Listen(), monitors.as_Listen()];
    this.id = this.manager.get_our_node_id();
    this.alive = [
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
  }

  countsBytes = false;

  block(bytes: Uint8Array, height: number): void {
    for (const listener of this.#listeners) listener.block_connected(bytes, height);
  }

  /** Handles what happened. @returns whether anything did. */
  handle(claimable: (hash: Uint8Array) => void): boolean {
    for (const provider of this.#providers) provider.process_pending_events(this.#handler);
    const events = this.#events.splice(0);
    for (const event of events) {
      if (event instanceof ldk.Event_FundingGenerationReady) {
        const transaction = funding(event.channel_value_satoshis, event.output_script, this.id[5]!);
        this.fundings.push(transaction);
        const { temporary_channel_id: id, counterparty_node_id: peer } = event;
        if (!this.manager.funding_transaction_generated(id, peer, transaction).is_ok()) throw new Error('no funding');
      } else if (event instanceof ldk.Event_OpenChannelRequest) {
        this.manager.accept_inbound_channel(event.temporary_channel_id, event.counterparty_node_id, 1n);
      } else if (event instanceof ldk.Event_PendingHTLCsForwardable) {
        this.manager.process_pending_htlc_forwards();
      } else if (event instanceof ldk.Event_PaymentClaimable) {
        const { purpose } = event;
        claimable(event.payment_hash);
        if (!(purpose instanceof ldk.PaymentPurpose_Bolt11InvoicePayment)) throw new Error('no such payment');
        const { payment_preimage: preimage } = purpose;
        if (preimage instanceof ldk.Option_ThirtyTwoBytesZ_Some) this.#claims.push(preimage.some);
      } else if (event instanceof ldk.Event_PaymentSent) {
        this.sent++;
      } else if (event instanceof ldk.Event_PaymentFailed || event instanceof ldk.Event_ChannelClosed) {
        throw new Error(`LDK: ${event.constructor.name}`);
      }
    }
    return events.length > 0;
  }

  readonly #claims: Uint8Array[] = [];

  /** Claims all that waits, in one turn. @returns how many. */
  claim(): number {
    const preimages = this.#claims.splice(0);
    for (const preimage of preimages) this.manager.claim_funds(preimage);
    return preimages.length;
  }

  get claimable(): number {
    return this.#claims.length;
  }

  expect(amount: bigint): Inbound {
    const made = this.manager.create_inbound_payment(
      ldk.Option_u64Z.constructor_some(amount),
      7200,
      ldk.Option_u16Z.constructor_none(),
    );
    if (!(made instanceof ldk.Result_C2Tuple_ThirtyTwoBytesThirtyTwoBytesZNoneZ_OK))
      throw new Error('LDK expects none');
    return { hash: made.res.get_a(), secret: made.res.get_b() };
  }
}

/** One direction of a connection. */
interface Wire {
  readonly to: LdkEnd;
  readonly descriptor: () => Socket;
  readonly queue: Uint8Array[];
}

/** LDK's nodes in a row, in one process: `PeerManager`s joined by queues, routes given, stores that answer at once. */
export class LdkNetwork {
  readonly #ends: readonly LdkEnd[];
  readonly #wires: Wire[] = [];
  readonly #alive: object[] = [];
  #payments = 0;
  #isBackwards = false;

  /** @param hops - channels in the row. */
  constructor(hops: number, anchors: boolean) {
    const config = configOf(anchors);
    this.#ends = Array.from({ length: hops + 1 }, (_, index) => new LdkEnd(index, config));
    for (let i = 0; i < hops; i++) this.#connect(this.#ends[i]!, this.#ends[i + 1]!);
    this.#settle();
    const transactions: Uint8Array[] = [];
    for (let i = 0; i < hops; i++) {
      const [from, to] = [this.#ends[i]!, this.#ends[i + 1]!];
      const opened = from.manager.create_channel(to.id, channelValue, 8_000_000_000n, 1n, null, null);
      if (!opened.is_ok()) throw new Error('LDK opens no channel');
      this.#settle();
      transactions.push(...from.fundings.splice(0));
    }
    this.#mine(transactions, hops);
    this.#settle();
    if (!this.#ends.every((end) => end.manager.list_usable_channels().length > 0)) throw new Error('no usable channel');
  }

  /** Monitor updates so far, and what they take where that was asked for. */
  get monitor(): { readonly updates: number; readonly bytes: number } {
    let [updates, bytes] = [0, 0];
    for (const end of this.#ends) {
      updates += end.monitorUpdates;
      bytes += end.monitorBytes;
    }
    return { updates, bytes };
  }

  countBytes(): void {
    for (const end of this.#ends) end.countsBytes = true;
  }

  /** `count` payments of 10,000 sat sent in one turn, and claimed in one turn. The next ones go the other way. */
  run(count: number): void {
    const row = this.#isBackwards ? [...this.#ends].reverse() : this.#ends;
    this.#isBackwards = !this.#isBackwards;
    const [payer] = row;
    const payee = row.at(-1)!;
    const before = payer!.sent;
    for (let i = 0; i < count; i++) this.#send(row, payee.expect(10_000_000n));
    this.#settle();
    if (payee.claimable !== count) throw new Error(`LDK: ${payee.claimable} of ${count} arrived`);
    payee.claim();
    this.#settle();
    if (payer!.sent - before !== count) throw new Error(`LDK: ${payer!.sent - before} of ${count} paid`);
  }

  #send(row: readonly LdkEnd[], { hash, secret }: Inbound): void {
    const payer = row[0]!;
    const hops = row.slice(1).map((end, i) => {
      const last = i === row.length - 2;
      return ldk.RouteHop.constructor_new(
        end.id,
        ldk.NodeFeatures.constructor_empty(),
        scidBetween(row[i]!, end),
        ldk.ChannelFeatures.constructor_empty(),
        last ? 10_000_000n : 2_000_000n,
        last ? 42 : 72,
        true,
      );
    });
    const payee = ldk.PaymentParameters.constructor_from_node_id(row.at(-1)!.id, 42);
    const route = ldk.Route.constructor_new(
      [ldk.Path.constructor_new(hops, null as never)],
      ldk.RouteParameters.constructor_new(payee, 10_000_000n, ldk.Option_u64Z.constructor_none()),
    );
    const id = new Uint8Array(32);
    new DataView(id.buffer).setUint32(0, ++this.#payments);
    const fields = ldk.RecipientOnionFields.constructor_secret_only(secret);
    const sent = payer.manager.send_payment_with_route(route, hash, fields, id);
    if (!sent.is_ok()) throw new Error('LDK refuses to send');
  }

  #connect(a: LdkEnd, b: LdkEnd): void {
    const made: Socket[] = [];
    for (const [i, to] of [b, a].entries()) {
      const queue: Uint8Array[] = [];
      const hash = BigInt(this.#wires.length + 1);
      made.push(
        ldk.SocketDescriptor.new_impl({
          send_data(data) {
            if (data.length > 0) queue.push(new Uint8Array(data));
            return data.length;
          },
          disconnect_socket() {},
          eq: (other) => other.hash() === hash,
          hash: () => hash,
        }),
      );
      this.#wires.push({ to, queue, descriptor: () => made[1 - i]! });
    }
    const none = ldk.Option_SocketAddressZ.constructor_none();
    b.peers.new_inbound_connection(made[1]!, none);
    const first = a.peers.new_outbound_connection(b.id, made[0]!, none);
    if (!(first instanceof ldk.Result_CVec_u8ZPeerHandleErrorZ_OK)) throw new Error('LDK connects to nobody');
    this.#wires.at(-2)!.queue.push(first.res);
    this.#alive.push(...made, none);
    this.#settle();
  }

  #mine(transactions: readonly Uint8Array[], hops: number): void {
    let previous = regtestGenesis;
    for (let height = 1; height <= 8; height++) {
      const header = new Uint8Array(80);
      header[0] = 2;
      header.set(previous, 4);
      new DataView(header.buffer).setUint32(68, 1_700_000_000 + height * 600, true);
      const bytes =
        height === 1
          ? concatBytes(header, Uint8Array.of(hops), ...transactions)
          : concatBytes(header, Uint8Array.of(0));
      for (const end of this.#ends) end.block(bytes, height);
      previous = noble.hash256(header);
    }
  }

  /** Messages and events until nothing is left; what can be claimed waits. */
  #settle(): void {
    for (let isBusy = true; isBusy; ) {
      isBusy = false;
      for (const end of this.#ends) {
        if (end.handle(() => {})) isBusy = true;
        end.peers.process_events();
      }
      for (const { to, descriptor, queue } of this.#wires) {
        for (const bytes of queue.splice(0)) {
          isBusy = true;
          if (!to.peers.read_event(descriptor(), bytes).is_ok()) throw new Error('LDK refuses what LDK sent');
          to.peers.process_events();
        }
      }
    }
  }
}

function scidBetween(from: LdkEnd, to: LdkEnd): bigint {
  const id = nodeIdOf(to.id);
  const channel = from.manager.list_channels().find((one) => nodeIdOf(one.get_counterparty().get_node_id()) === id);
  const scid = channel?.get_outbound_payment_scid();
  if (!(scid instanceof ldk.Option_u64Z_Some)) throw new Error('LDK has no such channel');
  return scid.some;
}

function configOf(anchors: boolean): ldk.UserConfig {
  const config = ldk.UserConfig.constructor_default();
  const handshake = ldk.ChannelHandshakeConfig.constructor_default();
  handshake.set_minimum_depth(1);
  handshake.set_negotiate_anchors_zero_fee_htlc_tx(anchors);
  handshake.set_announce_for_forwarding(false);
  handshake.set_max_inbound_htlc_value_in_flight_percent_of_channel(100);
  handshake.set_our_max_accepted_htlcs(483);
  config.set_channel_handshake_config(handshake);
  const limits = config.get_channel_handshake_limits();
  limits.set_force_announced_channel_preference(false);
  config.set_channel_handshake_limits(limits);
  config.set_accept_forwards_to_priv_channels(true);
  config.set_manually_accept_inbound_channels(true);
  return config;
}
