/**
 * An open-addressing hash table from a key that its owner keeps in columns to that row's number: 4 bytes a slot, no
 * object per entry. Linear probing, deletion by shifting back, at most three quarters full.
 *
 * Keys come from the network, so the hash is seeded: who does not know the seed cannot make keys that collide.
 */
export abstract class OpenTable {
  /** Row number plus one; 0 is free. */
  protected slots: Int32Array;
  protected mask: number;
  protected readonly seed: number;
  #size = 0;

  protected constructor(seed: number, expected: number) {
    this.seed = seed | 0;
    const length = slotsFor(expected);
    this.slots = new Int32Array(length);
    this.mask = length - 1;
  }

  /** The hash of a row that is in the table. */
  protected abstract hashOfRow(row: number): number;

  get byteLength(): number {
    return this.slots.byteLength;
  }

  /** Adds a row whose key is not in the table yet. */
  insert(row: number): void {
    if ((this.#size + 1) * 4 > this.slots.length * 3) this.#grow();
    this.#place(row);
    this.#size++;
  }

  /** Takes a row out while its key is still in the columns. */
  remove(row: number): void {
    let hole = this.hashOfRow(row) & this.mask;
    while (this.slots[hole] !== row + 1) {
      if (this.slots[hole] === 0) return;
      hole = (hole + 1) & this.mask;
    }
    let next = (hole + 1) & this.mask;
    for (;;) {
      const entry = this.slots[next]!;
      if (entry === 0) break;
      const home = this.hashOfRow(entry - 1) & this.mask;
      // an entry may move back to the hole unless its home lies between the hole and itself
      if (((next - home) & this.mask) >= ((next - hole) & this.mask)) {
        this.slots[hole] = entry;
        hole = next;
      }
      next = (next + 1) & this.mask;
    }
    this.slots[hole] = 0;
    this.#size--;
  }

  #place(row: number): void {
    let slot = this.hashOfRow(row) & this.mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
    this.slots[slot] = row + 1;
  }

  #grow(): void {
    const old = this.slots;
    this.slots = new Int32Array(old.length * 2);
    this.mask = this.slots.length - 1;
    for (let i = 0; i < old.length; i++) if (old[i] !== 0) this.#place(old[i]! - 1);
  }
}

function slotsFor(expected: number): number {
  let length = 16;
  while (length * 3 < (expected + 1) * 4) length *= 2;
  return length;
}

/** Mixes a 32-bit word into a hash. */
export function mix(hash: number, word: number): number {
  let value = Math.imul(hash ^ word, 0x9e3779b1);
  value ^= value >>> 15;
  value = Math.imul(value, 0x85ebca77);
  return value ^ (value >>> 13);
}
