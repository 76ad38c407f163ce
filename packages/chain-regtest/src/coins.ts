import { type OutPoint, type OutPointKey, outPointKey, type Script, type TxOut, toHex } from '@boltwright/base';
import type { ParsedTransaction } from './parsed-transaction.ts';

/** An output that can be spent. */
export interface Coin extends TxOut {
  readonly outpoint: OutPoint;
  /** The block it is in; undefined while it waits in the mempool. */
  readonly height: number | undefined;
  readonly coinbase: boolean;
}

/** What a block took and made, to undo it. */
export interface BlockUndo {
  readonly spent: readonly Coin[];
  readonly created: readonly OutPointKey[];
}

/** The coins that a transaction makes, without those that nobody can ever spend. */
export function coinsOf(tx: ParsedTransaction, height: number | undefined): readonly (readonly [OutPointKey, Coin])[] {
  const coins: (readonly [OutPointKey, Coin])[] = [];
  tx.outputs.forEach((output, vout) => {
    if (output.script[0] === 0x6a) return;
    const outpoint = { txid: tx.txid, vout };
    coins.push([outPointKey(outpoint), { ...output, outpoint, height, coinbase: tx.coinbase }]);
  });
  return coins;
}

/** The confirmed coins, also by script. */
export class Coins {
  readonly #coins = new Map<OutPointKey, Coin>();
  readonly #byScript = new Map<string, Set<OutPointKey>>();

  get(key: OutPointKey): Coin | undefined {
    return this.#coins.get(key);
  }

  /** In the order in which they were made. */
  ofScript(script: Script): readonly Coin[] {
    return [...(this.#byScript.get(toHex(script)) ?? [])].map((key) => this.#coins.get(key)!);
  }

  /** Applies a checked block's transactions, and returns what undoes them. */
  apply(transactions: readonly ParsedTransaction[], height: number): BlockUndo {
    const spent: Coin[] = [];
    const created: OutPointKey[] = [];
    for (const tx of transactions) {
      if (!tx.coinbase) {
        for (const { key } of tx.inputs) {
          const coin = this.#coins.get(key);
          if (coin === undefined) throw new Error(`invariant broken: ${tx.txid} spends ${key}, which is no coin`);
          spent.push(coin);
          this.#remove(key, coin);
        }
      }
      for (const [key, coin] of coinsOf(tx, height)) {
        this.#add(key, coin);
        created.push(key);
      }
    }
    return { spent, created };
  }

  undo({ spent, created }: BlockUndo): void {
    // coins made and spent in the same block come back here and go again below
    for (const coin of [...spent].reverse()) this.#add(outPointKey(coin.outpoint), coin);
    for (const key of created) {
      const coin = this.#coins.get(key);
      if (coin !== undefined) this.#remove(key, coin);
    }
  }

  #add(key: OutPointKey, coin: Coin): void {
    this.#coins.set(key, coin);
    const script = toHex(coin.script);
    const keys = this.#byScript.get(script);
    if (keys === undefined) this.#byScript.set(script, new Set([key]));
    else keys.add(key);
  }

  #remove(key: OutPointKey, coin: Coin): void {
    this.#coins.delete(key);
    const script = toHex(coin.script);
    const keys = this.#byScript.get(script);
    keys?.delete(key);
    if (keys?.size === 0) this.#byScript.delete(script);
  }
}
