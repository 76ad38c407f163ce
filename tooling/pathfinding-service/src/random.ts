/** A small seeded generator (xorshift32): the same seed draws the same network. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) | 0 || 1;
    for (let i = 0; i < 8; i++) this.next();
  }

  /** 0 up to, not including, 1. */
  next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** One of the values, each as likely. */
  draw<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}
