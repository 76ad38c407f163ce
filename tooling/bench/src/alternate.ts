/** The middle one; of an even number the greater of the two. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Milliseconds that `work` takes. */
export function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** A load's rounds, in milliseconds. */
export interface Rounds {
  readonly wall: readonly number[];
  /** This process' own, without what others had of the machine: for ratios. */
  readonly cpu: readonly number[];
}

const cpuTime = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Times several loads in turn, so that what else the machine does meets all of them alike. */
export function alternate(rounds: number, loads: readonly (() => void)[]): readonly Rounds[] {
  const times = loads.map(() => ({ wall: [] as number[], cpu: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, load] of loads.entries()) {
      const before = cpuTime();
      times[i]!.wall.push(timed(load));
      times[i]!.cpu.push(cpuTime() - before);
    }
  }
  return times;
}

/** The median of the ratios round by round. */
export const ratioOf = (above: readonly number[], below: readonly number[]): number =>
  median(above.map((time, round) => time / below[round]!));
