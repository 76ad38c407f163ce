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
  /**
   * The chance, from 0 to 1, that the edge can carry the amount besides what is under way; never higher for more. Plans
   * by flow ask it; without it they take balances as uniform. Parameters as of {@link EdgeScorer.edgePenalty}.
   */
  edgeProbability?(edge: number, amountMsat: number, usedMsat: number, capacityMsat: number): number;
  /** What a factor of e in the whole payment's chance is worth, in msat; without it, 20 sat and 0.4 % of the amount. */
  certaintyWorthMsat?(amountMsat: number): number;
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
