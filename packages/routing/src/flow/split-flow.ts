import type { FlowProblem } from './flow-problem.ts';
import { headOf } from './min-cost-flow.ts';

export interface FlowPath {
  /** First edge first. */
  readonly edges: readonly number[];
  readonly units: number;
}

/** Takes a flow apart into paths, the one that carries most first; at most `maxPaths`, so that some may be left over. */
export function splitFlow(problem: FlowProblem, maxPaths: number): readonly FlowPath[] {
  const { space, flowSpace, costs } = problem;
  const left = new Map<number, number>();
  for (const edges of flowSpace.leaving.values()) {
    for (const edge of edges) if (flowSpace.flow[edge]! > 0) left.set(edge, flowSpace.flow[edge]!);
  }
  const leaving = (node: number) =>
    (flowSpace.leaving.get(node) ?? []).map((edge) => ({
      edge,
      to: headOf(space, edge),
      units: Math.min(left.get(edge) ?? 0, costs.partUnits(edge)),
    }));
  const paths: FlowPath[] = [];
  while (paths.length < maxPaths) {
    const path = widestPath(problem, leaving);
    if (path === undefined) break;
    for (const edge of path.edges) left.set(edge, left.get(edge)! - path.units);
    paths.push(path);
  }
  return paths;
}

type Leaving = (node: number) => readonly { readonly edge: number; readonly to: number; readonly units: number }[];

/** The path whose narrowest edge is the widest: Dijkstra over the few edges that carry flow. */
function widestPath({ source, target }: FlowProblem, leaving: Leaving): FlowPath | undefined {
  const width = new Map<number, number>([[source, Number.POSITIVE_INFINITY]]);
  const before = new Map<number, { readonly edge: number; readonly node: number }>();
  const done = new Set<number>();
  for (;;) {
    let node = -1;
    let widest = 0;
    for (const [candidate, units] of width) {
      if (!done.has(candidate) && units > widest) {
        node = candidate;
        widest = units;
      }
    }
    if (node < 0) return undefined;
    if (node === target) break;
    done.add(node);
    for (const { edge, to, units } of leaving(node)) {
      const through = Math.min(widest, units);
      if (done.has(to) || through <= (width.get(to) ?? 0)) continue;
      width.set(to, through);
      before.set(to, { edge, node });
    }
  }
  const edges: number[] = [];
  for (let node = target; node !== source; ) {
    const step = before.get(node)!;
    edges.push(step.edge);
    node = step.node;
  }
  return { edges: edges.reverse(), units: width.get(target)! };
}
