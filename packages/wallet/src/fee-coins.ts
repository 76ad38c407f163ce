import { copyBytes, type FeeratePerKw, type OutPointKey, outPointKey, type Sat, type Script } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { TurnWriter } from '@boltwright/interfaces';
import type { FeeCoin } from '@boltwright/monitor';
import { feeForWeight, inputWeight, p2wpkhWitnessWeight } from '@boltwright/transactions';
import type { WalletCoin } from './coin-set.ts';
import type { WalletKey } from './key-chain.ts';
import { encodeFees, type FeesRecord, feesKey } from './wallet-records.ts';

/** What is kept for one purpose. */
interface Kept {
  readonly change: WalletKey;
  /** In the order in which they were added. A coin that is spent stays: a reorg may bring it back. */
  readonly coins: OutPointKey[];
}

/** What fee coins are taken from. */
export interface FeeCoinSource {
  /** A confirmed, mature coin that no transaction of the wallet's own spends. */
  spendable(key: OutPointKey): WalletCoin | undefined;
  /** All of them. */
  allSpendable(): readonly WalletCoin[];
  newChangeKey(): WalletKey;
  changeKey(index: number): WalletKey;
}

export interface FeeCoinsParts {
  readonly crypto: CryptoBackend;
  readonly source: FeeCoinSource;
  readonly turns: Pick<TurnWriter, 'put' | 'delete'> | undefined;
  readonly records: readonly FeesRecord[];
}

const coinWeight = inputWeight + p2wpkhWitnessWeight;

/**
 * Which coins pay for which purpose (BOLT 3: what anchors and zero-fee HTLC transactions do not pay themselves).
 *
 * Coins stay with a purpose until it is released, over reorgs and restarts: the same question gets the same coins, and the
 * transaction that is made of them the same bytes. A record is staged before the answer and durable with the next turn.
 */
export class FeeCoins {
  readonly #parts: FeeCoinsParts;
  readonly #kept = new Map<string, Kept>();
  readonly #reserved = new Map<OutPointKey, string>();

  constructor(parts: FeeCoinsParts) {
    this.#parts = parts;
    for (const { purpose, changeIndex, coins } of parts.records) {
      this.#kept.set(purpose, { change: parts.source.changeKey(changeIndex), coins: [...coins] });
      for (const key of coins) this.#reserved.set(key, purpose);
    }
  }

  /** Whether a coin is kept for a purpose. */
  isReserved(key: OutPointKey): boolean {
    return this.#reserved.has(key);
  }

  /** Coins worth `value` beyond what their inputs cost at `feerate`; undefined, and nothing kept, where there are too few. */
  take(purpose: string, value: Sat, feerate: FeeratePerKw): readonly FeeCoin[] | undefined {
    const { source } = this.#parts;
    const cost = feeForWeight(feerate, coinWeight) + 1n;
    const kept = this.#kept.get(purpose);
    const chosen = (kept?.coins ?? []).flatMap((key) => source.spendable(key) ?? []);
    const missing = chosen.reduce((left, coin) => left - (coin.value - cost), value as bigint);
    if (missing > 0n) {
      const more = this.#more(missing, cost);
      if (more === undefined) return undefined;
      chosen.push(...more);
      this.#keep(purpose, more);
    }
    return chosen.map(({ outpoint, value: worth, script }) => ({
      outpoint,
      value: worth,
      script: copyBytes(script),
      witnessWeight: p2wpkhWitnessWeight,
    }));
  }

  changeScript(purpose: string): Script {
    return copyBytes((this.#kept.get(purpose) ?? this.#keep(purpose, [])).change.script);
  }

  release(purpose: string): void {
    const kept = this.#kept.get(purpose);
    if (kept === undefined) return;
    this.#kept.delete(purpose);
    for (const key of kept.coins) this.#reserved.delete(key);
    this.#parts.turns?.delete(feesKey(this.#parts.crypto, purpose));
  }

  /** The smallest coin that suffices, so that large ones stay for large needs; else the largest ones together. */
  #more(missing: bigint, cost: bigint): readonly WalletCoin[] | undefined {
    const worthwhile = this.#parts.source
      .allSpendable()
      .filter(({ outpoint, value }) => value > cost && !this.#reserved.has(outPointKey(outpoint)))
      .sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
    const one = worthwhile.find(({ value }) => value - cost >= missing);
    if (one !== undefined) return [one];
    const several: WalletCoin[] = [];
    let left = missing;
    for (const coin of worthwhile.reverse()) {
      several.push(coin);
      left -= coin.value - cost;
      if (left <= 0n) return several;
    }
    return undefined;
  }

  #keep(purpose: string, more: readonly WalletCoin[]): Kept {
    const { crypto, source, turns } = this.#parts;
    const kept = this.#kept.get(purpose) ?? { change: source.newChangeKey(), coins: [] };
    for (const { outpoint } of more) {
      const key = outPointKey(outpoint);
      kept.coins.push(key);
      this.#reserved.set(key, purpose);
    }
    this.#kept.set(purpose, kept);
    turns?.put(feesKey(crypto, purpose), encodeFees({ purpose, changeIndex: kept.change.index, coins: kept.coins }));
    return kept;
  }
}
