import { unwrap } from '@boltwright/base';
import { type NetworkGraph, readSnapshot, writeSnapshot } from '@boltwright/routing';
import { type Bench, type BenchRow, compared } from './report.ts';
import { UniformBalances } from './routing/delivery.ts';
import { flowRows } from './routing/flow-rows.ts';
import { countLdkChannels, LdkRouter, ldkUpdate, loadLdk, readLdkGraph, storedLdkGraph } from './routing/ldk.ts';
import { isKnown, ourGraph, policyOf, scidOf, updateTime } from './routing/our-graph.ts';
import { type Answer, ourRouter } from './routing/our-router.ts';
import { feasiblePairs, largePairs, type Pair } from './routing/pairs.ts';
import { Random } from './routing/random.ts';
import { quantile, summarise } from './routing/summary.ts';
import { loadTopology, madeTopology, type Topology } from './routing/topology.ts';

const pairCount = 200;
const largeCount = 40;
const flowCount = 100;
const updateCount = 20_000;

function routeRows(
  prefix: string,
  pairs: readonly Pair[],
  ours: readonly Answer[],
  theirs: readonly Answer[],
  judge: UniformBalances,
) {
  const a = summarise(pairs, ours, judge);
  const b = summarise(pairs, theirs, judge);
  // fees are compared where both found a route: one that finds more would seem dearer
  const both = pairs.map((_, i) => i).filter((i) => ours[i]!.paths !== undefined && theirs[i]!.paths !== undefined);
  const fees = (answers: readonly Answer[]) =>
    summarise(
      both.map((i) => pairs[i]!),
      both.map((i) => answers[i]!),
      judge,
    ).feeMsat / 1000;
  const percent = (part: number) => (100 * part) / pairs.length;
  return [
    ...(
      [
        ['p50', 0.5],
        ['p90', 0.9],
        ['p99', 0.99],
        ['max', 1],
      ] as const
    ).map(([name, q]) =>
      compared(`${prefix}find a route, ${name}`, 'ms', quantile(a.times, q), 'ldk', quantile(b.times, q), 'less'),
    ),
    compared(`${prefix}routes found`, '%', percent(a.found), 'ldk', percent(b.found), 'more'),
    compared(`${prefix}fees where both found one (${both.length})`, 'sat', fees(ours), 'ldk', fees(theirs), 'less'),
    compared(`${prefix}parts a route`, 'parts', a.parts / a.found, 'ldk', b.parts / b.found, 'less'),
    compared(
      `${prefix}success probability, all pairs`,
      '%',
      percent(a.probability),
      'ldk',
      percent(b.probability),
      'more',
    ),
    compared(`${prefix}delivered at drawn balances`, '%', percent(a.delivered), 'ldk', percent(b.delivered), 'more'),
  ];
}

/** Directions and policies for a stream of updates, each newer than the last. */
function updateStream(topology: Topology) {
  const random = new Random(99);
  return Array.from({ length: updateCount }, (_, i) => {
    for (;;) {
      const row = random.below(topology.channels.length);
      const direction = random.below(2) as 0 | 1;
      const channel = topology.channels[row]!;
      const policy = direction === 0 ? channel.policy1 : channel.policy2;
      if (isKnown(policy)) return { row, direction, policy, timestamp: updateTime + 1 + i };
    }
  });
}

function updateRow(topology: Topology, graph: NetworkGraph, ldk: ReturnType<typeof readLdkGraph>): BenchRow {
  const stream = updateStream(topology);
  const ours = stream.map(({ row, policy, timestamp, direction }) => ({
    id: scidOf(row),
    direction,
    policy: policyOf(policy, timestamp),
  }));
  let start = performance.now();
  for (const { id, direction, policy } of ours) unwrap(graph.updateChannel(id, direction, policy));
  const ourMs = performance.now() - start;
  const theirs = stream.map(({ row, direction, policy, timestamp }) => ldkUpdate(row, direction, policy, timestamp));
  start = performance.now();
  for (const message of theirs) ldk.update_channel_unsigned(message);
  const ldkMs = performance.now() - start;
  return compared(
    'updates applied, unsigned',
    'per s',
    (updateCount / ourMs) * 1000,
    'ldk',
    (updateCount / ldkMs) * 1000,
    'more',
  );
}

/** How long something takes, and what it gives. */
function timed<T>(work: () => T): { readonly value: T; readonly ms: number } {
  const start = performance.now();
  const value = work();
  return { value, ms: performance.now() - start };
}

