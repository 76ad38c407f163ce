import { msat, unwrap } from '@boltwright/base';
import type { InFlightHtlcs, Route } from '@boltwright/interfaces';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ArcCosts } from '../src/flow/arc-costs.ts';
import type { FlowProblem } from '../src/flow/flow-problem.ts';
import { flowSpaceOf } from '../src/flow/flow-space.ts';
import { minCostFlow } from '../src/flow/min-cost-flow.ts';
import {
  DefaultRouter,
  type EdgeScorer,
  FixedPenalty,
  getRoute,
  ManualScorer,
  type NetworkGraph,
  ProbabilisticScorer,
  type RoutePlan,
  SeamScorer,
  SearchSpace,
} from '../src/index.ts';
import { type Arc, cheapestFlow } from './cheapest-flow.ts';
import { mostUnits } from './exhaustive-solver.ts';
import { graphOf, hint, node, nothingInFlight, ownChannel, parameters, scid, type TestChannel } from './make-graph.ts';
import { anyChannels, feesOf, problemWith } from './route-problem.ts';

type Wanted = ReturnType<typeof parameters>;
const ask = (graph: NetworkGraph, wanted: Wanted, plan: RoutePlan = 'flow', scorer?: EdgeScorer) =>
  getRoute(new SearchSpace(graph), scorer ?? new ProbabilisticScorer(graph), {
    payer: node(1),
    parameters: wanted,
    plan,
  });

/** What goes over each directed channel, all parts together. */
function carriedBy({ paths }: Route): Map<string, { readonly id: bigint; readonly to: string; amount: bigint }> {
  const carried = new Map<string, { readonly id: bigint; readonly to: string; amount: bigint }>();
  for (const { hops } of paths) {
    let amount: bigint = hops.reduce((sum, { feeMsat }) => sum + feeMsat, 0n);
    for (const { shortChannelId, nodeId, feeMsat } of hops) {
      const key = `${shortChannelId} ${nodeId}`;
      const entry = carried.get(key) ?? { id: shortChannelId, to: nodeId, amount: 0n };
      entry.amount += amount;
      carried.set(key, entry);
      amount -= feeMsat;
    }
  }
  return carried;
}

/** The chance that balances, uniform from 0 to the capacity, carry a route. */
function chanceOf(graph: NetworkGraph, route: Route): number {
  let chance = 1;
  for (const { id, amount } of carriedBy(route).values()) {
    const capacity = Number(graph.channel(id as ReturnType<typeof scid>)!.capacitySat!) * 1000;
    chance *= Math.max(0, (capacity + 1 - Number(amount)) / (capacity + 1));
  }
  return chance;
}

/** Fees and the price of failing, as the default scorer weighs them. */
const costOf = (graph: NetworkGraph, route: Route, amount: bigint): number =>
  Number(feesOf(route)) - Math.log(Math.max(chanceOf(graph, route), 1e-300)) * (20_000 + 0.004 * Number(amount));

/** Ways of two channels from 1 to 9, by their capacities in sat. */
const ways = (capacities: readonly number[], base = 0): TestChannel[] =>
  capacities.flatMap((capacity, i) => [
    { id: 10 + i, a: 1, b: 2 + i, capacity: 10_000_000, there: { base: 0, ppm: 0 } },
    { id: 20 + i, a: 2 + i, b: 9, capacity, there: { base, ppm: 100 } },
  ]);

