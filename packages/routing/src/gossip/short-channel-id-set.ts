import type { ShortChannelId } from '@boltwright/base';

/** Short channel ids in order, 8 bytes each; changes are merged in when a range is asked for. */
export class ShortChannelIdSet {
  #sorted = new BigUint64Array(0);
  readonly #added = new Set<ShortChannelId>();
  readonly #removed = new Set<ShortChannelId>();

  constructor(ids: Iterable<ShortChannelId> = []) {
    for (const id of ids) this.#added.add(id);
  }

  get size(): number {
    return this.#sorted.length + this.#added.size - this.#removed.size;
  }

  has(id: ShortChannelId): boolean {
    return this.#added.has(id) || (this.#isSorted(id) && !this.#removed.has(id));
  }

  add(id: ShortChannelId): void {
    if (this.#removed.delete(id) || this.#isSorted(id)) return;
    this.#added.add(id);
  }

  delete(id: ShortChannelId): void {
    if (!this.#added.delete(id) && this.#isSorted(id)) this.#removed.add(id);
  }

  /** Those from `first` on and below `end`, rising: bytes of their own that later changes leave alone. */
  range(first: bigint, end: bigint): BigUint64Array {
    this.#merge();
    return this.#sorted.subarray(this.#position(first), this.#position(end));
  }

  #merge(): void {
    if (this.#added.size === 0 && this.#removed.size === 0) return;
    const merged = new BigUint64Array(this.size);
    let length = 0;
    for (const id of this.#sorted) if (!this.#removed.has(id as ShortChannelId)) merged[length++] = id;
    for (const id of this.#added) merged[length++] = id;
    this.#sorted = merged.sort();
    this.#added.clear();
    this.#removed.clear();
  }

  #isSorted(id: bigint): boolean {
    return this.#sorted[this.#position(id)] === id;
  }

  /** Of the first that is not below `id`. */
  #position(id: bigint): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sorted[middle]! < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
