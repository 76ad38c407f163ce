import { type BlockHeight, type ChannelId, channelId, type Sat, sat, type Txid, unwrap } from '@boltwright/base';
import { noble as crypto } from '@boltwright/crypto';
import type { MonitorStep, RecordKey } from '@boltwright/interfaces';
import { createSyncTurns } from '@boltwright/store-turns';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  applyUpdate,
  deadlines,
  decodeMonitor,
  decodeUpdate,
  encodeMonitor,
  encodeUpdate,
  ManyChannelMonitor,
} from '../src/index.ts';
import { channel, hashOf, preimageOf, type TestHtlc, World } from './support/world.ts';

const someHtlcs = (world: World): readonly TestHtlc[] => [
  { from: 'us', id: 0n, sat: 40_000n, expiry: world.chain.height + 40, payment: 1 },
  { from: 'them', id: 0n, sat: 30_000n, expiry: world.chain.height + 70, payment: 2 },
];

describe('what an update is answered', () => {
  test('the same id with the same content is answered the same, other content and gaps fail, and nothing changes', () => {
    const world = new World('static_remotekey');
    world.advance(someHtlcs(world));
    const state = world.monitor.monitor(channel)!;
    expect(state.lastUpdateId).toBe(3n);
    const steps: readonly MonitorStep[] = [
      { kind: 'paymentPreimage', paymentHash: hashOf(2), preimage: preimageOf(2) },
    ];
    const update = { channelId: channel, updateId: 4n, steps };
    expect(world.monitor.updateChannel(update)).toBe('completed');
    const learnt = world.monitor.monitor(channel);
    expect(world.monitor.updateChannel(update)).toBe('completed');
    world.turns.endTurn();
    world.settle();
    world.restart();
    expect(world.monitor.updateChannel(update)).toBe('completed');
    expect(world.complaints.lines).toEqual([]);
    expect(world.monitor.updateChannel({ ...update, steps: [] })).toBe('failed');
    expect(world.monitor.updateChannel({ ...update, updateId: 6n })).toBe('failed');
    expect(world.monitor.updateChannel({ ...update, channelId: channelId('00'.repeat(32)) })).toBe('failed');
    expect(world.complaints.lines).toHaveLength(3);
    expect(world.monitor.monitor(channel)).toEqual(learnt);
    expect(world.monitor.lastUpdateId(channel)).toEqual({ kind: 'ready', value: 4n });
    expect(world.monitor.lastUpdateId('00'.repeat(32) as ChannelId)).toEqual({ kind: 'ready', value: undefined });
  });

  test('what an update gets wrong is told by kind, and the state is as it was', () => {
    const world = new World('anchors');
    world.advance(someHtlcs(world));
    const state = world.monitor.monitor(channel)!;
    const error = (...steps: readonly MonitorStep[]) => {
      const applied = applyUpdate(crypto, state, { channelId: channel, updateId: 4n, steps });
      return applied.ok ? 'taken' : applied.error.kind;
    };
    expect(error({ kind: 'paymentPreimage', paymentHash: hashOf(2), preimage: preimageOf(3) })).toBe('wrongPreimage');
    expect(error({ kind: 'commitmentSecret', index: 3n, secret: preimageOf(1) })).toBe('wrongSecret');
    expect(error({ kind: 'commitmentSecret', index: 1n, secret: preimageOf(1) })).toBe('wrongSecret');
    expect(error({ kind: 'counterpartyCommitment', commitment: world.theirSpec(0n) })).toBe('unexpectedCommitment');
    expect(error({ kind: 'counterpartyCommitment', commitment: world.theirSpec(3n) })).toBe('unexpectedCommitment');
    const { holder } = world;
    const older = { ...holder, spec: { ...holder.spec, index: 0n } };
    expect(error({ kind: 'holderCommitment', commitment: older })).toBe('unexpectedCommitment');
    const elsewhere = {
      ...holder,
      parameters: { ...holder.parameters, fundingOutpoint: { txid: '11'.repeat(32) as Txid, vout: 0 } },
    };
    expect(error({ kind: 'holderCommitment', commitment: elsewhere })).toBe('otherFunding');
    expect(error({ kind: 'shutdownScript', script: new Uint8Array(70_000) })).toBe('unstorable');
    expect(error({ kind: 'shutdownScript', script: world.destination })).toBe('taken');
  });

  test('after the decision to close a new commitment of ours is refused and its id stays free; all else is taken', () => {
    const world = new World('static_remotekey');
    world.advance(someHtlcs(world));
    expect(world.monitor.forceClose(channel, 'the user asked')).toBe(true);
    expect(world.monitor.forceClose(channel, 'again')).toBe(false);
    // Decided, but not durable: nothing is signed or sent.
    expect(world.chain.mempool()).toEqual([]);
    world.settle();
    expect(world.chain.mempool()).toHaveLength(1);
    expect(world.events).toEqual([{ kind: 'closing', channelId: channel, reason: 'the user asked' }]);
    expect(world.signOurs()).toBe('closing');
    expect(world.learn(2)).toBe('completed');
    expect(world.signTheirs()).toBe('completed');
    expect(world.revokeTheirs()).toBe('completed');
    world.restart();
    expect(world.signOurs()).toBe('closing');
    expect(world.complaints.lines).toEqual([]);
  });

  test("a close that the manager asked for is signed only once the manager's turn is durable", () => {
    const world = new World('static_remotekey');
    const steps: readonly MonitorStep[] = [{ kind: 'forceClose', broadcast: true, reason: 'the user asked' }];
    // A turn of others is under way to the disk when the decision is staged.
    world.turns.put('other' as RecordKey, Uint8Array.of(1));
    world.turns.endTurn();
    expect(world.monitor.updateChannel({ channelId: channel, updateId: 1n, steps })).toBe('completed');
    world.turns.endTurn();
    world.turns.commitNext();
    expect(world.chain.mempool()).toEqual([]);
    world.turns.commitAll();
    expect(world.chain.mempool()).toHaveLength(1);
  });

  test('a stale state is never broadcast, not even when asked to later', () => {
    const world = new World('static_remotekey');
    world.update({ kind: 'forceClose', broadcast: false, reason: 'from a backup' });
    world.update({ kind: 'forceClose', broadcast: true, reason: 'the user asked' });
    expect(world.monitor.forceClose(channel, 'the user asked')).toBe(false);
    world.monitor.rebroadcast();
    world.chain.mine(3);
    expect(world.chain.mempool()).toEqual([]);
    expect(world.chain.spender(world.parameters.fundingOutpoint)).toBeUndefined();
    // What the peer then publishes is swept.
    world.mine(world.theirCommitment(0).raw);
    world.mineUntilResolved();
    expect(world.sweepAll()).toBeGreaterThan(590_000n);
  });

  test('once the store has failed all is answered failed, and nothing is broadcast', () => {
    const world = new World('static_remotekey');
    world.monitor.forceClose(channel, 'the user asked');
    world.store.failNextCommit();
    world.turns.commitAll();
    expect(world.chain.mempool()).toEqual([]);
    const update = { channelId: channel, updateId: 1n, steps: [] };
    expect(world.monitor.updateChannel(update)).toBe('failed');
    const before = world.monitor.tip();
    world.chain.mine(2);
    expect(world.monitor.tip()).toEqual(before);
    expect(world.chain.mempool()).toEqual([]);
    // Opened anew it stands where the disk has it: the decision was never durable.
    world.restart();
    expect(world.monitor.monitor(channel)!.decision).toBeUndefined();
    expect(world.signOurs()).toBe('completed');
  });

  test('watching the same channel twice is the same, with other content it fails', () => {
    const world = new World('anchors');
    expect(world.monitor.watchChannel(world.initial)).toBe('completed');
    expect(world.monitor.watchChannel({ ...world.initial, birthHeight: 5 as BlockHeight })).toBe('failed');
  });
});

