import type { OutPoint } from '@boltwright/base';
import { type Sat, sat } from '@boltwright/base';
import { describe, expect, test } from '@jest/globals';
import { channel, formats, hashOf, preimageOf, World } from './support/world.ts';

const bothWays = (world: World) => [
  { from: 'us' as const, id: 0n, sat: 40_000n, expiry: world.chain.height + 40, payment: 1 },
  { from: 'them' as const, id: 0n, sat: 30_000n, expiry: world.chain.height + 70, payment: 2 },
  { from: 'us' as const, id: 1n, sat: 300n, expiry: world.chain.height + 40, payment: 3 },
];

const timedOut = (world: World) =>
  world.events.flatMap((event) => (event.kind === 'htlcTimedOutOnChain' ? [event.htlcId] : []));
const kinds = (world: World) => world.events.map(({ kind }) => kind);

describe.each(formats)('BOLT 5, Unilateral Close Handling: Local Commitment Transaction (%s)', (format) => {
  test('a force-close without HTLCs brings to_local home after its delay', () => {
    const world = new World(format, { restarts: true });
    world.advance([], 500_000_000n);
    expect(world.update({ kind: 'forceClose', broadcast: true, reason: 'the user asked' })).toBe('completed');
    world.chain.mine();
    const [spent] = world.events;
    expect(spent).toMatchObject({ kind: 'fundingSpent', spend: 'holder', height: world.chain.height });
    world.chain.mine(18);
    expect(world.spendable).toEqual([]);
    world.chain.mine();
    expect(world.spendable).toHaveLength(1);
    const fee = format === 'anchors' ? 1124n + 660n : 724n;
    expect(world.sweepAll()).toBe(sat(500_000n - fee));
    expect(kinds(world)).toEqual(['fundingSpent', 'resolved']);
    expect(world.chain.refused).toEqual([]);
    expect(world.complaints.lines).toEqual([]);
  });
});

describe('BOLT 5, HTLC Output Handling: Local Commitment (static_remotekey)', () => {
  test('HTLC-timeout after the expiry, HTLC-success with the preimage, and their outputs after the delay', () => {
    const world = new World('static_remotekey', { restarts: true });
    const start = world.chain.height;
    world.advance(bothWays(world));
    world.learn(2);
    world.monitor.forceClose(channel, 'the user asked');
    world.settle();
    world.chain.mine(2);
    // Only the trimmed HTLC fails without a claim of ours, once the commitment is buried.
    world.chain.mine(5);
    expect(timedOut(world)).toEqual([1n]);
    world.chain.mine(start + 40 - world.chain.height);
    expect(timedOut(world)).toEqual([1n]);
    world.mineUntilResolved();
    expect(timedOut(world)).toEqual([1n, 0n]);
    expect(kinds(world)).toEqual(['closing', 'fundingSpent', 'htlcTimedOutOnChain', 'htlcTimedOutOnChain', 'resolved']);
    // BOLT 3: 663 and 703 weight at 1000 sat/kw, 724 + 2 * 172 of the commitment; the trimmed HTLC goes to the miners.
    const ours = 600_000n - 40_000n - 300n - (724n + 2n * 172n);
    expect(world.sweepAll()).toBe(sat(ours + (40_000n - 663n) + (30_000n - 703n)));
    expect(world.chain.refused).toEqual([]);
    expect(world.complaints.lines).toEqual([]);
  });

  test('the peer takes an HTLC with the preimage: it is handed on in the block that shows it', () => {
    const world = new World('static_remotekey', { restarts: true });
    world.advance(bothWays(world));
    world.monitor.forceClose(channel, 'the user asked');
    world.settle();
    world.chain.mine();
    const claim = world.theirClaimOfOurs(1);
    world.mine(claim);
    expect(world.events.at(-1)).toEqual({
      kind: 'htlcFulfilledOnChain',
      channelId: channel,
      htlcId: 0n,
      paymentHash: hashOf(1),
      preimage: preimageOf(1),
    });
    world.mineUntilResolved();
    expect(timedOut(world)).toEqual([1n]);
    expect(world.isResolved()).toBe(true);
    const ours = 600_000n - 40_000n - 300n - (724n + 2n * 172n);
    expect(world.sweepAll()).toBe(sat(ours));
  });
});

