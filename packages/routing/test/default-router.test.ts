import { cltvDelta, msat, unwrap } from '@boltwright/base';
import type { ChannelDetails, InFlightHtlcs, Route, RouteParameters } from '@boltwright/interfaces';
import { describe, expect, test } from '@jest/globals';
import { DefaultRouter, NetworkGraph } from '../src/index.ts';
import { graphOf, hint, node, nothingInFlight, ownChannel, parameters, scid } from './make-graph.ts';

const payer = node(1);

function ask(
  graph: NetworkGraph,
  wanted: RouteParameters,
  firstHops: readonly ChannelDetails[],
  inFlight: InFlightHtlcs = nothingInFlight,
) {
  const answer = new DefaultRouter({ graph }).findRoute(1, payer, wanted, firstHops, inFlight);
  if (answer.kind !== 'ready') throw new Error('it answers at once');
  return answer.value;
}

const ids = (route: Route) => route.paths.map(({ hops }) => hops.map(({ shortChannelId }) => Number(shortChannelId)));

describe('a payment to a peer', () => {
  test('takes our channel with it, without fees, with the final delta', () => {
    const route = unwrap(ask(new NetworkGraph(), parameters(2, 5000n), [ownChannel(7, 2, 10_000n)]));
    expect(route.paths).toEqual([
      { hops: [{ nodeId: node(2), shortChannelId: scid(7), feeMsat: 5000n, cltvExpiryDelta: 18 }] },
    ]);
  });

  test("goes by the counterparty's alias where the channel has one", () => {
    const channel = ownChannel(7, 2, 10_000n, { outboundScid: scid(99) });
    expect(ids(unwrap(ask(new NetworkGraph(), parameters(2, 5000n), [channel])))).toEqual([[99]]);
  });

  test('uses several channels where none can carry it', () => {
    const channels = [ownChannel(7, 2, 10_000n), ownChannel(8, 2, 10_000n), ownChannel(9, 2, 10_000n)];
    const route = unwrap(ask(new NetworkGraph(), parameters(2, 25_000n), channels));
    expect(route.paths.reduce((sum, { hops }) => sum + hops.at(-1)!.feeMsat, 0n)).toBe(25_000n);
    for (const { hops } of route.paths) expect(hops[0]!.feeMsat <= 10_000n).toBe(true);
    expect(ask(new NetworkGraph(), parameters(2, 25_000n, { maxPaths: 1 }), channels).ok).toBe(false);
    expect(ask(new NetworkGraph(), parameters(2, 31_000n), channels).ok).toBe(false);
  });

  test.each([
    ['unusable', { isUsable: false }],
    ['too small', { nextOutboundHtlcLimitMsat: msat(4999n) }],
    ['above its minimum', { nextOutboundHtlcMinimumMsat: msat(5001n) }],
  ])('is refused where the channel is %s', (_, more) => {
    const answer = ask(new NetworkGraph(), parameters(2, 5000n), [ownChannel(7, 2, 10_000n, more)]);
    expect(answer).toMatchObject({ ok: false, error: { kind: 'noRoute' } });
  });

  test('is refused where the channel is excluded', () => {
    const wanted = parameters(2, 5000n, { excludedChannels: [scid(7)] });
    expect(ask(new NetworkGraph(), wanted, [ownChannel(7, 2, 10_000n)]).ok).toBe(false);
  });
});

describe('a payment by a route hint', () => {
  test("pays the hint's fee and delta", () => {
    const wanted = parameters(3, 1_000_000n, { routeHints: [[hint(2, 55)]] });
    const route = unwrap(ask(new NetworkGraph(), wanted, [ownChannel(7, 2, 10_000_000n)]));
    expect(route.paths[0]!.hops).toEqual([
      { nodeId: node(2), shortChannelId: scid(7), feeMsat: 1100n, cltvExpiryDelta: 80 },
      { nodeId: node(3), shortChannelId: scid(55), feeMsat: 1_000_000n, cltvExpiryDelta: 18 },
    ]);
  });

  test('goes through the graph to where the hint begins, along all of its hops', () => {
    const graph = graphOf([{ id: 20, a: 2, b: 3, there: { base: 10, ppm: 0, cltv: 9 } }]);
    const wanted = parameters(5, 1_000_000n, { routeHints: [[hint(3, 55), hint(4, 56)]] });
    const route = unwrap(ask(graph, wanted, [ownChannel(7, 2, 10_000_000n)]));
    expect(route.paths[0]!.hops).toEqual([
      { nodeId: node(2), shortChannelId: scid(7), feeMsat: 10n, cltvExpiryDelta: 9 },
      { nodeId: node(3), shortChannelId: scid(20), feeMsat: 1100n, cltvExpiryDelta: 80 },
      { nodeId: node(4), shortChannelId: scid(55), feeMsat: 1100n, cltvExpiryDelta: 80 },
      { nodeId: node(5), shortChannelId: scid(56), feeMsat: 1_000_000n, cltvExpiryDelta: 18 },
    ]);
  });

  test("keeps to the hint's maximum", () => {
    const routeHints = [[hint(2, 55, { htlcMaximumMsat: msat(999_999n) })]];
    const wanted = parameters(3, 1_000_000n, { routeHints, maxPaths: 1 });
    expect(ask(new NetworkGraph(), wanted, [ownChannel(7, 2, 10_000_000n)]).ok).toBe(false);
  });
});

