import type { ExactPath } from '../search/exact-path.ts';
import type { Hunt } from '../search/find-path.ts';
import { certaintyWorth, edgeChance } from './odds.ts';

export interface PlanValue {
  /** That all parts get through, by the scorer; channels count as independent. */
  readonly probability: number;
  /** Fees, and what the plan's chance of failing is worth avoiding, in msat. */
  readonly costMsat: number;
}

/** What a plan is worth; its parts must not be reserved in the space. */
export function planValue({ space, scorer, request }: Hunt, parts: readonly ExactPath[]): PlanValue {
  const carried = new Map<number, number>();
  for (const { edges, amountsMsat } of parts) {
    edges.forEach((edge, i) => {
      carried.set(edge, (carried.get(edge) ?? 0) + Number(amountsMsat[i]!));
    });
  }
  const { capacity, htlcMaximum } = space.graph.channelTable;
  let log = 0;
  for (const [edge, amount] of carried) {
    if (edge >= space.firstExtraEdge) continue;
    const whole = capacity[edge >> 1]! * 1000 || htlcMaximum[edge]!;
    log += Math.log(Math.max(edgeChance(scorer, edge, amount, space.usedOn(edge), whole), 1e-12));
  }
  const fees = parts.reduce((sum, { feeMsat }) => sum + Number(feeMsat), 0);
  const worth = certaintyWorth(scorer, Number(request.parameters.amountMsat));
  return { probability: Math.exp(log), costMsat: fees - log * worth };
}
