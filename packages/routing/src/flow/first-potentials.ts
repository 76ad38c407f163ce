import { flagKnown } from '../graph/channel-table.ts';
import type { FlowProblem } from './flow-problem.ts';
import { loadArc } from './load-arc.ts';

/** How much farther than the payee the search from the payer goes. */
const reach = 1.5;

/**
 * The first potentials: less the distance from the payer, up to a radius. With them reduced costs are never negative,
 * and the searches from the payee head for the payer.
 *
 * @returns Edges looked at; -1 where no flow reaches the payee, or not within the bound on work.
 */
export function firstPotentials(problem: FlowProblem): number {
  const { space, flowSpace, source, target } = problem;
  const { distance, potential, mark, settled, heap, slope, room } = flowSpace;
  const { pool, listStart, listLength } = space.graph.nodeTable;
  const { flags } = space.graph.channelTable;
  const open = flowSpace.nextSearch();
  const done = open + 1;
  for (const node of space.excludedNodes) if (node !== source && node !== target) mark[node] = done;
  const extraFrom = new Map<number, number[]>();
  space.extraEdges.forEach(({ from }, number) => {
    extraFrom.set(from, [...(extraFrom.get(from) ?? []), number]);
  });
  const label = (edge: number, from: number, to: number) => {
    loadArc(problem, edge, from);
    if (room[edge] === 0) return;
    const total = distance[from]! + slope[edge]!;
    if (mark[to] === open) {
      if (distance[to]! <= total) return;
      distance[to] = total;
      heap.raise(to);
    } else {
      mark[to] = open;
      distance[to] = total;
      heap.push(to);
    }
  };
  distance[source] = 0;
  mark[source] = open;
  heap.push(source);
  let count = 0;
  let looked = 0;
  let radius = 0;
  let limit = Number.POSITIVE_INFINITY;
  while (heap.size > 0) {
    const from = heap.pop();
    radius = distance[from]!;
    if (radius > limit) break;
    if (looked > problem.maxEdges) return -1;
    mark[from] = done;
    settled[count++] = from;
    if (from === target) {
      limit = reach * radius;
      continue;
    }
    if (space.isInGraph(from)) {
      const start = 2 * listStart[from]!;
      const end = start + 2 * listLength[from]!;
      looked += listLength[from]!;
      for (let at = start; at < end; at += 2) {
        const to = pool[at + 1]!;
        const edge = pool[at]! ^ 1;
        if (mark[to] !== done && flags[edge] === flagKnown) label(edge, from, to);
      }
    }
    for (const number of extraFrom.get(from) ?? []) {
      const { to } = space.extraEdges[number]!;
      if (mark[to] !== done) label(space.firstExtraEdge + number, from, to);
    }
  }
  if (limit === Number.POSITIVE_INFINITY) return -1;
  potential.fill(-radius);
  for (let i = 0; i < count; i++) potential[settled[i]!] = -distance[settled[i]!]!;
  return looked;
}