describe('deadlines', () => {
  test('the table fits itself and the manager that fails HTLCs back before it', () => {
    // channel-manager/src/deadlines.ts: failBackBlocks 21 = claimBlocks + graceBlocks.
    expect(deadlines.claimBlocks + deadlines.graceBlocks).toBe(21);
    expect(deadlines.urgentBlocks).toBeLessThan(deadlines.claimBlocks);
    expect(deadlines.burialBlocks + deadlines.graceBlocks).toBeLessThan(deadlines.claimBlocks);
  });

  test('an HTLC to us whose preimage we know closes the channel in time, and is claimed before its expiry', () => {
    const world = new World('static_remotekey', { restarts: true });
    world.advance(someHtlcs(world).slice(1));
    const expiry = world.htlcs[0]!.expiry;
    world.learn(2);
    world.chain.mine(expiry - deadlines.claimBlocks - 1 - world.chain.height);
    expect(world.events).toEqual([]);
    world.chain.mine();
    expect(world.events).toEqual([expect.objectContaining({ kind: 'closing' })]);
    world.chain.mine(2);
    expect(world.chain.height).toBeLessThan(expiry);
    const success = world.chain.coins(world.holderDelayedScript());
    expect(success.map(({ value }) => value).sort()).toEqual([30_000n - 703n, 600_000n - 724n - 172n].sort());
  });

  test('without its preimage it closes nothing', () => {
    const world = new World('static_remotekey');
    world.advance(someHtlcs(world).slice(1));
    world.chain.mine(80);
    expect(world.events).toEqual([]);
  });

  test('an HTLC of ours that the peer leaves to expire closes the channel after the grace', () => {
    const world = new World('anchors', { restarts: true });
    world.advance(someHtlcs(world).slice(0, 1));
    const expiry = world.htlcs[0]!.expiry;
    world.chain.mine(expiry + deadlines.graceBlocks - 1 - world.chain.height);
    expect(world.events).toEqual([]);
    world.chain.mine();
    expect(world.events).toEqual([expect.objectContaining({ kind: 'closing' })]);
  });
});

