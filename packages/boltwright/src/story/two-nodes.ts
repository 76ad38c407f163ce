import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { msat, type NodeId, type OutPoint, type Sat, sat, type Txid, unwrap } from '@boltwright/base';
import { RegtestChain } from '@boltwright/chain-regtest';
import { createNode } from '../assembly/create-node.ts';
import { embeddedChain } from '../assembly/node-chain.ts';
import type { LightningNode } from '../lightning-node.ts';
import { feeOf } from './fee-of.ts';

/** The story's figures, in satoshis but where their names say otherwise. */
export const figures = {
  coins: sat(5_000_000n),
  channel: sat(1_000_000n),
  /** Positive: Alice pays Bob; negative: Bob pays Alice. Whole satoshis, so that the closing balances are exact. */
  payments: [250_000n, 125_000n, -40_000n, 1_234n, -100_001n, 60_000n, -5n],
} as const;

export interface Person {
  readonly name: string;
  readonly node: LightningNode;
}

export interface Summary {
  readonly payments: number;
  readonly paidEachWay: readonly [Sat, Sat];
  readonly fundingFee: Sat;
  readonly closingFee: Sat;
  readonly alice: { readonly expected: Sat; readonly found: Sat };
  readonly bob: { readonly expected: Sat; readonly found: Sat };
  readonly correct: boolean;
}

/** Waits, with the nodes running on, until something holds. */
async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < 4000; waited++) {
    if (holds()) return;
    await sleep(5);
  }
  throw new Error(`waited 20 s in vain for: ${what}`);
}

/** Two nodes on one embedded chain, over TCP: the story that `npm start` tells, a step at a time. */
export class TwoNodes {
  readonly chain = new RegtestChain();
  #alice: LightningNode | undefined;
  #bob: LightningNode | undefined;
  #funding: OutPoint | undefined;
  #closing: Txid | undefined;

  get alice(): LightningNode {
    if (this.#alice === undefined) throw new Error('Alice has not started');
    return this.#alice;
  }

  get bob(): LightningNode {
    if (this.#bob === undefined) throw new Error('Bob has not started');
    return this.#bob;
  }

  async start(): Promise<void> {
    this.#alice = await this.#node('alice');
    this.#bob = await this.#node('bob');
  }

  fund(): void {
    this.chain.fund({ script: this.alice.wallet.newScript(), value: figures.coins });
    this.chain.fund({ script: this.bob.wallet.newScript(), value: figures.coins });
  }

  /** @returns the port that Bob listens on. */
  async connect(): Promise<number> {
    const at = unwrap(await this.bob.listen({ host: '127.0.0.1', port: 0 }));
    unwrap(await this.alice.connect(this.bob.nodeId, at));
    return at.port;
  }

  /** @returns the channel's outpoint, once its transaction waits to be mined. */
  async open(): Promise<OutPoint> {
    unwrap(this.alice.openChannel(this.bob.nodeId, figures.channel));
    await until('the funding transaction', () => this.chain.mempool().length === 1);
    const outpoint = this.alice.channels()[0]?.fundingOutpoint;
    if (outpoint === undefined) throw new Error('the channel has no outpoint');
    this.#funding = outpoint;
    return outpoint;
  }

  async confirm(): Promise<void> {
    this.chain.mine(6);
    await until('the channel is ready on both sides', () =>
      [this.alice, this.bob].every((node) => node.channels().some((channel) => channel.isUsable)),
    );
  }

  /** One payment by a fresh invoice. Negative: Bob pays Alice. @returns what it took in milliseconds. */
  async pay(satoshis: bigint): Promise<number> {
    const [payer, payee] = satoshis > 0n ? [this.alice, this.bob] : [this.bob, this.alice];
    const amount = msat((satoshis > 0n ? satoshis : -satoshis) * 1000n);
    const before = performance.now();
    const { invoice } = unwrap(payee.createInvoice(amount, `${amount} msat`));
    const outcome = unwrap(await payer.pay(invoice));
    if (outcome.kind !== 'sent') throw new Error(`a payment failed: ${outcome.reason}`);
    const took = performance.now() - before;
    await this.#settled();
    return took;
  }

  /** @returns the closing transaction, once it waits to be mined. */
  async close(): Promise<Txid> {
    const [channel] = this.alice.channels();
    if (channel === undefined) throw new Error('there is no channel to close');
    unwrap(this.alice.closeChannel(channel.channelId));
    await until('the closing transaction', () => this.chain.mempool().length === 1);
    this.#closing = this.chain.mempool()[0]!.txid;
    return this.#closing;
  }

  async mineClose(): Promise<void> {
    this.chain.mine(1);
    await until('no channel is left', () => this.alice.channels().length === 0 && this.bob.channels().length === 0);
  }

  /** Compares what both wallets hold with what the payments say, to the satoshi. */
  summary(): Summary {
    if (this.#funding === undefined || this.#closing === undefined) throw new Error('the story is not over');
    const fundingFee = feeOf(this.chain, this.#funding.txid);
    const closingFee = feeOf(this.chain, this.#closing);
    const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
    const there = sum(figures.payments.filter((amount) => amount > 0n));
    const back = -sum(figures.payments.filter((amount) => amount < 0n));
    const balance = (node: LightningNode): Sat => node.wallet.balance().confirmed;
    const alice = {
      expected: sat(figures.coins - there + back - fundingFee - closingFee),
      found: balance(this.alice),
    };
    const bob = { expected: sat(figures.coins + there - back), found: balance(this.bob) };
    return {
      payments: figures.payments.length,
      paidEachWay: [sat(there), sat(back)],
      fundingFee,
      closingFee,
      alice,
      bob,
      correct:
        alice.expected === alice.found &&
        bob.expected === bob.found &&
        this.chain.confirmations(this.#closing) === 1 &&
        this.chain.refused.length === 0,
    };
  }

  async stop(): Promise<void> {
    await this.#alice?.stop();
    await this.#bob?.stop();
  }

  /** A payer knows of its success before the last signatures are exchanged. */
  async #settled(): Promise<void> {
    await until('the payment is settled on both sides', () =>
      [this.alice, this.bob].every((node) => node.channels().every((channel) => channel.pendingHtlcs === 0)),
    );
  }

  #node(name: string): Promise<LightningNode> {
    const seed = new Uint8Array(createHash('sha256').update(`boltwright demo ${name}`).digest());
    return createNode({ seed, chain: embeddedChain(this.chain), storeName: name });
  }
}

export const shortId = (id: NodeId): string => `${id.slice(0, 8)}…${id.slice(-4)}`;
