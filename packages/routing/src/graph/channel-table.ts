import { type ShortChannelId, shortChannelId } from '@boltwright/base';
import { grownCapacity, resized } from './columns.ts';
import { mix, OpenTable } from './open-table.ts';

/** The policy of this direction is known. */
export const flagKnown = 1;
/** The policy says that the direction is disabled. */
export const flagDisabled = 2;

/** Amounts in columns are whole numbers up to 2^53 - 1; a larger `htlc_maximum_msat` is kept as that. */
export const largestAmount = Number.MAX_SAFE_INTEGER;

/**
 * Columns of the graph's channels. Channel `c` has the directed edges `2c` (from `node_id_1`) and `2c + 1`: columns of
 * edges have two rows a channel, and edge `e` goes from `ends[e]` to `ends[e ^ 1]`.
 */
export class ChannelTable {
  /** Rows in use, freed ones included. */
  length = 0;
  count = 0;
  scidHigh = new Uint32Array(0);
  scidLow = new Uint32Array(0);
  /** Satoshis; 0 is unknown. */
  capacity = new Float64Array(0);
  /** Number in the list of feature vectors. */
  features = new Uint16Array(0);
  /** Seconds since 1970 when the channel was added, 0 where nobody said. */
  addedAt = new Uint32Array(0);
  ends = new Int32Array(0);
  flags = new Uint8Array(0);
  feeBase = new Uint32Array(0);
  feeProportional = new Uint32Array(0);
  cltvDelta = new Uint16Array(0);
  htlcMinimum = new Float64Array(0);
  htlcMaximum = new Float64Array(0);
  timestamp = new Uint32Array(0);
  readonly #free: number[] = [];
  readonly #index: ChannelIndex;
  readonly #limit: number;

  constructor(seed: number, limit: number, expected = 0) {
    this.#limit = limit;
    this.#resize(Math.min(expected, limit));
    this.#index = new ChannelIndex(this, seed, expected);
  }

  get byteLength(): number {
    let bytes = this.#index.byteLength;
    for (const column of Object.values(this)) if (ArrayBuffer.isView(column)) bytes += column.byteLength;
    return bytes;
  }

  get isFull(): boolean {
    return this.count >= this.#limit;
  }

  find(high: number, low: number): number {
    return this.#index.find(high, low);
  }

  findId(id: ShortChannelId): number {
    return this.#index.find(Number(id >> 32n), Number(id & 0xffff_ffffn));
  }

  /** Row of a new channel between two nodes' rows, without policies. The table must not be full. */
  add(high: number, low: number, node1: number, node2: number): number {
    const row = this.#free.pop() ?? this.length++;
    if (row >= this.scidHigh.length) this.#resize(grownCapacity(row, this.#limit));
    this.scidHigh[row] = high;
    this.scidLow[row] = low;
    this.ends[2 * row] = node1;
    this.ends[2 * row + 1] = node2;
    this.flags[2 * row] = 0;
    this.flags[2 * row + 1] = 0;
    this.timestamp[2 * row] = 0;
    this.timestamp[2 * row + 1] = 0;
    this.capacity[row] = 0;
    this.features[row] = 0;
    this.addedAt[row] = 0;
    this.#index.insert(row);
    this.count++;
    return row;
  }

  remove(row: number): void {
    this.#index.remove(row);
    this.ends[2 * row] = -1;
    this.ends[2 * row + 1] = -1;
    this.flags[2 * row] = 0;
    this.flags[2 * row + 1] = 0;
    this.#free.push(row);
    this.count--;
  }

  has(row: number): boolean {
    return row >= 0 && row < this.length && this.ends[2 * row] !== -1;
  }

  id(row: number): ShortChannelId {
    return shortChannelId((BigInt(this.scidHigh[row]!) << 32n) | BigInt(this.scidLow[row]!));
  }

  compact(): void {
    this.#resize(this.length);
  }

  #resize(rows: number): void {
    this.scidHigh = resized(this.scidHigh, rows);
    this.scidLow = resized(this.scidLow, rows);
    this.capacity = resized(this.capacity, rows);
    this.features = resized(this.features, rows);
    this.addedAt = resized(this.addedAt, rows);
    this.ends = resized(this.ends, 2 * rows);
    this.flags = resized(this.flags, 2 * rows);
    this.feeBase = resized(this.feeBase, 2 * rows);
    this.feeProportional = resized(this.feeProportional, 2 * rows);
    this.cltvDelta = resized(this.cltvDelta, 2 * rows);
    this.htlcMinimum = resized(this.htlcMinimum, 2 * rows);
    this.htlcMaximum = resized(this.htlcMaximum, 2 * rows);
    this.timestamp = resized(this.timestamp, 2 * rows);
  }
}

class ChannelIndex extends OpenTable {
  readonly #table: ChannelTable;

  constructor(table: ChannelTable, seed: number, expected: number) {
    super(seed, expected);
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
