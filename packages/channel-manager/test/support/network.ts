import { type ChannelId, type Msat, msat, sat, unwrap } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type {
  ChannelMessage,
  ConnectionId,
  Event,
  EventId,
  PaymentId,
  Router,
  Scorer,
  UserConfig,
} from '@boltwright/interfaces';
import { type ChannelUpdate, decodeMessage, encodeMessage, type Message } from '@boltwright/wire';
import { config as defaultConfig } from './config.ts';
import { DirectRouter, type KnownChannel } from './direct-router.ts';
import { Random } from './random.ts';
import { payTo, SimChain } from './sim-chain.ts';
import { regtest, TestNode } from './test-node.ts';

interface Link {
  readonly from: TestNode;
  readonly to: TestNode;
  readonly connection: ConnectionId;
  readonly queue: Uint8Array[];
}

export interface NetworkOptions {
  readonly crypto: CryptoBackend;
  readonly seed?: number;
  readonly config?: UserConfig;
  readonly watch?: 'staged' | 'remote' | 'monitor';
  readonly batchForwards?: boolean;
  readonly router?: Router;
  readonly scorer?: Scorer;
}

/** Thinks for the user: events handled as they come. */
export type Application = (node: TestNode, event: Event) => void;

/** Nodes in one process, joined by queues; commits and messages in any order that keeps each link's own. */
export class Network {
  readonly chain = new SimChain();
  readonly nodes: TestNode[] = [];
  readonly random: Random;
  readonly options: NetworkOptions;
  readonly known: KnownChannel[] = [];
  /** Whether routers read the hints of invoices. */
  useHints = true;
  links: Link[] = [];
  /** Called before each commit of a node: true where it dies there. */
  beforeCommit: (node: TestNode) => boolean = () => false;
  application: Application;
  /** Every message that was delivered. */
  readonly delivered: { readonly from: string; readonly to: string; readonly message: Message }[] = [];
  #nextConnection = 1;

  constructor(options: NetworkOptions) {
    this.options = options;
    this.random = new Random(options.seed ?? 1);
    this.application = (node, event) => {
      if (event.kind === 'fundingGenerationReady') this.fund(node, event);
      if (event.kind === 'paymentClaimable') node.manager.claimFunds(event.preimage!);
    };
  }

  add(name: string, changes: Partial<NetworkOptions> = {}): TestNode {
    const options = { ...this.options, ...changes };
    const node = new TestNode(name, 1000 + this.nodes.length + 100 * (options.seed ?? 1), {
      crypto: options.crypto,
      config: options.config ?? defaultConfig,
      router:
        options.router ??
        new DirectRouter(
          () => this.known,
          () => this.useHints,
        ),
      tip: this.chain.tip,
      broadcast: (transactions) => this.chain.broadcastPackage(transactions),
      watch: options.watch ?? 'staged',
      ...(options.scorer === undefined ? {} : { scorer: options.scorer }),
      ...(options.batchForwards === undefined ? {} : { batchForwards: options.batchForwards }),
    });
    this.nodes.push(node);
    return node;
  }

