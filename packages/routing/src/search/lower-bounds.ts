import { flagKnown } from '../graph/channel-table.ts';
import type { SearchRequest } from './search-request.ts';
import type { SearchSpace } from './search-space.ts';

/** Edges looked at from the payer's side: about what it takes to pass the hubs that most payments meet in. */
const edgeBudget = 6000;

/**
 * A short search from the payer forwards, over what edges cost at least: at the amount itself, to which no fee is added
 * yet. It leaves in `space.forwardCost` what the way from the payer to each settled node costs at least, and answers
 * what the way to any other node does. With these bounds the search from the payee heads for the payer.
 *
 * @returns 0 where the request's edges allow no bound.
 */
export function lowerBounds(space: SearchSpace, request: SearchRequest): number {
  const { source, target, scorer, metric, ownFirstHops, amount } = request;
  if (metric.fee !== 1 || !space.isPlain(target)) return 0;
  const { forwardCost, forwardMark, forwardHeap, used } = space;
  const { pool, listStart, listLength } = space.graph.nodeTable;
  const { flags, feeBase, feeProportional, htlcMinimum, htlcMaximum, capacity } = space.graph.channelTable;
  const maxAmount = amount + request.maxFee;
  const high = Math.floor(amount / 1_000_000);
  const low = amount - high * 1_000_000;
  const open = space.forwardOpen;
  const settled = open + 1;
  forwardHeap.clear();
  const label = (node: number, cost: number) => {
    if (forwardMark[node] === settled || (forwardMark[node] === open && forwardCost[node]! <= cost)) return;
    forwardCost[node] = cost;
    if (forwardMark[node] === open) forwardHeap.raise(node);
    else {
      forwardMark[node] = open;
      forwardHeap.push(node);
    }
  };
  if (ownFirstHops) for (const edge of space.extraEdges) if (edge.isOwn) label(edge.to, 0);
  if (!ownFirstHops) label(source, 0);
  let seen = 0;
  let radius = 0;
  while (forwardHeap.size > 0) {
    const from = forwardHeap.pop();
    forwardMark[from] = settled;
    radius = forwardCost[from]!;
    if (from === target) return radius;
    if (!space.isInGraph(from)) continue;
    seen += listLength[from]!;
    if (seen > edgeBudget) return radius;
    const start = 2 * listStart[from]!;
    const end = start + 2 * listLength[from]!;
    for (let at = start; at < end; at += 2) {
      const edge = pool[at]! ^ 1;
      const to = pool[at + 1]!;
      if (flags[edge] !== flagKnown || forwardMark[to] === settled) continue;
      const maximum = htlcMaximum[edge]!;
      if (amount > maximum || maxAmount < htlcMinimum[edge]!) continue;
      let total = radius;
      if (from !== source) {
        const proportional = feeProportional[edge]!;
        total += feeBase[edge]! + high * proportional + Math.floor((low * proportional) / 1_000_000);
      }
      if (forwardMark[to] === open && forwardCost[to]! <= total) continue;
      if (metric.penalty !== 0) {
        total += scorer.edgePenalty(edge, amount, used[edge]!, capacity[edge >> 1]! * 1000 || maximum);
        if (total === Number.POSITIVE_INFINITY) continue;
      }
      label(to, total);
    }
  }
  // all that the payer can reach is settled
  return Number.POSITIVE_INFINITY;
}