describe('a payment through the graph', () => {
  // 2 - 3 - 5 is dear, 2 - 4 - 5 cheap but longer locked
  const graph = () =>
    graphOf([
      { id: 11, a: 1, b: 2, there: {}, back: {} },
      { id: 20, a: 2, b: 3, there: { base: 5000, ppm: 1000, cltv: 10 } },
      { id: 21, a: 3, b: 5, there: { base: 5000, ppm: 1000, cltv: 10 } },
      { id: 22, a: 2, b: 4, there: { base: 1, ppm: 1, cltv: 1000 } },
      { id: 23, a: 4, b: 5, there: { base: 2, ppm: 3, cltv: 900 } },
    ]);
  const own = [ownChannel(11, 2, 100_000_000n)];

  test('takes the cheapest path, each fee on what its node forwards', () => {
    const route = unwrap(ask(graph(), parameters(5, 10_000_000n), own));
    expect(route.paths[0]!.hops).toEqual([
      { nodeId: node(2), shortChannelId: scid(11), feeMsat: 11n, cltvExpiryDelta: 1000 },
      { nodeId: node(4), shortChannelId: scid(22), feeMsat: 32n, cltvExpiryDelta: 900 },
      { nodeId: node(5), shortChannelId: scid(23), feeMsat: 10_000_000n, cltvExpiryDelta: 18 },
    ]);
  });

  test('takes another where the time lock is limited', () => {
    const wanted = parameters(5, 10_000_000n, { maxTotalCltvDelta: 1917 });
    expect(ids(unwrap(ask(graph(), wanted, own)))).toEqual([[11, 20, 21]]);
    expect(ids(unwrap(ask(graph(), { ...wanted, maxTotalCltvDelta: 1918 }, own)))).toEqual([[11, 22, 23]]);
    expect(ask(graph(), { ...wanted, maxTotalCltvDelta: 37 }, own).ok).toBe(false);
  });

  test('says so where only the fee limit is in the way', () => {
    const wanted = parameters(5, 10_000_000n, { maxFeeMsat: msat(42n) });
    expect(ask(graph(), wanted, own)).toMatchObject({ ok: false, error: { kind: 'feeLimitExceeded' } });
    expect(ask(graph(), { ...wanted, maxFeeMsat: msat(43n) }, own).ok).toBe(true);
  });

  test('avoids excluded channels and nodes', () => {
    const wanted = parameters(5, 10_000_000n);
    expect(ids(unwrap(ask(graph(), { ...wanted, excludedChannels: [scid(23)] }, own)))).toEqual([[11, 20, 21]]);
    expect(ids(unwrap(ask(graph(), { ...wanted, excludedNodes: [node(4)] }, own)))).toEqual([[11, 20, 21]]);
    expect(ask(graph(), { ...wanted, excludedNodes: [node(4), node(3)] }, own).ok).toBe(false);
  });

  test('leaves to what is in flight what it uses', () => {
    const inFlight: InFlightHtlcs = {
      usedMsat: (channel, from) => msat(channel === scid(23) && from === node(4) ? 990_000_001n : 0n),
    };
    const wanted = parameters(5, 10_000_000n, { maxPaths: 1 });
    expect(ids(unwrap(ask(graph(), wanted, own, inFlight)))).toEqual([[11, 20, 21]]);
    expect(ids(unwrap(ask(graph(), { ...wanted, amountMsat: msat(9_999_999n) }, own, inFlight)))).toEqual([
      [11, 22, 23],
    ]);
  });

  test('does not begin with a channel that the graph alone has', () => {
    expect(ask(graph(), parameters(5, 10_000_000n), []).ok).toBe(false);
  });

  test('adds a random delta for the payee where entropy is given, within the limit', () => {
    const router = new DefaultRouter({
      graph: graph(),
      entropy: { secureRandomBytes: (length) => new Uint8Array(length).fill(7) },
    });
    const find = (maxTotalCltvDelta: number) => {
      const wanted = parameters(5, 10_000_000n, { maxTotalCltvDelta });
      const answer = router.findRoute(1, payer, wanted, own, nothingInFlight);
      return answer.kind === 'ready' ? unwrap(answer.value).paths[0]!.hops.at(-1)!.cltvExpiryDelta : 0;
    };
    expect(find(1930)).toBeGreaterThan(18);
    expect(find(1930)).toBeLessThanOrEqual(30);
    expect(find(1918)).toBe(18);
  });
});

test.each([
  ['an amount of 0', parameters(5, 0n)],
  ['the payer as payee', parameters(1, 5n)],
  ['no path allowed', parameters(5, 5n, { maxPaths: 0 })],
  ['a final delta above the limit', parameters(5, 5n, { finalCltvDelta: cltvDelta(3000) })],
  ['more money than there is', parameters(5, 1n << 60n)],
])('%s is refused', (_, wanted) => {
  const answer = ask(new NetworkGraph(), wanted, [ownChannel(7, 2, 10_000n)]);
  expect(answer).toMatchObject({ ok: false, error: { kind: 'invalidParameters' } });
});
