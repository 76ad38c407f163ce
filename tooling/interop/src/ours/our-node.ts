import { createHash } from 'node:crypto';
import {
  type Msat,
  type NodeId,
  type PaymentHash,
  paymentHashOf,
  type RawTransaction,
  type Sat,
  unwrap,
} from '@boltwright/base';
import type { BroadcasterInterface, Event, NodeSigner, PaymentId } from '@boltwright/interfaces';
import { KeysManager } from '@boltwright/keys';
import { createNode, defaultConfig, defaultCrypto, type LightningNode } from 'boltwright';
import type { StoryChain } from '../chain/story-chain.ts';
import { resignedInvoice } from '../resigned-invoice.ts';
import type { ClaimPolicy, PaymentOutcome, StoryChannel, StoryGraph, StoryNode } from '../story-node.ts';

export interface StartOurOptions {
  readonly name: string;
  readonly anchors: boolean;
  readonly coins: Sat;
}

/** A Boltwright node, assembled as its users get it, driven by a story. */
export class OurNode implements StoryNode {
  readonly name: string;
  readonly nodeId: NodeId;
  readonly node: LightningNode;
  readonly #chain: StoryChain;
  readonly #signer: Pick<NodeSigner, 'signInvoice'>;
  readonly #broadcasts: RawTransaction[];
  readonly #outcomes = new Map<string, PaymentOutcome>();
  readonly #closures: string[] = [];
  readonly #held = new Map<PaymentHash, Uint8Array>();
  #policy: ClaimPolicy = 'claim';
  #port: number | undefined;
  #payments = 0;

  private constructor(
    name: string,
    chain: StoryChain,
    node: LightningNode,
    signer: Pick<NodeSigner, 'signInvoice'>,
    broadcasts: RawTransaction[],
  ) {
    this.name = name;
    this.#chain = chain;
    this.node = node;
    this.nodeId = node.nodeId;
    this.#signer = signer;
    this.#broadcasts = broadcasts;
  }

  static async start(chain: StoryChain, { name, anchors, coins }: StartOurOptions): Promise<OurNode> {
    const seed = new Uint8Array(createHash('sha256').update(`boltwright ${name}`).digest());
    const crypto = await defaultCrypto();
    const broadcasts: RawTransaction[] = [];
    const broadcaster: BroadcasterInterface = {
      broadcastPackage: (transactions) => {
        for (const transaction of transactions) {
          if (!broadcasts.some(({ txid }) => txid === transaction.txid)) broadcasts.push(transaction);
        }
        chain.broadcaster.broadcastPackage(transactions);
      },
    };
    const signer = new KeysManager({ seed, crypto, network: 'testnet', entropy: (length) => new Uint8Array(length) });
    let heard: (event: Event) => void = () => {};
    const node = await createNode({
      seed,
      crypto,
      payments: 'ask',
      config: { ...defaultConfig, handshake: { ...defaultConfig.handshake, minimumDepth: 1, anchors } },
      chain: {
        feeEstimator: chain.fees,
        broadcaster,
        ...(chain.chainWatch === undefined ? {} : { chainWatch: chain.chainWatch }),
        tip: () => chain.tip(),
        attach: (listener) => chain.attach(listener),
      },
      now: () => chain.now(),
      onEvent: (event) => heard(event),
    });
    const ours = new OurNode(name, chain, node, signer, broadcasts);
    heard = (event) => ours.#heard(event);
    await chain.fund(node.wallet.newScript(), coins);
    return ours;
  }

  setClaimPolicy(policy: ClaimPolicy): void {
    this.#policy = policy;
  }

