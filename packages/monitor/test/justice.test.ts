import { sat } from '@boltwright/base';
import { describe, expect, test } from '@jest/globals';
import { formats, hashOf, preimageOf, World } from './support/world.ts';

const htlcsOf = (world: World) => [
  { from: 'us' as const, id: 0n, sat: 40_000n, expiry: world.chain.height + 60, payment: 1 },
  { from: 'them' as const, id: 0n, sat: 30_000n, expiry: world.chain.height + 70, payment: 2 },
  { from: 'us' as const, id: 1n, sat: 300n, expiry: world.chain.height + 60, payment: 3 },
];

describe.each(formats)('BOLT 5, Revoked Transaction Close Handling (%s)', (format) => {
  test('a revoked commitment loses every output: to_local, the HTLCs both ways, and to_remote is ours anyway', () => {
    const world = new World(format, { restarts: true });
    world.advance(htlcsOf(world));
    world.advance([], 630_000_000n);
    const { raw, built } = world.theirCommitment(1);
    const values = new Map(built.outputs.map((output) => [output.kind, output.value]));
    expect(built.htlcs).toHaveLength(2);

    world.mine(raw);
    expect(world.events).toContainEqual(expect.objectContaining({ kind: 'fundingSpent', spend: 'revoked' }));
    world.chain.mine();
    // All are spent by us in the block after.
    let claimed = 0n;
    let fees = 0n;
    const claims = new Set<string>();
    for (const output of built.outputs) {
      if (output.kind === 'anchor' || output.kind === 'toRemote') continue;
      const outpoint = { txid: raw.txid, vout: output.vout };
      claimed += output.value;
      expect(world.chain.confirmations(world.chain.spender(outpoint)!)).toBe(1);
      claims.add(world.chain.spender(outpoint)!);
    }
    expect(claims.size).toBe(2);
    const paid = world.chain.balance(world.destination);
    fees = claimed - paid;
    expect(fees).toBeGreaterThan(0n);
    expect(fees).toBeLessThan(5000n);
    expect(claimed).toBe(values.get('toLocal')! + 70_000n);

    world.mineUntilResolved();
    expect(world.isResolved()).toBe(true);
    expect(world.sweepAll()).toBe(sat(paid + values.get('toRemote')!));
    expect(world.chain.refused).toEqual([]);
    expect(world.complaints.lines).toEqual([]);
  });

  test("the cheater's HTLC transactions lose their outputs too, and the preimage that one shows is handed on", () => {
    const world = new World(format, { restarts: true });
    const htlcs = htlcsOf(world);
    world.advance(htlcs);
    // The HTLCs stand in the next commitments as well: the manager still waits for their outcome.
    world.advance(htlcs, 620_000_000n);
    const { raw, built } = world.theirCommitment(1);
    const success = world.theirHtlcTransaction(1, 1);
    world.mine(raw);
    // Our claim of it waits in the mempool; a miner takes theirs.
    world.mine(success);
    expect(world.events).toContainEqual(
      expect.objectContaining({
        kind: 'htlcFulfilledOnChain',
        htlcId: 0n,
        paymentHash: hashOf(1),
        preimage: preimageOf(1),
      }),
    );
    world.chain.mine();
    const secondStage = { txid: success.txid, vout: 0 };
    expect(world.chain.confirmations(world.chain.spender(secondStage)!)).toBe(1);
    world.mineUntilResolved();
    expect(world.isResolved()).toBe(true);
    const htlcFee =
      built.htlcs.find(({ htlc }) => htlc.paymentHash === hashOf(1))!.value - world.parsed(success).outputs[0]!.value;
    const all = built.outputs.reduce((sum, { kind, value }) => (kind === 'anchor' ? sum : sum + value), 0n) - htlcFee;
    const home = world.sweepAll();
    expect(all - home).toBeGreaterThan(0n);
    expect(all - home).toBeLessThan(6000n);
    expect(world.events.filter(({ kind }) => kind === 'htlcTimedOutOnChain')).toEqual([
      expect.objectContaining({ htlcId: 1n, paymentHash: hashOf(3) }),
    ]);
    expect(world.complaints.lines).toEqual([]);
  });
});
