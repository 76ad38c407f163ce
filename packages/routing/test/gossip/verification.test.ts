import { type BlockHeight, chainHash, concatBytes, pending, type ShortChannelId, sat } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { channelUpdate, featuresFromBits, nodeAnnouncement } from '@boltwright/wire';
import { describe, expect, test } from '@jest/globals';
import { fundingOutputScript, fundingWitnessScript } from '../../src/gossip/funding-script.ts';
import { checkSignatures, type SignatureBatchId, type SignatureCheck } from '../../src/gossip/signature-checks.ts';
import { Bench } from './support/bench.ts';
import {
  announcementOf,
  bestHeight,
  closingTransaction,
  identity,
  madeChannel,
  nodeAnnouncementOf,
  now,
  updateOf,
} from './support/made-network.ts';

const [a, b, c] = [identity(1), identity(2), identity(3)];
const channel = madeChannel(700_000, a, b);
const other = madeChannel(700_001, b, c);
const otherChain = chainHash('43497fd7f826957108f4a30fd9cec3aeba79972084e90ead01ea330900000000');
const forged = noble.sign(noble.sha256(Uint8Array.of(1)), a.secret);

/** A handler that has the channel, and a peer. */
function withChannel(parts: ConstructorParameters<typeof Bench>[0] = {}) {
  const bench = new Bench(parts);
  bench.outputs.add(channel, other);
  const peer = bench.connect(1);
  peer.sends(announcementOf(channel));
  expect(bench.graph.channelCount).toBe(1);
  return { bench, peer };
}

function expectEnded(events: readonly unknown[], kind: string): void {
  expect(events).toEqual([
    expect.objectContaining({ kind: 'disconnect', reason: expect.stringContaining(`${kind}:`) }),
  ]);
  expect(events[0]).toMatchObject({ message: { type: 'warning', channelId: '00'.repeat(32) } });
}

