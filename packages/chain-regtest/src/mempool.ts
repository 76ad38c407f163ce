import type { OutPointKey, Sat, Txid } from '@boltwright/base';
import type { Coin } from './coins.ts';
import type { ParsedTransaction } from './parsed-transaction.ts';

/** A transaction that waits for a block. */
export interface MempoolEntry {
  readonly tx: ParsedTransaction;
  readonly fee: Sat;
  readonly parents: Set<Txid>;
  readonly children: Set<Txid>;
}

/** What waits for a block, parents before children. */
export class Mempool {
  readonly #entries = new Map<Txid, MempoolEntry>();
  readonly #spenders = new Map<OutPointKey, Txid>();

  get(txid: Txid): MempoolEntry | undefined {
    return this.#entries.get(txid);
  }

  /** Parents before children, otherwise in the order of arrival. */
  entries(): readonly MempoolEntry[] {
    return [...this.#entries.values()];
  }

  /** Who in the mempool spends this coin. */
  spender(key: OutPointKey): Txid | undefined {
    return this.#spenders.get(key);
  }

  /** A coin that a waiting transaction makes, spent or not. */
  coin(key: OutPointKey): Coin | undefined {
    const separator = key.indexOf(':');
    const tx = this.#entries.get(key.slice(0, separator) as Txid)?.tx;
    const vout = Number(key.slice(separator + 1));
    const output = tx?.outputs[vout];
    if (tx === undefined || output === undefined || output.script[0] === 0x6a) return undefined;
    return { ...output, outpoint: { txid: tx.txid, vout }, height: undefined, coinbase: false };
  }

  /** The waiting transactions that this one spends from. */
  parentsOf(tx: ParsedTransaction): Set<Txid> {
    return new Set(tx.inputs.map((input) => input.outpoint.txid).filter((txid) => this.#entries.has(txid)));
  }

  /** These and everything that they spend from. */
  ancestors(of: Iterable<Txid>): Set<Txid> {
    return this.#closure(of, (entry) => entry.parents);
  }

  /** These and everything that spends from them. */
  descendants(of: Iterable<Txid>): Set<Txid> {
    return this.#closure(of, (entry) => entry.children);
  }

  add(tx: ParsedTransaction, fee: Sat): void {
    const parents = this.parentsOf(tx);
    this.#entries.set(tx.txid, { tx, fee, parents, children: new Set() });
    for (const parent of parents) this.#entries.get(parent)?.children.add(tx.txid);
    for (const { key } of tx.inputs) this.#spenders.set(key, tx.txid);
  }

  /** Takes out these alone: who leaves for a block has no parents here, and its children stay. */
  remove(txids: Iterable<Txid>): void {
    for (const txid of txids) {
      const entry = this.#entries.get(txid);
      if (entry === undefined) continue;
      this.#entries.delete(txid);
      for (const { key } of entry.tx.inputs) if (this.#spenders.get(key) === txid) this.#spenders.delete(key);
      for (const parent of entry.parents) this.#entries.get(parent)?.children.delete(txid);
      for (const child of entry.children) this.#entries.get(child)?.parents.delete(txid);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#spenders.clear();
  }

  /** The waiting transactions that spend a coin which this one spends too. */
  conflicts(tx: ParsedTransaction): Set<Txid> {
    const found = new Set<Txid>();
    for (const { key } of tx.inputs) {
      const spender = this.#spenders.get(key);
      if (spender !== undefined && spender !== tx.txid) found.add(spender);
    }
    return found;
  }

  #closure(of: Iterable<Txid>, next: (entry: MempoolEntry) => ReadonlySet<Txid>): Set<Txid> {
    const found = new Set<Txid>();
    const queue = [...of];
    for (let txid = queue.pop(); txid !== undefined; txid = queue.pop()) {
      const entry = this.#entries.get(txid);
      if (entry === undefined || found.has(txid)) continue;
      found.add(txid);
      queue.push(...next(entry));
    }
    return found;
  }
}
