import type { UniformBalances } from './delivery.ts';
import type { Answer } from './our-router.ts';
import type { Pair } from './pairs.ts';

/** Answers taken together. Sums are over the pairs for which a route was found. */
export interface Summary {
  readonly times: readonly number[];
  readonly found: number;
  readonly parts: number;
  readonly feeMsat: number;
  readonly probability: number;
  readonly delivered: number;
}

/** Judges a router's answers. */
export function summarise(pairs: readonly Pair[], answers: readonly Answer[], judge: UniformBalances): Summary {
  let parts = 0;
  let feeMsat = 0;
  let probability = 0;
  let delivered = 0;
  const judged = answers.map(({ paths }, i) => (paths === undefined ? undefined : judge.judge(pairs[i]!.payer, paths)));
  judged.forEach((delivery, i) => {
    if (delivery === undefined) return;
    parts += answers[i]!.paths!.length;
    feeMsat += Number(delivery.feeMsat);
    probability += delivery.probability;
    if (delivery.delivered) delivered++;
  });
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    times,
    found: judged.filter((delivery) => delivery !== undefined).length,
    parts,
    feeMsat,
    probability,
    delivered,
  };
}

/** Of sorted values. */
export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
