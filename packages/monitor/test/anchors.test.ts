import { sat } from '@boltwright/base';
import { transactionWeight } from '@boltwright/transactions';
import { describe, expect, test } from '@jest/globals';
import { channel, World } from './support/world.ts';

const bothWays = (world: World) => [
  { from: 'us' as const, id: 0n, sat: 40_000n, expiry: world.chain.height + 40, payment: 1 },
  { from: 'them' as const, id: 0n, sat: 30_000n, expiry: world.chain.height + 70, payment: 2 },
];
const commitmentFee = 1124n + 2n * 172n;

describe("anchors: fees that the wallet's coins pay", () => {
  test('our commitment is paid for by a child of its anchor, and replaced by one that pays more', () => {
    const world = new World('anchors', { feeWallet: true, restarts: true });
    world.advance(bothWays(world));
    world.chain.setFeerate('urgentOnChainSweep', 3000);
    // The mempool takes nothing below 2000 sat/kw by itself: the commitment, at 1000, waits for its child.
    world.chain.setMempoolMinFeerate(8000n);
    world.monitor.forceClose(channel, 'the user asked');
    world.settle();
    expect(world.chain.mempool()).toEqual([]);
    world.chain.mine();
    expect(world.chain.mempool()).toHaveLength(2);
    const feerate = () => {
      const both = world.chain.mempool().map((raw) => world.parsed(raw));
      const weight = both.reduce((sum, tx) => sum + transactionWeight(tx), 0);
      const [commitment, child] = both;
      const coin = child!.inputs.length > 1 ? 20_000n * BigInt(child!.inputs.length - 1) : 0n;
      expect(commitment!.outputs).toHaveLength(6);
      const fee = commitmentFee + 330n + coin - child!.outputs[0]!.value;
      return (1000 * Number(fee)) / weight;
    };
    expect(feerate()).toBeGreaterThan(2990);
    expect(feerate()).toBeLessThan(3100);
    const without = { without: world.chain.mempool().map(({ txid }) => txid) };
    world.chain.mine(3, without);
    expect(feerate()).toBeGreaterThan(3740);
    expect(feerate()).toBeLessThan(3850);
    world.chain.takeRefused();
    world.chain.mine();
    expect(world.events.at(-1)).toMatchObject({ kind: 'fundingSpent', spend: 'holder' });
  });

  test('HTLC-timeout and HTLC-success get inputs that pay for them, and all comes home', () => {
    const world = new World('anchors', { feeWallet: true, restarts: true });
    world.advance(bothWays(world));
    world.learn(2);
    world.monitor.forceClose(channel, 'the user asked');
    world.settle();
    world.mineUntilResolved();
    expect(world.isResolved()).toBe(true);
    expect(world.events.filter(({ kind }) => kind === 'htlcTimedOutOnChain')).toHaveLength(1);
    // 660 of two anchors; the HTLCs come home whole, and the wallet paid for them.
    const ours = 600_000n - 40_000n - commitmentFee - 660n;
    expect(world.sweepAll()).toBe(sat(ours + 40_000n + 30_000n));
    const paid = 100_000n - world.feeWallet!.balance();
    expect(paid).toBeGreaterThan(3000n);
    expect(paid).toBeLessThan(9000n);
    expect([...world.feeWallet!.kept.values()].filter((purpose) => !purpose.startsWith(channel))).toEqual([]);
    expect(world.complaints.lines).toEqual([]);
  });

  test('without a wallet the commitment goes out with its own fee, and no HTLC transaction is made', () => {
    const world = new World('anchors');
    world.advance(bothWays(world));
    world.learn(2);
    world.monitor.forceClose(channel, 'the user asked');
    world.settle();
    world.chain.mine(60);
    expect(world.chain.refused).toEqual([]);
    expect(world.chain.confirmations(world.chain.spender(world.parameters.fundingOutpoint)!)).toBe(60);
    expect(world.isResolved()).toBe(false);
    expect(world.monitor.claimableBalances().map(({ value }) => value)).toEqual([30_000n, 40_000n]);
  });
});
