// `npm run interop -- ldk [--chain regtest|bitcoind] [--only TEXT] [--verbose]`
import { parseArgs } from 'node:util';
import { findBitcoind } from './chain/bitcoind-process.ts';
import { stories } from './stories/stories.ts';
import { type ChainName, startChain, tell } from './stories/tell.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    chain: { type: 'string', default: 'regtest' },
    only: { type: 'string', default: '' },
    verbose: { type: 'boolean', default: false },
  },
});

const chains: readonly ChainName[] = ['regtest', 'bitcoind'];
const [peer] = positionals;
const chainName = chains.find((name) => name === values.chain);
if (peer !== 'ldk' || chainName === undefined) {
  console.error('usage: npm run interop -- ldk [--chain regtest|bitcoind] [--only TEXT] [--verbose]');
  process.exit(2);
}

const log = values.verbose ? (line: string): void => console.error(line) : undefined;
// LDK's bindings greet on loading
console.log = () => {};
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

if (chainName === 'bitcoind' && findBitcoind() === undefined) {
  say('no bitcoind: set BITCOIND to its path, or put it on the PATH');
  say(`0 passed, ${process.env['CI'] ? 1 : 0} failed, ${stories.length * 2} skipped`);
  process.exit(process.env['CI'] ? 1 : 0);
}
const chain = await startChain(chainName);
let passed = 0;
let failed = 0;
try {
  for (const story of stories) {
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