  connect(a: TestNode, b: TestNode): void {
    if (a.peers.has(b.id)) return;
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const connection = this.#nextConnection++ as ConnectionId;
      from.peers.set(to.id, connection);
      this.links.push({ from, to, connection, queue: [] });
      const features = to.manager.providedInitFeatures(from.id);
      unwrap(
        from.manager.peerConnected(to.id, connection, {
          type: 'init',
          globalFeatures: new Uint8Array(0),
          features,
          networks: [regtest],
        }),
      );
    }
  }

  disconnect(a: TestNode, b: TestNode): void {
    this.links = this.links.filter(({ from, to }) => !((from === a && to === b) || (from === b && to === a)));
    for (const [node, peer] of [
      [a, b],
      [b, a],
    ] as const) {
      const connection = node.peers.get(peer.id);
      node.peers.delete(peer.id);
      if (connection !== undefined) node.manager.peerDisconnected(peer.id, connection);
    }
  }

  /** Dies, starts again from its store, hears of missed blocks, and is connected to as before. */
  restart(node: TestNode, durable = 0): void {
    const neighbours = this.nodes.filter(({ id }) => node.peers.has(id));
    node.kill(durable);
    for (const neighbour of neighbours) {
      this.links = this.links.filter(({ from, to }) => from !== node && to !== node);
      const connection = neighbour.peers.get(node.id);
      neighbour.peers.delete(node.id);
      if (connection !== undefined) neighbour.manager.peerDisconnected(node.id, connection);
    }
    node.start();
    this.#sync(node);
    for (const neighbour of neighbours) this.connect(node, neighbour);
  }

  fund(node: TestNode, event: Extract<Event, { kind: 'fundingGenerationReady' }>): void {
    const transaction = payTo(this.options.crypto, this.random.bytes(32), [
      { value: event.value, script: event.script },
    ]);
    unwrap(node.manager.fundingTransactionGenerated(event.temporaryChannelId, transaction));
  }

  /** A channel that is ready both ways, known to all routers. */
  open(a: TestNode, b: TestNode, value = 1_000_000n, pushMsat = 300_000_000n): ChannelId {
    this.connect(a, b);
    const before = new Set(a.manager.listChannels().map(({ channelId }) => channelId));
    unwrap(a.manager.createChannel(b.id, sat(value), { pushMsat: msat(pushMsat) }));
    this.settle();
    this.mine(4);
    this.settle();
    const opened = a.manager.listChannels().find(({ channelId }) => !before.has(channelId));
    if (opened?.isUsable !== true) throw new Error(`the channel is not usable: ${opened?.state}`);
    const theirs = b.manager.listChannels().find(({ channelId }) => channelId === opened.channelId)!;
    for (const [from, to, details] of [
      [a, b, theirs],
      [b, a, opened],
    ] as const) {
      this.known.push({
        source: from.id,
        target: to.id,
        // The name that `from` gave the channel, as its peer tells payers in hints.
        shortChannelId: details.inboundScidAlias!,
        feeBaseMsat: from.options.config.channel.forwardingFeeBaseMsat,
        feeProportionalMillionths: from.options.config.channel.forwardingFeeProportionalMillionths,
        cltvExpiryDelta: from.options.config.channel.cltvExpiryDelta,
      });
    }
    return opened.channelId;
  }

  mine(count = 1): void {
    for (let i = 0; i < count; i++) {
      this.chain.mine();
      for (const node of this.nodes) this.#sync(node);
      this.settle();
    }
  }

  /** Everything that can happen without new input, in an order that the seed decides. */
  settle(): void {
    for (let steps = 0; ; steps++) {
      if (steps > 100_000) throw new Error('this does not come to rest');
      const possible = this.#possible();
      if (possible.length === 0) return;
      possible[this.random.below(possible.length)]!();
    }
  }

  /** One thing that can happen; false where nothing can. */
  step(): boolean {
    const possible = this.#possible();
    if (possible.length === 0) return false;
    possible[this.random.below(possible.length)]!();
    return true;
  }

  pay(from: TestNode, to: TestNode, amountMsat: bigint, id: number): PaymentId {
    const { invoice } = unwrap(
      to.manager.createInvoice({ amountMsat: msat(amountMsat), description: 'a test', now: this.chain.now }),
    );
    const paymentId = paymentIdOf(id);
    unwrap(from.manager.sendPayment(invoice, paymentId, { maxFeeMsat: msat(1_000_000n) }));
    return paymentId;
  }

  #sync(node: TestNode): void {
    if (node.monitor !== undefined) this.chain.sync(node.monitor);
    this.chain.sync(node.manager);
  }

  #possible(): (() => void)[] {
    const possible: (() => void)[] = [];
    for (const node of this.nodes) {
      this.#collect(node);
      if (node.turns.pending().length > 0) possible.push(() => this.#commit(node));
      if (node.watch.pending.length > 0) possible.push(() => this.#completeWatch(node));
      const event = node.manager.pendingEvents()[0];
      if (event !== undefined) possible.push(() => this.#hear(node, event));
    }
    for (const link of this.links) if (link.queue.length > 0) possible.push(() => this.#deliver(link));
    return possible;
  }

  #commit(node: TestNode): void {
    if (this.beforeCommit(node)) return;
    node.turns.commitNext();
  }

  #completeWatch(node: TestNode): void {
    const done = node.watch.completeNext();
    if (done !== undefined) node.manager.updateCompleted(done.channelId, done.updateId);
  }

  #hear(node: TestNode, { id, event }: { readonly id: EventId; readonly event: Event }): void {
    // The user acts first and says so after: a crash in between repeats the event.
    if (!node.heard.has(id) || event.kind === 'paymentClaimable') this.application(node, event);
    node.heard.set(id, event);
    node.manager.eventHandled(id);
  }

  #collect(node: TestNode): void {
    for (const event of node.takeMessages()) {
      const link = this.links.find(({ from, connection }) => from === node && connection === event.connection);
      if (event.message !== undefined) link?.queue.push(encodeMessage(event.message));
      if (event.kind === 'disconnect' && link !== undefined) this.disconnect(link.from, link.to);
    }
  }

  #deliver(link: Link): void {
    const message = unwrap(decodeMessage(link.queue.shift()!)) as Message;
    const { from, to } = link;
    this.delivered.push({ from: from.name, to: to.name, message });
    if (message.type === 'channel_update') {
      to.manager.handleChannelUpdate(from.id, message as ChannelUpdate);
      return;
    }
    const connection = to.peers.get(from.id);
    if (connection !== undefined) to.manager.handleMessage(from.id, connection, message as ChannelMessage);
  }
}

export const paymentIdOf = (id: number): PaymentId => id.toString(16).padStart(64, '0') as PaymentId;

export const balanceOf = (node: TestNode): Msat =>
  msat(node.manager.listChannels().reduce((sum, { balanceMsat }) => sum + balanceMsat, 0n));
