import {
  type Answer,
  type Block,
  type BlockHash,
  type BlockHeight,
  type ChainHash,
  chainHash,
  err,
  type FeeratePerKw,
  feeratePerKw,
  type Header,
  type OutPoint,
  type OutPointKey,
  ok,
  outPointKey,
  type RawTransaction,
  type Result,
  ready,
  type Sat,
  type Script,
  type ShortChannelId,
  shortChannelIdParts,
  type Txid,
  type TxOut,
} from '@boltwright/base';
import type {
  BlockLocation,
  BlockSource,
  BroadcasterInterface,
  ChainListener,
  ChainWatchInterface,
  ConfirmationTarget,
  FeeEstimator,
  Utxo,
  UtxoError,
} from '@boltwright/interfaces';
import { type ChainBlock, ChainState } from './chain-state.ts';
import type { Coin } from './coins.ts';
import { faucetScript, faucetTransaction } from './faucet.ts';
import { Mempool } from './mempool.ts';
import { type Accepted, MempoolGate, parseOrRefuse } from './mempool-gate.ts';
import type { ParsedTransaction } from './parsed-transaction.ts';
import { maxBlockWeight, minRelayFeerate } from './policy.ts';
import type { Refusal } from './refusal.ts';
import { defaultFeerates, type RegtestOptions } from './regtest-options.ts';

/** Regtest's genesis block's hash in wire order, as `open_channel` and gossip name the chain. */
export const regtestChainHash: ChainHash = chainHash(
  '06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f',
);

/** A transaction of the faucet, confirmed. */
export interface Funding {
  readonly transaction: RawTransaction;
  readonly outpoints: readonly OutPoint[];
  readonly block: BlockLocation;
}

/** A chain's transaction, with where it is. */
export interface ChainTransaction {
  readonly transaction: RawTransaction;
  /** Undefined while it waits in the mempool. */
  readonly block: BlockLocation | undefined;
  /** Its place in the block, 0 being the coinbase; undefined in the mempool. */
  readonly index: number | undefined;
}

interface BlockPlan {
  readonly transactions: readonly ParsedTransaction[];
  readonly fees: bigint;
}

const bestOf = ({ block, height }: ChainBlock): BlockLocation => ({
  hash: block.header.hash,
  height: height as BlockHeight,
});

/**
 * A regtest chain in memory: one node's mempool and miner, with every chain seam that Boltwright asks of a user.
 *
 * Nothing in it depends on a clock or on chance: the same calls make the same blocks, byte for byte. Its blocks are
 * valid ones that a bitcoind in regtest takes. Listeners are called before the call that caused it returns.
 */
export class RegtestChain implements BlockSource, FeeEstimator, BroadcasterInterface, ChainWatchInterface {
  readonly #state = new ChainState();
  readonly #mempool = new Mempool();
  readonly #gate: MempoolGate;
  readonly #feerates: Record<ConfirmationTarget, FeeratePerKw>;
  readonly #minerScript: Script;
  readonly #onAccepted: ((tx: RawTransaction) => void) | undefined;
  #listeners: readonly ChainListener[] = [];
  #busy = false;
  readonly #watchedTransactions = new Map<Txid, Script>();
  readonly #watchedOutputs = new Map<OutPointKey, { readonly outpoint: OutPoint; readonly script: Script }>();

  constructor(options: RegtestOptions = {}) {
    this.#minerScript = options.minerScript ?? faucetScript;
    this.#onAccepted = options.onAccepted;
    this.#gate = new MempoolGate(this.#state, this.#mempool, options.onAccepted);
    this.#feerates = { ...defaultFeerates };
    for (const [target, feerate] of Object.entries(options.feerates ?? {})) {
      this.setFeerate(target as ConfirmationTarget, feerate);
    }
    this.mine(options.initialBlocks ?? 101);
  }

  // ---- what the chain holds ---------------------------------------------------------------------------------------

  /** The best block's height. */
  get height(): BlockHeight {
    return this.#state.tip.height as BlockHeight;
  }

