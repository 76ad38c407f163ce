import type { ShortChannelId } from '@boltwright/base';
import { grownCapacity, resized } from '../graph/columns.ts';
import { mix, OpenTable } from '../graph/open-table.ts';

/**
 * What is known of channels' balances, in columns: bounds on what `node_id_1` can send, in msat. What `node_id_2` can
 * send is the capacity less that, so that one pair of bounds serves both directions.
 */
export class LiquidityTable {
  length = 0;
  scidHigh = new Uint32Array(0);
  scidLow = new Uint32Array(0);
  lower = new Float64Array(0);
  upper = new Float64Array(0);
  /** The scorer's clock, in seconds, when the bounds were last set. */
  learntAt = new Float64Array(0);
  readonly limit: number;
  #index: LiquidityIndex;
  readonly #seed: number;

  constructor(seed: number, limit: number) {
    this.limit = limit;
    this.#seed = seed;
    this.#index = new LiquidityIndex(this, seed);
  }

  get byteLength(): number {
    return 4 * this.scidHigh.byteLength + 2 * this.lower.byteLength + this.#index.byteLength;
  }

  find(high: number, low: number): number {
    return this.#index.find(high, low);
  }

  findId(id: ShortChannelId): number {
    return this.#index.find(Number(id >> 32n), Number(id & 0xffff_ffffn));
  }

  /** Row of a new entry; -1 where the table is full. */
  add(high: number, low: number): number {
    if (this.length >= this.limit) return -1;
    const row = this.length++;
    if (row >= this.scidHigh.length) this.#resize(grownCapacity(row, this.limit));
    this.scidHigh[row] = high;
    this.scidLow[row] = low;
    this.#index.insert(row);
    return row;
  }

  /** Keeps the rows for which `keep` holds; row numbers change. */
  retain(keep: (row: number) => boolean): void {
    let kept = 0;
    for (let row = 0; row < this.length; row++) {
      if (!keep(row)) continue;
      this.scidHigh[kept] = this.scidHigh[row]!;
      this.scidLow[kept] = this.scidLow[row]!;
      this.lower[kept] = this.lower[row]!;
      this.upper[kept] = this.upper[row]!;
      this.learntAt[kept] = this.learntAt[row]!;
      kept++;
    }
    this.length = kept;
    this.#index = new LiquidityIndex(this, this.#seed);
    for (let row = 0; row < kept; row++) this.#index.insert(row);
  }

  #resize(rows: number): void {
    this.scidHigh = resized(this.scidHigh, rows);
    this.scidLow = resized(this.scidLow, rows);
    this.lower = resized(this.lower, rows);
    this.upper = resized(this.upper, rows);
    this.learntAt = resized(this.learntAt, rows);
  }
}

class LiquidityIndex extends OpenTable {
  readonly #table: LiquidityTable;

  constructor(table: LiquidityTable, seed: number) {
    super(seed, table.length);
    this.#table = table;
  }

  find(high: number, low: number): number {
    const { scidHigh, scidLow } = this.#table;
    let slot = mix(mix(this.seed, high), low) & this.mask;
    for (;;) {
      const entry = this.slots[slot]!;
      if (entry === 0) return -1;
      if (scidLow[entry - 1] === low && scidHigh[entry - 1] === high) return entry - 1;
      slot = (slot + 1) & this.mask;
    }
  }

  protected override hashOfRow(row: number): number {
    return mix(mix(this.seed, this.#table.scidHigh[row]!), this.#table.scidLow[row]!);
  }
}