describe('BOLT 7, The `channel_announcement` Message', () => {
  test('a channel, its updates and its nodes go into graph and store', () => {
    const bench = new Bench();
    bench.outputs.add(channel);
    const peer = bench.connect(1);
    const made = [announcementOf(channel), updateOf(channel, 0), updateOf(channel, 1), nodeAnnouncementOf(a)] as const;
    expect(peer.sends(...made)).toEqual([]);
    expect(bench.log).toEqual([]);
    expect(bench.graph.channel(channel.id)).toMatchObject({ capacitySat: 1_000_000n, policy1: { feeBaseMsat: 1000 } });
    expect(bench.graph.node(a.id)?.announcement?.rgbColor).toEqual(Uint8Array.of(1, 2, 3));
    expect(bench.store.get({ kind: 'channel', id: channel.id })).toEqual(made[0].raw);
    expect(bench.store.get({ kind: 'update', id: channel.id, direction: 1 })).toEqual(made[2].raw);
    expect(bench.store.get({ kind: 'node', id: a.id })).toEqual(made[3].raw);
    expect(bench.checks()).toBe(7);
  });

  test.each(['nodeSignature1', 'nodeSignature2', 'bitcoinSignature1', 'bitcoinSignature2'] as const)(
    'a forged %s disconnects with a warning, and nothing is kept',
    (field) => {
      const bench = new Bench();
      bench.outputs.add(channel);
      const peer = bench.connect(1);
      expectEnded(peer.sends(announcementOf(channel, { [field]: forged })), 'invalid_announcement_signature');
      expect(bench.graph.channelCount).toBe(0);
      expect(bench.outputs.asked).toEqual([]);
      // what the peer still sends is passed over
      expect(peer.sends(announcementOf(channel))).toEqual([]);
      expect(bench.graph.channelCount).toBe(0);
    },
  );

  test('signatures cover what is appended to the message', () => {
    const bench = new Bench();
    bench.outputs.add(channel);
    const made = announcementOf(channel);
    const extension = Uint8Array.of(1, 2, 3);
    const longer = { message: { ...made.message, extension }, raw: concatBytes(made.raw, extension) };
    expectEnded(bench.connect(1).sends(longer), 'invalid_announcement_signature');
    const signed = announcementOf(channel, { extension });
    expect(bench.connect(2).sends(signed)).toEqual([]);
    expect(bench.store.get({ kind: 'channel', id: channel.id })).toEqual(signed.raw);
  });

  test.each([
    ['a channel of a node with itself', { nodeId1: a.point, nodeId2: a.point }],
    ['nodes in the wrong order', { nodeId1: channel.nodes[1].point, nodeId2: channel.nodes[0].point }],
  ])('%s disconnects before any signature is checked', (_name, changes) => {
    const bench = new Bench();
    expectEnded(bench.connect(1).sends(announcementOf(channel, changes)), 'node_order');
    expect(bench.checks()).toBe(0);
  });

  test('a key that is no point makes its signature invalid', () => {
    const bench = new Bench();
    const noPoint = Uint8Array.from(a.point).fill(0xff, 1);
    const last = channel.nodes[1].point;
    const events = bench.connect(1).sends(
      announcementOf(channel, {
        nodeId1: Uint8Array.from(noPoint, (x, i) => (i === 0 ? 2 : x)),
        nodeId2: last[0] === 3 ? last : Uint8Array.from([3, ...last.subarray(1)]),
      }),
    );
    expectEnded(events, 'invalid_announcement_signature');
  });

  test('other chains and short channel id 0 are no channels of ours', () => {
    const bench = new Bench();
    const peer = bench.connect(1);
    expect(peer.sends(announcementOf(channel, { chainHash: otherChain }))).toEqual([]);
    expect(bench.reasons()).toEqual(['unknown_chain']);
    expectEnded(peer.sends(announcementOf(channel, { shortChannelId: 0n as ShortChannelId })), 'zero_short_channel_id');
    expect(bench.checks()).toBe(0);
  });

  test.each([
    ['is not there', 'no_funding_output', undefined],
    ['is spent', 'no_funding_output', { ok: false, error: 'spent' } as const],
    ['pays to others', 'other_funding_script', { ok: true, value: { value: sat(5n), script: other.script } } as const],
    [
      'pays to one of the keys alone',
      'other_funding_script',
      {
        ok: true,
        value: {
          value: sat(5n),
          script: fundingOutputScript(noble, channel.fundingKeys[0].point, channel.fundingKeys[0].point),
        },
      } as const,
    ],
  ])('an announcement whose output %s is ignored, and not looked at again', (_name, kind, answer) => {
    const bench = new Bench();
    if (answer !== undefined) bench.outputs.known.set(channel.id, answer);
    const peer = bench.connect(1);
    expect(peer.sends(announcementOf(channel))).toEqual([]);
    expect(bench.reasons()).toEqual([kind]);
    expect(bench.checks()).toBe(4);
    peer.sends(announcementOf(channel));
    expect(bench.checks()).toBe(4);
    expect(bench.outputs.asked).toEqual([channel.id]);
    expect(bench.graph.channelCount).toBe(0);
  });

  test('an announcement by the wrong keys does not keep the right one out', () => {
    const bench = new Bench();
    bench.outputs.add(channel);
    const thief = { ...channel, fundingKeys: [identity(50), identity(51)] as const };
    bench.connect(1).sends(announcementOf(thief));
    expect(bench.reasons()).toEqual(['other_funding_script']);
    bench.connect(2).sends(announcementOf(channel));
    expect(bench.graph.channelCount).toBe(1);
  });

  test('an output that a chain behind the others did not know does not keep the right announcement out', () => {
    const bench = new Bench();
    const thief = { ...channel, fundingKeys: [identity(50), identity(51)] as const };
    bench.connect(1).sends(announcementOf(thief));
    bench.outputs.add(channel);
    bench.connect(2).sends(announcementOf(channel));
    expect(bench.graph.channelCount).toBe(1);
  });

  test('an output without value is no channel', () => {
    const bench = new Bench();
    bench.outputs.known.set(channel.id, { ok: true, value: { value: sat(0n), script: channel.script } });
    bench.connect(1).sends(announcementOf(channel));
    expect(bench.graph.channelCount).toBe(0);
    expect(bench.reasons()).toEqual(['refused_by_graph']);
  });

  test('six confirmations are wanted; two may be late', () => {
    const bench = new Bench();
    const peer = bench.connect(1);
    const [late, young] = [madeChannel(bestHeight - 3, a, b), madeChannel(bestHeight - 2, a, b)];
    bench.outputs.add(late, young);
    peer.sends(announcementOf(young));
    expect(bench.reasons()).toEqual(['few_confirmations']);
    peer.sends(announcementOf(late));
    expect(bench.graph.channelIndex(late.id)).toBeGreaterThanOrEqual(0);
    bench.handler.bestBlockUpdated((bestHeight + 1) as BlockHeight);
    peer.sends(announcementOf(young));
    expect(bench.graph.channelIndex(young.id)).toBeGreaterThanOrEqual(0);
  });

  test('a channel that requires unknown features is kept and passed on, but has no policy to route by', () => {
    const bench = new Bench();
    bench.outputs.add(channel);
    const peer = bench.connect(1);
    const features = featuresFromBits([100]);
    const update = updateOf(channel, 0);
    peer.sends(announcementOf(channel, { features }), update);
    expect(bench.graph.channel(channel.id)?.features).toEqual(features);
    expect(bench.graph.channel(channel.id)?.policy1).toBeUndefined();
    expect(bench.store.get({ kind: 'update', id: channel.id, direction: 0 })).toEqual(update.raw);
    const checks = bench.checks();
    peer.sends(update, updateOf(channel, 0, { timestamp: now - 8000 }));
    expect(bench.checks()).toBe(checks);
    const newest = updateOf(channel, 0, { timestamp: now - 10 });
    peer.sends(newest, updateOf(channel, 0, { timestamp: now - 20 }));
    expect(bench.store.get({ kind: 'update', id: channel.id, direction: 0 })).toEqual(newest.raw);
    // odd ones are fine
    bench.outputs.add(other);
    peer.sends(announcementOf(other, { features: featuresFromBits([101]) }), updateOf(other, 0));
    expect(bench.graph.channel(other.id)?.policy1).toBeDefined();
  });

  test('duplicates are dropped before their signatures are looked at, also from others and also while it is checked', () => {
    const { bench, peer } = withChannel();
    expect(bench.checks()).toBe(4);
    const second = bench.connect(2);
    peer.sends(announcementOf(channel));
    second.sends(announcementOf(channel), announcementOf(channel));
    expect(bench.checks()).toBe(4);
    bench.outputs.late = true;
    peer.sends(announcementOf(other));
    second.sends(announcementOf(other));
    expect(bench.checks()).toBe(8);
    expect(bench.outputs.asked).toEqual([channel.id, other.id]);
  });

  test('without a chain announcements are believed by their signatures, and the first one stands', () => {
    const bench = new Bench({ withoutChain: true });
    const peer = bench.connect(1);
    peer.sends(announcementOf(channel));
    expect(bench.graph.channel(channel.id)?.capacitySat).toBeUndefined();
    const elsewhere = { ...channel, nodes: madeChannel(1, a, c).nodes };
    peer.sends(announcementOf(elsewhere));
    expect(bench.reasons()).toEqual(['conflicting_announcement']);
    expect(bench.checks()).toBe(4);
  });

  test('the same output between other nodes: none of the four is trusted any more', () => {
    const { bench, peer } = withChannel();
    peer.sends(announcementOf(other));
    const elsewhere = { ...channel, nodes: madeChannel(1, a, c).nodes };
    peer.sends(announcementOf(elsewhere));
    expect(bench.reasons()).toEqual(['conflicting_announcement']);
    expect(bench.graph.channelCount).toBe(0);
    expect(bench.graph.nodeCount).toBe(0);
    expect([...bench.store.channelIds()]).toEqual([]);
    const more = madeChannel(700_009, b, identity(9));
    bench.outputs.add(more);
    const checks = bench.checks();
    peer.sends(announcementOf(more));
    expect(bench.reasons().at(-1)).toBe('blacklisted_node');
    expect(bench.checks()).toBe(checks);
  });

  test('the same output between other nodes without valid keys of the output hurts nobody', () => {
    const { bench } = withChannel();
    const elsewhere = {
      ...channel,
      nodes: madeChannel(1, a, c).nodes,
      fundingKeys: [identity(60), identity(61)] as const,
    };
    expect(bench.connect(2).sends(announcementOf(elsewhere))).toEqual([]);
    expect(bench.reasons()).toEqual(['other_funding_script']);
    expect(bench.graph.channel(channel.id)).toBeDefined();
  });

  test('a verified announcement replaces what a snapshot told of its output', () => {
    const bench = new Bench();
    bench.outputs.add(channel);
    const [low, high] = madeChannel(1, a, c).nodes;
    bench.graph.addChannel({ shortChannelId: channel.id, nodeId1: low.point, nodeId2: high.point });
    bench.connect(1).sends(announcementOf(channel));
    expect(bench.graph.channel(channel.id)).toMatchObject({
      nodeId1: channel.nodes[0].id,
      nodeId2: channel.nodes[1].id,
    });
    expect(bench.graph.channelCount).toBe(1);
  });
});

