import { lowerBounds } from './lower-bounds.ts';
import type { SearchRequest } from './search-request.ts';
import type { SearchSpace } from './search-space.ts';

export interface SearchOutcome {
  /** First edge first; undefined where there is none within the limits. */
  readonly edges: readonly number[] | undefined;
  readonly cost: number;
  /** The search turned away from a label because of this limit: without it there might be another answer. */
  readonly feeLimited: boolean;
  readonly cltvLimited: boolean;
  readonly hopLimited: boolean;
}

/**
 * The cheapest path by a metric: Dijkstra from the payee backwards, as only from there the amounts are known (BOLT 7,
 * HTLC Fees: each node's fee is on what it forwards).
 *
 * One label a node is kept. By {@link byFee} that is exact: the least fee is the least amount too, save where a lower
 * amount falls below a minimum. Under the limits of time lock and length, and with penalties, a node's cheapest label
 * may be a dead end where another is not; callers then search again by the metric of what was in the way.
 */
export function searchPath(space: SearchSpace, request: SearchRequest): SearchOutcome {
  const { source, target, maxCltv, maxHops, scorer, metric, ownFirstHops } = request;
  const { cost, key, amount, cltv, hops, next, heap, used, hasExtra, mark, forwardCost, forwardMark } = space;
  const { channelTable, nodeTable } = space.graph;
  const { feeBase, feeProportional, cltvDelta, htlcMinimum, htlcMaximum, capacity } = channelTable;
  const { pool, listStart, listActive } = nodeTable;
  const { fee: feeWeight, penalty: penaltyWeight, cltv: cltvWeight, hop: hopWeight } = metric;
  const maxAmount = request.amount + request.maxFee;
  const open = space.nextSearch();
  const settled = open + 1;
  for (const node of space.excludedNodes) if (node !== source && node !== target) mark[node] = settled;
  let feeLimited = false;
  let cltvLimited = false;
  let hopLimited = false;
  const radius = lowerBounds(space, request);
  // the cost of the best label of the source so far: nothing dearer is worth a place in the heap
  let bound = Number.POSITIVE_INFINITY;

  cost[target] = 0;
  amount[target] = request.amount;
  cltv[target] = 0;
  hops[target] = 0;
  next[target] = -1;
  mark[target] = open;
  key[target] = 0;
  heap.push(target);

  while (heap.size > 0) {
    const to = heap.pop();
    mark[to] = settled;
    if (to === source) break;
    const sent = amount[to]!;
    const costHere = cost[to]!;
    const cltvHere = cltv[to]!;
    const hopsHere = hops[to]! + 1;
    if (hopsHere > maxHops) {
      hopLimited = true;
      continue;
    }

    if (space.isInGraph(to)) {
      const start = 2 * listStart[to]!;
      const end = start + 2 * listActive[to]!;
      for (let at = start; at < end; at += 2) {
        const from = pool[at + 1]!;
        const markFrom = mark[from]!;
        if (markFrom === settled) continue;
        const edge = pool[at]!;
        const maximum = htlcMaximum[edge]!;
        if (sent > maximum || sent < htlcMinimum[edge]!) continue;
        let fee = 0;
        let delta = 0;
        if (from === source) {
          if (ownFirstHops) continue;
        } else {
          const proportional = feeProportional[edge]!;
          const high = Math.floor(sent / 1_000_000);
          const low = sent - high * 1_000_000;
          fee = feeBase[edge]! + high * proportional + Math.floor((low * proportional) / 1_000_000);
          delta = cltvDelta[edge]!;
        }
        let total = costHere + feeWeight * fee + cltvWeight * delta + hopWeight;
        // what is left of the way costs at least this; nothing from the payer itself
        const rest = from === source ? 0 : forwardMark[from] === settled ? forwardCost[from]! : radius;
        if (total + rest >= bound || (markFrom === open && total >= cost[from]!)) continue;
        const underWay = used[edge]!;
        const channelCapacity = capacity[edge >> 1]! * 1000 || maximum;
        if (underWay !== 0 && underWay + sent > channelCapacity) continue;
        if (sent + fee > maxAmount) {
          feeLimited = true;
          continue;
        }
        const penalty = scorer.edgePenalty(edge, sent, underWay, channelCapacity);
        if (penaltyWeight === 0) {
          if (penalty === Number.POSITIVE_INFINITY) continue;
        } else total += penalty;
        if (!(total + rest < bound) || (markFrom === open && total >= cost[from]!)) continue;
        if (cltvHere + delta > maxCltv) {
          cltvLimited = true;
          continue;
        }
        cost[from] = total;
        key[from] = total + rest;
        amount[from] = sent + fee;
        cltv[from] = cltvHere + delta;
        hops[from] = hopsHere;
        next[from] = edge;
        if (from === source) bound = total;
        if (markFrom === open) heap.raise(from);
        else {
          mark[from] = open;
          heap.push(from);
        }
      }
    }

    if (hasExtra[to] === 0) continue;
    for (const number of space.extraEdgesTo(to)) {
      const edge = space.extraEdges[number]!;
      const { from } = edge;
      if (mark[from] === settled) continue;
      if (from === source && ownFirstHops && !edge.isOwn) continue;
      if (sent < edge.htlcMinimum || sent > edge.htlcMaximum) continue;
      if (space.extraUsed[number]! + sent > edge.capacity) continue;
      let fee = 0;
      let delta = 0;
      if (from !== source) {
        const high = Math.floor(sent / 1_000_000);
        const low = sent - high * 1_000_000;
        fee = edge.feeBase + high * edge.feeProportional + Math.floor((low * edge.feeProportional) / 1_000_000);
        delta = edge.cltvDelta;
      }
      if (sent + fee > maxAmount) {
        feeLimited = true;
        continue;
      }
      if (cltvHere + delta > maxCltv) {
        cltvLimited = true;
        continue;
      }
      const total = costHere + feeWeight * fee + cltvWeight * delta + hopWeight;
      const rest = from === source ? 0 : forwardMark[from] === settled ? forwardCost[from]! : radius;
      if (total + rest >= bound || (mark[from] === open && total >= cost[from]!)) continue;
      cost[from] = total;
      key[from] = total + rest;
      amount[from] = sent + fee;
      cltv[from] = cltvHere + delta;
      hops[from] = hopsHere;
      next[from] = space.firstExtraEdge + number;
      if (from === source) bound = total;
      if (mark[from] === open) heap.raise(from);
      else {
        mark[from] = open;
        heap.push(from);
      }
    }
  }

  const found = mark[source] === settled;
  return {
    edges: found ? edgesFrom(space, source, target) : undefined,
    cost: found ? cost[source]! : Number.POSITIVE_INFINITY,
    feeLimited,
    cltvLimited,
    hopLimited,
  };
}

function edgesFrom(space: SearchSpace, source: number, target: number): number[] {
  const edges: number[] = [];
  let node = source;
  while (node !== target) {
    const edge = space.next[node]!;
    edges.push(edge);
    node =
      edge >= space.firstExtraEdge
        ? space.extraEdges[edge - space.firstExtraEdge]!.to
        : space.graph.channelTable.ends[edge ^ 1]!;
  }
  return edges;
}
