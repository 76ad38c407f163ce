import type { EdgeScorer } from '../scoring/edge-scorer.ts';

/** Where a scorer does not say: 20 sat and 0.4 % of the amount, as the probabilistic scorer's defaults have it. */
const usualWorth = (amountMsat: number): number => 20_000 + 0.004 * amountMsat;

/** The chance that an edge carries an amount besides what is under way; balances are uniform where the scorer is silent. */
export function edgeChance(scorer: EdgeScorer, edge: number, amount: number, used: number, capacity: number): number {
  if (scorer.edgeProbability !== undefined) return scorer.edgeProbability(edge, amount, used, capacity);
  const wanted = amount + used;
  return wanted > capacity ? 0 : (capacity - wanted + 1) / (capacity + 1);
}

/** What a factor of e in the chance of the whole payment is worth, in msat. */
export const certaintyWorth = (scorer: EdgeScorer, amountMsat: number): number =>
  scorer.certaintyWorthMsat === undefined ? usualWorth(amountMsat) : scorer.certaintyWorthMsat(amountMsat);
