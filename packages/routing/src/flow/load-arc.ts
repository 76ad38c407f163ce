import type { FlowProblem } from './flow-problem.ts';

/** Computes an edge's first slope and room in this solve, once. */
export function loadArc({ flowSpace, solve, costs }: FlowProblem, edge: number, from: number): void {
  if (flowSpace.loadedBy[edge] === solve) return;
  flowSpace.loadedBy[edge] = solve;
  const piece = costs.after(edge, from, 0);
  flowSpace.slope[edge] = piece?.slope ?? 0;
  flowSpace.room[edge] = piece?.end ?? 0;
}

/** The same again once the edge's flow has changed. */
export function reloadArc({ flowSpace, costs }: FlowProblem, edge: number, from: number): void {
  const flow = flowSpace.flow[edge]!;
  const piece = costs.kept(edge, from).find(({ end }) => end > flow);
  flowSpace.slope[edge] = piece?.slope ?? 0;
  flowSpace.room[edge] = piece === undefined ? 0 : piece.end - flow;
}

/** What taking back a unit of the edge's flow saves, and how many units save as much. */
export function lastPiece(
  { flowSpace, costs }: FlowProblem,
  edge: number,
  from: number,
): { readonly slope: number; readonly units: number } {
  const flow = flowSpace.flow[edge]!;
  let start = 0;
  for (const { slope, end } of costs.kept(edge, from)) {
    if (flow <= end) return { slope, units: flow - start };
    start = end;
  }
  throw new Error(`edge ${edge} carries ${flow} units, more than it has room for`);
}