describe('a funding output that is looked up later', () => {
  function waiting(limits = {}) {
    const bench = new Bench({ limits });
    bench.outputs.late = true;
    bench.outputs.add(channel, other);
    return { bench, peer: bench.connect(1) };
  }

  test('holds back what concerns its channel, and that alone', () => {
    const { bench, peer } = waiting();
    peer.sends(announcementOf(channel), updateOf(channel, 0), nodeAnnouncementOf(a));
    bench.outputs.late = false;
    peer.sends(announcementOf(other), updateOf(other, 0));
    expect(bench.graph.channelCount).toBe(1);
    expect(bench.graph.node(a.id)).toBeUndefined();
    bench.handler.utxoFound(announcementOf(channel).message.chainHash, channel.id, bench.outputs.answer(channel.id));
    bench.events();
    expect(bench.graph.channel(channel.id)?.policy1).toBeDefined();
    expect(bench.graph.node(a.id)?.announcement).toBeDefined();
  });

  test('that is not there frees what waited, which is ignored then', () => {
    const { bench, peer } = waiting();
    peer.sends(announcementOf(channel), updateOf(channel, 0));
    bench.handler.utxoFound(otherChain, channel.id, { ok: false, error: 'spent' });
    expect(bench.handler.syncProgress().messagesPending).toBe(2);
    bench.handler.utxoFound(announcementOf(channel).message.chainHash, channel.id, { ok: false, error: 'spent' });
    expect(bench.events()).toEqual([]);
    expect(bench.handler.syncProgress().messagesPending).toBe(0);
    expect(bench.graph.channelCount).toBe(0);
  });

  test('a forged update that waited is punished when its turn comes', () => {
    const { bench, peer } = waiting();
    peer.sends(announcementOf(channel));
    const second = bench.connect(2);
    second.sends(updateOf(channel, 0, { signature: forged }));
    peer.sends(updateOf(channel, 0));
    bench.handler.utxoFound(announcementOf(channel).message.chainHash, channel.id, bench.outputs.answer(channel.id));
    expectEnded(bench.events(), 'invalid_update_signature');
    expect(bench.graph.channel(channel.id)?.policy1).toBeDefined();
  });

  test('waits within bounds, for each peer and channel', () => {
    const { bench, peer } = waiting({ maxHeldPerChannel: 5, maxHeldPerPeerAndChannel: 2 });
    peer.sends(announcementOf(channel));
    const updates = Array.from({ length: 6 }, (_, n) => updateOf(channel, 0, { timestamp: now - n - 1 }));
    peer.sends(...updates);
    expect(bench.handler.syncProgress().messagesPending).toBe(3);
    for (const n of [2, 3, 4])
      bench.connect(n).sends(...updates.map((_, i) => updateOf(channel, 1, { timestamp: now - 10 * n - i })));
    expect(bench.handler.syncProgress().messagesPending).toBe(6);
  });

  test('is given up after a while, and too many are not begun with', () => {
    const { bench, peer } = waiting({ utxoTicks: 3, maxPendingChannels: 1 });
    peer.sends(announcementOf(channel), announcementOf(other));
    expect(bench.reasons()).toEqual(['overloaded']);
    bench.tick(3);
    expect(bench.handler.syncProgress().messagesPending).toBe(1);
    bench.tick();
    expect(bench.handler.syncProgress().messagesPending).toBe(0);
    peer.sends(announcementOf(channel));
    expect(bench.handler.syncProgress().messagesPending).toBe(1);
  });

  test('a chain that throws is one that never answers', () => {
    const bench = new Bench();
    bench.outputs.getChainUtxo = () => {
      throw new Error('no chain today');
    };
    bench.connect(1).sends(announcementOf(channel));
    expect(bench.handler.syncProgress().messagesPending).toBe(1);
    expect(bench.log).toMatchObject([{ level: 'error', fields: { error: 'no chain today' } }]);
  });
});

