import { describe, expect, test } from '@jest/globals';
import { keptCorpus } from '../src/corpus.ts';
import { SurfaceFuzzer, tryInput } from '../src/fuzz.ts';
import { mutate } from '../src/mutate.ts';
import { Random } from '../src/random.ts';
import { type Surface, violation } from '../src/surface.ts';
import { targets } from '../src/targets.ts';

const all = targets.flatMap((target) => target.surfaces.map((surface) => ({ target: target.name, surface })));

describe.each(all.map((one) => ({ ...one, name: `${one.target} ${one.surface.name}` })))('$name', (one) => {
  const { target, surface } = one;

  test('no input of the corpus is a find, and they still reach most of what they were kept for', () => {
    const kept = keptCorpus(target, surface.name);
    const reached = new Set<string>();
    for (const { input } of kept) {
      const result = tryInput(surface, input);
      if ('find' in result) throw new Error(result.find);
      reached.add(result.outcome);
    }
    // Formats change; a corpus of which little is left should be made anew with --keep.
    expect(reached.size).toBeGreaterThan(kept.length * 0.7);
  });

  test('what fuzzing starts from is no find', () => {
    for (const seed of surface.seeds()) expect(tryInput(surface, seed)).not.toHaveProperty('find');
  });
});

describe('the fuzzer', () => {
  const find = (seed: number) => {
    const surface: Surface = {
      name: 'breaks',
      seeds: () => [Uint8Array.of(1, 2, 3, 4)],
      maxLength: 64,
      run: (input) => (input[0] === 1 && input[2] === 0xff ? violation('broken') : `${input.length}`),
    };
    const fuzzer = new SurfaceFuzzer('none', surface, seed);
    for (let i = 0; i < 200 && fuzzer.result().finds.length === 0; i++) fuzzer.runFor(5);
    return fuzzer.result().finds;
  };

  test('finds a decoder that throws', () => {
    const finds = find(1);
    expect(finds.length).toBeGreaterThan(0);
    expect(finds[0]!.text).toContain('broken');
    expect([finds[0]!.input[0], finds[0]!.input[2]]).toEqual([1, 0xff]);
  });

  test('finds a decoder that writes into its input', () => {
    const run = (input: Uint8Array) => {
      input.fill(1);
      return 'done';
    };
    const surface: Surface = { name: 'writes', seeds: () => [], maxLength: 9, run };
    expect(tryInput(surface, Uint8Array.of(0))).toEqual({ find: 'the decoder wrote into its input' });
  });

  test('makes the same inputs of the same seed', () => {
    const inputs = (seed: number) => {
      const random = new Random(seed);
      const from = new Uint8Array(40).fill(5);
      return Array.from({ length: 50 }, () => [...mutate(random, from, from, 100)]);
    };
    expect(inputs(7)).toEqual(inputs(7));
    expect(inputs(7)).not.toEqual(inputs(8));
  });
});
