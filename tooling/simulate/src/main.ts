// `npm run simulate -- channel [--seed N] [--runs N] [--steps N]`
import { parseArgs } from 'node:util';
import { simulateChannel } from './channel/simulate-channel.ts';

const usage = 'usage: npm run simulate -- channel [--seed N] [--runs N] [--steps N]';

function read() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        seed: { type: 'string', default: '1' },
        runs: { type: 'string', default: '1000' },
        steps: { type: 'string', default: '60' },
      },
    });
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

const parsed = read();
const [target, ...more] = parsed?.positionals ?? [];
const [seed, runs, steps] = [parsed?.values.seed, parsed?.values.runs, parsed?.values.steps].map(Number);
const counts = [seed, runs, steps];
if (target !== 'channel' || more.length > 0 || !counts.every((n) => Number.isSafeInteger(n) && (n ?? -1) >= 0)) {
  console.error(usage);
  process.exit(2);
}

const failed = simulateChannel({
  seed: seed ?? 1,
  runs: runs ?? 0,
  steps: steps ?? 0,
  say: (line) => console.log(line),
});
console.log(`${runs} runs, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