describe('BOLT 7, The `channel_update` Message', () => {
  test('older and equal timestamps are dropped before any signature is looked at', () => {
    const { bench, peer } = withChannel();
    peer.sends(updateOf(channel, 0, { timestamp: now - 100 }));
    const checks = bench.checks();
    peer.sends(
      updateOf(channel, 0, { timestamp: now - 100 }),
      updateOf(channel, 0, { timestamp: now - 101, feeBaseMsat: 9 }),
      updateOf(channel, 0, { timestamp: now - 100, feeBaseMsat: 9 }),
      updateOf(channel, 1, { timestamp: 0 }),
    );
    expect(bench.checks()).toBe(checks);
    expect(bench.graph.channel(channel.id)?.policy1?.feeBaseMsat).toBe(1000);
    expect(bench.reasons()).toEqual(['old_timestamp', 'old_timestamp', 'old_timestamp', 'zero_timestamp']);
    peer.sends(updateOf(channel, 0, { timestamp: now - 99, feeBaseMsat: 9 }));
    expect(bench.graph.channel(channel.id)?.policy1?.feeBaseMsat).toBe(9);
  });

  test('of several in one batch, in any order, the newest stands', () => {
    const { bench, peer } = withChannel();
    peer.sends(
      updateOf(channel, 0, { timestamp: now - 5, feeBaseMsat: 3 }),
      updateOf(channel, 0, { timestamp: now - 9, feeBaseMsat: 1 }),
      updateOf(channel, 0, { timestamp: now - 7, feeBaseMsat: 2 }),
    );
    expect(bench.graph.channel(channel.id)?.policy1).toMatchObject({ feeBaseMsat: 3, timestamp: now - 5 });
    expect(channelUpdate.decode(bench.store.get({ kind: 'update', id: channel.id, direction: 0 })!)).toMatchObject({
      value: { timestamp: now - 5 },
    });
  });

  test('the future and the long past are ignored, once anybody told the time', () => {
    const { bench, peer } = withChannel();
    peer.sends(updateOf(channel, 0, { timestamp: now + 86_401 }), updateOf(channel, 0, { timestamp: now - 1_209_601 }));
    expect(bench.reasons()).toEqual(['future_timestamp', 'stale_timestamp']);
    bench.tick(1, now + 10);
    peer.sends(updateOf(channel, 0, { timestamp: now + 86_401 }));
    expect(bench.graph.channel(channel.id)?.policy1?.timestamp).toBe(now + 86_401);
  });

  test.each([0, 1] as const)('direction %d must be signed by its own node', (direction) => {
    const { bench, peer } = withChannel();
    const wrong = { ...channel, nodes: [channel.nodes[1], channel.nodes[0]] as const };
    expectEnded(peer.sends(updateOf(wrong, direction)), 'invalid_update_signature');
    expect(bench.graph.channel(channel.id)?.policy1).toBeUndefined();
    expect(bench.graph.channel(channel.id)?.policy2).toBeUndefined();
  });

  test('a signature covers fields appended later', () => {
    const { bench, peer } = withChannel();
    const made = updateOf(channel, 0, { extension: Uint8Array.of(9, 9) });
    peer.sends(made);
    expect(bench.store.get({ kind: 'update', id: channel.id, direction: 0 })).toEqual(made.raw);
    const changed = channelUpdate.encode({ ...made.message, timestamp: now - 1, extension: Uint8Array.of(9, 8) });
    expectEnded(
      peer.sends({ message: { ...made.message, timestamp: now - 1, extension: Uint8Array.of(9, 8) }, raw: changed }),
      'invalid_update_signature',
    );
  });

  test('an update with a high S, as anybody can make of another, is no valid signature', () => {
    const { bench, peer } = withChannel();
    const made = updateOf(channel, 0);
    const s = made.message.signature.subarray(32);
    const signature = concatBytes(made.message.signature.subarray(0, 32), noble.scalarNegate(s));
    expectEnded(peer.sends(updateOf(channel, 0, { signature })), 'invalid_update_signature');
    expect(bench.graph.channel(channel.id)?.policy1).toBeUndefined();
  });

  test.each([
    ['above the capacity', 'htlc_maximum_above_capacity', { htlcMaximumMsat: 1_000_000_001n }],
    ['below the minimum', 'htlc_minimum_above_maximum', { htlcMinimumMsat: 10n, htlcMaximumMsat: 9n }],
    ['of nothing', 'zero_htlc_maximum', { htlcMinimumMsat: 0n, htlcMaximumMsat: 0n }],
  ])('an htlc_maximum_msat %s is not routed by and not passed on', (_name, kind, changes) => {
    const { bench, peer } = withChannel();
    expect(peer.sends(updateOf(channel, 0, changes as never))).toEqual([]);
    expect(bench.graph.channel(channel.id)?.policy1).toBeUndefined();
    expect(bench.reasons()).toEqual([kind]);
    expect(bench.store.get({ kind: 'update', id: channel.id, direction: 0 })).toBeUndefined();
  });

  test('the disabled bit is taken, and taken back', () => {
    const { bench, peer } = withChannel();
    peer.sends(updateOf(channel, 1, { channelFlags: 3, timestamp: now - 9 }));
    expect(bench.graph.channel(channel.id)?.policy2?.disabled).toBe(true);
    peer.sends(updateOf(channel, 1, { channelFlags: 1, timestamp: now - 8 }));
    expect(bench.graph.channel(channel.id)?.policy2?.disabled).toBe(false);
  });

  test('unknown channels and other chains are ignored', () => {
    const { bench, peer } = withChannel();
    const checks = bench.checks();
    expect(peer.sends(updateOf(other, 0), updateOf(channel, 0, { chainHash: otherChain }))).toEqual([]);
    expect(bench.reasons()).toEqual(['unknown_channel', 'unknown_chain']);
    expect(bench.checks()).toBe(checks);
  });

  test('dont_forward is heeded', () => {
    const { bench, peer } = withChannel();
    peer.sends(updateOf(channel, 0, { messageFlags: 3 }));
    expect(bench.graph.channel(channel.id)?.policy1).toBeDefined();
    expect(bench.store.get({ kind: 'update', id: channel.id, direction: 0 })).toBeUndefined();
  });
});

