import { createHash } from 'node:crypto';
import {
  type Msat,
  type NodeId,
  type PaymentHash,
  paymentHashOf,
  type RawTransaction,
  type Sat,
  type Txid,
  toHex,
  unwrap,
} from '@boltwright/base';
import type { BroadcasterInterface, Event, NodeSigner, PaymentId } from '@boltwright/interfaces';
import { KeysManager } from '@boltwright/keys';
import { MemoryStore } from '@boltwright/store-memory';
import { createNode, defaultConfig, defaultCrypto, type LightningNode } from 'boltwright';
import type { StoryChain } from '../chain/story-chain.ts';
import { resignedInvoice } from '../resigned-invoice.ts';
import type { ClaimPolicy, PaymentOutcome, StoryChannel } from '../story-node.ts';

export interface KillableOptions {
  readonly name: string;
  readonly anchors: boolean;
  readonly coins: Sat;
  readonly log?: (line: string) => void;
}

/**
 * A Boltwright node that can die at any commit and is made again from what was durable. What its user knows (which
 * payments it asked for, which it decided to claim) survives, as a user's own books do, and is asked for again.
 */
export class KillableNode {
  readonly name: string;
  /** What must not happen. */
  readonly problems: string[] = [];
  readonly #chain: StoryChain;
  readonly #options: KillableOptions;
  readonly #seed: Uint8Array;
  readonly #signer: Pick<NodeSigner, 'signInvoice'>;
  readonly #broadcasts: RawTransaction[] = [];
  readonly #asked = new Map<PaymentId, { readonly invoice: string; readonly amount: Msat | undefined }>();
  readonly #outcomes = new Map<string, PaymentOutcome>();
  readonly #closures = new Map<string, string>();
  readonly #claimed = new Map<string, bigint>();
  readonly #held = new Map<PaymentHash, Uint8Array>();
  readonly #decided = new Map<PaymentHash, { readonly claim: boolean; readonly preimage: Uint8Array | undefined }>();
  #policy: (paymentHash: string) => ClaimPolicy = () => 'claim';
  #store = new MemoryStore();
  #running: LightningNode | undefined;
  #port: number | undefined;
  #unknown = 0;
  #lives = 0;

  private constructor(
    chain: StoryChain,
    options: KillableOptions,
    seed: Uint8Array,
    signer: Pick<NodeSigner, 'signInvoice'>,
  ) {
    this.name = options.name;
    this.#chain = chain;
    this.#options = options;
    this.#seed = seed;
    this.#signer = signer;
  }

  static async start(chain: StoryChain, options: KillableOptions): Promise<KillableNode> {
    const seed = new Uint8Array(createHash('sha256').update(`boltwright ${options.name}`).digest());
    const crypto = await defaultCrypto();
    const signer = new KeysManager({ seed, crypto, network: 'testnet', entropy: (length) => new Uint8Array(length) });
    const node = new KillableNode(chain, options, seed, signer);
    await node.#live();
    await chain.fund(node.node.wallet.newScript(), options.coins);
    return node;
  }

