import { cltvDelta, msat, nodeId, sat, shortChannelIdOf, unwrap } from '@boltwright/base';
import { NetworkGraph } from '@boltwright/routing';
import { Random } from './random.ts';

/** Capacities of mainnet by tenths of its channels, in satoshis. */
const capacityTenths = [
  1050, 20_000, 100_000, 318_438, 1_000_000, 1_283_096, 2_500_000, 5_000_000, 8_000_000, 15_647_849, 1_000_000_000,
];
const usualBases = [1000, 0, 1000, 0, 0, 0, 1000];
const usualRates = [1, 1, 499, 0, 500, 100, 500, 10, 1000, 2500];
const usualDeltas = [40, 80, 144, 34, 18];
const colours = ['amber', 'azure', 'coral', 'ivory', 'jade', 'lilac', 'olive', 'pearl', 'ruby', 'teal'];
const animals = ['badger', 'crane', 'finch', 'heron', 'lynx', 'marten', 'otter', 'raven', 'stoat', 'wren'];
/** Every made policy is of this time, or of a moment in the two weeks before. */
const networkTime = 1_770_000_000;
const twoWeeks = 1_209_600;

/**
 * A made network: it grows as Lightning did (who has channels gets more), with about one node to three channels.
 *
 * @param channels - 1 or more.
 */
export function demoGraph(channels: number, seed = 1): NetworkGraph {
  const random = new Random(seed);
  const nodes = Math.max(2, Math.ceil(channels / 3));
  const ids = Array.from({ length: nodes }, () => {
    const words = Array.from({ length: 8 }, () => random.below(2 ** 32));
    return nodeId(`0${2 + random.below(2)}${words.map((word) => word.toString(16).padStart(8, '0')).join('')}`);
  });
  const graph = new NetworkGraph({ expectedChannels: channels, expectedNodes: nodes, hashSeed: seed });
  // every end of every channel once: drawing from it favours those with many
  const ends: number[] = [0];
  for (let row = 0; row < channels; row++) {
    const a = row + 1 < nodes ? row + 1 : random.draw(ends);
    let b = random.draw(ends);
    while (b === a) b = random.below(nodes);
    ends.push(a, b);
    addChannel(graph, row, ids[a]! < ids[b]! ? [ids[a]!, ids[b]!] : [ids[b]!, ids[a]!], random);
  }
  ids.forEach((id, number) => {
    const alias = new Uint8Array(32);
    alias.set(new TextEncoder().encode(`${random.draw(colours)}-${random.draw(animals)}-${number}`));
    const announcement = {
      timestamp: networkTime - random.below(twoWeeks),
      features: new Uint8Array(0),
      rgbColor: Uint8Array.of(random.below(256), random.below(256), random.below(256)),
      alias,
      addresses: Uint8Array.of(1, 192, 0, 2, random.below(256), 0x26, 0x07),
    };
    if (graph.nodeIndex(id) >= 0) unwrap(graph.updateNode(id, announcement));
  });
  return graph;
}

function addChannel(
  graph: NetworkGraph,
  row: number,
  [nodeId1, nodeId2]: readonly [ReturnType<typeof nodeId>, ReturnType<typeof nodeId>],
  random: Random,
): void {
  const tenth = random.below(10);
  const low = capacityTenths[tenth]!;
  const capacity = Math.floor(low * (capacityTenths[tenth + 1]! / low) ** random.next());
  const shortChannelId = shortChannelIdOf(600_000 + Math.floor(row / 80), 1 + (row % 80) * 37, row % 2);
  unwrap(
    graph.addChannel({
      shortChannelId,
      nodeId1,
      nodeId2,
      capacitySat: sat(BigInt(capacity)),
      receivedAt: networkTime,
    }),
  );
  for (const direction of [0, 1] as const) {
    unwrap(
      graph.updateChannel(shortChannelId, direction, {
        timestamp: networkTime - random.below(twoWeeks),
        disabled: random.next() >= 0.65,
        feeBaseMsat: random.draw(usualBases),
        feeProportionalMillionths: random.draw(usualRates),
        cltvExpiryDelta: cltvDelta(random.draw(usualDeltas)),
        htlcMinimumMsat: msat(random.draw([1n, 1000n])),
        htlcMaximumMsat: msat(BigInt(Math.floor(capacity * random.draw([1000, 990, 500])))),
      }),
    );
  }
}