describe('BOLT 7, The `node_announcement` Message', () => {
  test('a node without a channel is ignored', () => {
    const { bench, peer } = withChannel();
    expect(peer.sends(nodeAnnouncementOf(c))).toEqual([]);
    expect(bench.reasons()).toEqual(['unknown_node']);
  });

  test('only newer timestamps are taken, and old ones cost no signature', () => {
    const { bench, peer } = withChannel();
    peer.sends(nodeAnnouncementOf(a));
    const checks = bench.checks();
    peer.sends(nodeAnnouncementOf(a), nodeAnnouncementOf(a, { timestamp: now - 7201 }));
    expect(bench.checks()).toBe(checks);
    peer.sends(nodeAnnouncementOf(a, { timestamp: now - 7199, rgbColor: Uint8Array.of(9, 9, 9) }));
    expect(bench.graph.node(a.id)?.announcement?.rgbColor).toEqual(Uint8Array.of(9, 9, 9));
    peer.sends(nodeAnnouncementOf(a, { timestamp: now + 90_000 }));
    expect(bench.reasons().at(-1)).toBe('future_timestamp');
  });

  test('a forged signature disconnects', () => {
    const { peer } = withChannel();
    expectEnded(peer.sends(nodeAnnouncementOf(a, { signature: forged })), 'invalid_node_signature');
  });

  test('a node id that is no compressed key disconnects', () => {
    const { bench, peer } = withChannel();
    const { message, raw } = nodeAnnouncementOf(a);
    const nodeId = Uint8Array.from([4, ...a.point.subarray(1)]);
    expectEnded(peer.sends({ message: { ...message, nodeId }, raw }), 'invalid_node_id');
    expect(bench.checks()).toBe(4);
  });

  test('addresses that are cut off are warned of, and too many warnings disconnect', () => {
    const { bench, peer } = withChannel({ limits: { maxWarnings: 2 } });
    const cut = nodeAnnouncementOf(a, { addresses: Uint8Array.of(1, 127, 0) });
    expect(peer.of(peer.sends(cut))).toMatchObject([{ type: 'warning' }]);
    expect(peer.of(peer.sends(cut))).toMatchObject([{ type: 'warning' }]);
    expectEnded(peer.sends(cut), 'invalid_addresses');
    expect(bench.checks()).toBe(4);
  });

  test('with two host names it is taken but not passed on', () => {
    const { bench, peer } = withChannel();
    const name = Uint8Array.of(5, 1, 0x61, 0, 80);
    peer.sends(nodeAnnouncementOf(a, { addresses: concatBytes(name, name) }));
    expect(bench.graph.node(a.id)?.announcement).toBeDefined();
    expect(bench.store.get({ kind: 'node', id: a.id })).toBeUndefined();
  });

  test('a long one serves us but takes no room in the store', () => {
    const { bench, peer } = withChannel();
    const made = nodeAnnouncementOf(a, { extension: new Uint8Array(3000) });
    peer.sends(made);
    expect(bench.graph.node(a.id)?.announcement).toBeDefined();
    expect(bench.store.get({ kind: 'node', id: a.id })).toBeUndefined();
    expect(nodeAnnouncement.decode(made.raw).ok).toBe(true);
  });
});

