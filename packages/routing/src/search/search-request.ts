import type { EdgeScorer } from '../scoring/edge-scorer.ts';

/** What a search minimises: the sum over hops of these weights. */
export interface Metric {
  readonly fee: number;
  /** Of the scorer's penalties; at 0 only what it forbids counts. */
  readonly penalty: number;
  readonly cltv: number;
  readonly hop: number;
}

export const byScore: Metric = { fee: 1, penalty: 1, cltv: 0, hop: 0 };
export const byFee: Metric = { fee: 1, penalty: 0, cltv: 0, hop: 0 };
export const byCltv: Metric = { fee: 0, penalty: 0, cltv: 1, hop: 0 };
export const byHops: Metric = { fee: 0, penalty: 0, cltv: 0, hop: 1 };

export interface SearchRequest {
  /** Rows in the space. */
  readonly source: number;
  readonly target: number;
  readonly amount: number;
  readonly maxFee: number;
  /** Blocks, without the final delta. */
  readonly maxCltv: number;
  readonly maxHops: number;
  readonly scorer: EdgeScorer;
  readonly metric: Metric;
  /** The payer's channels are the space's extra edges; the graph's view of them does not count. */
  readonly ownFirstHops: boolean;
}
