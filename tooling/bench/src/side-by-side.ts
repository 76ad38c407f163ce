import { Bench } from 'tinybench';
import type { BenchRow } from './report.ts';

/** Something that is timed: runs once per call and does `count` operations. */
export interface Contestant {
  readonly name: string;
  readonly run: () => unknown;
}

export interface Race {
  readonly name: string;
  /** `ops/s`, or `MB/s` where `perRun` is the number of megabytes. */
  readonly unit: string;
  /** Units done by one run; 1 unless said. */
  readonly perRun?: number;
  readonly ours: Contestant;
  readonly peers: readonly Contestant[];
}

const rounds = 5;
const millisecondsPerRound = 120;
// Shorter calls than this are done several times at once, so that reading the clock does not count.
const leastMs = 0.05;

/** Runs a second in one round: the mean of tinybench after its warm-up. */
function measure({ name, run }: Contestant, repeats: number): number {
  const bench = new Bench({ time: millisecondsPerRound, warmupTime: 25, throws: true });
  bench.add(name, () => {
    for (let i = 0; i < repeats; i++) run();
  });
  bench.runSync();
  const result = bench.tasks[0]?.result;
  if (result?.state !== 'completed') throw new Error(`${name} was not measured: ${result?.state}`);
  return (repeats * 1000) / result.latency.mean;
}

/** How often a call is repeated to last long enough. */
function calibrate({ run }: Contestant): number {
  for (let repeats = 1; ; repeats *= 2) {
    const start = performance.now();
    for (let i = 0; i < repeats; i++) run();
    if (performance.now() - start >= leastMs || repeats >= 4096) return repeats;
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/**
 * Runs the contestants in turn, five rounds of a tenth of a second each, and compares the medians: what else the machine
 * does meanwhile meets all of them. A row for each peer, or one without where there is none.
 */
export function sideBySide({ name, unit, perRun = 1, ours, peers }: Race): BenchRow[] {
  const contestants = [ours, ...peers];
  const repeats = contestants.map(calibrate);
  const samples = contestants.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) samples[i]!.push(measure(contestant, repeats[i]!) * perRun);
  }
  const [own, ...others] = samples.map(median);
  if (peers.length === 0) return [{ name, unit, ours: own! }];
  return peers.map((peer, i) => ({
    name,
    unit,
    ours: own!,
    peer: peer.name,
    theirs: others[i]!,
    ratio: own! / others[i]!,
  }));
}
