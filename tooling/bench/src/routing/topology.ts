import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Random } from './random.ts';

export interface TopologyPolicy {
  readonly enabled: boolean;
  readonly htlcMinimumMsat: number;
  readonly htlcMaximumMsat: number;
  readonly feeBaseMsat: number;
  readonly feeProportionalMillionths: number;
  readonly cltvExpiryDelta: number;
}

export interface TopologyChannel {
  /** Rows of the nodes, the lesser id first. */
  readonly node1: number;
  readonly node2: number;
  readonly capacitySat: number;
  readonly policy1: TopologyPolicy;
  readonly policy2: TopologyPolicy;
}

export interface Topology {
  readonly source: string;
  /** 33 bytes in hex. */
  readonly nodeIds: readonly string[];
  readonly channels: readonly TopologyChannel[];
}

const channelsFile = 'mainnet-2026-02-03-channels.csv.gz';
const nodesFile = 'mainnet-2026-02-03-nodes.csv.gz';

/** Mainnet's topology where its files are (`BOLTWRIGHT_DATA` or `../shared/data`), else a made one of its size. */
export function loadTopology(): Topology {
  const repository = fileURLToPath(new URL('../../../..', import.meta.url));
  const folder = process.env['BOLTWRIGHT_DATA'] ?? join(repository, '..', 'shared', 'data');
  if (!existsSync(join(folder, channelsFile))) return madeTopology(17_324, 50_808, 1);
  const lines = (file: string) =>
    gunzipSync(readFileSync(join(folder, file)))
      .toString()
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
  const policy = (cells: readonly string[]): TopologyPolicy => ({
    enabled: cells[0] === '1',
    htlcMinimumMsat: Number(cells[1]),
    htlcMaximumMsat: Number(cells[2]),
    feeBaseMsat: Number(cells[3]),
    feeProportionalMillionths: Number(cells[4]),
    cltvExpiryDelta: Number(cells[5]),
  });
  return {
    source: "mainnet's topology of February 2026",
    nodeIds: lines(nodesFile).map(([, id]) => id!),
    channels: lines(channelsFile).map((cells) => ({
      node1: Number(cells[1]),
      node2: Number(cells[2]),
      capacitySat: Number(cells[3]),
      policy1: policy(cells.slice(4, 10)),
      policy2: policy(cells.slice(10, 16)),
    })),
  };
}

/** Capacities of mainnet by tenths of its channels, in satoshis. */
const capacityTenths = [
  1050, 20_000, 100_000, 318_438, 1_000_000, 1_283_096, 2_500_000, 5_000_000, 8_000_000, 15_647_849, 1_000_000_000,
];
const usualBases = [1000, 0, 1000, 0, 0, 0, 1000];
const usualRates = [1, 1, 499, 0, 500, 100, 500, 10, 1000, 2500];
const usualDeltas = [40, 80, 144, 34, 18];

/** A network that grows as Lightning did: who has channels gets more, two in three directions are enabled. */
export function madeTopology(nodes: number, channels: number, seed: number): Topology {
  const random = new Random(seed);
  const draw = (values: readonly number[]) => values[random.below(values.length)]!;
  const ids = Array.from({ length: nodes }, () => {
    const x = Array.from({ length: 8 }, () =>
      random
        .below(2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('');
    return `0${2 + random.below(2)}${x}`;
  }).sort();
  // every end of every channel once: drawing from it favours those with many
  const ends: number[] = [];
  const order = ids.map((_, i) => i).sort((a, b) => hash(a) - hash(b));
  const made: TopologyChannel[] = [];
  for (let i = 0; made.length < channels; i++) {
    const a = i < nodes ? order[i]! : ends[random.below(ends.length)]!;
    const b = ends.length === 0 ? order[1]! : ends[random.below(ends.length)]!;
    if (a === b) continue;
    ends.push(a, b);
    const tenth = random.below(10);
    const low = capacityTenths[tenth]!;
    const capacitySat = Math.floor(low * (capacityTenths[tenth + 1]! / low) ** random.next());
    const policy = (): TopologyPolicy => ({
      enabled: random.next() < 0.65,
      htlcMinimumMsat: draw([1, 1000, 1000, 1]),
      htlcMaximumMsat: Math.floor(capacitySat * draw([1000, 990, 500])),
      feeBaseMsat: draw(usualBases),
      feeProportionalMillionths: draw(usualRates),
      cltvExpiryDelta: draw(usualDeltas),
    });
    made.push({ node1: Math.min(a, b), node2: Math.max(a, b), capacitySat, policy1: policy(), policy2: policy() });
  }
  return { source: "a made network of mainnet's size: the topology's files are absent", nodeIds: ids, channels: made };
}

const hash = (n: number): number => Math.imul(n + 1, 0x9e3779b1) >>> 0;
