import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { type ChannelId, msat, type Sat, sat, type Txid, txidOf, unwrap } from '@boltwright/base';
import { RegtestChain } from '@boltwright/chain-regtest';
import type { Event } from '@boltwright/interfaces';
import { MemoryStore } from '@boltwright/store-memory';
import { Transaction } from 'bitcoinjs-lib';
import { createNode, defaultConfig, embeddedChain, type LightningNode, type PaymentOutcome } from '../../src/index.ts';
import { feeOf } from '../../src/story/fee-of.ts';

export type Format = 'static_remotekey' | 'anchors';
export type Name = 'alice' | 'bob';
export const coins = sat(5_000_000n);
export const capacity = sat(1_000_000n);
export const anchorValue = 330n;

/** Waits, with the nodes running on, until something holds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited 20 s in vain for: ${what}`);
    await turn();
  }
}

/** Two nodes with a store each, on one chain, over TCP; either of them can be ended and made again. */
export class Pair {
  readonly chain = new RegtestChain();
  readonly stores = { alice: new MemoryStore(), bob: new MemoryStore() };
  readonly events: { readonly [N in Name]: Event[] } = { alice: [], bob: [] };
  /** Payments to whom are left open. */
  readonly holding = new Set<Name>();
  readonly #format: Format;
  readonly #nodes = new Map<Name, LightningNode>();
  readonly #firstBlock: number;
  readonly #fundings = new Set<Txid>();

  constructor(format: Format) {
    this.#format = format;
    this.#firstBlock = this.chain.height;
  }

  get alice(): LightningNode {
    return this.node('alice');
  }

  get bob(): LightningNode {
    return this.node('bob');
  }

