import type { SearchSpace } from '../search/search-space.ts';
import { firstPotentials } from './first-potentials.ts';
import type { FlowProblem } from './flow-problem.ts';
import { lastPiece, loadArc, reloadArc } from './load-arc.ts';

/**
 * A flow of the least cost, by successive shortest paths: each search, from the payee by costs that potentials have
 * made non-negative, finds where the next units cost least, also by taking back what earlier ones took. All sums are of
 * whole numbers below 2^53.
 *
 * @returns Whether the flow, in `flowSpace.flow`, is all of `units`; false where there is no way for it or the work was
 *   too much.
 */
export function minCostFlow(problem: FlowProblem): boolean {
  let looked = firstPotentials(problem);
  if (looked < 0) return false;
  let left = problem.units;
  for (let round = 0; left > 0; round++) {
    if (round >= problem.maxAugmentations || looked > problem.maxEdges) return false;
    const seen = shortestPath(problem, problem.maxEdges - looked);
    if (seen < 0) return false;
    looked += seen;
    left -= augment(problem, left);
  }
  return true;
}

/** Labels the way from the source to the target; -1 where there is none, else the edges looked at. */
function shortestPath(problem: FlowProblem, maxEdges: number): number {
  const { space, flowSpace, source, target } = problem;
  const { distance, potential, mark, next, settled, heap, flow, slope, room, loadedBy, leaving } = flowSpace;
  const { pool, listStart, listActive } = space.graph.nodeTable;
  const { solve } = problem;
  const open = flowSpace.nextSearch();
  const done = open + 1;
  for (const node of space.excludedNodes) if (node !== source && node !== target) mark[node] = done;
  const label = (from: number, total: number, step: number) => {
    if (mark[from] === open) {
      if (distance[from]! <= total) return;
      distance[from] = total;
      next[from] = step;
      heap.raise(from);
    } else {
      mark[from] = open;
      distance[from] = total;
      next[from] = step;
      heap.push(from);
    }
  };
  distance[target] = 0;
  mark[target] = open;
  heap.push(target);
  let looked = 0;
  let count = 0;
  while (heap.size > 0) {
    const to = heap.pop();
    mark[to] = done;
    settled[count++] = to;
    if (to === source) break;
    if (looked > maxEdges) return -1;
    const here = distance[to]! + potential[to]!;
    if (space.isInGraph(to)) {
      const start = 2 * listStart[to]!;
      const end = start + 2 * listActive[to]!;
      looked += listActive[to]!;
      for (let at = start; at < end; at += 2) {
        const from = pool[at + 1]!;
        if (mark[from] === done) continue;
        const edge = pool[at]!;
        if (loadedBy[edge] !== solve) loadArc(problem, edge, from);
        if (room[edge] !== 0) label(from, here + slope[edge]! - potential[from]!, 2 * edge);
      }
    }
    for (const number of space.extraEdgesTo(to)) {
      const { from } = space.extraEdges[number]!;
      if (mark[from] === done) continue;
      const edge = space.firstExtraEdge + number;
      loadArc(problem, edge, from);
      if (room[edge] !== 0) label(from, here + slope[edge]! - potential[from]!, 2 * edge);
    }
    for (const edge of leaving.get(to) ?? []) {
      const from = headOf(space, edge);
      if (flow[edge] === 0 || mark[from] === done) continue;
      label(from, here - lastPiece(problem, edge, to).slope - potential[from]!, 2 * edge + 1);
    }
  }
  if (mark[source] !== done) return -1;
  const far = distance[source]!;
  for (let i = 0; i < count; i++) {
    const node = settled[i]!;
    potential[node] = potential[node]! + distance[node]! - far;
  }
  return looked;
}

/** Sends as much as the labelled way takes at its cost; returns how much. */
function augment(problem: FlowProblem, left: number): number {
  const { flowSpace, source, target } = problem;
  const steps: { readonly edge: number; readonly from: number; readonly sign: 1 | -1 }[] = [];
  let units = left;
  for (let node = source; node !== target; ) {
    const step = flowSpace.next[node]!;
    const edge = step >>> 1;
    const isBack = (step & 1) === 1;
    // over an edge whose flow is taken back, the way goes from the edge's end to its start
    const other = isBack ? tailOf(problem.space, edge) : headOf(problem.space, edge);
    const from = isBack ? other : node;
    units = Math.min(units, isBack ? lastPiece(problem, edge, from).units : flowSpace.room[edge]!);
    steps.push({ edge, from, sign: isBack ? -1 : 1 });
    node = other;
  }
  for (const { edge, from, sign } of steps) {
    flowSpace.addFlow(edge, from, sign * units);
    reloadArc(problem, edge, from);
  }
  return units;
}

/** The row of the node to which an edge leads. */
export const headOf = (space: SearchSpace, edge: number): number =>
  edge >= space.firstExtraEdge
    ? space.extraEdges[edge - space.firstExtraEdge]!.to
    : space.graph.channelTable.ends[edge ^ 1]!;

const tailOf = (space: SearchSpace, edge: number): number =>
  edge >= space.firstExtraEdge
    ? space.extraEdges[edge - space.firstExtraEdge]!.from
    : space.graph.channelTable.ends[edge]!;