  get node(): LightningNode {
    if (this.#running === undefined) throw new Error(`${this.name} is not running`);
    return this.#running;
  }

  get nodeId(): NodeId {
    return this.node.nodeId;
  }

  // ---- death and life -----------------------------------------------------------------------------------------

  /** From now on commits wait. */
  holdCommits(): void {
    this.#store.hold();
  }

  /** Lets some waiting commits through; all, and those to come, without a count. */
  releaseCommits(count?: number): void {
    this.#store.release(count);
  }

  /** Dies here and now, with up to `durable` of the waiting commits on the medium, and starts again. */
  async kill(durable: number): Promise<void> {
    const forks = this.#store.forks();
    const found = forks[Math.min(durable, forks.length - 1)];
    if (found === undefined) throw new Error('a store always has a fork');
    this.#store.crash();
    const dead = this.node;
    this.#lives += 1;
    this.#running = undefined;
    this.#port = undefined;
    this.#store = found;
    await dead.stop();
    await this.#live();
    this.#askAgain();
  }

  async #live(): Promise<void> {
    const life = this.#lives;
    const broadcaster: BroadcasterInterface = {
      broadcastPackage: (transactions) => {
        for (const transaction of transactions) {
          if (!this.#broadcasts.some(({ txid }) => txid === transaction.txid)) this.#broadcasts.push(transaction);
        }
        this.#chain.broadcaster.broadcastPackage(transactions);
      },
    };
    const { log } = this.#options;
    this.#running = await createNode({
      seed: this.#seed,
      store: this.#store,
      payments: 'ask',
      config: {
        ...defaultConfig,
        handshake: { ...defaultConfig.handshake, minimumDepth: 1, anchors: this.#options.anchors },
      },
      chain: {
        feeEstimator: this.#chain.fees,
        broadcaster,
        tip: () => this.#chain.tip(),
        attach: (listener) => this.#chain.attach(listener),
      },
      now: () => this.#chain.now(),
      logger: {
        log: (level, message, fields) => {
          if (life !== this.#lives) return;
          log?.(`us ${level}: ${message} ${fields === undefined ? '' : text(fields)}`);
          if (level === 'error') this.problems.push(`logged: ${message} ${fields === undefined ? '' : text(fields)}`);
        },
      },
      onEvent: (event) => {
        if (life === this.#lives) this.#heard(event);
      },
    });
  }

  /** A user's books after a crash: nothing that was asked for and has no outcome may be forgotten. */
  #askAgain(): void {
    const known = new Set(this.node.manager.listPayments().map(({ paymentId }) => paymentId));
    for (const [id, { invoice, amount }] of this.#asked) {
      if (this.#outcomes.has(id) || known.has(id)) continue;
      this.#send(id, invoice, amount);
    }
    for (const [hash, { claim, preimage }] of this.#decided) {
      if (this.#claimed.has(hash)) continue;
      if (claim && preimage !== undefined) this.node.manager.claimFunds(preimage);
      else this.node.manager.failHtlcBackwards(hash);
    }
  }

  // ---- payments -----------------------------------------------------------------------------------------------

  setClaimPolicy(policy: ClaimPolicy | ((paymentHash: string) => ClaimPolicy)): void {
    this.#policy = typeof policy === 'function' ? policy : () => policy;
  }

  heldPayments(): readonly PaymentHash[] {
    return [...this.#held.keys()];
  }

  claimHeld(): void {
    for (const hash of this.heldPayments()) this.resolveHeld(hash, true);
  }

  resolveHeld(paymentHash: string, claim: boolean): void {
    const hash = paymentHash as PaymentHash;
    const preimage = this.#held.get(hash);
    if (preimage === undefined) return;
    this.#held.delete(hash);
    this.#decide(hash, claim, preimage);
  }

  /** Hashes (hex) of the payments that were claimed, with what each brought. */
  claimedPayments(): ReadonlyMap<string, bigint> {
    return this.#claimed;
  }

  createInvoice(amount: Msat | undefined, description: string): string {
    return unwrap(this.node.createInvoice(amount, description)).invoice;
  }

  createInvoiceOfUnknownHash(amount: Msat): string {
    const hash = createHash('sha256')
      .update(`nobody knows ${this.name} ${this.#unknown++}`)
      .digest();
    const paymentHash = paymentHashOf(new Uint8Array(hash));
    return resignedInvoice(this.createInvoice(amount, 'unknown'), { paymentHash }, this.#signer);
  }

  createInvoiceAskingLess(wanted: Msat, asked: Msat): string {
    return resignedInvoice(this.createInvoice(wanted, 'less'), { amountMsat: asked }, this.#signer);
  }

  pay(invoice: string, amount?: Msat): string {
    const id = createHash('sha256').update(`${this.name} ${this.#asked.size}`).digest('hex') as PaymentId;
    this.#asked.set(id, { invoice, amount });
    this.#send(id, invoice, amount);
    return id;
  }

  paymentOutcome(payment: string): PaymentOutcome | undefined {
    return this.#outcomes.get(payment);
  }

  #send(id: PaymentId, invoice: string, amount: Msat | undefined): void {
    const sent = this.node.manager.sendPayment(invoice, id, {
      now: this.#chain.now(),
      ...(amount === undefined ? {} : { amountMsat: amount }),
    });
    if (!sent.ok) this.#outcomes.set(id, { kind: 'failed', reason: sent.error.message });
  }

  #decide(hash: PaymentHash, claim: boolean, preimage: Uint8Array | undefined): void {
    this.#decided.set(hash, { claim, preimage });
    if (claim && preimage !== undefined) this.node.manager.claimFunds(preimage);
    else this.node.manager.failHtlcBackwards(hash);
  }

  #heard(event: Event): void {
    switch (event.kind) {
      case 'paymentClaimable': {
        const { paymentHash, preimage } = event;
        const decided = this.#decided.get(paymentHash);
        const policy = this.#policy(paymentHash);
        if (decided !== undefined) this.#decide(paymentHash, decided.claim, decided.preimage);
        else if (preimage === undefined || policy === 'fail') this.#decide(paymentHash, false, preimage);
        else if (policy === 'hold') this.#held.set(paymentHash, preimage);
        else this.#decide(paymentHash, true, preimage);
        return;
      }
      case 'paymentClaimed':
        if ((this.#claimed.get(event.paymentHash) ?? event.amountMsat) !== event.amountMsat) {
          this.problems.push(`${event.paymentHash} was claimed twice, with different amounts`);
        }
        if (this.#decided.get(event.paymentHash)?.claim !== true) {
          this.problems.push(`${event.paymentHash} was claimed, which nobody asked for`);
        }
        this.#claimed.set(event.paymentHash, event.amountMsat);
        return;
      case 'paymentSent':
        this.#conclude(event.paymentId, {
          kind: 'sent',
          preimage: event.preimage,
          feePaidMsat: event.feePaidMsat,
        });
        return;
      case 'paymentFailed':
        this.#conclude(event.paymentId, { kind: 'failed', reason: event.reason });
        return;
      case 'channelClosed':
        this.#closures.set(
          event.channelId,
          'message' in event.reason ? `${event.reason.kind}: ${event.reason.message}` : event.reason.kind,
        );
        return;
      case 'channelFrozen':
        this.#closures.set(event.channelId, `frozen: ${event.message}`);
        return;
      default:
        return;
    }
  }

  #conclude(payment: PaymentId, outcome: PaymentOutcome): void {
    const before = this.#outcomes.get(payment);
    if (before !== undefined && before.kind !== outcome.kind) {
      this.problems.push(`payment ${payment} was ${before.kind}, and then ${outcome.kind}`);
    }
    this.#outcomes.set(payment, outcome);
  }