describe('a peer that floods', () => {
  test('brings no more new messages in a tick than its allowance, without harm to others', () => {
    const bench = new Bench({ withoutChain: true, limits: { unsolicitedPerTick: 3 } });
    const peer = bench.connect(1);
    const channels = Array.from({ length: 5 }, (_, n) => madeChannel(500_000 + n, a, b));
    for (const one of channels) peer.sends(announcementOf(one));
    expect(bench.graph.channelCount).toBe(3);
    expect(bench.reasons()).toEqual(['overloaded', 'overloaded']);
    bench.connect(2).sends(announcementOf(channels[3]!));
    bench.tick();
    peer.sends(announcementOf(channels[4]!));
    expect(bench.graph.channelCount).toBe(5);
  });

  test('is disconnected when it goes on and on', () => {
    const { bench, peer } = withChannel({ limits: { floodPerTick: 10 } });
    const made = announcementOf(channel);
    for (let i = 0; i < 9; i++) expect(peer.sends(made)).toEqual([]);
    expectEnded(peer.sends(made), 'flood');
    expect(bench.checks()).toBe(4);
  });

  test('fills no queue beyond its bound', () => {
    const batches: SignatureBatchId[] = [];
    const bench = new Bench({
      withoutChain: true,
      limits: { maxInFlight: 4, batchSize: 2 },
      verifier: {
        verify: (batch) => {
          batches.push(batch);
          return pending;
        },
      },
    });
    const peer = bench.connect(1);
    for (let n = 0; n < 8; n++) peer.sends(announcementOf(madeChannel(500_000 + n, a, b)));
    expect(bench.handler.syncProgress().messagesPending).toBe(4);
    expect(bench.reasons()).toEqual(['overloaded', 'overloaded', 'overloaded', 'overloaded']);
  });
});

