/** The middle one; of an even number the greater of the two. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Milliseconds that `work` takes. */
export function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/**
 * Times several loads in turn, so that what else the machine does meets all of them alike.
 *
 * @returns the median of each, in milliseconds, and each round's, for ratios within a round.
 */
export function alternate(rounds: number, loads: readonly (() => void)[]): readonly (readonly number[])[] {
  const times = loads.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, load] of loads.entries()) times[i]!.push(timed(load));
  }
  return times;
}

/** The median of the ratios round by round. */
export const ratioOf = (above: readonly number[], below: readonly number[]): number =>
  median(above.map((time, round) => time / below[round]!));
