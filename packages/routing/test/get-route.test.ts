import { type Msat, msat, unwrap } from '@boltwright/base';
import type { Path } from '@boltwright/interfaces';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findRoute } from '../examples/find-route.ts';
import {
  type EdgeScorer,
  exactForwardingFee,
  FixedPenalty,
  forwardingFee,
  getRoute,
  ManualScorer,
  maxRoutableMsat,
  NetworkGraph,
  ProbabilisticScorer,
  rankPaths,
  readSnapshot,
  SeamScorer,
  SearchSpace,
  writeSnapshot,
} from '../src/index.ts';
import { everyPath, mostUnits } from './exhaustive-solver.ts';
import { add, graphOf, node, parameters, scid } from './make-graph.ts';
import { anyChannels, feesOf, problemWith } from './route-problem.ts';

const free = new FixedPenalty(0);
const route = (graph: NetworkGraph, wanted: ReturnType<typeof parameters>, scorer = free as Scorer, payer = 1) =>
  getRoute(new SearchSpace(graph), scorer, { payer: node(payer), parameters: wanted });
type Scorer = FixedPenalty | ProbabilisticScorer;

describe('one path', () => {
  test('is the cheapest of all there are, to the millisatoshi', () => {
    fc.assert(
      fc.property(anyChannels, fc.bigInt({ min: 1n, max: 4_000_000n }), (channels, amount) => {
        const graph = graphOf(channels);
        const wanted = parameters(2, amount, { maxPaths: 1 });
        const answer = route(graph, wanted);
        const all = everyPath(graph, node(1), node(2), amount);
        if (all.length === 0) {
          expect(answer).toMatchObject({ ok: false, error: { kind: 'noRoute' } });
          return;
        }
        const best = all.map(({ feeMsat }) => feeMsat).sort((a, b) => Number(a - b))[0];
        expect(problemWith(graph, unwrap(answer), wanted)).toBeUndefined();
        expect(feesOf(unwrap(answer))).toBe(best);
      }),
      { seed: 11, numRuns: 400 },
    );
  });

  test('keeps every limit, and is found wherever fee, lock or length alone are short', () => {
    const limits = fc.record({
      maxFeeMsat: fc.bigInt({ min: 0n, max: 20_000n }).map(msat),
      maxTotalCltvDelta: fc.integer({ min: 18, max: 500 }),
    });
    fc.assert(
      fc.property(anyChannels, limits, fc.constantFrom('fee', 'cltv', 'both'), (channels, drawn, kind) => {
        const graph = graphOf(channels);
        const wanted = parameters(2, 1_000_000n, { maxPaths: 1 });
        const limited = {
          ...wanted,
          ...(kind === 'cltv' ? {} : { maxFeeMsat: drawn.maxFeeMsat }),
          ...(kind === 'fee' ? {} : { maxTotalCltvDelta: drawn.maxTotalCltvDelta }),
        };
        const fits = everyPath(graph, node(1), node(2), 1_000_000n).some(
          ({ feeMsat, cltv }) => feeMsat <= limited.maxFeeMsat && cltv + 18 <= limited.maxTotalCltvDelta,
        );
        for (const scorer of [free, new ProbabilisticScorer(graph)]) {
          const answer = route(graph, limited, scorer);
          if (answer.ok) expect(problemWith(graph, answer.value, limited)).toBeUndefined();
          if (kind === 'fee') expect(answer.ok).toBe(fits);
          else if (!fits) expect(answer.ok).toBe(false);
        }
      }),
      { seed: 12, numRuns: 400 },
    );
  });

  test('is the same again for the same seed, and on a graph that came from a snapshot costs the same', () => {
    fc.assert(
      fc.property(anyChannels, fc.nat(), (channels, shadowSeed) => {
        const graph = graphOf(channels);
        const wanted = parameters(2, 50_000n);
        const ask = (on: NetworkGraph) =>
          getRoute(new SearchSpace(on), new ProbabilisticScorer(on), {
            payer: node(1),
            parameters: wanted,
            shadowSeed,
          });
        expect(ask(graph)).toEqual(ask(graph));
        const read = ask(unwrap(readSnapshot(writeSnapshot(graph))));
        const first = ask(graph);
        expect(read.ok).toBe(first.ok);
      }),
      { seed: 13, numRuns: 60 },
    );
  });

  const line = (length: number) =>
    graphOf(Array.from({ length }, (_, i) => ({ id: i + 1, a: i + 1, b: i + 2, there: { base: 1, ppm: 0, cltv: 1 } })));

  test('has at most 20 hops: more do not fit the onion', () => {
    expect(unwrap(route(line(20), parameters(21, 1000n))).paths[0]!.hops).toHaveLength(20);
    expect(route(line(21), parameters(22, 1000n)).ok).toBe(false);
  });

  test('has fewer hops where metadata takes room in the onion', () => {
    const ask = (paymentMetadataLength: number) =>
      getRoute(new SearchSpace(line(20)), free, {
        payer: node(1),
        parameters: parameters(21, 1000n),
        paymentMetadataLength,
      });
    expect(ask(10).ok).toBe(true);
    expect(ask(600).ok).toBe(false);
  });

  test('takes a shorter, dearer way where the cheap one is too long', () => {
    const graph = line(21);
    add(graph, { id: 99, a: 1, b: 20, there: { base: 0, ppm: 0, cltv: 1 } });
    add(graph, { id: 98, a: 2, b: 20, there: { base: 1000, ppm: 0, cltv: 1 } });
    const wanted = parameters(22, 1000n, { excludedChannels: [scid(99)] });
    const found = unwrap(route(graph, wanted)).paths[0]!.hops.map(({ shortChannelId }) => Number(shortChannelId));
    expect(found).toEqual([1, 98, 20, 21]);
  });

  test('follows the graph as it changes under the same space', () => {
    const graph = line(3);
    const space = new SearchSpace(graph);
    const ask = () => getRoute(space, free, { payer: node(1), parameters: parameters(4, 1000n) });
    expect(unwrap(ask()).paths[0]!.hops).toHaveLength(3);
    add(graph, { id: 50, a: 1, b: 4, there: {} });
    for (let i = 0; i < 500; i++) add(graph, { id: 100 + i, a: 1, b: 200 + i, there: {} });
    expect(unwrap(ask()).paths[0]!.hops).toHaveLength(1);
    graph.removeChannel(scid(50));
    expect(unwrap(ask()).paths[0]!.hops).toHaveLength(3);
    graph.removeChannel(scid(2));
    expect(ask().ok).toBe(false);
  });
});