  // ---- peers, channels ----------------------------------------------------------------------------------------

  async listen(): Promise<number> {
    this.#port ??= unwrap(await this.node.listen({ host: '127.0.0.1', port: 0 })).port;
    return this.#port;
  }

  async connect(peer: NodeId, port: number): Promise<void> {
    await this.node.connect(peer, { host: '127.0.0.1', port });
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

  /** What is ours in each channel, by funding transaction, in millisatoshi. */
  balances(): ReadonlyMap<Txid, bigint> {
    return new Map(
      this.node
        .channels()
        .flatMap(({ fundingOutpoint, balanceMsat }) =>
          fundingOutpoint === undefined ? [] : [[fundingOutpoint.txid, balanceMsat] as const],
        ),
    );
  }

  /** The most that one HTLC of ours could carry now. */
  sendLimitMsat(): bigint {
    let most = 0n;
    for (const { nextOutboundHtlcLimitMsat: limit } of this.node.channels()) if (limit > most) most = limit;
    return most;
  }

  /** Where it is closing already, that goes on. */
  closeChannel(peer: NodeId): void {
    for (const { channelId, counterparty } of this.node.channels()) {
      if (counterparty === peer) this.node.closeChannel(channelId);
    }
  }

  broadcasts(): readonly RawTransaction[] {
    return this.#broadcasts;
  }

  closures(): readonly string[] {
    return [...this.#closures.values()];
  }

  timerTick(): void {
    this.node.timerTick();
  }

  async stop(): Promise<void> {
    this.#store.release();
    await this.#running?.stop();
  }
}

const text = (fields: object): string =>
  JSON.stringify(fields, (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}` : value instanceof Uint8Array ? toHex(value) : value,
  );
