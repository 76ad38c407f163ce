import {
  type Block,
  type BlockHeight,
  type ChannelId,
  err,
  type Msat,
  type NodeId,
  ok,
  type Result,
  type Sat,
  toHex,
} from '@boltwright/base';
import type {
  ApiError,
  ChannelManager,
  CloseOptions,
  CreateChannelOptions,
  CreatedInvoice,
  SendOptions,
} from '@boltwright/channel-manager';
import type { CryptoBackend } from '@boltwright/crypto';
import type {
  BlockLocation,
  ChannelDetails,
  Event,
  KeysInterface,
  Logger,
  PaymentFailureReason,
  PaymentId,
  StoreHandle,
} from '@boltwright/interfaces';
import type { ManyChannelMonitor } from '@boltwright/monitor';
import { createTcp, type Tcp, type TcpAddress, type TcpError } from '@boltwright/net-tcp';
import type { PeerDetails, PeerManager } from '@boltwright/peer-manager';
import type { NetGraphMsgHandler, NetworkGraph } from '@boltwright/routing';
import type { StoreTurns } from '@boltwright/store-turns';
import type { OnChainWallet, Sweeper } from '@boltwright/wallet';
import type { NodeChain } from './assembly/node-chain.ts';
import type { NodeOptions } from './assembly/node-options.ts';
import { EventPump } from './event-pump.ts';
import { heardBy } from './heard-by.ts';

/** The assembled parts. */
export interface NodeParts {
  readonly chain: NodeChain;
  readonly crypto: CryptoBackend;
  readonly gossip: NetGraphMsgHandler;
  readonly graph: NetworkGraph;
  readonly handle: StoreHandle;
  readonly keys: KeysInterface;
  readonly logger: Logger;
  readonly manager: ChannelManager;
  readonly monitors: ManyChannelMonitor;
  readonly now: () => number;
  readonly options: NodeOptions;
  readonly peers: PeerManager;
  readonly sweeper: Sweeper;
  readonly turns: StoreTurns;
  readonly wallet: OnChainWallet;
}

/** How a payment ended: with its 32-byte preimage and the fees of all parts, or for good without. */
export type PaymentOutcome =
  | { readonly kind: 'sent'; readonly preimage: Uint8Array; readonly feePaidMsat: Msat }
  | { readonly kind: 'failed'; readonly reason: PaymentFailureReason };

/** How often the parts hear of the time (ARCHITECTURE.md, rule 1). */
const peerTickMilliseconds = 10_000;
const peerTicksPerManagerTick = 6;

/** A running node. Its parts are open: what is not a method here is a call on one of them. */
export class LightningNode {
  readonly nodeId: NodeId;
  readonly manager: ChannelManager;
  readonly monitors: ManyChannelMonitor;
  readonly peers: PeerManager;
  readonly wallet: OnChainWallet;
  /** The public network, as far as peers have told of it. */
  readonly graph: NetworkGraph;
  readonly gossip: NetGraphMsgHandler;
  readonly #parts: NodeParts;
  readonly #pump: EventPump;
  readonly #tcp: Tcp;
  readonly #timer: NodeJS.Timeout;
  readonly #detach: readonly (() => void)[];
  readonly #waiting = new Map<PaymentId, (outcome: PaymentOutcome) => void>();
  #ticks = 0;
  #stopped = false;