describe('several parts', () => {
  // a bound on the heuristic, stated: of amounts that the network can carry with a tenth to spare, it places nineteen
  // in twenty
  test('carry what no path can alone, within every limit', () => {
    let feasible = 0;
    let found = 0;
    fc.assert(
      fc.property(anyChannels, fc.bigInt({ min: 1_000_000n, max: 9_000_000n }), (channels, amount) => {
        const graph = graphOf(channels);
        const wanted = parameters(2, amount, { maxPaths: 20 });
        const answer = route(graph, wanted);
        if (answer.ok) expect(problemWith(graph, answer.value, wanted)).toBeUndefined();
        const unit = 50_000n;
        if (BigInt(mostUnits(graph, node(1), node(2), unit)) * unit < (amount * 11n) / 10n) return;
        feasible++;
        if (answer.ok) found++;
      }),
      { seed: 14, numRuns: 600 },
    );
    expect(feasible).toBeGreaterThan(50);
    expect(found / feasible).toBeGreaterThan(0.95);
  });

  test('are as few as asked for', () => {
    const graph = graphOf(
      [1, 2, 3, 4].flatMap((i) => [
        { id: i, a: 1, b: 10 + i, there: { max: 1_000_000 } },
        { id: 10 + i, a: 10 + i, b: 20, there: { max: 1_000_000 } },
      ]),
    );
    const ask = (maxPaths: number) => route(graph, parameters(20, 3_000_000n, { maxPaths }));
    expect(ask(2).ok).toBe(false);
    expect(unwrap(ask(8)).paths.length).toBeLessThanOrEqual(8);
  });
});