describe('signatures that are checked elsewhere', () => {
  /** A verifier that answers when it is told to. */
  function elsewhere(limits = {}) {
    const asked: { readonly batch: SignatureBatchId; readonly checks: readonly SignatureCheck[] }[] = [];
    const bench = new Bench({
      limits,
      verifier: {
        verify: (batch, checks) => {
          asked.push({ batch, checks });
          return pending;
        },
      },
    });
    bench.outputs.add(channel, other);
    const answer = (index: number) => {
      const { batch, checks } = asked[index]!;
      bench.handler.signaturesChecked(batch, checkSignatures(noble, checks));
    };
    return { bench, asked, answer, peer: bench.connect(1) };
  }

  test('come in batches and are answered in any order', () => {
    const { bench, asked, answer, peer } = elsewhere({ batchSize: 2 });
    const third = madeChannel(700_002, a, c);
    bench.outputs.add(third);
    for (const one of [channel, other, third]) {
      const { message, raw } = announcementOf(one);
      bench.handler.handleMessage(peer.id, peer.connection, message, raw);
    }
    expect(asked.map(({ checks }) => checks.length)).toEqual([8]);
    bench.events();
    expect(asked.map(({ checks }) => checks.length)).toEqual([8, 4]);
    answer(1);
    expect(bench.graph.channelCount).toBe(1);
    answer(0);
    expect(bench.graph.channelCount).toBe(3);
    // a second answer to the same batch changes nothing
    answer(0);
    expect(bench.graph.channelCount).toBe(3);
  });

  test('an update waits for the announcement of its channel', () => {
    const { bench, asked, answer, peer } = elsewhere();
    peer.sends(announcementOf(channel));
    peer.sends(updateOf(channel, 0));
    expect(asked).toHaveLength(1);
    answer(0);
    expect(asked).toHaveLength(2);
    answer(1);
    expect(bench.graph.channel(channel.id)?.policy1).toBeDefined();
  });

  test('a duplicate costs no second check, and all who brought a forgery are punished', () => {
    const { bench, asked, answer, peer } = elsewhere();
    peer.sends(announcementOf(channel));
    answer(0);
    const second = bench.connect(2);
    const made = updateOf(channel, 0, { signature: forged });
    peer.sends(made);
    second.sends(made);
    expect(asked).toHaveLength(2);
    answer(1);
    const ended = bench.events();
    expect(ended).toHaveLength(2);
    for (const event of ended) expect(event).toMatchObject({ kind: 'disconnect' });
  });

  test('a forged copy of a message does not keep the right one out', () => {
    const { bench, asked, answer, peer } = elsewhere();
    peer.sends(announcementOf(channel));
    answer(0);
    const right = updateOf(channel, 0, { feeBaseMsat: 77 });
    const wrong = updateOf(channel, 0, { feeBaseMsat: 78, signature: right.message.signature });
    bench.connect(2).sends(wrong);
    peer.sends(right);
    expect(asked).toHaveLength(3);
    answer(1);
    answer(2);
    expect(bench.graph.channel(channel.id)?.policy1?.feeBaseMsat).toBe(77);
  });

  test('a batch that nobody answers is given up, and what waited for it too', () => {
    const { bench, asked, peer } = elsewhere({ verifierTicks: 2 });
    peer.sends(announcementOf(channel), updateOf(channel, 0));
    bench.tick(2);
    expect(bench.handler.syncProgress().messagesPending).toBe(2);
    bench.tick();
    expect(bench.events()).toEqual([]);
    expect(bench.handler.syncProgress().messagesPending).toBe(0);
    // too late
    bench.handler.signaturesChecked(asked[0]!.batch, [true, true, true, true]);
    expect(bench.graph.channelCount).toBe(0);
  });

  test('an answer of another length punishes nobody', () => {
    const { bench, asked, peer } = elsewhere();
    peer.sends(announcementOf(channel));
    bench.handler.signaturesChecked(asked[0]!.batch, [false]);
    expect(bench.events()).toEqual([]);
    expect(bench.handler.syncProgress().messagesPending).toBe(0);
    peer.sends(announcementOf(channel));
    expect(asked).toHaveLength(2);
  });
});

