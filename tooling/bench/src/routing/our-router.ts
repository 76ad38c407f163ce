import { cltvDelta, type Msat, msat } from '@boltwright/base';
import type { Path } from '@boltwright/interfaces';
import { getRoute, type NetworkGraph, ProbabilisticScorer, type RoutePlan, SearchSpace } from '@boltwright/routing';
import type { Pair } from './pairs.ts';

/** What LDK allows by default: 1 % of the amount, or 50 sat. */
const maxFee = (amountMsat: bigint): Msat => msat(amountMsat / 100n > 50_000n ? amountMsat / 100n : 50_000n);

/** What a router said to a pair, and how long it took. */
export interface Answer {
  readonly paths?: readonly Path[];
  readonly ms: number;
}

/** Our router with scoring on, asked one pair after the other. */
export function ourRouter(graph: NetworkGraph, plan: RoutePlan = 'heuristic'): (pair: Pair) => Answer {
  const space = new SearchSpace(graph);
  const scorer = new ProbabilisticScorer(graph);
  return ({ payer, payee, amountMsat }) => {
    const parameters = {
      payee,
      amountMsat: msat(amountMsat),
      finalCltvDelta: cltvDelta(18),
      maxFeeMsat: maxFee(amountMsat),
      maxTotalCltvDelta: 1008,
      maxPaths: 10,
      routeHints: [],
    };
    const start = performance.now();
    const route = getRoute(space, scorer, { payer, parameters, shadowSeed: 7, plan });
    const ms = performance.now() - start;
    return route.ok ? { paths: route.value.paths, ms } : { ms };
  };
}