test('a fee in plain numbers is the exact one wherever it is below 2^53', () => {
  fc.assert(
    fc.property(
      fc.nat(0xffff_ffff),
      fc.oneof(fc.nat(0xffff_ffff), fc.nat(10_000)),
      fc.oneof(
        fc.integer({ min: 0, max: maxRoutableMsat }),
        fc.nat(10_000_000),
        fc.nat(2_000_000).map((n) => n * 1e6 - 1),
      ),
      (base, ppm, amount) => {
        if (amount < 0) return;
        const exact = exactForwardingFee(base, ppm, BigInt(amount));
        if (exact < 2n ** 53n) expect(BigInt(forwardingFee(base, ppm, amount))).toBe(exact);
        else expect(forwardingFee(base, ppm, amount)).toBeGreaterThanOrEqual(2 ** 52);
      },
    ),
    { seed: 15, numRuns: 3000 },
  );
});

describe('the probabilistic scorer', () => {
  const graph = () =>
    graphOf([
      { id: 1, a: 1, b: 3, capacity: 10_000, there: { base: 0, ppm: 0 } },
      { id: 2, a: 1, b: 4, capacity: 10_000, there: { base: 0, ppm: 0 } },
      { id: 3, a: 3, b: 9, capacity: 10_000, there: { base: 10, ppm: 0 }, back: {} },
      { id: 4, a: 4, b: 9, capacity: 10_000, there: { base: 20, ppm: 0 } },
    ]);
  const ask = (on: NetworkGraph, scorer: ProbabilisticScorer, amount = 4_000_000n) =>
    unwrap(route(on, parameters(9, amount, { maxPaths: 1 }), scorer)).paths[0]!;
  const through = (path: Path) => Number(path.hops.at(-1)!.shortChannelId);

  test('turns away from a channel that failed, and comes back as time passes', () => {
    const network = graph();
    const scorer = new ProbabilisticScorer(network, { halfLifeSeconds: 100 });
    const first = ask(network, scorer);
    expect(through(first)).toBe(3);
    scorer.pathFailed(first, scid(3));
    expect(scorer.liquidityBounds(scid(3), node(9))).toEqual({ lowerMsat: 0, upperMsat: 3_999_999 });
    expect(scorer.liquidityBounds(scid(3), node(3))).toEqual({ lowerMsat: 6_000_001, upperMsat: 10_000_000 });
    expect(scorer.liquidityBounds(scid(1), node(3))?.lowerMsat).toBe(4_000_010);
    expect(through(ask(network, scorer))).toBe(4);
    scorer.timePassed(100);
    expect(scorer.liquidityBounds(scid(3), node(9))?.upperMsat).toBe(7_000_000);
    scorer.timePassed(3000);
    expect(through(ask(network, scorer))).toBe(3);
  });

  test('knows after a success that what was sent is now at the other end', () => {
    const network = graph();
    const scorer = new ProbabilisticScorer(network);
    const path = ask(network, scorer);
    scorer.pathSucceeded(path);
    expect(scorer.liquidityBounds(scid(3), node(9))).toEqual({ lowerMsat: 0, upperMsat: 6_000_000 });
    expect(scorer.liquidityBounds(scid(3), node(3))).toEqual({ lowerMsat: 4_000_000, upperMsat: 10_000_000 });
    const back = { shortChannelId: scid(3), source: node(9), target: node(3) };
    expect(scorer.successProbability(back, 4_000_000n)).toBe(1);
    expect(scorer.successProbability(back, 7_000_000n)).toBeCloseTo(0.5, 3);
    expect(scorer.successProbability(back, 10_000_001n)).toBe(0);
  });

  test('asks more, the more is sent and the more is under way', () => {
    const network = graph();
    const scorer = new ProbabilisticScorer(network);
    const edge = 2 * network.channelIndex(scid(3));
    const prices = [1e3, 1e6, 3e6, 6e6, 9e6].map((amount) => scorer.edgePenalty(edge, amount, 0, 1e7));
    for (const [i, price] of prices.entries()) {
      expect(Number.isSafeInteger(price)).toBe(true);
      if (i > 0) expect(price).toBeGreaterThan(prices[i - 1]!);
    }
    expect(scorer.edgePenalty(edge, 1e6, 5e6, 1e7)).toBeGreaterThan(prices[1]!);
    const usage = { amountMsat: msat(1_000_000n), inFlightMsat: 0n as Msat, capacityMsat: msat(10_000_000n) };
    const channel = { shortChannelId: scid(3), source: node(3), target: node(9) };
    expect(scorer.penaltyMsat(channel, usage)).toBe(prices[1]);
  });

  test('is saved and loaded, grown older by the time between, also where the graph lost the channel meanwhile', () => {
    const network = graph();
    const scorer = new ProbabilisticScorer(network, { halfLifeSeconds: 100 });
    scorer.pathFailed(ask(network, scorer), scid(3));
    scorer.timePassed(50);
    const bytes = scorer.toBytes();
    expect(bytes.length).toBe(16 + 28 * scorer.knownChannels);
    const again = graph();
    again.removeChannel(scid(3));
    const loaded = new ProbabilisticScorer(again, { halfLifeSeconds: 100 });
    unwrap(loaded.merge(bytes));
    add(again, { id: 3, a: 3, b: 9, capacity: 10_000, there: { base: 10, ppm: 0 } });
    expect(loaded.liquidityBounds(scid(3), node(9))).toEqual(scorer.liquidityBounds(scid(3), node(9)));
    expect(through(ask(again, loaded, 7_000_000n))).toBe(4);
    expect(loaded.toBytes()).toEqual(bytes);
  });

  test('refuses bytes that are cut off or altered, and stays as it was', () => {
    const network = graph();
    const scorer = new ProbabilisticScorer(network);
    scorer.pathFailed(ask(network, scorer), scid(3));
    const bytes = scorer.toBytes();
    const other = new ProbabilisticScorer(network);
    for (let at = 0; at < bytes.length; at++) {
      const altered = Uint8Array.from(bytes);
      altered[at] = altered[at]! ^ 1;
      expect(other.merge(altered).ok).toBe(false);
      expect(other.merge(bytes.subarray(0, at)).ok).toBe(false);
    }
    expect(other.knownChannels).toBe(0);
  });

  test('keeps to its bound on channels, forgetting what is old first', () => {
    const network = new NetworkGraph();
    for (let i = 1; i <= 30; i++) add(network, { id: i, a: 1, b: 1 + i, capacity: 10_000, there: {} });
    const scorer = new ProbabilisticScorer(network, { maxChannels: 20, halfLifeSeconds: 10 });
    const learn = (id: number) =>
      scorer.pathFailed(
        {
          hops: [{ nodeId: node(1 + id), shortChannelId: scid(id), feeMsat: msat(5000n), cltvExpiryDelta: 18 }],
        },
        scid(id),
      );
    for (let i = 1; i <= 25; i++) learn(i);
    expect(scorer.knownChannels).toBe(20);
    scorer.timePassed(1000);
    learn(26);
    expect(scorer.knownChannels).toBe(1);
    expect(scorer.liquidityBounds(scid(26), node(27))?.upperMsat).toBe(4999);
  });
});