describe('BOLT 7, Pruning the Network View', () => {
  const height = (n: number) => (bestHeight + n) as BlockHeight;
  const block = (...transactions: readonly Uint8Array[]) => ({
    header: { hash: '' as never, previous: '' as never, bytes: new Uint8Array(80) },
    transactions: transactions.map((bytes) => ({ txid: '' as never, bytes })),
  });

  test('a channel whose output is spent is forgotten 72 blocks later, with its node and its messages', () => {
    const { bench, peer } = withChannel();
    peer.sends(announcementOf(other), updateOf(channel, 0), nodeAnnouncementOf(a));
    bench.handler.blockConnected(block(new Uint8Array(50), closingTransaction(channel)), height(1));
    expect(bench.graph.channelCount).toBe(2);
    // updates but those that disable it are ignored meanwhile
    peer.sends(updateOf(channel, 0, { timestamp: now - 50 }));
    expect(bench.reasons()).toEqual(['spent_channel']);
    peer.sends(updateOf(channel, 0, { timestamp: now - 49, channelFlags: 2 }));
    expect(bench.graph.channel(channel.id)?.policy1?.disabled).toBe(true);
    bench.handler.bestBlockUpdated(height(72));
    expect(bench.graph.channelCount).toBe(2);
    bench.handler.blockConnected(block(), height(73));
    expect(bench.graph.channelCount).toBe(1);
    expect(bench.graph.node(a.id)).toBeUndefined();
    expect([...bench.store.channelIds()]).toEqual([other.id]);
    expect(bench.store.get({ kind: 'node', id: a.id })).toBeUndefined();
    expect(bench.store.get({ kind: 'update', id: channel.id, direction: 0 })).toBeUndefined();
  });

  test('a reorganisation without the spend brings it back', () => {
    const { bench, peer } = withChannel();
    bench.handler.blockConnected(block(closingTransaction(channel)), height(5));
    bench.handler.blocksDisconnected({ hash: '' as never, height: height(4) });
    peer.sends(updateOf(channel, 0));
    expect(bench.graph.channel(channel.id)?.policy1).toBeDefined();
    bench.handler.bestBlockUpdated(height(200));
    expect(bench.graph.channelCount).toBe(1);
  });

  test('a channel whose own block is reorganised out is forgotten, unless its output is there again', () => {
    const [gone, stays] = [madeChannel(bestHeight - 6, a, b), madeChannel(bestHeight - 7, a, b)];
    const bench = new Bench();
    bench.outputs.add(gone, stays);
    bench.connect(1).sends(announcementOf(gone), announcementOf(stays));
    expect(bench.graph.channelCount).toBe(2);
    bench.handler.blocksDisconnected({ hash: '' as never, height: height(-8) });
    bench.outputs.known.delete(gone.id);
    for (let n = -7; n < 70; n++) bench.handler.blockConnected(block(), height(n));
    expect([...bench.graph.channels()].map(({ shortChannelId }) => shortChannelId)).toEqual([stays.id]);
  });

  test('blocks of anything are read without harm', () => {
    const { bench } = withChannel();
    const whole = closingTransaction(channel);
    const cut = Array.from({ length: whole.length - 5 }, (_, n) => whole.subarray(0, n));
    const huge = Uint8Array.of(
      2,
      0,
      0,
      0,
      0,
      1,
      0xfe,
      255,
      255,
      255,
      255,
      0xff,
      255,
      255,
      255,
      255,
      255,
      255,
      255,
      255,
    );
    bench.handler.blockConnected(block(...cut, huge), height(1));
    bench.handler.bestBlockUpdated(height(200));
    expect(bench.graph.channelCount).toBe(1);
  });

  test('the funding script of two keys is the same in either order', () => {
    const [one, two] = channel.fundingKeys;
    expect(fundingWitnessScript(one.point, two.point)).toEqual(fundingWitnessScript(two.point, one.point));
  });

  test('channels without an update for two weeks go, and their messages with them', () => {
    const { bench, peer } = withChannel({ limits: { pruneTicks: 1 } });
    peer.sends(updateOf(channel, 0), updateOf(channel, 1), announcementOf(other));
    bench.tick(1, now + 1_200_000);
    expect(bench.graph.channelCount).toBe(2);
    peer.sends(updateOf(other, 0, { timestamp: now + 1_100_000 }), updateOf(other, 1, { timestamp: now + 1_100_000 }));
    bench.tick(1, now + 1_209_700);
    expect([...bench.store.channelIds()]).toEqual([other.id]);
    expect(bench.graph.channelCount).toBe(1);
  });
});
