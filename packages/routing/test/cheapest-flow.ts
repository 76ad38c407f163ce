/** An arc whose units cost ever more: `costs[i]` is what the unit after `i` others costs. */
export interface Arc {
  readonly from: number;
  readonly to: number;
  readonly costs: readonly number[];
}

/**
 * The least cost of a flow, by another algorithm than the one under test: any flow first, then cycles of negative cost
 * are cancelled unit by unit until there is none (Klein; Bellman and Ford). Slow.
 *
 * @returns Undefined where the arcs do not carry so many units.
 */
export function cheapestFlow(arcs: readonly Arc[], source: number, target: number, units: number): number | undefined {
  const flow = arcs.map(() => 0);
  const residual = () =>
    arcs.flatMap(({ from, to, costs }, arc) => [
      ...(flow[arc]! < costs.length ? [{ from, to, cost: costs[flow[arc]!]!, arc, sign: 1 }] : []),
      ...(flow[arc]! > 0 ? [{ from: to, to: from, cost: -costs[flow[arc]! - 1]!, arc, sign: -1 }] : []),
    ]);
  for (let sent = 0; sent < units; sent++) {
    const steps = residual();
    const before = new Map<number, (typeof steps)[number] | undefined>([[source, undefined]]);
    for (const node of before.keys()) {
      for (const step of steps) if (step.from === node && !before.has(step.to)) before.set(step.to, step);
    }
    if (!before.has(target)) return undefined;
    for (let step = before.get(target); step !== undefined; step = before.get(step.from)) {
      flow[step.arc] = flow[step.arc]! + step.sign;
    }
  }
  for (;;) {
    const cycle = negativeCycle(residual());
    if (cycle === undefined) break;
    for (const { arc, sign } of cycle) flow[arc] = flow[arc]! + sign;
  }
  return arcs.reduce((sum, { costs }, arc) => sum + costs.slice(0, flow[arc]!).reduce((a, b) => a + b, 0), 0);
}

interface Step {
  readonly from: number;
  readonly to: number;
  readonly cost: number;
  readonly arc: number;
  readonly sign: number;
}

function negativeCycle(steps: readonly Step[]): readonly Step[] | undefined {
  const distance = new Map<number, number>();
  const before = new Map<number, Step>();
  const nodes = new Set(steps.flatMap(({ from, to }) => [from, to]));
  let last: number | undefined;
  for (let round = 0; round <= nodes.size; round++) {
    last = undefined;
    for (const step of steps) {
      const total = (distance.get(step.from) ?? 0) + step.cost;
      if (total >= (distance.get(step.to) ?? 0)) continue;
      distance.set(step.to, total);
      before.set(step.to, step);
      last = step.to;
    }
    if (last === undefined) return undefined;
  }
  // so many steps back is on the cycle for certain
  let node = last!;
  for (let i = 0; i < nodes.size; i++) node = before.get(node)!.from;
  const cycle: Step[] = [];
  for (let at = node; ; ) {
    const step = before.get(at)!;
    cycle.push(step);
    at = step.from;
    if (at === node) return cycle;
  }
}
