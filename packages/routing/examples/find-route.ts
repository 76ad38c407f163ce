import {
  cltvDelta,
  msat,
  type NodeId,
  nodeId,
  type ShortChannelId,
  sat,
  shortChannelIdOf,
  unwrap,
} from '@boltwright/base';
import {
  getRoute,
  NetworkGraph,
  ProbabilisticScorer,
  readSnapshot,
  SearchSpace,
  writeSnapshot,
} from '@boltwright/routing';

const alice = nodeId(`02${'11'.repeat(32)}`);
const bob = nodeId(`02${'22'.repeat(32)}`);
const carol = nodeId(`03${'33'.repeat(32)}`);

/** A network of two channels, as gossip or a file would fill it. */
export function smallNetwork(): NetworkGraph {
  const graph = new NetworkGraph();
  const connect = (shortChannelId: ShortChannelId, nodeId1: NodeId, nodeId2: NodeId, feeBaseMsat: number) => {
    unwrap(graph.addChannel({ shortChannelId, nodeId1, nodeId2, capacitySat: sat(1_000_000n) }));
    for (const direction of [0, 1] as const) {
      unwrap(
        graph.updateChannel(shortChannelId, direction, {
          timestamp: 1_770_000_000,
          disabled: false,
          feeBaseMsat,
          feeProportionalMillionths: 100,
          cltvExpiryDelta: cltvDelta(40),
          htlcMinimumMsat: msat(1n),
          htlcMaximumMsat: msat(990_000_000n),
        }),
      );
    }
  };
  connect(shortChannelIdOf(700_000, 1, 0), alice, bob, 0);
  connect(shortChannelIdOf(700_001, 7, 1), bob, carol, 1000);
  return graph;
}

/** Saves the network, loads it, and finds a route from Alice to Carol. */
export function findRoute(): readonly string[] {
  const graph = unwrap(readSnapshot(writeSnapshot(smallNetwork())));
  const route = unwrap(
    getRoute(new SearchSpace(graph), new ProbabilisticScorer(graph), {
      payer: alice,
      parameters: {
        payee: carol,
        amountMsat: msat(50_000_000n),
        finalCltvDelta: cltvDelta(18),
        maxFeeMsat: msat(100_000n),
        maxTotalCltvDelta: 1008,
        maxPaths: 10,
        routeHints: [],
      },
    }),
  );
  return route.paths.flatMap(({ hops }) =>
    hops.map(
      ({ nodeId, feeMsat, cltvExpiryDelta }) => `${nodeId.slice(0, 6)} ${feeMsat} msat, ${cltvExpiryDelta} blocks`,
    ),
  );
}