describe('scorers put together', () => {
  const graph = () =>
    graphOf([
      { id: 1, a: 1, b: 3, there: { base: 0, ppm: 0 } },
      { id: 2, a: 1, b: 4, there: { base: 0, ppm: 0 } },
      { id: 3, a: 3, b: 9, there: { base: 10, ppm: 0 } },
      { id: 4, a: 4, b: 9, there: { base: 20, ppm: 0 } },
    ]);
  const through = (network: NetworkGraph, scorer: EdgeScorer) =>
    Number(
      unwrap(
        getRoute(new SearchSpace(network), scorer, {
          payer: node(1),
          parameters: parameters(9, 1000n, { maxPaths: 1 }),
        }),
      ).paths[0]!.hops.at(-1)!.shortChannelId,
    );

  test('a manual penalty on a channel or a node turns a path away, and is taken back', () => {
    const network = graph();
    const scorer = new ManualScorer(network, new FixedPenalty(1));
    expect(through(network, scorer)).toBe(3);
    scorer.setChannelPenalty(scid(3), 9);
    expect(through(network, scorer)).toBe(3);
    scorer.setChannelPenalty(scid(3), 11);
    expect(through(network, scorer)).toBe(4);
    scorer.setNodePenalty(node(4), Number.POSITIVE_INFINITY);
    expect(through(network, scorer)).toBe(3);
    scorer.setNodePenalty(node(4), 0);
    expect(through(network, scorer)).toBe(4);
    expect(() => scorer.setChannelPenalty(scid(3), -1)).toThrow(RangeError);
    expect(() => scorer.setNodePenalty(node(3), 0.5)).toThrow(RangeError);
  });

  test('a channel that is forbidden is not used, whatever else there is, and stays so when it comes back', () => {
    const network = graph();
    const scorer = new ManualScorer(network, new FixedPenalty(1));
    scorer.setChannelPenalty(scid(3), Number.POSITIVE_INFINITY);
    scorer.setChannelPenalty(scid(4), Number.POSITIVE_INFINITY);
    const request = { payer: node(1), parameters: parameters(9, 1000n) };
    expect(getRoute(new SearchSpace(network), scorer, request).ok).toBe(false);
    network.removeChannel(scid(3));
    add(network, { id: 5, a: 6, b: 7, there: {} });
    add(network, { id: 3, a: 3, b: 9, there: { base: 10, ppm: 0 } });
    expect(getRoute(new SearchSpace(network), scorer, request).ok).toBe(false);
  });

  test("a user's scorer of the seam is asked by ids, and obeyed", () => {
    const network = graph();
    const asked: string[] = [];
    const scorer = new SeamScorer(network, {
      penaltyMsat: ({ shortChannelId, source, target }, { amountMsat, capacityMsat }) => {
        asked.push(`${shortChannelId} ${Number(`0x${source.slice(2)}`)} ${Number(`0x${target.slice(2)}`)}`);
        expect([amountMsat >= 1000n, capacityMsat]).toEqual([true, 1_000_000_000n]);
        return shortChannelId === scid(3) ? 50 : 0;
      },
      pathFailed: () => {},
      pathSucceeded: () => {},
      timePassed: () => {},
    });
    expect(through(network, scorer)).toBe(4);
    expect(asked).toContain('3 3 9');
    expect(asked).not.toContain('3 9 3');
  });

  test('the example of the README finds its route', () => {
    expect(findRoute()).toEqual(['022222 6000 msat, 40 blocks', '033333 50000000 msat, 18 blocks']);
  });
});

test('ranked paths are the cheapest ones there are, in order, each once', () => {
  fc.assert(
    fc.property(anyChannels, fc.integer({ min: 1, max: 6 }), (channels, count) => {
      const graph = graphOf(channels);
      const request = { payer: node(1), parameters: parameters(2, 300_000n) };
      const ranked = unwrap(rankPaths(new SearchSpace(graph), free, request, count));
      const all = everyPath(graph, node(1), node(2), 300_000n)
        .map(({ feeMsat }) => feeMsat)
        .sort((a, b) => Number(a - b));
      expect(ranked.map(({ feeMsat }) => feeMsat)).toEqual(all.slice(0, count));
      expect(new Set(ranked.map(({ path }) => path.hops.map((hop) => hop.shortChannelId).join())).size).toBe(
        ranked.length,
      );
      for (const { path } of ranked) {
        expect(problemWith(graph, { paths: [path] }, request.parameters)).toBeUndefined();
      }
    }),
    { seed: 16, numRuns: 200 },
  );
});