describe('the flow', () => {
  const problemOf = (graph: NetworkGraph, scorer: EdgeScorer, amount: number, maxAugmentations = 1000): FlowProblem => {
    const space = new SearchSpace(graph);
    space.begin(2);
    const source = space.nodeOf(node(1));
    const target = space.nodeOf(node(2));
    const maxFee = amount / 100;
    const costs = new ArcCosts({ space, scorer, source, amount, maxFee, ownFirstHops: false, feeWeight: 1 });
    const flowSpace = flowSpaceOf(space);
    const units = Math.ceil(amount / costs.unit);
    const solve = flowSpace.begin(space);
    return { space, flowSpace, solve, costs, source, target, units, maxAugmentations, maxEdges: 1e9 };
  };

  /** Every direction that is known and enabled, with what each unit on it costs. */
  const arcsOf = ({ space, costs }: FlowProblem): readonly (Arc & { readonly edge: number })[] => {
    const { length, flags, ends } = space.graph.channelTable;
    return Array.from({ length: 2 * length }, (_, edge) => edge).flatMap((edge) => {
      if (flags[edge] !== 1) return [];
      let start = 0;
      const units = costs.kept(edge, ends[edge]!).flatMap(({ slope, end }) => {
        const piece = new Array<number>(end - start).fill(slope);
        start = end;
        return piece;
      });
      return [{ edge, from: ends[edge]!, to: ends[edge ^ 1]!, costs: units }];
    });
  };

  test('is of the least cost, and found wherever there is one', () => {
    let solved = 0;
    let rerouted = 0;
    fc.assert(
      fc.property(
        anyChannels,
        fc.integer({ min: 500_000, max: 8_000_000 }),
        fc.boolean(),
        (channels, amount, learns) => {
          const graph = graphOf(channels);
          if (graph.nodeIndex(node(1)) < 0 || graph.nodeIndex(node(2)) < 0) return;
          const scorer = new ProbabilisticScorer(graph);
          for (const { id, b } of learns ? channels.slice(0, 3) : []) {
            const hop = { nodeId: node(b), shortChannelId: scid(id), feeMsat: msat(1_500_000n), cltvExpiryDelta: 18 };
            scorer.pathFailed({ hops: [hop] }, scid(id));
          }
          const problem = problemOf(graph, scorer, amount);
          const found = minCostFlow(problem);
          const arcs = arcsOf(problem);
          const least = cheapestFlow(arcs, problem.source, problem.target, problem.units);
          expect(found).toBe(least !== undefined);
          if (!found) return;
          solved++;
          const { flow } = problem.flowSpace;
          if (arcs.filter(({ edge }) => flow[edge]! > 0).length > 4) rerouted++;
          const net = new Map<number, number>();
          let cost = 0;
          for (const { edge, from, to, costs } of arcs) {
            const units = flow[edge]!;
            expect(units >= 0 && units <= costs.length).toBe(true);
            cost += costs.slice(0, units).reduce((a, b) => a + b, 0);
            net.set(from, (net.get(from) ?? 0) - units);
            net.set(to, (net.get(to) ?? 0) + units);
          }
          expect(cost).toBe(least);
          for (const [at, units] of net) {
            expect(units).toBe(at === problem.target ? problem.units : at === problem.source ? -problem.units : 0);
          }
        },
      ),
      { seed: 21, numRuns: 250 },
    );
    expect(solved).toBeGreaterThan(40);
    expect(rerouted).toBeGreaterThan(10);
  }, 30_000);

  test('takes back what the first way took, where that makes room for the whole', () => {
    // the cheapest way is 1-3-4-2, and would carry half of it; then the rest would find its ends full
    const graph = graphOf([
      { id: 1, a: 1, b: 3, capacity: 5000, there: { base: 0, ppm: 0 } },
      { id: 2, a: 3, b: 4, capacity: 5000, there: { base: 0, ppm: 0 } },
      { id: 3, a: 2, b: 4, capacity: 5000, back: { base: 0, ppm: 0 } },
      { id: 4, a: 1, b: 4, capacity: 5000, there: { base: 0, ppm: 900_000 } },
      { id: 5, a: 2, b: 3, capacity: 5000, back: { base: 0, ppm: 900_000 } },
    ]);
    const problem = problemOf(graph, new FixedPenalty(0), 9_000_000);
    expect(minCostFlow(problem)).toBe(true);
    const { flow } = problem.flowSpace;
    const units = [1, 2].map((id) => flow[2 * graph.channelIndex(scid(id))]!);
    expect(units[0]).toBeGreaterThan(90);
    expect(units[1]).toBeLessThan(20);
  });

  test('is given up at the bound on its work, and where the network cannot carry it', () => {
    const capacities = graphOf([1, 2, 3].map((id) => ({ id, a: 1, b: 2, capacity: 5000, there: {} })));
    expect(minCostFlow(problemOf(capacities, new FixedPenalty(0), 9_000_000, 2))).toBe(false);
    expect(minCostFlow(problemOf(capacities, new FixedPenalty(0), 9_000_000, 50))).toBe(true);
    expect(minCostFlow({ ...problemOf(capacities, new FixedPenalty(0), 9_000_000), maxEdges: 0 })).toBe(false);
    expect(minCostFlow(problemOf(capacities, new FixedPenalty(0), 16_000_000))).toBe(false);
  });
});