  /** The best block. */
  get tip(): BlockLocation {
    return bestOf(this.#state.tip);
  }

  /** The best chain's block at a height; undefined above the tip. */
  blockAt(height: number): Block | undefined {
    return this.#state.at(height)?.block;
  }

  /** A transaction of the best chain or the mempool. */
  transaction(txid: Txid): ChainTransaction | undefined {
    const block = this.#state.blockOf(txid);
    if (block !== undefined) {
      const index = block.transactions.findIndex((tx) => tx.txid === txid);
      return { transaction: block.transactions[index]!.raw, block: bestOf(block), index };
    }
    const entry = this.#mempool.get(txid);
    return entry && { transaction: entry.tx.raw, block: undefined, index: undefined };
  }

  /** 1 in the best block, 0 in the mempool, undefined where the transaction is in neither. */
  confirmations(txid: Txid): number | undefined {
    const block = this.#state.blockOf(txid);
    if (block !== undefined) return this.height - block.height + 1;
    return this.#mempool.get(txid) === undefined ? undefined : 0;
  }

  /** Who spends an output, in the best chain or, else, in the mempool. */
  spender(outpoint: OutPoint): Txid | undefined {
    const key = outPointKey(outpoint);
    return this.#state.spender(key) ?? this.#mempool.spender(key);
  }

  /** A confirmed coin that no block spends. */
  coin(outpoint: OutPoint): Coin | undefined {
    return this.#state.coins.get(outPointKey(outpoint));
  }

  /** The confirmed coins of a script, oldest first. */
  coins(script: Script): readonly Coin[] {
    return this.#state.coins.ofScript(script);
  }

  /** The sum of {@link coins}. */
  balance(script: Script): Sat {
    return this.coins(script).reduce((sum, coin) => sum + coin.value, 0n) as Sat;
  }

  /** What waits for a block, parents before children. */
  mempool(): readonly RawTransaction[] {
    return this.#mempool.entries().map((entry) => entry.tx.raw);
  }

  // ---- into the mempool -------------------------------------------------------------------------------------------

  /**
   * Offers a transaction to the mempool. One that is there already is taken again, without effect.
   *
   * @returns what it pays and replaces, or why it is refused; that is not kept among {@link refused}.
   */
  submit(tx: RawTransaction): Result<Accepted, Refusal> {
    return this.#gate.submit(tx);
  }

  /**
   * Offers a package, parents before children: one after the other, and, where a parent pays less than the mempool's
   * minimum (but the relay minimum), it and the next one as one parent and one child that must pay for both.
   *
   * @returns what became of each, or the first refusal; what was taken before it stays.
   */
  submitPackage(parentsFirst: readonly RawTransaction[]): Result<readonly Accepted[], Refusal> {
    return this.#gate.submitPackage(parentsFirst);
  }

  /** `BroadcasterInterface`: as {@link submitPackage}, with refusals kept in {@link refused}. Never throws. */
  broadcastPackage(parentsFirst: readonly RawTransaction[]): void {
    const result = this.submitPackage(parentsFirst);
    if (!result.ok) this.#gate.refuse(result.error);
  }

  /** What was broadcast and refused, and what a reorg or a block pushed out of the mempool, oldest first. */
  get refused(): readonly Refusal[] {
    return this.#gate.refused;
  }

  /** Forgets {@link refused}, and returns it. */
  takeRefused(): readonly Refusal[] {
    return this.#gate.takeRefused();
  }

  /** Below this the mempool takes nothing but in a package: what a full mempool does. Satoshis per 1000 vB. */
  setMempoolMinFeerate(feerate: bigint): void {
    if (feerate < minRelayFeerate) throw new RangeError(`${feerate} is below the relay minimum of ${minRelayFeerate}`);
    this.#gate.minFeerate = feerate;
  }

  // ---- blocks -----------------------------------------------------------------------------------------------------

  /**
   * Mines blocks, the first with as much of the mempool as fits, parents before children; what listeners broadcast
   * on hearing of a block is in the next.
   *
   * @param options.without - these, and what spends from them, are left in the mempool.
   */
  mine(count = 1, options: { readonly without?: readonly Txid[] } = {}): readonly BlockLocation[] {
    return this.#alone(() =>
      Array.from({ length: count }, () => {
        const transactions = this.#template(new Set(options.without ?? []));
        const fees = transactions.reduce((sum, tx) => sum + this.#mempool.get(tx.txid)!.fee, 0n);
        const block = this.#connect(transactions, fees);
        this.#tellConnected(block);
        return bestOf(block);
      }),
    );
  }

  /**
   * Mines one block of exactly these transactions, which need not be in the mempool or pass its policy: what a miner
   * may do. Mempool transactions that they conflict with are dropped.
   */
  mineBlock(transactions: readonly RawTransaction[]): Result<BlockLocation, Refusal> {
    return this.#alone(() => {
      const plan = this.#checkBlock(transactions);
      if (!plan.ok) return plan;
      this.#tellAccepted(plan.value.transactions);
      const block = this.#connect(plan.value.transactions, plan.value.fees);
      this.#tellConnected(block);
      return ok(bestOf(block));
    });
  }

  /**
   * Takes the last `depth` blocks off and mines others instead. The transactions of the blocks taken off wait in the
   * mempool again, where they are still valid.
   *
   * @param blocks - how many empty ones (by default `depth + 1`), or what is in each.
   * @returns the new tip, or why a block cannot be mined: then nothing has happened.
   * @throws RangeError when the new branch is no longer than the old one, or genesis would go.
   */
  reorg(
    depth: number,
    blocks: number | readonly (readonly RawTransaction[])[] = depth + 1,
  ): Result<BlockLocation, Refusal> {
    const contents = typeof blocks === 'number' ? Array.from({ length: blocks }, () => []) : blocks;
    if (depth < 1 || depth > this.height) throw new RangeError(`a reorg of ${depth} of ${this.height} blocks`);
    if (contents.length <= depth) throw new RangeError(`${contents.length} blocks do not outdo ${depth}`);
    return this.#alone(() => {
      const disconnected = Array.from({ length: depth }, () => this.#state.disconnect()).reverse();
      const fork = this.#state.tip;
      const connected: ChainBlock[] = [];
      for (const transactions of contents) {
        const block = this.#checkBlock(transactions);
        if (!block.ok) {
          for (const _ of connected) this.#state.disconnect();
          for (const old of disconnected) this.#state.reconnect(old);
          return block;
        }
        connected.push(this.#state.connect(block.value.transactions, block.value.fees, this.#minerScript));
      }
      const before = new Set(disconnected.flatMap((block) => block.transactions.map((tx) => tx.txid)));
      for (const { transactions } of connected) {
        this.#tellAccepted(transactions.filter((tx) => !tx.coinbase && !before.has(tx.txid)));
      }
      this.#gate.refill(disconnected.flatMap((block) => block.transactions));
      for (const listener of this.#listeners) listener.blocksDisconnected(bestOf(fork));
      for (const block of connected) this.#tellConnected(block);
      return ok(this.tip);
    });
  }

  /**
   * Pays from the faucet and mines a block with it (and with what waits in the mempool).
   *
   * @returns where the coins are.
   * @throws RangeError when the faucet has less than that: mine more blocks.
   */
  fund(...outputs: readonly TxOut[]): Funding {
    const coins = this.coins(faucetScript).filter(
      (coin) => (!coin.coinbase || this.height + 1 - coin.height! >= 100) && this.spender(coin.outpoint) === undefined,
    );
    // the largest first: one coin does, and the faucet's coins stay few
    const largestFirst = [...coins].sort((a, b) => (a.value < b.value ? 1 : a.value > b.value ? -1 : 0));
    const transaction = faucetTransaction(largestFirst, outputs);
    if (transaction === undefined) {
      throw new RangeError(`the faucet has ${coins.reduce((sum, coin) => sum + coin.value, 0n)} sat: too few`);
    }
    const accepted = this.submit(transaction);
    if (!accepted.ok) throw new RangeError(`the faucet's transaction is refused: ${accepted.error.message}`);
    this.mine();
    return {
      transaction,
      outpoints: outputs.map((_, vout) => ({ txid: transaction.txid, vout })),
      block: this.tip,
    };
  }

  // ---- listeners --------------------------------------------------------------------------------------------------

  /**
   * Brings a listener from its own tip to this chain's, over a fork where it stands on one, and calls it on every
   * block from then on, before the call that mined it returns.
   *
   * @returns what takes it off again.
   * @throws RangeError when its tip is no block that was ever mined here.
   */
  attach(listener: ChainListener): () => void {
    const own = listener.tip();
    let fork = this.#state.known(own.hash);
    if (fork === undefined) throw new RangeError(`the listener's tip ${own.hash} is no block of this chain`);
    while (!this.#state.isActive(fork)) fork = this.#state.known(fork.block.header.previous)!;
    if (fork.height < own.height) listener.blocksDisconnected(bestOf(fork));
    for (let height = fork.height + 1; height <= this.height; height++) {
      const { block } = this.#state.at(height)!;
      listener.blockConnected(block, height as BlockHeight);
    }
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  // ---- BlockSource ------------------------------------------------------------------------------------------------

  async bestBlock(): Promise<BlockLocation> {
    return this.tip;
  }

  /** Also of blocks that a reorg took off. Rejects for a hash that is none of this chain. */
  async header(hash: BlockHash): Promise<Header> {
    return this.#known(hash).block.header;
  }

  /** As {@link header}. */
  async block(hash: BlockHash): Promise<Block> {
    return this.#known(hash).block;
  }

  // ---- FeeEstimator -----------------------------------------------------------------------------------------------

  feerate(target: ConfirmationTarget): FeeratePerKw {
    return this.#feerates[target];
  }

  /** @param feerate - satoshis per 1000 weight units, at least 253. */
  setFeerate(target: ConfirmationTarget, feerate: number): void {
    if (feerate < 253) throw new RangeError(`${feerate} is below 253, the least that is relayed`);
    this.#feerates[target] = feeratePerKw(feerate);
  }

  // ---- ChainWatchInterface ----------------------------------------------------------------------------------------

  watchTransaction(txid: Txid, script: Script): void {
    this.#watchedTransactions.set(txid, script);
  }

  watchOutput(outpoint: OutPoint, script: Script): void {
    this.#watchedOutputs.set(outPointKey(outpoint), { outpoint, script });
  }

  /** What was asked to be watched; attached listeners hear of everything anyway. */
  get watched(): {
    readonly transactions: ReadonlyMap<Txid, Script>;
    readonly outputs: readonly { readonly outpoint: OutPoint; readonly script: Script }[];
  } {
    return { transactions: this.#watchedTransactions, outputs: [...this.#watchedOutputs.values()] };
  }

  getChainUtxo(
    chain: ChainHash,
    id: ShortChannelId,
  ): Answer<{ readonly ok: true; readonly value: Utxo } | { readonly ok: false; readonly error: UtxoError }> {
    if (chain !== regtestChainHash) return ready(err('unknownChain'));
    const place = shortChannelIdParts(id);
    const tx = this.#state.at(place.block)?.transactions[place.transaction];
    if (tx?.outputs[place.output] === undefined) return ready(err('unknownTransaction'));
    const coin = this.coin({ txid: tx.txid, vout: place.output });
    return ready(coin === undefined ? err('spent') : ok({ value: coin.value, script: coin.script }));
  }

  // ---- inside -----------------------------------------------------------------------------------------------------

  #known(hash: BlockHash): ChainBlock {
    const block = this.#state.known(hash);
    if (block === undefined) throw new RangeError(`${hash} is no block of this chain`);
    return block;
  }

  /** Blocks come one after the other: a listener may broadcast, not mine. */
  #alone<T>(work: () => T): T {
    if (this.#busy) throw new Error('a listener may not mine: blocks come one after the other');
    this.#busy = true;
    try {
      return work();
    } finally {
      this.#busy = false;
    }
  }

  #tellConnected({ block, height }: ChainBlock): void {
    for (const listener of this.#listeners) listener.blockConnected(block, height as BlockHeight);
  }

  #template(without: Set<Txid>): readonly ParsedTransaction[] {
    const left = this.#mempool.descendants(without);
    const transactions: ParsedTransaction[] = [];
    let weight = 4000;
    for (const { tx, parents } of this.#mempool.entries()) {
      if (left.has(tx.txid)) continue;
      if (weight + tx.weight > maxBlockWeight || [...parents].some((parent) => left.has(parent))) {
        left.add(tx.txid);
        continue;
      }
      weight += tx.weight;
      transactions.push(tx);
    }
    return transactions;
  }

  #connect(transactions: readonly ParsedTransaction[], fees: bigint): ChainBlock {
    const block = this.#state.connect(transactions, fees, this.#minerScript);
    this.#mempool.remove(transactions.map((tx) => tx.txid));
    for (const tx of transactions) {
      for (const conflict of this.#mempool.descendants(this.#mempool.conflicts(tx))) {
        this.#mempool.remove([conflict]);
        const message = `${tx.txid}, which is in a block, spends what it or a parent of it spends`;
        this.#gate.refuse({ kind: 'missingInput', txid: conflict, message });
      }
    }
    return block;
  }

  #checkBlock(transactions: readonly RawTransaction[]): Result<BlockPlan, Refusal> {
    const all: ParsedTransaction[] = [];
    for (const tx of transactions) {
      const parsed = parseOrRefuse(tx);
      if (!parsed.ok) return parsed;
      all.push(parsed.value);
    }
    const fees = this.#state.checkBlock(all);
    return fees.ok ? ok({ transactions: all, fees: fees.value }) : fees;
  }

  /** Of what was mined without having been in the mempool. */
  #tellAccepted(mined: readonly ParsedTransaction[]): void {
    for (const tx of mined) if (this.#mempool.get(tx.txid) === undefined) this.#onAccepted?.(tx.raw);
  }
}
