import {
  type Block,
  type BlockHash,
  err,
  type OutPointKey,
  ok,
  type Result,
  type Script,
  type Txid,
} from '@boltwright/base';
import { coinbaseTransaction, genesis, genesisTime, mineHeader, subsidy } from './block.ts';
import { checkSpend } from './check-spend.ts';
import { type BlockUndo, type Coin, Coins, coinsOf } from './coins.ts';
import { type ParsedTransaction, parseTransaction, rawTransaction } from './parsed-transaction.ts';
import { maxBlockWeight } from './policy.ts';
import type { Refusal } from './refusal.ts';
import { ScriptCache } from './script-cache.ts';

/** A block in its place, with what undoes it. */
export interface ChainBlock {
  readonly block: Block;
  readonly height: number;
  readonly transactions: readonly ParsedTransaction[];
  readonly undo: BlockUndo;
}

/** Seconds between blocks: the chain's clock is its height. */
const blockInterval = 600;
/** Room that a block's header and coinbase are given. */
const reservedWeight = 4000;

/** The best chain: its blocks, coins and transactions. Knows nothing of a mempool. */
export class ChainState {
  readonly coins = new Coins();
  readonly scripts = new ScriptCache();
  readonly #active: ChainBlock[] = [];
  readonly #known = new Map<BlockHash, ChainBlock>();
  readonly #transactions = new Map<Txid, ChainBlock>();
  readonly #spenders = new Map<OutPointKey, Txid>();
  #mined = 0;

  constructor() {
    const coinbase = parsed(genesis.coinbase);
    const block: Block = { header: genesis.header, transactions: [coinbase.raw] };
    // the genesis block's coin can never be spent: it is no coin
    const first = { block, height: 0, transactions: [coinbase], undo: { spent: [], created: [] } };
    this.#active.push(first);
    this.#known.set(genesis.header.hash, first);
    this.#transactions.set(coinbase.txid, first);
  }

  get tip(): ChainBlock {
    return this.#active.at(-1)!;
  }

  /** The block of the best chain at a height. */
  at(height: number): ChainBlock | undefined {
    return this.#active[height];
  }

  /** Any block that was ever mined, on the best chain or not. */
  known(hash: BlockHash): ChainBlock | undefined {
    return this.#known.get(hash);
  }

  isActive(block: ChainBlock): boolean {
    return this.#active[block.height] === block;
  }

  /** The block that holds this transaction. */
  blockOf(txid: Txid): ChainBlock | undefined {
    return this.#transactions.get(txid);
  }

  /** Who on the best chain spends this coin. */
  spender(key: OutPointKey): Txid | undefined {
    return this.#spenders.get(key);
  }

  /** The median of the times of the eleven blocks up to this height (BIP 113), seconds. */
  medianTime(height: number): number {
    const first = Math.max(0, height - 10);
    // times only ever rise, so that the middle one is the median
    return timeAt(first + Math.floor((height - first + 1) / 2));
  }

  /** Checks that these transactions, in this order, may be the next block's: consensus, not policy. */
  checkBlock(transactions: readonly ParsedTransaction[]): Result<bigint, Refusal> {
    const height = this.tip.height + 1;
    const made = new Map<OutPointKey, Coin>();
    const spent = new Set<OutPointKey>();
    let fees = 0n;
    let weight = reservedWeight;
    for (const tx of transactions) {
      const { txid } = tx;
      weight += tx.weight;
      if (weight > maxBlockWeight) {
        return err({ kind: 'blockWeight', txid, message: `with it the block weighs more than ${maxBlockWeight}` });
      }
      if (this.#transactions.has(txid)) return err({ kind: 'alreadyConfirmed', txid, message: 'it is in a block' });
      const spend = checkSpend(tx, {
        height,
        coin: (key) => (spent.has(key) ? undefined : (made.get(key) ?? this.coins.get(key))),
        medianTime: (at) => this.medianTime(at),
      });
      if (!spend.ok) return spend;
      const failure = this.scripts.check(tx, spend.value.coins, 'consensus');
      if (failure !== undefined) return err({ kind: 'script', txid, input: failure.input, message: failure.reason });
      for (const { key } of tx.inputs) spent.add(key);
      for (const [key, coin] of coinsOf(tx, height)) made.set(key, coin);
      fees += spend.value.fee;
    }
    return ok(fees);
  }

  /** Mines checked transactions into the next block. */
  connect(transactions: readonly ParsedTransaction[], fees: bigint, script: Script): ChainBlock {
    const { tip } = this;
    const height = tip.height + 1;
    const extraNonce = this.#mined++;
    const value = subsidy(height) + fees;
    const coinbase = parsed(coinbaseTransaction({ height, extraNonce, value, script, transactions }));
    const all = [coinbase, ...transactions];
    const header = mineHeader(tip.block.header.hash, timeAt(height), all);
    const block: Block = { header, transactions: all.map((tx) => tx.raw) };
    const connected = { block, height, transactions: all, undo: this.coins.apply(all, height) };
    this.#known.set(header.hash, connected);
    this.#activate(connected);
    return connected;
  }

  /** Puts back the block that {@link disconnect} took off this tip. */
  reconnect(block: ChainBlock): void {
    this.coins.apply(block.transactions, block.height);
    this.#activate(block);
  }

  #activate(block: ChainBlock): void {
    this.#active.push(block);
    for (const tx of block.transactions) {
      this.#transactions.set(tx.txid, block);
      if (!tx.coinbase) for (const { key } of tx.inputs) this.#spenders.set(key, tx.txid);
    }
  }

  /** Takes the best block off. */
  disconnect(): ChainBlock {
    if (this.#active.length === 1) throw new RangeError('the genesis block stays');
    const block = this.#active.pop()!;
    this.coins.undo(block.undo);
    for (const tx of block.transactions) {
      this.#transactions.delete(tx.txid);
      for (const { key } of tx.inputs) this.#spenders.delete(key);
    }
    return block;
  }
}

const timeAt = (height: number): number => genesisTime + height * blockInterval;

function parsed(bytes: Uint8Array): ParsedTransaction {
  const result = parseTransaction(rawTransaction(bytes));
  if (!result.ok) throw new Error(`invariant broken: a coinbase of ours cannot be read: ${result.error}`);
  return result.value;
}