  constructor(parts: NodeParts) {
    const { chain, keys, manager, monitors, peers, sweeper, turns, wallet, options } = parts;
    this.#parts = parts;
    this.nodeId = keys.nodeId();
    this.manager = manager;
    this.monitors = monitors;
    this.peers = peers;
    this.wallet = wallet;
    this.graph = parts.graph;
    this.gossip = parts.gossip;
    this.#pump = new EventPump({
      manager,
      monitors,
      peers,
      sweeper,
      turns,
      wallet,
      feeEstimator: chain.feeEstimator,
      logger: parts.logger,
      payments: options.payments ?? 'claim',
      onEvent: (event) => this.#heard(event),
    });
    this.#tcp = createTcp(
      heardBy(peers, () => this.#pump.schedule()),
      { logger: parts.logger },
    );
    turns.addListener({
      turnCommitted: () => this.#pump.schedule(),
      storeFailed: (error) => parts.logger.log('error', 'the store failed: this node is over', { ...error }),
    });
    const pumping = {
      tip: () => chain.tip(),
      blockConnected: (block: Block, height: BlockHeight) => {
        this.gossip.blockConnected(block, height);
        this.#adoptFundings();
        this.#pump.schedule();
      },
      blocksDisconnected: (forkPoint: BlockLocation) => {
        this.gossip.blocksDisconnected(forkPoint);
        this.#pump.schedule();
      },
    };
    this.#pump.takeUpSweeps();
    this.#detach = [wallet, sweeper, monitors, manager, pumping].map((listener) => chain.attach(listener));
    // Everybody stands on the tip: what an earlier run of this node had under way goes on.
    this.#adoptFundings();
    monitors.rebroadcast();
    sweeper.start();
    this.#timer = setInterval(() => this.#tick(), peerTickMilliseconds);
    this.#timer.unref();
    this.#pump.schedule();
  }

  // ---- peers ----------------------------------------------------------------------------------------------------

  /** Accepts connections. Port 0 lets the system choose. */
  listen(at: TcpAddress): Promise<Result<TcpAddress, TcpError>> {
    return this.#tcp.listen(at);
  }

  /** Connects, and waits for the peer's `init`. */
  async connect(peer: NodeId, at: TcpAddress): Promise<Result<PeerDetails, TcpError>> {
    const connected = await this.#tcp.connect(peer, at);
    this.#pump.schedule();
    return connected;
  }

  /** Ends the connection; channels stay, and go on when the peer is connected again. */
  disconnect(peer: NodeId): void {
    this.peers.disconnectPeer(peer);
  }

  // ---- channels -------------------------------------------------------------------------------------------------

  /** Opens a channel to a connected peer; the wallet funds it. The temporary channel id is answered. */
  openChannel(peer: NodeId, value: Sat, options: CreateChannelOptions = {}): Result<ChannelId, ApiError> {
    return this.#pumped(() => this.manager.createChannel(peer, value, options));
  }

  /** Closes with the peer (BOLT 2, Channel Close): offers `shutdown`, agrees on a fee. The outcome is a `channelClosed` event. */
  closeChannel(id: ChannelId, options: CloseOptions = {}): Result<void, ApiError> {
    return this.#pumped(() => this.manager.closeChannel(id, options));
  }

  /** Ends a channel on chain, with our latest commitment; what is ours comes to the wallet once its delays are over. */
  forceCloseChannel(id: ChannelId, reason = 'the user asked for it'): Result<void, ApiError> {
    return this.#pumped(() => this.manager.forceCloseChannel(id, reason));
  }

  /** Those that are not closed; `manager.listChannels()` has the closed ones, too, until they are buried on chain. */
  channels(): readonly ChannelDetails[] {
    return this.manager.listChannels().filter(({ state }) => state !== 'closed');
  }

  // ---- payments -------------------------------------------------------------------------------------------------

  /** @param amount - left out, the payer chooses. */
  createInvoice(amount: Msat | undefined, description: string): Result<CreatedInvoice, ApiError> {
    return this.#pumped(() =>
      this.manager.createInvoice({
        ...(amount === undefined ? {} : { amountMsat: amount }),
        description,
        now: this.#parts.now(),
      }),
    );
  }

  /** Pays an invoice, and resolves when its outcome is known; an error where nothing was sent. */
  async pay(invoice: string, options: SendOptions = {}): Promise<Result<PaymentOutcome, ApiError>> {
    const paymentId = toHex(this.#parts.keys.secureRandomBytes(32)) as PaymentId;
    const outcome = new Promise<PaymentOutcome>((resolve) => this.#waiting.set(paymentId, resolve));
    const sent = this.#pumped(() =>
      this.manager.sendPayment(invoice, paymentId, { now: this.#parts.now(), ...options }),
    );
    if (!sent.ok) {
      this.#waiting.delete(paymentId);
      return err(sent.error);
    }
    return ok(await outcome);
  }

  // ---- the end --------------------------------------------------------------------------------------------------

  /** Ends connections and timers, waits until what was begun is durable, and closes the store. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#timer);
    for (const detach of this.#detach) detach();
    this.#pump.stop();
    await this.#tcp.close();
    this.#parts.turns.endTurn();
    await this.#parts.turns.idle();
    await this.#parts.handle.close();
  }

  /** The parts hear that time has passed; the node's own timer does the same. */
  timerTick(): void {
    const now = this.#parts.now();
    this.peers.timerTick(now);
    this.gossip.timerTick(now);
    this.manager.timerTick(now);
    this.#pump.schedule();
  }

  /** Coins that fund a channel are spent, also where this process did not build that transaction. */
  #adoptFundings(): void {
    for (const transaction of this.manager.pendingFundings()) this.wallet.adopt(transaction);
  }

  #tick(): void {
    const now = this.#parts.now();
    this.peers.timerTick(now);
    this.gossip.timerTick(now);
    this.#ticks += 1;
    if (this.#ticks % peerTicksPerManagerTick === 0) this.manager.timerTick(now);
    this.#pump.schedule();
  }

  #pumped<T>(call: () => T): T {
    const answer = call();
    this.#pump.schedule();
    return answer;
  }

  #heard(event: Event): void {
    if (event.kind === 'paymentSent' || event.kind === 'paymentFailed') {
      const resolve = this.#waiting.get(event.paymentId);
      this.#waiting.delete(event.paymentId);
      if (event.kind === 'paymentSent') {
        resolve?.({ kind: 'sent', preimage: event.preimage, feePaidMsat: event.feePaidMsat });
      } else {
        resolve?.({ kind: 'failed', reason: event.reason });
      }
    }
    this.#parts.options.onEvent?.(event);
  }
}
