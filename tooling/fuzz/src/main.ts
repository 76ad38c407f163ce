// npm run fuzz -- TARGET [--seconds N] [--seed N] [--keep] or TARGET --input FILE --surface NAME
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { keep, root, writeFind } from './corpus.ts';
import { SurfaceFuzzer, tryInput } from './fuzz.ts';
import type { Target } from './surface.ts';
import { targets } from './targets.ts';

const usage = `npm run fuzz -- ${[...targets.map(({ name }) => name), 'all'].join('|')} [--seconds N] [--seed N] [--keep]`;

function stop(text: string): never {
  console.error(text);
  process.exit(2);
}

function number(text: string, name: string): number {
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : stop(`--${name} ${text}: a number is needed\n${usage}`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
    surface: { type: 'string' },
    input: { type: 'string' },
  },
});

const sliceMs = 50;

/** One target for some seconds, its surfaces in turn for the same time each. */
function fuzz(target: Target, seconds: number, seed: number): { inputs: number; failed: number } {
  console.log(`${target.name}: ${seconds} s, seed ${seed}`);
  const fuzzers = target.surfaces.map((surface, i) => new SurfaceFuzzer(target.name, surface, seed * 1000 + i));
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) for (const fuzzer of fuzzers) fuzzer.runFor(sliceMs);
  let [inputs, failed] = [0, 0];
  for (const fuzzer of fuzzers) {
    const result = fuzzer.result();
    inputs += result.inputs;
    failed += result.finds.length;
    const figures = `${result.inputs} inputs, ${result.outcomes} outcomes, slowest ${result.slowestMs.toFixed(1)} ms`;
    console.log(`  ${result.surface.name.padEnd(18)} ${figures}`);
    for (const [i, { input, text }] of result.finds.entries()) {
      const path = writeFind(`${target.name}-${result.surface.name}-${seed}-${i}`, input);
      console.log(`    FAILED: ${text}`);
      console.log(`    again: npm run fuzz -- ${target.name} --surface ${result.surface.name} --input ${path}`);
    }
    if (values.keep) keep(target.name, result.surface.name, result.kept);
  }
  return { inputs, failed };
}

const name = positionals[0] ?? stop(usage);
const chosen = name === 'all' ? targets : targets.filter((target) => target.name === name);
if (chosen.length === 0) stop(`no target '${name}'\n${usage}`);

const sum = { inputs: 0, failed: 0 };
if (values.input !== undefined) {
  const surface = chosen[0]!.surfaces.find((one) => one.name === values.surface);
  if (surface === undefined) stop(`--surface: one of ${chosen[0]!.surfaces.map((one) => one.name).join(', ')}`);
  const result = tryInput(surface, Uint8Array.from(readFileSync(join(root, values.input))));
  console.log('find' in result ? `FAILED: ${result.find}` : `${result.outcome} (${result.ms.toFixed(1)} ms)`);
  sum.inputs = 1;
  if ('find' in result) sum.failed = 1;
} else {
  const seconds = number(values.seconds, 'seconds') / chosen.length;
  for (const target of chosen) {
    const { inputs, failed } = fuzz(target, seconds, number(values.seed, 'seed'));
    sum.inputs += inputs;
    sum.failed += failed;
  }
  console.log(`largest memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
}
console.log(`${sum.inputs} inputs, ${sum.failed} failed`);
process.exitCode = sum.failed === 0 ? 0 : 1;
