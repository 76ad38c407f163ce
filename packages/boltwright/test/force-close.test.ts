import { unwrap } from '@boltwright/base';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { type Format, type Name, Pair, until } from './support/pair.ts';

// Intervals never fire here: nothing may need one to go on.
jest.useFakeTimers({
  doNotFake: [
    'setTimeout',
    'clearTimeout',
    'setImmediate',
    'clearImmediate',
    'nextTick',
    'performance',
    'Date',
    'hrtime',
    'queueMicrotask',
  ],
});
jest.setTimeout(60_000);

let pair: Pair | undefined;
afterEach(() => pair?.stop());

async function opened(format: Format): Promise<Pair> {
  pair = new Pair(format);
  await pair.startBoth();
  await pair.openAndConfirm();
  await pair.paid('alice', 300_000n);
  return pair;
}

/** The error that tells the peer has it fail the channel, too (BOLT 1): its commitment comes second. */
function onlyTheOtherCommitmentIsRefused({ chain }: Pair): void {
  expect(chain.refused.map(({ kind }) => kind).filter((kind) => kind !== 'replacementFee')).toEqual([]);
  expect(chain.refused.length).toBeLessThanOrEqual(1);
}

const formats: readonly Format[] = ['static_remotekey', 'anchors'];
const names: readonly Name[] = ['alice', 'bob'];
const cases = formats.flatMap((format) => names.map((closer) => ({ format, closer })));

describe.each(cases)('a force-close with $format by $closer', ({ format, closer }) => {
  test('brings all coins home to both wallets, less the fees', async () => {
    const both = await opened(format);
    unwrap(both.node(closer).forceCloseChannel(both.channelId()));
    await until('the commitment', () => both.chain.mempool().length > 0);
    await both.mineUntilHome();
    expect(both.balances()).toEqual(both.expectedBalances(300_000n));
    expect(both.alice.channels().length + both.bob.channels().length).toBe(0);
    onlyTheOtherCommitmentIsRefused(both);
  });

  test('with a held payment, claimed on chain: it is paid', async () => {
    const both = await opened(format);
    const { preimage, outcome } = await both.held('alice', 50_000n);
    unwrap(both.node(closer).forceCloseChannel(both.channelId()));
    await until('the commitment', () => both.chain.mempool().length > 0);
    unwrap(both.bob.manager.claimFunds(preimage));
    await both.mineUntilHome();
    expect(await outcome).toMatchObject({ kind: 'sent', preimage });
    expect(both.balances()).toEqual(both.expectedBalances(350_000n));
    onlyTheOtherCommitmentIsRefused(both);
  });

  test('with a held payment that nobody claims: it comes back', async () => {
    const both = await opened(format);
    const { outcome } = await both.held('alice', 50_000n);
    unwrap(both.node(closer).forceCloseChannel(both.channelId()));
    await until('the commitment', () => both.chain.mempool().length > 0);
    await both.mineUntilHome();
    expect(await outcome).toMatchObject({ kind: 'failed' });
    expect(both.balances()).toEqual(both.expectedBalances(300_000n));
    onlyTheOtherCommitmentIsRefused(both);
  });
});