describe('stored forms', () => {
  test('a state reads back as it was, at every step of its life', () => {
    const world = new World('anchors');
    const same = () => {
      const state = world.monitor.monitor(channel)!;
      expect(unwrap(decodeMonitor(encodeMonitor(state)))).toEqual(state);
    };
    same();
    world.advance(someHtlcs(world));
    same();
    world.learn(2);
    world.update({ kind: 'shutdownScript', script: world.destination });
    world.update({ kind: 'closingTransaction', txid: 'ab'.repeat(32) as Txid });
    same();
    world.mine(world.theirCommitment(1).raw);
    for (let i = 0; i < 10; i++) {
      world.chain.mine();
      same();
    }
  });

  test('an update reads back as it was', () => {
    const world = new World('anchors');
    world.advance(someHtlcs(world));
    const { parameters, holder } = world;
    const update = {
      channelId: channel,
      updateId: 9n,
      steps: [
        { kind: 'holderCommitment' as const, commitment: holder },
        { kind: 'counterpartyCommitment' as const, commitment: world.theirSpecs[1]! },
        { kind: 'forceClose' as const, broadcast: true, reason: 'ünïcode' },
      ],
      dependsOn: [{ channelId: channel, updateId: 3n }],
    };
    expect(unwrap(decodeUpdate(encodeUpdate(update), parameters))).toEqual(update);
  });

  test('bytes at random, and records cut short or changed, are told as errors and never throw', () => {
    const world = new World('anchors');
    world.advance(someHtlcs(world));
    const whole = encodeMonitor(world.monitor.monitor(channel)!);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(whole.length - 1), fc.nat(255), (noise, at, byte) => {
        expect(decodeMonitor(noise).ok).toBe(false);
        expect(decodeMonitor(whole.subarray(0, at)).ok).toBe(false);
        const changed = Uint8Array.from(whole);
        changed[at] = byte;
        const read = decodeMonitor(changed);
        if (read.ok) expect(encodeMonitor(read.value)).toEqual(changed);
      }),
      { seed: 1, numRuns: 120 },
    );
    const records = world.handle.listNow('').map(([key, bytes]) => [key, bytes] as const);
    for (const [at, [key, bytes]] of records.entries()) {
      const cut = [...records];
      cut[at] = [key, bytes.subarray(0, bytes.length - 1)];
      const restored = ManyChannelMonitor.restore({ ...world.parts(), turns: createSyncTurns(world.handle) }, cut);
      expect(restored).toMatchObject({ ok: false, error: { kind: 'unreadableRecord', key } });
    }
  });

  test('what is kept of a revoked commitment is 25 bytes for each HTLC output, and nothing without any', () => {
    const world = new World('static_remotekey');
    const size = () => world.handle.listNow('').reduce((sum, [, bytes]) => sum + bytes.length, 0);
    for (let i = 0; i < 12; i++) world.advance([], 600_000_000n - BigInt(i));
    const idle = size();
    for (let i = 0; i < 12; i++) world.advance([], 500_000_000n - BigInt(i));
    // The log's length differs and secrets fill buckets; there is nothing else that grows.
    expect(size() - idle).toBeLessThan(200);
    expect(world.handle.listNow('monitor_revoked')).toEqual([]);
    const one = someHtlcs(world).slice(0, 1);
    for (let i = 0; i < 12; i++) world.advance(one, 500_000_000n - BigInt(i));
    const bytes = world.handle.listNow('monitor_revoked').reduce((sum, [, record]) => sum + record.length, 0);
    // 8 of number, 4 of length and 25 of HTLC; a few more for each record.
    expect(bytes / 11).toBeLessThan(60);
  });
});

