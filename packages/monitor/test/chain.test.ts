import { channelId, sat } from '@boltwright/base';
import { noble as crypto } from '@boltwright/crypto';
import { commitmentNumber, obscuringFactor, transactionWeight } from '@boltwright/transactions';
import { describe, expect, test } from '@jest/globals';
import { forEachSpent } from '../src/chain/spent-outpoints.ts';
import { formats, preimageOf, World } from './support/world.ts';

const kinds = (world: World) => world.events.map(({ kind }) => kind);

describe('fees of claims', () => {
  test('a claim that does not confirm bids more every third block, by BIP 125, and never more than is at stake', () => {
    const world = new World('static_remotekey');
    world.advance([]);
    // Their revoked to_local of 400,000 sat against a fee market gone wild.
    world.chain.setFeerate('urgentOnChainSweep', 100_000);
    const { raw, built } = world.theirCommitment(0);
    world.mine(raw);
    const toLocal = built.outputs.find(({ kind }) => kind === 'toLocal')!;
    const outpoint = { txid: raw.txid, vout: toLocal.vout };
    const bids: bigint[] = [];
    const claim = () => world.spenderOf(outpoint)!;
    const feerate = () => Number(toLocal.value - claim().outputs[0]!.value) / transactionWeight(claim());
    expect(feerate()).toBeGreaterThan(99.5);
    expect(feerate()).toBeLessThan(101.5);
    for (let block = 0; block < 26; block++) {
      bids.push(toLocal.value - claim().outputs[0]!.value);
      world.chain.mine(1, { without: world.chain.mempool().map(({ txid }) => txid) });
    }
    // Patience of three blocks, then of one from 12 before the cheater's delay of 30 is over.
    expect(bids.slice(0, 4).map((fee) => fee > bids[0]!)).toEqual([false, false, false, true]);
    expect(new Set(bids.slice(0, 18)).size).toBe(6);
    for (const [i, fee] of bids.entries()) if (i > 0) expect(fee).toBeGreaterThanOrEqual(bids[i - 1]!);
    // The last bids leave an output at the dust limit: the cheater gets nothing all the same.
    expect(bids.at(-1)).toBe(toLocal.value - 294n);
    expect(world.chain.refused).toEqual([]);
    world.chain.mine();
    expect(world.chain.confirmations(world.chain.spender(outpoint)!)).toBe(1);
  });

  test('a fee spike raises the bid at once', () => {
    const world = new World('anchors');
    world.advance([]);
    const { raw, built } = world.theirCommitment(0);
    world.mine(raw);
    const toLocal = built.outputs.find(({ kind }) => kind === 'toLocal')!;
    const outpoint = { txid: raw.txid, vout: toLocal.vout };
    const before = world.chain.spender(outpoint);
    world.chain.setFeerate('urgentOnChainSweep', 20_000);
    world.chain.mine(1, { without: [before!] });
    expect(world.chain.spender(outpoint)).not.toBe(before);
    expect(world.chain.refused).toEqual([]);
  });
});

describe.each(formats)('reorgs (%s)', (format) => {
  test('a confirmed claim, and the close itself, are taken back and made again', () => {
    const world = new World(format, { restarts: true });
    const htlcs = [{ from: 'us' as const, id: 0n, sat: 40_000n, expiry: world.chain.height + 100, payment: 1 }];
    world.advance(htlcs);
    world.advance(htlcs, 620_000_000n);
    const { raw, built } = world.theirCommitment(1);
    world.mine(raw);
    world.chain.mine();
    const outpoint = { txid: raw.txid, vout: built.htlcs[0]!.vout };
    expect(world.chain.confirmations(world.chain.spender(outpoint)!)).toBe(1);
    // The claim goes back to the mempool, then with it the revoked commitment.
    world.chain.reorg(1);
    expect(world.chain.confirmations(world.chain.spender(outpoint)!)).toBe(0);
    world.chain.reorg(3);
    expect(world.monitor.monitor('c1'.repeat(32) as never)!.confirmed).toEqual([]);
    expect(world.chain.confirmations(raw.txid)).toBe(0);
    world.chain.mine(2);
    expect(kinds(world)).toEqual(['fundingSpent', 'fundingSpent']);
    expect(world.chain.confirmations(world.chain.spender(outpoint)!)).toBeGreaterThan(0);
    world.mineUntilResolved();
    expect(world.isResolved()).toBe(true);
    const balance = world.chain.balance(world.destination);
    expect(balance).toBeGreaterThan(430_000n);
    expect(world.complaints.lines).toEqual([]);
  });

  test('the peer publishes another commitment on the new branch, and nothing was told too early', () => {
    const world = new World(format, { restarts: true });
    world.advance([{ from: 'us', id: 0n, sat: 40_000n, expiry: world.chain.height + 100, payment: 1 }]);
    world.signTheirs();
    const first = world.theirCommitment(1).raw;
    const second = world.theirCommitment(2).raw;
    world.mine(first);
    world.chain.mine(4);
    const depth = 5;
    world.chain.reorg(depth, [[second], ...Array.from({ length: depth }, () => [])]);
    expect(kinds(world)).toEqual(['fundingSpent', 'fundingSpent']);
    expect(world.events.at(-1)).toMatchObject({ txid: second.txid, spend: 'counterparty' });
    world.mine(world.theirHtlcTransaction(2, 1));
    expect(world.events.at(-1)).toMatchObject({ kind: 'htlcFulfilledOnChain', htlcId: 0n, preimage: preimageOf(1) });
    expect(kinds(world)).not.toContain('htlcTimedOutOnChain');
  });
});