  heldPayments(): readonly string[] {
    return [...this.#held.keys()];
  }

  claimHeld(): void {
    for (const preimage of this.#held.values()) unwrap(this.node.manager.claimFunds(preimage));
    this.#held.clear();
  }

  async listen(): Promise<number> {
    this.#port ??= unwrap(await this.node.listen({ host: '127.0.0.1', port: 0 })).port;
    return this.#port;
  }

  async connect(peer: NodeId, port: number): Promise<void> {
    unwrap(await this.node.connect(peer, { host: '127.0.0.1', port }));
  }

  disconnect(peer: NodeId): void {
    this.node.disconnect(peer);
  }

  isConnected(peer: NodeId): boolean {
    return this.node.peers.listPeers().some(({ nodeId }) => nodeId === peer);
  }

  openChannel(peer: NodeId, value: Sat, push: Msat): void {
    unwrap(this.node.openChannel(peer, value, { pushMsat: push }));
  }

  channels(): readonly StoryChannel[] {
    return this.node.channels().map((channel) => ({
      counterparty: channel.counterparty,
      valueSatoshis: channel.channelValueSatoshis,
      outboundCapacityMsat: channel.outboundCapacityMsat,
      isUsable: channel.isUsable,
      pendingHtlcs: channel.pendingHtlcs,
    }));
  }

  publicGraph(): StoryGraph {
    const { graph } = this.node;
    const channels = [...graph.channels()];
    return {
      channels: channels.map(({ shortChannelId, policy1, policy2 }) => ({
        shortChannelId,
        directions: [policy1, policy2].filter((policy) => policy !== undefined).length,
      })),
      nodes: [...new Set(channels.flatMap(({ nodeId1, nodeId2 }) => [nodeId1, nodeId2]))].filter(
        (id) => graph.node(id)?.announcement !== undefined,
      ),
    };
  }

  createInvoice(amount: Msat | undefined, description: string): string {
    return unwrap(this.node.createInvoice(amount, description)).invoice;
  }

  /** The node's own invoice with another hash, signed by the node's key. */
  createInvoiceOfUnknownHash(amount: Msat): string {
    const paymentHash = paymentHashOf(
      new Uint8Array(createHash('sha256').update(`nobody knows ${this.name}`).digest()),
    );
    return resignedInvoice(this.createInvoice(amount, 'unknown'), { paymentHash }, this.#signer);
  }

  createInvoiceAskingLess(wanted: Msat, asked: Msat): string {
    return resignedInvoice(this.createInvoice(wanted, 'less'), { amountMsat: asked }, this.#signer);
  }

  pay(invoice: string, amount?: Msat): string {
    const id = createHash('sha256')
      .update(`${this.name} ${this.#payments++}`)
      .digest('hex') as PaymentId;
    const sent = this.node.manager.sendPayment(invoice, id, {
      now: this.#chain.now(),
      ...(amount === undefined ? {} : { amountMsat: amount }),
    });
    if (!sent.ok) this.#outcomes.set(id, { kind: 'failed', reason: sent.error.message });
    return id;
  }

  paymentOutcome(payment: string): PaymentOutcome | undefined {
    return this.#outcomes.get(payment);
  }

  closeChannel(peer: NodeId): void {
    for (const { channelId, counterparty } of this.node.channels()) {
      if (counterparty === peer) unwrap(this.node.closeChannel(channelId));
    }
  }

  broadcasts(): readonly RawTransaction[] {
    return this.#broadcasts;
  }

  closures(): readonly string[] {
    return this.#closures;
  }

  timerTick(): void {
    this.node.timerTick();
  }

  stop(): Promise<void> {
    return this.node.stop();
  }

  #heard(event: Event): void {
    if (event.kind === 'paymentClaimable') {
      const { paymentHash, preimage } = event;
      if (this.#policy === 'fail' || preimage === undefined) unwrap(this.node.manager.failHtlcBackwards(paymentHash));
      else if (this.#policy === 'hold') this.#held.set(paymentHash, preimage);
      else unwrap(this.node.manager.claimFunds(preimage));
    } else if (event.kind === 'paymentSent') {
      const { paymentId, preimage, feePaidMsat } = event;
      this.#outcomes.set(paymentId, { kind: 'sent', preimage, feePaidMsat });
    } else if (event.kind === 'paymentFailed') {
      this.#outcomes.set(event.paymentId, { kind: 'failed', reason: event.reason });
    } else if (event.kind === 'channelClosed') {
      this.#closures.push(event.reason.kind);
    } else if (event.kind === 'channelFrozen') {
      this.#closures.push(`frozen: ${event.message}`);
    }
  }
}