describe('blocks that are none', () => {
  test('one that does not connect is refused with an error, told twice it changes nothing', () => {
    const world = new World('static_remotekey');
    world.chain.mine(2);
    const tip = world.monitor.tip();
    const last = world.chain.blockAt(tip.height)!;
    expect(world.monitor.connectBlock(last, tip.height)).toEqual({ ok: true, value: undefined });
    const before = world.chain.blockAt(tip.height - 1)!;
    expect(world.monitor.connectBlock(before, (tip.height - 1) as BlockHeight)).toMatchObject({
      ok: false,
      error: { kind: 'doesNotConnect', tip },
    });
    expect(world.monitor.connectBlock(last, (tip.height + 1) as BlockHeight)).toMatchObject({ ok: false });
    expect(
      world.monitor.disconnectBlocks({ hash: last.header.hash, height: (tip.height + 1) as BlockHeight }),
    ).toMatchObject({ ok: false, error: { kind: 'forkAboveTip' } });
    expect(world.monitor.tip()).toEqual(tip);
  });

  test('a transaction under a txid that is not its own is passed over', () => {
    const world = new World('static_remotekey');
    const { raw } = world.theirCommitment(0);
    const tip = world.monitor.tip();
    const header = { ...world.chain.blockAt(tip.height)!.header, previous: tip.hash };
    const lie = { txid: '22'.repeat(32) as Txid, bytes: raw.bytes };
    const cut = { txid: raw.txid, bytes: raw.bytes.subarray(0, 60) };
    for (const transactions of [[lie], [cut], [{ ...raw, bytes: new Uint8Array(0) }]]) {
      const at = world.monitor.tip();
      const hash = `${at.height}`.padStart(64, '0') as typeof at.hash;
      const height = (at.height + 1) as BlockHeight;
      expect(
        world.monitor.connectBlock({ header: { ...header, hash, previous: at.hash }, transactions }, height).ok,
      ).toBe(true);
    }
    expect(world.monitor.monitor(channel)!.confirmed).toEqual([]);
    expect(world.complaints.lines).toHaveLength(2);
  });
});

describe('balances', () => {
  test('what is ours, and what it waits for', () => {
    const world = new World('static_remotekey');
    const start = world.chain.height;
    world.advance(someHtlcs(world));
    const values = () => world.monitor.claimableBalances().map(({ value, wait }) => [value, wait.kind]);
    const ours: Sat = sat(560_000n - 724n - 344n);
    expect(values()).toEqual([[ours, 'channelOpen']]);
    world.monitor.forceClose(channel, 'the user asked');
    world.settle();
    world.chain.mine();
    expect(values()).toEqual([
      [30_000n, 'htlc'],
      [40_000n, 'htlc'],
      [ours, 'confirmations'],
    ]);
    world.chain.mine(start + 40 - world.chain.height);
    expect(values()).toContainEqual([40_000n, 'claim']);
    world.chain.mine(150);
    expect(values()).toEqual([]);
  });
});
