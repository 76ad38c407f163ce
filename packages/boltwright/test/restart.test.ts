import { unwrap } from '@boltwright/base';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { capacity, coins, type Format, type Name, Pair, until } from './support/pair.ts';

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

let running: Pair | undefined;
afterEach(() => running?.stop());

async function started(format: Format = 'static_remotekey'): Promise<Pair> {
  running = new Pair(format);
  await running.startBoth();
  return running;
}

const names: readonly Name[] = ['alice', 'bob'];
const ends = ['restart', 'kill'] as const;
const cases = ends.flatMap((end) => names.map((name) => ({ end, name })));

describe.each(cases)('$end of $name', ({ end, name }) => {
  test('while the funding waits for a block: it confirms, and nothing else spends its coins', async () => {
    const pair = await started();
    await pair.open();
    const [funding] = pair.chain.mempool();
    await pair[end](name);
    expect(pair.alice.wallet.pending()).toEqual([funding]);
    await pair.connect();
    unwrap(pair.alice.openChannel(pair.bob.nodeId, capacity));
    await until('another funding transaction', () => pair.chain.mempool().length === 2);
    pair.chain.mine(6);
    await until('two usable channels', () =>
      [pair.alice, pair.bob].every((node) => node.channels().filter(({ isUsable }) => isUsable).length === 2),
    );
    await pair.paid('alice', 200_000n);
    expect(pair.chain.refused).toEqual([]);
    expect(pair.alice.wallet.pending()).toEqual([]);
  });

  test('with an open channel: it pays on, both ways, and closes exactly', async () => {
    const pair = await started();
    await pair.openAndConfirm();
    await pair.paid('alice', 300_000n);
    await pair[end](name);
    await pair.connect();
    await pair.usable();
    await pair.paid('alice', 20_000n);
    await pair.paid('bob', 70_000n);
    unwrap(pair.node(name).closeChannel(pair.channelId()));
    await until('the closing transaction', () => pair.chain.mempool().length === 1);
    pair.chain.mine(1);
    expect(pair.balances()).toEqual(pair.expectedBalances(250_000n));
    expect(pair.chain.refused).toEqual([]);
  });

  test('in the middle of a payment: it is claimed, and its payer hears of it', async () => {
    const pair = await started();
    await pair.openAndConfirm();
    const { preimage } = await pair.held('alice', 123_000n);
    await pair[end](name);
    await pair.connect();
    await pair.usable();
    unwrap(pair.bob.manager.claimFunds(preimage));
    await until('the payer hears', () => pair.events.alice.some(({ kind }) => kind === 'paymentSent'));
    await pair.settled();
    expect(pair.events.alice.filter(({ kind }) => kind === 'paymentSent')).toMatchObject([{ preimage }]);
    expect(pair.events.bob.filter(({ kind }) => kind === 'paymentClaimed')).toHaveLength(1);
    expect(pair.bob.channels()[0]?.balanceMsat).toBe(123_000_000n);
    expect(pair.chain.refused).toEqual([]);
  });
});

describe.each(['static_remotekey', 'anchors'] as const)('a force-close with %s', (format) => {
  test.each(names)(
    'by alice, with a payment claimed on chain, and %s killed every few blocks: all comes home',
    async (name) => {
      const pair = await started(format);
      await pair.openAndConfirm();
      await pair.paid('alice', 300_000n);
      const { preimage } = await pair.held('alice', 50_000n);
      unwrap(pair.alice.forceCloseChannel(pair.channelId()));
      await until('the commitment', () => pair.chain.mempool().length > 0);
      unwrap(pair.bob.manager.claimFunds(preimage));
      for (let restarts = 0; restarts < 20; restarts++) {
        await pair.kill(name);
        // Most happens once the delays are over.
        await pair.mine(restarts < 7 ? 20 : 3);
      }
      await pair.mineUntilHome();
      expect(pair.balances()).toEqual(pair.expectedBalances(350_000n));
      expect(pair.alice.wallet.pending()).toEqual([]);
      const before = pair.balances();
      await pair.kill(name);
      expect(pair.balances()).toEqual(before);
      expect(before.alice + before.bob).toBeLessThan(2n * coins);
    },
  );
});

/** Lets so many commits of a node become durable, then ends it with the next ones lost, or (`late`) durable unanswered. */
async function killAfter(pair: Pair, name: Name, commits: number, late: boolean): Promise<void> {
  const store = pair.stores[name];
  let released = 0;
  for (let rounds = 0; released < commits && rounds < 100; rounds++) {
    released += store.release(1);
    await pair.breathe();
  }
  await pair.breathe();
  store.crash({ durable: late ? 1 : 0 });
  await pair.node(name).stop();
  await pair.start(name);
}

/** Bob may have signed for a channel that Alice forgot and never funds; his commitment goes out, and nowhere. */
function onlyUnfundedCommitmentsAreRefused({ bob, chain }: Pair): void {
  const unfunded = bob.monitors.channels().filter((id) => {
    const funding = bob.monitors.monitor(id)?.parameters.fundingOutpoint;
    return funding !== undefined && chain.transaction(funding.txid) === undefined;
  });
  expect(chain.refused.filter(({ kind }) => kind !== 'missingInput')).toEqual([]);
  expect(new Set(chain.refused.map(({ txid }) => txid)).size).toBeLessThanOrEqual(unfunded.length);
}

describe.each(names)('%s killed after any number of commits', (name) => {
  const points: readonly (readonly [commits: number, late: boolean])[] = [
    [0, false],
    [1, false],
    [1, true],
    [2, false],
    [3, false],
    [4, false],
  ];

  test.each(points)(
    'while a channel is opened (%i, the next one late: %s): no coin is lost or spent twice',
    async (commits, late) => {
      const pair = await started();
      pair.stores[name].hold();
      unwrap(pair.alice.openChannel(pair.bob.nodeId, capacity));
      await pair.breathe();
      await killAfter(pair, name, commits, late);
      await pair.connect();
      await pair.mine(6);
      const isThere = pair.chain.spender({ txid: pair.firstCoin, vout: 0 }) !== undefined;
      if (!isThere) {
        await until('the coin is free', () => pair.alice.wallet.balance().confirmed === coins);
        await pair.openAndConfirm();
      }
      await pair.usable();
      await pair.paid('alice', 100_000n);
      onlyUnfundedCommitmentsAreRefused(pair);
      expect(pair.alice.wallet.pending()).toEqual([]);
    },
  );

  test.each(points)(
    'while a payment is made (%i, the next one late: %s): it arrives once or fails',
    async (commits, late) => {
      const pair = await started();
      await pair.openAndConfirm();
      pair.stores[name].hold();
      void pair.pay('alice', 123_000n);
      await pair.breathe();
      await killAfter(pair, name, commits, late);
      await pair.connect();
      await pair.usable();
      await pair.settled();
      await pair.paid('alice', 1000n);
      await pair.breathe();
      const arrived = pair.events.bob.flatMap((event) => (event.kind === 'paymentClaimed' ? [event.paymentHash] : []));
      const balance = pair.bob.channels()[0]?.balanceMsat;
      expect([1_000_000n, 124_000_000n]).toContain(balance);
      expect(new Set(arrived).size).toBe(balance === 124_000_000n ? 2 : 1);
      expect(pair.chain.refused).toEqual([]);
    },
  );
});