/** Routes while a hundred updates come in before each: every search meets columns that have just changed. */
function streamingRow(topology: Topology, graph: NetworkGraph, pairs: readonly Pair[]): BenchRow {
  const find = ourRouter(graph);
  const stream = updateStream(topology);
  const times = pairs.map((pair, i) => {
    for (const { row, direction, policy, timestamp } of stream.slice(100 * i, 100 * (i + 1))) {
      unwrap(graph.updateChannel(scidOf(row), direction, policyOf(policy, timestamp + updateCount)));
    }
    return find(pair).ms;
  });
  times.sort((a, b) => a - b);
  return { name: 'find a route while updates stream in, p50', unit: 'ms', ours: quantile(times, 0.5) };
}

/** Ours alone, on made networks: mainnet's size, and multiples of it. */
function growthRows(): BenchRow[] {
  return [1, 4, 16].flatMap((factor) => {
    const topology = madeTopology(17_324 * factor, 50_808 * factor, 1);
    const graph = ourGraph(topology);
    const pairs = feasiblePairs(topology, 30, 4);
    const find = ourRouter(graph);
    pairs.forEach(find);
    const times = pairs.map((pair) => find(pair).ms).sort((a, b) => a - b);
    const bytes = writeSnapshot(graph);
    const { value, ms } = timed(() => unwrap(readSnapshot(bytes)));
    const name = `made network, ${factor} x mainnet`;
    return [
      { name: `${name}: find a route, p50`, unit: 'ms', ours: quantile(times, 0.5) },
      { name: `${name}: find a route, p99`, unit: 'ms', ours: quantile(times, 0.99) },
      { name: `${name}: load`, unit: 'ms', ours: ms },
      { name: `${name}: memory`, unit: 'bytes a channel', ours: value.byteLength / value.channelCount },
    ];
  });
}

/** Routes on mainnet's topology: ours and LDK's on the same pairs, in the same run. */
export const bench: Bench = async () => {
  const topology = loadTopology();
  const pairs = feasiblePairs(topology, pairCount, 4);
  const judge = new UniformBalances(topology, 11);

  const { value: built, ms: buildMs } = timed(() => ourGraph(topology));
  const snapshot = writeSnapshot(built);
  const ourLoads = [1, 2, 3].map(() => timed(() => unwrap(readSnapshot(snapshot))));
  const graph = ourLoads[0]!.value;

  await loadLdk();
  const stored = storedLdkGraph(topology);
  const ldkLoads = [1, 2, 3].map(() => timed(() => readLdkGraph(stored)));
  const ldkGraph = ldkLoads[0]!.value;
  if (countLdkChannels(ldkGraph) !== graph.channelCount) throw new Error('LDK read another number of channels');

  const find = ourRouter(graph);
  const ldk = new LdkRouter(ldkGraph);
  for (const pair of pairs.slice(0, 30)) find(pair);
  const ours = pairs.map(find);
  for (const { payer, payee, amountMsat } of pairs.slice(0, 3)) ldk.find(payer, payee, amountMsat);
  const ldkFind = ({ payer, payee, amountMsat }: Pair) => ldk.find(payer, payee, amountMsat);
  const theirs = pairs.map(ldkFind);
  const large = largePairs(topology, largeCount, 5);
  const perChannel = (bytes: number) => bytes / graph.channelCount;

  const rows: BenchRow[] = [
    ...routeRows('', pairs, ours, theirs, judge),
    ...routeRows('large: ', large, large.map(find), large.map(ldkFind), judge),
    ...flowRows(graph, largePairs(topology, flowCount, 6), judge),
    ...(['first', 'second', 'third'] as const).map((time, i) =>
      compared(`load a stored graph, ${time} time`, 'ms', ourLoads[i]!.ms, 'ldk', ldkLoads[i]!.ms, 'less'),
    ),
    compared(
      'stored graph',
      'bytes a channel',
      perChannel(snapshot.length),
      'ldk',
      perChannel(ldkGraph.write().length),
      'less',
    ),
    { name: 'memory after a load', unit: 'bytes a channel', ours: perChannel(graph.byteLength) },
    { name: 'memory while growing', unit: 'bytes a channel', ours: perChannel(built.byteLength) },
    { name: 'graph built channel by channel', unit: 'ms', ours: buildMs },
    updateRow(topology, graph, ldkGraph),
    streamingRow(topology, graph, pairs),
    ...growthRows(),
  ];
  return {
    rows,
    notes: [
      `${topology.source}: ${graph.channelCount} channels, ${graph.nodeCount} nodes`,
      `${pairs.length} pairs between which a path for the amount exists, 10 to 1,000,000 sat, fees up to 1 % or 50 sat`,
      `large: ${large.length} pairs of nodes with ten channels or more, 1 to 30 million sat, a way existing or not`,
      `plan by flow: the same over ${flowCount} such pairs, beside our own heuristic; the mean chance is the geometric one`,
      'balances are uniform and drawn by seed; neither router knows them, and neither was tuned on them',
    ],
  };
};