describe('a plan by flow', () => {
  test('keeps every policy, limit and capacity, and never does worse than the heuristic by what the scorer weighs', () => {
    let better = 0;
    let more = 0;
    fc.assert(
      fc.property(
        anyChannels,
        fc.bigInt({ min: 300_000n, max: 9_000_000n }),
        fc.bigInt({ min: 0n, max: 400_000n }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 150, max: 1500 }),
        (channels, amount, maxFee, maxPaths, maxTotalCltvDelta) => {
          const graph = graphOf(channels);
          const limits = { maxFeeMsat: msat(maxFee), maxPaths, maxTotalCltvDelta };
          const wanted = parameters(2, amount, limits);
          const flow = ask(graph, wanted);
          const heuristic = ask(graph, wanted, 'heuristic');
          expect(ask(graph, wanted)).toEqual(flow);
          if (!flow.ok) {
            expect(flow).toEqual(heuristic);
            return;
          }
          expect(problemWith(graph, flow.value, wanted)).toBeUndefined();
          expect(flow.value.paths.length).toBeLessThanOrEqual(maxPaths);
          if (!heuristic.ok) {
            more++;
            return;
          }
          const costs = [flow.value, heuristic.value].map((route) => costOf(graph, route, amount));
          expect(costs[0]).toBeLessThanOrEqual(costs[1]! + 1);
          if (costs[0]! < costs[1]! - 1) better++;
        },
      ),
      { seed: 22, numRuns: 600 },
    );
    expect(better).toBeGreaterThan(10);
    expect(more).toBeGreaterThan(0);
  });

  test('places what the network can carry with a tenth to spare at least as often as the heuristic', () => {
    let feasible = 0;
    const found = { flow: 0, heuristic: 0 };
    fc.assert(
      fc.property(anyChannels, fc.bigInt({ min: 1_000_000n, max: 9_000_000n }), (channels, amount) => {
        const graph = graphOf(channels);
        if (BigInt(mostUnits(graph, node(1), node(2), 50_000n)) * 50_000n < (amount * 11n) / 10n) return;
        feasible++;
        for (const plan of ['flow', 'heuristic'] as const) {
          if (ask(graph, parameters(2, amount, { maxPaths: 20 }), plan).ok) found[plan]++;
        }
      }),
      { seed: 23, numRuns: 500 },
    );
    expect(feasible).toBeGreaterThan(40);
    expect(found.flow).toBeGreaterThanOrEqual(found.heuristic);
    expect(found.flow / feasible).toBeGreaterThan(0.95);
  });

  test('spreads what one path could carry but hardly would', () => {
    const graph = graphOf(ways([1000, 1000, 1000]));
    const wanted = parameters(9, 900_000n);
    const [one, several] = (['heuristic', 'flow'] as const).map((plan) => unwrap(ask(graph, wanted, plan)));
    expect(one!.paths).toHaveLength(1);
    expect(several!.paths).toHaveLength(3);
    expect(problemWith(graph, several!, wanted)).toBeUndefined();
    expect(chanceOf(graph, one!)).toBeLessThan(0.11);
    expect(chanceOf(graph, several!)).toBeGreaterThan(0.33);
  });

  test("is what the node's router asks for, where its parts say so", () => {
    const graph = graphOf(ways([1000, 1000, 1000]));
    const own = [ownChannel(50, 2, 2_000_000n), ownChannel(51, 3, 2_000_000n), ownChannel(52, 4, 2_000_000n)];
    const parts = (plan: RoutePlan) => {
      const router = new DefaultRouter({ graph, scorer: new ProbabilisticScorer(graph), plan });
      const answer = router.findRoute(1, node(1), parameters(9, 900_000n), own, nothingInFlight);
      return answer.kind === 'ready' ? unwrap(answer.value).paths.length : undefined;
    };
    expect([parts('heuristic'), parts('flow')]).toEqual([1, 3]);
  });

  test('is one path where that will do, or where no more are allowed', () => {
    const graph = graphOf(ways([1000, 1000, 1000]));
    expect(unwrap(ask(graph, parameters(9, 10_000n))).paths).toHaveLength(1);
    expect(unwrap(ask(graph, parameters(9, 900_000n, { maxPaths: 1 }))).paths).toHaveLength(1);
    const dear = graphOf(ways([1000, 1000, 1000], 20_000));
    expect(unwrap(ask(dear, parameters(9, 300_000n))).paths).toHaveLength(1);
  });

  test('is within a twentieth of the best of all ways to split, tried one by one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 800, max: 6000 }), { minLength: 3, maxLength: 3 }),
        fc.integer({ min: 300, max: 2000 }),
        (capacities, sats) => {
          const graph = graphOf(ways(capacities));
          const amount = BigInt(sats) * 1000n;
          const answer = ask(graph, parameters(9, amount));
          const chance = (parts: readonly number[]) =>
            parts.reduce((product, part, i) => {
              const last = Math.max(0, 1 - (part * sats) / 100 / capacities[i]!);
              return product * last * (1 - (part * sats) / 100 / 10_000_000);
            }, 1);
          let best = 0;
          for (let a = 0; a <= 100; a++) {
            for (let b = 0; a + b <= 100; b++) best = Math.max(best, chance([a, b, 100 - a - b]));
          }
          if (best === 0) return;
          // what succeeds with 0.95 is not split further
          expect(chanceOf(graph, unwrap(answer))).toBeGreaterThan(0.95 * Math.min(1, best));
        },
      ),
      { seed: 24, numRuns: 60 },
    );
  });

  test('leaves to what is in flight its room, and starts with our own channels and ends with hints', () => {
    const graph = graphOf(ways([2000, 2000, 2000]));
    const inFlight: InFlightHtlcs = { usedMsat: (id) => msat(id === scid(20) ? 1_800_000n : 0n) };
    const firstHops = [ownChannel(50, 2, 900_000n), ownChannel(51, 3, 900_000n), ownChannel(52, 4, 500_000n)];
    const wanted = parameters(77, 1_500_000n, { routeHints: [[hint(9, 60, { feeBaseMsat: 7 })]] });
    const request = { payer: node(1), parameters: wanted, firstHops, inFlight };
    const route = unwrap(
      getRoute(new SearchSpace(graph), new ProbabilisticScorer(graph), { ...request, plan: 'flow' }),
    );
    const carried = carriedBy(route);
    const over = (id: number, to: number) => Number(carried.get(`${id} ${node(to)}`)?.amount ?? 0n);
    expect(over(20, 9)).toBeLessThanOrEqual(200_000);
    expect(over(50, 2)).toBeLessThanOrEqual(900_000);
    expect(over(51, 3)).toBeLessThanOrEqual(900_000);
    expect(over(52, 4)).toBeLessThanOrEqual(500_000);
    expect(over(60, 77)).toBe(1_500_000);
    expect(route.paths.length).toBeGreaterThanOrEqual(2);
    for (const { hops } of route.paths) {
      expect([50, 51, 52]).toContain(Number(hops[0]!.shortChannelId));
      expect(hops.at(-2)!.feeMsat).toBeGreaterThanOrEqual(7n);
    }
  });

  test('uses nothing excluded or forbidden, and does with scorers that know no chances', () => {
    const graph = graphOf(ways([1000, 1000, 1000]));
    const wanted = parameters(9, 900_000n, { excludedNodes: [node(3)] });
    const manual = new ManualScorer(graph, new ProbabilisticScorer(graph));
    const seam = new SeamScorer(graph, {
      penaltyMsat: () => 0,
      pathFailed: () => {},
      pathSucceeded: () => {},
      timePassed: () => {},
    });
    for (const scorer of [manual, seam, new FixedPenalty(1)]) {
      const ids = [...carriedBy(unwrap(ask(graph, wanted, 'flow', scorer))).values()].map(({ id }) => Number(id));
      expect(ids.sort()).toEqual([10, 12, 20, 22]);
    }
    manual.setChannelPenalty(scid(22), Number.POSITIVE_INFINITY);
    expect([...carriedBy(unwrap(ask(graph, wanted, 'flow', manual))).keys()]).toEqual([
      `10 ${node(2)}`,
      `20 ${node(9)}`,
    ]);
  });

  test('goes where the scorer has learnt that there is more', () => {
    const graph = graphOf(ways([1000, 1000]));
    const scorer = new ProbabilisticScorer(graph);
    const hop = { nodeId: node(9), shortChannelId: scid(20), feeMsat: msat(100_000n), cltvExpiryDelta: 18 };
    scorer.pathFailed({ hops: [hop] }, scid(20));
    const carried = carriedBy(unwrap(ask(graph, parameters(9, 700_000n), 'flow', scorer)));
    expect(Number(carried.get(`20 ${node(9)}`)?.amount ?? 0n)).toBeLessThan(100_000);
  });
});