describe.each(formats)('BOLT 5, Unilateral Close Handling: Remote Commitment Transaction (%s)', (format) => {
  const spentOf = (world: World, txid: OutPoint['txid'], outputs: readonly { vout: number; value: Sat }[]) =>
    outputs.map(({ vout }) => world.chain.spender({ txid, vout }));

  test('to_remote comes home, HTLCs by preimage at once and by timeout after the expiry', () => {
    const world = new World(format, { restarts: true });
    const start = world.chain.height;
    world.advance(bothWays(world));
    world.learn(2);
    const { raw, built } = world.theirCommitment(1);
    world.mine(raw);
    expect(world.events).toEqual([
      expect.objectContaining({ kind: 'fundingSpent', spend: 'counterparty', txid: raw.txid }),
    ]);
    world.chain.mine();
    const [inbound, outbound] = [...built.htlcs].sort((a, b) => Number(a.value - b.value));
    expect(spentOf(world, raw.txid, [inbound!])[0]).toBeDefined();
    expect(spentOf(world, raw.txid, [outbound!])[0]).toBeUndefined();
    world.chain.mine(start + 40 - world.chain.height + 1);
    expect(world.chain.confirmations(spentOf(world, raw.txid, [outbound!])[0]!)).toBe(1);
    expect(timedOut(world)).toEqual([1n]);
    world.chain.mine(4);
    expect(timedOut(world)).toEqual([1n]);
    world.chain.mine();
    expect(timedOut(world)).toEqual([1n, 0n]);
    world.mineUntilResolved();
    expect(world.isResolved()).toBe(true);
    const claims = [inbound!, outbound!].map(({ vout }) => world.spenderOf({ txid: raw.txid, vout })!);
    const paid = claims.reduce((sum, claim) => sum + claim.outputs[0]!.value, 0n);
    const toRemote = built.outputs.find(({ kind }) => kind === 'toRemote')!.value;
    expect(70_000n - paid).toBeLessThan(3000n);
    expect(world.sweepAll()).toBe(sat(toRemote + paid));
    expect(world.chain.refused).toEqual([]);
    expect(world.complaints.lines).toEqual([]);
  });

  test('a preimage learnt after the commitment confirmed still claims its HTLC', () => {
    const world = new World(format, { restarts: format === 'anchors' });
    world.advance(bothWays(world));
    const { raw, built } = world.theirCommitment(1);
    world.mine(raw);
    world.chain.mine(7);
    expect(world.learn(2)).toBe('completed');
    world.chain.mine(2);
    const inbound = built.htlcs.find(({ htlc }) => htlc.paymentHash === hashOf(2))!;
    expect(world.chain.spender({ txid: raw.txid, vout: inbound.vout })).toBeDefined();
  });

  test('the commitment before, not yet revoked: an HTLC that it does not hold fails once it is buried', () => {
    const world = new World(format, { restarts: format === 'anchors' });
    world.advance([]);
    world.htlcs = bothWays(world);
    world.signTheirs();
    const { raw } = world.theirCommitment(1);
    world.mine(raw);
    expect(world.events).toContainEqual(expect.objectContaining({ kind: 'fundingSpent', spend: 'counterparty' }));
    world.chain.mine(4);
    expect(timedOut(world)).toEqual([]);
    world.chain.mine();
    expect(timedOut(world)).toEqual([0n, 1n]);
    expect(world.isResolved()).toBe(true);
  });

  test('they reveal the preimage of an HTLC of ours in their HTLC-success transaction', () => {
    const world = new World(format, { restarts: format === 'static_remotekey' });
    world.advance(bothWays(world));
    world.mine(world.theirCommitment(1).raw);
    world.mine(world.theirHtlcTransaction(1, 1));
    expect(world.events.at(-1)).toMatchObject({ kind: 'htlcFulfilledOnChain', htlcId: 0n, preimage: preimageOf(1) });
  });

  test('a commitment newer than our data is unknown: to_remote is ours all the same, and nothing is failed back', () => {
    const world = new World(format);
    world.advance(bothWays(world));
    world.theirSpecs.push({ ...world.theirSpec(2n), htlcs: [] }, { ...world.theirSpec(3n) });
    const { raw, built } = world.theirCommitment(3);
    world.mine(raw);
    expect(world.events.at(-1)).toMatchObject({ kind: 'fundingSpent', spend: 'unknown' });
    world.mineUntilResolved();
    expect(timedOut(world)).toEqual([]);
    expect(world.sweepAll()).toBe(built.outputs.find(({ kind }) => kind === 'toRemote')!.value);
  });
});
