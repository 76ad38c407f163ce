import { type Kept, keptCorpus } from './corpus.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';
import type { Surface } from './surface.ts';

/** An input that broke a promise. */
export interface Find {
  readonly input: Uint8Array;
  readonly text: string;
}

export interface SurfaceResult {
  readonly surface: Surface;
  readonly inputs: number;
  readonly outcomes: number;
  readonly slowestMs: number;
  readonly finds: readonly Find[];
  /** The shortest input of each outcome. */
  readonly kept: readonly Kept[];
}

/** Longest time that an input may take. An input above it is run again before it counts, as the machine may be busy. */
export const maxMs = 1000;
const maxFinds = 10;

/** Runs one input. @returns its outcome and time, or why it is a find. */
export function tryInput(surface: Surface, input: Uint8Array): { outcome: string; ms: number } | { find: string } {
  const once = (): { outcome: string; ms: number } | { find: string } => {
    const given = Uint8Array.from(input);
    const start = performance.now();
    try {
      const outcome = surface.run(given);
      const ms = performance.now() - start;
      if (given.some((byte, i) => byte !== input[i])) return { find: 'the decoder wrote into its input' };
      return { outcome, ms };
    } catch (thrown) {
      return { find: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) };
    }
  };
  const first = once();
  if ('find' in first || first.ms <= maxMs) return first;
  const second = once();
  if ('find' in second || second.ms <= maxMs) return second;
  return { find: `${Math.round(Math.min(first.ms, second.ms))} ms for one input` };
}

/** Fuzzes one surface, a slice of time after another, so that several can take turns. */
export class SurfaceFuzzer {
  readonly surface: Surface;
  readonly #random: Random;
  readonly #pool: Uint8Array[] = [];
  readonly #kept = new Map<string, Uint8Array>();
  readonly #finds: Find[] = [];
  #inputs = 0;
  #slowestMs = 0;

  constructor(target: string, surface: Surface, seed: number) {
    this.surface = surface;
    this.#random = new Random(seed);
    const start = [...surface.seeds(), ...keptCorpus(target, surface.name).map(({ input }) => input)];
    for (const input of [new Uint8Array(0), ...start]) {
      this.#pool.push(input);
      this.#try(input);
    }
  }

  /** Tries inputs for some time. */
  runFor(milliseconds: number): void {
    const end = performance.now() + milliseconds;
    do {
      const random = this.#random;
      const input =
        random.below(200) === 0
          ? random.bytes(random.below(Math.min(this.surface.maxLength, 300)))
          : mutate(random, random.pick(this.#pool), random.pick(this.#pool), this.surface.maxLength);
      this.#try(input);
    } while (performance.now() < end && this.#finds.length < maxFinds);
  }

  #try(input: Uint8Array): void {
    this.#inputs += 1;
    const result = tryInput(this.surface, input);
    if ('find' in result) {
      this.#finds.push({ input, text: result.find });
      return;
    }
    this.#slowestMs = Math.max(this.#slowestMs, result.ms);
    const known = this.#kept.get(result.outcome);
    if (known === undefined) this.#pool.push(input);
    if (known === undefined || input.length < known.length) this.#kept.set(result.outcome, input);
  }

  result(): SurfaceResult {
    return {
      surface: this.surface,
      inputs: this.#inputs,
      outcomes: this.#kept.size,
      slowestMs: this.#slowestMs,
      finds: this.#finds,
      kept: [...this.#kept].map(([outcome, input]) => ({ outcome, input })),
    };
  }
}