test('a reorg deeper than the burial is complained of, and followed: what comes home comes home again', () => {
  const world = new World('anchors', { restarts: true });
  world.advance([]);
  world.advance([], 550_000_000n);
  const { raw } = world.theirCommitment(1);
  world.mine(raw);
  world.mineUntilResolved();
  const depth = world.chain.height - world.chain.transaction(raw.txid)!.block!.height + 1;
  expect(depth).toBeGreaterThan(6);
  world.chain.reorg(depth);
  expect(world.complaints.lines).toEqual([expect.stringContaining('took back what was resolved')]);
  expect(world.chain.balance(world.destination)).toBe(0n);
  world.chain.mine(10);
  expect(world.chain.balance(world.destination)).toBeGreaterThan(390_000n);
});

describe('BOLT 5, Mutual Close Handling', () => {
  test('a mutual close pays the script that we named, and is over when it is buried', () => {
    const world = new World('static_remotekey', { restarts: true });
    world.advance([]);
    const script = world.keys.shutdownScript(world.keysId);
    world.update({ kind: 'shutdownScript', script });
    const closing = world.mutualClose(script, 590_000n);
    world.mine(closing);
    expect(world.events).toEqual([expect.objectContaining({ kind: 'fundingSpent', spend: 'cooperative' })]);
    world.chain.mine(4);
    expect(world.spendable).toEqual([]);
    world.chain.mine();
    expect(world.spendable).toMatchObject([{ value: sat(590_000n), claim: { kind: 'wallet' } }]);
    expect(world.isResolved()).toBe(true);
    // Blocks no longer concern it, updates still do.
    expect(world.learn(1)).toBe('completed');
  });
});

test('a block that concerns none writes nothing but the tip', () => {
  const world = new World('static_remotekey');
  world.advance([]);
  const whole = () => world.handle.listNow('monitor/').map(([, bytes]) => bytes);
  const before = whole();
  const events = world.handle.listNow('').length;
  world.chain.mine(3);
  expect(whole()).toEqual(before);
  expect(world.handle.listNow('')).toHaveLength(events);
});

test('the outpoints that a transaction spends are read without parsing the rest', () => {
  const world = new World('anchors');
  const { raw } = world.theirCommitment(0);
  const found: string[] = [];
  expect(forEachSpent(raw.bytes, (key) => found.push(key))).toBe(true);
  expect(found).toEqual([world.key(world.parameters.fundingOutpoint)]);
  const { bytes } = world.chain.blockAt(world.chain.height)!.transactions[0]!;
  expect(forEachSpent(bytes, () => undefined)).toBe(true);
  // Version, marker, count, and 41 bytes of the one input.
  for (let length = 0; length < 60; length++) {
    expect(forEachSpent(raw.bytes.subarray(0, length), () => undefined)).toBe(length >= 48);
  }
  expect(commitmentNumber(obscuringFactor(crypto, world.parameters), world.parsed(raw))).toBe(0n);
});

test('a block with the ends of two channels is told to both monitors', () => {
  const world = new World('static_remotekey');
  const other = channelId('c2'.repeat(32));
  expect(world.monitor.watchChannel({ ...world.initial, channelId: other })).toBe('completed');
  world.turns.endTurn();
  world.settle();
  world.restart();
  world.mine(world.theirCommitment(0).raw);
  expect(world.events.map(({ channelId: id }) => id).sort()).toEqual(['c1'.repeat(32), other]);
});
