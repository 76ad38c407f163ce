/** Remembers what was found worthless, within a bound, and forgets it by and by. */
export class RejectedGossip {
  readonly #limit: number;
  #recent = new Set<string>();
  #older = new Set<string>();

  /** @param limit - How many at most. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#recent.size + this.#older.size;
  }

  has(key: string): boolean {
    return this.#recent.has(key) || this.#older.has(key);
  }

  add(key: string): void {
    if (2 * (this.#recent.size + 1) > this.#limit) this.age();
    this.#recent.add(key);
  }

  /** Forgets the older half. */
  age(): void {
    this.#older = this.#recent;
    this.#recent = new Set();
  }
}