  node(name: Name): LightningNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`${name} is not running`);
    return node;
  }

  async start(name: Name): Promise<void> {
    const seed = new Uint8Array(createHash('sha256').update(`boltwright ${name}`).digest());
    const { handshake } = defaultConfig;
    const node = await createNode({
      seed,
      chain: embeddedChain(this.chain),
      store: this.stores[name],
      config: { ...defaultConfig, handshake: { ...handshake, anchors: this.#format === 'anchors' } },
      payments: 'ask',
      onEvent: (event) => {
        this.events[name].push(event);
        if (event.kind === 'paymentClaimable' && !this.holding.has(name) && event.preimage !== undefined) {
          unwrap(node.manager.claimFunds(event.preimage));
        }
      },
    });
    this.#nodes.set(name, node);
  }

  /** Of the faucet's transaction that gave Alice her one coin. */
  get firstCoin(): Txid {
    const [txid] = this.#fundings;
    if (txid === undefined) throw new Error('Alice has no coin yet');
    return txid;
  }

  /** Two nodes with coins, connected. */
  async startBoth(): Promise<void> {
    for (const name of ['alice', 'bob'] as const) {
      await this.start(name);
      this.#fundings.add(
        this.chain.fund({ script: this.node(name).wallet.newScript(), value: coins }).transaction.txid,
      );
    }
    await this.connect();
  }

  async connect(): Promise<void> {
    const at = unwrap(await this.bob.listen({ host: '127.0.0.1', port: 0 }));
    unwrap(await this.alice.connect(this.bob.nodeId, at));
  }

  /** Alice offers a channel; its funding waits for a block. */
  async open(): Promise<void> {
    unwrap(this.alice.openChannel(this.bob.nodeId, capacity));
    await until('the funding transaction', () => this.chain.mempool().length === 1);
  }

  async usable(): Promise<void> {
    await until('a usable channel', () =>
      [this.alice, this.bob].every((node) => node.channels().some(({ isUsable }) => isUsable)),
    );
  }

  async openAndConfirm(): Promise<void> {
    await this.open();
    this.chain.mine(6);
    await this.usable();
  }

  channelId(): ChannelId {
    const channel = this.alice.manager.listChannels()[0];
    if (channel === undefined) throw new Error('Alice has no channel');
    return channel.channelId;
  }

  /** Bob keeps it waiting where he holds payments. */
  async pay(payer: Name, satoshis: bigint): Promise<PaymentOutcome> {
    const payee = payer === 'alice' ? this.bob : this.alice;
    const { invoice } = unwrap(payee.createInvoice(msat(satoshis * 1000n), 'a payment'));
    return unwrap(await this.node(payer).pay(invoice));
  }

  /** A payment that went through, all signatures exchanged. */
  async paid(payer: Name, satoshis: bigint): Promise<void> {
    const outcome = await this.pay(payer, satoshis);
    if (outcome.kind !== 'sent') throw new Error(`a payment failed: ${outcome.reason}`);
    await this.settled();
  }

  async settled(): Promise<void> {
    await until('no pending HTLC', () =>
      [this.alice, this.bob].every((node) => node.channels().every(({ pendingHtlcs }) => pendingHtlcs === 0)),
    );
  }

  /** A payment that the payee holds, irrevocably committed on both sides. @returns its preimage. */
  async held(payer: Name, satoshis: bigint): Promise<{ preimage: Uint8Array; outcome: Promise<PaymentOutcome> }> {
    const payee = payer === 'alice' ? 'bob' : 'alice';
    this.holding.add(payee);
    const before = this.events[payee].length;
    const outcome = this.pay(payer, satoshis);
    const claimable = (): Event | undefined =>
      this.events[payee].slice(before).find(({ kind }) => kind === 'paymentClaimable');
    await until('a payment to hold', () => claimable() !== undefined);
    const event = claimable();
    if (event?.kind !== 'paymentClaimable' || event.preimage === undefined) throw new Error('no preimage');
    return { preimage: event.preimage, outcome };
  }

  /** Mines blocks, with time for the nodes after each. */
  async mine(count: number): Promise<void> {
    for (let block = 0; block < count; block++) {
      this.chain.mine(1);
      await this.breathe();
    }
  }

  async breathe(): Promise<void> {
    for (let rounds = 0; rounds < 4; rounds++) await turn();
  }

  /** Mines until neither monitor has anything to claim and no coin is on its way. */
  async mineUntilHome(): Promise<void> {
    for (let block = 0; block < 400; block++) {
      const waiting = [this.alice, this.bob].some(
        (node) => node.monitors.claimableBalances().length > 0 || node.monitors.pendingEvents().length > 0,
      );
      if (!waiting && this.chain.mempool().length === 0) return;
      await this.mine(1);
    }
    throw new Error('400 blocks and not all coins are home');
  }

  /** Ends a node in good order, and makes it again from its store. */
  async restart(name: Name): Promise<void> {
    await this.node(name).stop();
    await this.start(name);
  }

  /** Ends a node at once: what was not committed is gone, and what it goes on doing reaches nobody. */
  async kill(name: Name): Promise<void> {
    this.stores[name].crash();
    await this.node(name).stop();
    await this.start(name);
  }

  async stop(): Promise<void> {
    for (const node of this.#nodes.values()) await node.stop();
  }

  /**
   * What each wallet must hold after a force-close, to the satoshi: the coins it began with, the payments, less the fees
   * of its own transactions. Alice, the opener, pays for the funding, the commitment and both anchors.
   *
   * @param paidToBob - net, in satoshis.
   */
  expectedBalances(paidToBob: bigint): { readonly [N in Name]: bigint } {
    const expected = { alice: coins - paidToBob, bob: coins + paidToBob };
    const funding = this.#fundingTxid();
    for (const { txid, bytes } of this.#mined()) {
      if (this.#fundings.has(txid)) continue;
      const { ins, outs } = Transaction.fromBuffer(bytes);
      const fee = feeOf(this.chain, txid);
      const isCommitment = ins.some(({ hash, index }) => txidOf(hash) === funding && index === 0);
      const payer = txid === funding || isCommitment ? 'alice' : this.#ownerOf(txid);
      expected[payer] -= fee;
      if (!isCommitment) continue;
      for (const [vout, { value }] of outs.entries()) {
        if (value !== anchorValue) continue;
        expected.alice -= anchorValue;
        const spender = this.chain.spender({ txid, vout });
        if (spender !== undefined) expected[this.#ownerOf(spender)] += anchorValue;
      }
    }
    return expected;
  }

  balances(): { readonly [N in Name]: Sat } {
    return { alice: this.alice.wallet.balance().confirmed, bob: this.bob.wallet.balance().confirmed };
  }

  /** Whose coins a transaction makes, maybe by way of others. */
  #ownerOf(txid: Txid): Name {
    const transaction = this.chain.transaction(txid);
    if (transaction === undefined) throw new Error(`no transaction ${txid}`);
    const { outs } = Transaction.fromBuffer(transaction.transaction.bytes);
    for (const name of ['alice', 'bob'] as const) {
      if (outs.some(({ script }) => this.node(name).wallet.isOurs(script))) return name;
    }
    const spender = this.chain.spender({ txid, vout: 0 });
    if (spender === undefined) throw new Error(`nobody's: ${txid}`);
    return this.#ownerOf(spender);
  }

  #fundingTxid(): Txid {
    const funding = this.alice.manager.listChannels()[0]?.fundingOutpoint ?? this.#knownFunding();
    return funding.txid;
  }

  #knownFunding(): { readonly txid: Txid } {
    const [id] = this.alice.monitors.channels();
    const state = id === undefined ? undefined : this.alice.monitors.monitor(id);
    if (state === undefined) throw new Error('Alice watches no channel');
    return state.parameters.fundingOutpoint;
  }

  #mined() {
    const found = [];
    for (let height = this.#firstBlock + 1; height <= this.chain.height; height++) {
      found.push(...this.chain.blockAt(height)!.transactions.slice(1));
    }
    return found;
  }
}
