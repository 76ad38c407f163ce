// `npm run interop -- ldk [--chain regtest|bitcoind] [--only TEXT] [--soak RUNS [--seed SEED]] [--verbose]`
import { parseArgs } from 'node:util';
import { findBitcoind } from './chain/bitcoind-process.ts';
import { soakRuns } from './soak/soak-runs.ts';
import { allStories } from './stories/all-stories.ts';
import { type ChainName, startChain, tell } from './stories/tell.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    chain: { type: 'string', default: 'regtest' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    soak: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

const chains: readonly ChainName[] = ['regtest', 'bitcoind'];
const [peer] = positionals;
const chainName = chains.find((name) => name === values.chain);
const runs = values.soak === undefined ? undefined : Number(values.soak);
const seed = Number(values.seed);
const isNumber = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
if (
  peer !== 'ldk' ||
  chainName === undefined ||
  (runs !== undefined && (!isNumber(runs) || !isNumber(seed) || chainName !== 'regtest'))
) {
  console.error('usage: npm run interop -- ldk [--chain regtest|bitcoind] [--only TEXT] [--verbose]');
  console.error('       npm run interop -- ldk --soak RUNS [--seed SEED] [--chain regtest] [--verbose]');
  process.exit(2);
}

const log = values.verbose ? (line: string): void => console.error(line) : undefined;
// LDK's bindings greet on loading
console.log = () => {};
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

if (runs !== undefined) {
  const soaked = await soakRuns({ runs, seed, say, ...(log === undefined ? {} : { log }) });
  say(`${soaked.passed} passed, ${soaked.failed} failed`);
  process.exit(soaked.failed > 0 || soaked.passed === 0 ? 1 : 0);
}
if (chainName === 'bitcoind' && findBitcoind() === undefined) {
  say('no bitcoind: set BITCOIND to its path, or put it on the PATH');
  say(`0 passed, ${process.env['CI'] ? 1 : 0} failed, ${allStories.length * 2} skipped`);
  process.exit(process.env['CI'] ? 1 : 0);
}
const chain = await startChain(chainName);
let passed = 0;
let failed = 0;
try {
  for (const story of allStories) {
    if (!story.title.includes(values.only)) continue;
    for (const anchors of [false, true]) {
      const title = `${story.title} (${anchors ? 'anchors' : 'static_remotekey'}, ${chain.name})`;
      try {
        const { transactions, seconds } = await tell(story, { chain, anchors, ...(log === undefined ? {} : { log }) });
        passed++;
        say(`ok    ${title}: ${transactions} transactions, ${seconds.toFixed(1)} s`);
      } catch (error) {
        failed++;
        say(`FAIL  ${title}\n      ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      }
    }
  }
} finally {
  await chain.stop();
}
say(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
