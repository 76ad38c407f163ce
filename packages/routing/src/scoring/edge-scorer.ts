/** Prices directed channels by the graph's rows: what the search asks in its inner loop. */
export interface EdgeScorer {
  /**
   * What using the edge is worth avoiding, in msat: a whole number from 0 below 2^53, or `Infinity` for never.
   *
   * @param edge - Twice the channel's row, plus the direction.
   * @param amountMsat - What would be sent over it.
   * @param usedMsat - What is under way over it already, in this direction.
   * @param capacityMsat - Of the channel; what its policy allows at most where the capacity is unknown.
   */
  edgePenalty(edge: number, amountMsat: number, usedMsat: number, capacityMsat: number): number;
}

/** Counts hops a little, so that among paths of equal fees the short ones win. */
export class FixedPenalty implements EdgeScorer {
  readonly #penalty: number;

  /** @param penaltyMsat - A whole number of millisatoshis a hop. */
  constructor(penaltyMsat = 0) {
    this.#penalty = penaltyMsat;
  }

  edgePenalty(): number {
    return this.#penalty;
  }
}
