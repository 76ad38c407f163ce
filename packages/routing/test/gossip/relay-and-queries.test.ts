import { blockHeight, type ShortChannelId, shortChannelIdOf, unwrap } from '@boltwright/base';
import type { MessageSendEvent } from '@boltwright/interfaces';
import {
  channelUpdateChecksum,
  decodeShortChannelIds,
  decodeTimestamps,
  encodeMessage,
  encodeQueryFlags,
  encodeShortChannelIds,
  featureBits,
  type GossipTimestampFilter,
  type Message,
  type QueryChannelRange,
  type QueryShortChannelIds,
  type ReplyChannelRange,
} from '@boltwright/wire';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { memoryGossipStore } from '../../src/gossip/gossip-store.ts';
import { Bench, type BenchPeer, extended, initWith, plain } from './support/bench.ts';
import {
  announcementOf,
  identity,
  madeChannel,
  mainnet,
  nodeAnnouncementOf,
  now,
  updateOf,
} from './support/made-network.ts';

const [a, b, c] = [identity(1), identity(2), identity(3)];
const channel = madeChannel(700_000, a, b);
const other = madeChannel(700_001, b, c);
const otherChain = '43497fd7f826957108f4a30fd9cec3aeba79972084e90ead01ea330900000000' as typeof mainnet;
const noBytes = new Uint8Array(0);

const filter = (first = 0, range = 0xffff_ffff, chainHash = mainnet): GossipTimestampFilter => ({
  type: 'gossip_timestamp_filter',
  chainHash,
  firstTimestamp: first,
  timestampRange: range,
});
const rangeQuery = (first: number, count: number, option?: bigint, chainHash = mainnet): QueryChannelRange => ({
  type: 'query_channel_range',
  chainHash,
  firstBlocknum: blockHeight(first),
  numberOfBlocks: count,
  ...(option === undefined ? {} : { queryOption: option }),
});
const idsQuery = (
  ids: readonly ShortChannelId[],
  flags?: readonly bigint[],
  chainHash = mainnet,
): QueryShortChannelIds => ({
  type: 'query_short_channel_ids',
  chainHash,
  encodedShortIds: encodeShortChannelIds(ids),
  ...(flags === undefined ? {} : { queryFlags: encodeQueryFlags(flags) }),
});

const say = (peer: BenchPeer, message: Parameters<Bench['handler']['handleMessage']>[2]): readonly Message[] =>
  peer.of(peer.sends({ message, raw: noBytes }));
const types = (messages: readonly Message[]): readonly string[] => messages.map(({ type }) => type);
const toPeer = (events: readonly MessageSendEvent[], peer: BenchPeer): readonly string[] => types(peer.of(events));

/** A minute of ticks, and what they send. */
function minute(bench: Bench): readonly MessageSendEvent[] {
  const events: MessageSendEvent[] = [];
  for (let i = 0; i < 6; i++) {
    bench.tick();
    events.push(...bench.events());
  }
  return events;
}

describe('BOLT 7, Rebroadcasting', () => {
  function relaying(limits = {}) {
    const bench = new Bench({ withoutChain: true, limits });
    const origin = bench.connect(1);
    const listener = bench.connect(2);
    say(listener, filter());
    say(origin, filter());
    return { bench, origin, listener };
  }

  test('accepted gossip goes to others within a minute, once, not back to who brought it, announcements first', () => {
    const { bench, origin, listener } = relaying();
    const made = [announcementOf(channel), nodeAnnouncementOf(a), updateOf(channel, 0), updateOf(channel, 1)] as const;
    expect(origin.sends(...made)).toEqual([]);
    const events = minute(bench);
    expect(listener.of(events).map((message) => encodeMessage(message))).toEqual(
      [made[0], made[2], made[3], made[1]].map(({ raw }) => raw),
    );
    expect(origin.of(events)).toEqual([]);
    expect(minute(bench)).toEqual([]);
  });

  test('peers get theirs at different ticks', () => {
    const bench = new Bench({ withoutChain: true });
    const listeners = Array.from({ length: 12 }, (_, n) => bench.connect(n + 2));
    for (const listener of listeners) say(listener, filter());
    bench.connect(1).sends(announcementOf(channel), updateOf(channel, 0));
    const served: number[] = [];
    for (let i = 0; i < 6; i++) {
      bench.tick();
      served.push(new Set(bench.events().map(({ connection }) => connection)).size);
    }
    expect(served.reduce((sum, n) => sum + n)).toBe(12);
    expect(served.filter((n) => n > 0).length).toBeGreaterThan(1);
  });

  test('a newer update replaces the one that waits, and a peer that brings it itself gets neither', () => {
    const { bench, origin, listener } = relaying();
    const third = bench.connect(3);
    say(third, filter());
    const newest = updateOf(channel, 0, { timestamp: now - 10 });
    origin.sends(announcementOf(channel), updateOf(channel, 0, { timestamp: now - 20 }), newest);
    third.sends(announcementOf(channel), newest);
    const events = minute(bench);
    expect(toPeer(events, listener)).toEqual(['channel_announcement', 'channel_update']);
    expect(listener.of(events)[1]).toMatchObject({ timestamp: now - 10 });
    expect(third.of(events)).toEqual([]);
  });

  test('an announcement without updates is not sent; with the first update it goes ahead of it', () => {
    const { bench, origin, listener } = relaying();
    origin.sends(announcementOf(channel));
    expect(minute(bench)).toEqual([]);
    origin.sends(updateOf(channel, 1));
    expect(toPeer(minute(bench), listener)).toEqual(['channel_announcement', 'channel_update']);
    origin.sends(updateOf(channel, 0));
    expect(toPeer(minute(bench), listener)).toEqual(['channel_update']);
  });

  test('a peer that asked for nothing, or is of other chains, gets nothing', () => {
    const bench = new Bench({ withoutChain: true });
    const silent = bench.connect(2);
    const foreign = bench.connect(3, initWith({}, [otherChain]));
    say(foreign, filter());
    bench.connect(1).sends(announcementOf(channel), updateOf(channel, 0));
    const events = minute(bench);
    expect(silent.of(events)).toEqual([]);
    expect(foreign.of(events)).toEqual([]);
  });

  test('what waits for a slow peer is bounded, and leaves by and by', () => {
    const { bench, origin, listener } = relaying({ maxRelayQueue: 3, sendWindowBytes: 500 });
    const channels = Array.from({ length: 6 }, (_, n) => madeChannel(600_000 + n, a, b));
    origin.sends(...channels.map((one) => announcementOf(one)));
    origin.sends(...channels.map((one) => updateOf(one, 0)));
    const ticks: number[] = [];
    for (let i = 0; i < 14; i++) {
      bench.tick();
      ticks.push(listener.of(bench.events()).length);
    }
    expect(ticks.reduce((sum, n) => sum + n)).toBe(6);
    expect(Math.max(...ticks)).toBeLessThanOrEqual(4);
  });
});

describe('BOLT 7, The `gossip_timestamp_filter` Message', () => {
  function filled(limits = {}) {
    const bench = new Bench({ withoutChain: true, limits });
    const origin = bench.connect(1);
    origin.sends(
      announcementOf(channel),
      announcementOf(other),
      updateOf(channel, 0, { timestamp: 1_699_000_000 }),
      updateOf(channel, 1, { timestamp: 1_699_500_000 }),
      nodeAnnouncementOf(a, { timestamp: 1_699_000_000 }),
    );
    return { bench, origin, peer: bench.connect(2) };
  }

  test('what we have of the range is sent, announcements before their updates, none without', () => {
    const { bench, peer } = filled();
    expect(say(peer, filter())).toEqual([]);
    expect(toPeer(minute(bench), peer)).toEqual([
      'channel_announcement',
      'channel_update',
      'channel_update',
      'node_announcement',
    ]);
    expect(minute(bench)).toEqual([]);
  });

  test('the range includes its first second and not its last', () => {
    const { bench, peer } = filled();
    say(peer, filter(1_699_000_000, 500_000));
    const first = peer.of(minute(bench));
    expect(types(first)).toEqual(['channel_announcement', 'channel_update', 'node_announcement']);
    say(peer, filter(1_699_000_001, 500_000));
    const second = peer.of(minute(bench));
    expect(types(second)).toEqual(['channel_announcement', 'channel_update']);
    expect(second[1]).toMatchObject({ timestamp: 1_699_500_000 });
  });

  test('a filter replaces the one before, and the last second silences', () => {
    const { bench, origin, peer } = filled();
    say(peer, filter());
    say(peer, filter(0xffff_ffff, 0));
    expect(minute(bench)).toEqual([]);
    origin.sends(updateOf(channel, 0));
    expect(minute(bench)).toEqual([]);
    say(peer, filter(now - 86_400));
    expect(toPeer(minute(bench), peer)).toEqual(['channel_announcement', 'channel_update']);
  });

  test('a filter of another chain is none', () => {
    const { bench, peer } = filled();
    say(peer, filter(0, 0xffff_ffff, otherChain));
    expect(minute(bench)).toEqual([]);
  });

  test('a long past leaves a window at a time', () => {
    const { bench, origin, peer } = filled({ sendWindowBytes: 400 });
    origin.sends(updateOf(other, 0, { timestamp: 1_699_000_000 }));
    say(peer, filter());
    bench.tick();
    const first = peer.of(bench.events());
    expect(first.filter(({ type }) => type === 'channel_announcement')).toHaveLength(1);
    expect(first.length + peer.of(minute(bench)).length).toBe(6);
  });

  test('the output of an announcement that is spent is not announced', () => {
    const { bench, peer } = filled();
    bench.handler.fundingSpent(channel.id, blockHeight(800_000));
    say(peer, filter());
    expect(toPeer(minute(bench), peer)).not.toContain('channel_announcement');
  });

  test('a few peers are asked to stream the last hour, the others to keep silent', () => {
    const bench = new Bench({ limits: { streamingPeers: 2 } });
    const asked = (peer: BenchPeer, events: readonly MessageSendEvent[]) =>
      peer.of(events).find(({ type }) => type === 'gossip_timestamp_filter');
    const peers = [1, 2, 3].map((n) => bench.connect(n, plain, true));
    const mute = bench.connect(4, initWith({}), true);
    const events = bench.events();
    for (const peer of peers.slice(0, 2))
      expect(asked(peer, events)).toMatchObject({ firstTimestamp: now - 3600, timestampRange: 0xffff_ffff });
    expect(asked(peers[2]!, events)).toMatchObject({ firstTimestamp: 0xffff_ffff, timestampRange: 0 });
    expect(asked(mute, events)).toMatchObject({ firstTimestamp: 0xffff_ffff, timestampRange: 0 });
    bench.handler.peerDisconnected(peers[0]!.id, peers[0]!.connection);
    expect(asked(peers[2]!, bench.events())).toMatchObject({ firstTimestamp: now - 3600 });
  });
});

describe('gossip of our own', () => {
  test('goes to all at once, whatever they asked for, the announcement with its update', () => {
    const bench = new Bench();
    const [mute, listener] = [bench.connect(1), bench.connect(2)];
    say(listener, filter(0xffff_ffff, 0));
    const made = [announcementOf(channel), updateOf(channel, 0), nodeAnnouncementOf(a)] as const;
    unwrap(bench.handler.announce(made[0].raw));
    expect(bench.events()).toEqual([]);
    unwrap(bench.handler.announce(made[1].raw));
    const events = bench.events();
    for (const peer of [mute, listener])
      expect(toPeer(events, peer)).toEqual(['channel_announcement', 'channel_update']);
    unwrap(bench.handler.announce(made[2].raw));
    expect(toPeer(bench.events(), mute)).toEqual(['node_announcement']);
    // a channel of ours needs no look-up to be ours
    expect(bench.graph.channelCount).toBe(1);
  });

  test('goes also to who comes later and asks for anything', () => {
    const bench = new Bench();
    for (const { raw } of [announcementOf(channel), updateOf(channel, 0)]) unwrap(bench.handler.announce(raw));
    unwrap(bench.handler.announce(announcementOf(other).raw));
    const late = bench.connect(3);
    // not the one that has no update yet
    expect(types(say(late, filter(0xffff_ffff, 0)))).toEqual(['channel_announcement', 'channel_update']);
    expect(say(late, filter(0xffff_ffff, 0))).toEqual([]);
  });

  test('is refused where it is not right', () => {
    const bench = new Bench();
    expect(bench.handler.announce(Uint8Array.of(1))).toMatchObject({ ok: false, error: { kind: 'undecodable' } });
    expect(bench.handler.announce(encodeMessage(filter()))).toMatchObject({
      ok: false,
      error: { kind: 'undecodable' },
    });
    expect(bench.handler.announce(updateOf(channel, 0).raw)).toMatchObject({
      ok: false,
      error: { kind: 'unknown_channel' },
    });
    const forged = announcementOf(channel, { nodeSignature1: new Uint8Array(64).fill(1) });
    expect(bench.handler.announce(forged.raw)).toEqual({ ok: true, value: undefined });
    expect(bench.graph.channelCount).toBe(0);
    expect(bench.log.at(-1)).toMatchObject({ level: 'error' });
  });
});

describe('BOLT 7, The `query_short_channel_ids`/`reply_short_channel_ids_end` Messages', () => {
  let bench: Bench;
  beforeAll(() => {
    bench = new Bench({ withoutChain: true });
    bench
      .connect(1)
      .sends(
        announcementOf(channel),
        announcementOf(other),
        updateOf(channel, 0),
        updateOf(channel, 1),
        updateOf(other, 0),
        nodeAnnouncementOf(a),
        nodeAnnouncementOf(b),
      );
  });

  test('known channels are answered with all that is known, each node once, then the end', () => {
    const reply = say(bench.connect(2), idsQuery([channel.id, other.id, shortChannelIdOf(700_009, 0, 0)]));
    expect(types(reply)).toEqual([
      'channel_announcement',
      'channel_update',
      'channel_update',
      'node_announcement',
      'node_announcement',
      'channel_announcement',
      'channel_update',
      'reply_short_channel_ids_end',
    ]);
    expect(reply.at(-1)).toMatchObject({ fullInformation: 1, chainHash: mainnet });
  });

  test.each([
    [1n, ['channel_announcement']],
    [2n, ['channel_update']],
    [4n, ['channel_update']],
    [6n, ['channel_update', 'channel_update']],
    [8n, ['node_announcement']],
    [24n, ['node_announcement', 'node_announcement']],
    [0n, []],
    [1n << 40n, []],
  ])('query flag %d asks for that alone', (flag, expected) => {
    const reply = say(bench.connect(2), idsQuery([channel.id], [flag]));
    expect(types(reply)).toEqual([...expected, 'reply_short_channel_ids_end']);
    if (flag === 4n) expect(reply[0]).toMatchObject({ channelFlags: 1 });
    if (flag === 8n) expect(reply[0]).toMatchObject({ nodeId: channel.nodes[0].point });
  });

  test('another chain is answered by the end, without full information', () => {
    const reply = say(bench.connect(2), idsQuery([channel.id], undefined, otherChain));
    expect(reply).toEqual([{ type: 'reply_short_channel_ids_end', chainHash: otherChain, fullInformation: 0 }]);
  });

  test.each([
    ['an unknown encoding', 'invalid_short_channel_ids', { encodedShortIds: Uint8Array.of(1, 2, 3) }],
    ['no whole number of ids', 'invalid_short_channel_ids', { encodedShortIds: new Uint8Array(12) }],
    ['no encoding at all', 'invalid_short_channel_ids', { encodedShortIds: noBytes }],
    [
      'flags of an unknown encoding',
      'invalid_query_flags',
      { queryFlags: { encodingType: 1, encodedQueryFlags: Uint8Array.of(1) } },
    ],
    ['too few flags', 'invalid_query_flags', { queryFlags: { encodingType: 0, encodedQueryFlags: noBytes } }],
    [
      'too many flags',
      'invalid_query_flags',
      { queryFlags: { encodingType: 0, encodedQueryFlags: Uint8Array.of(1, 1) } },
    ],
  ])('%s disconnects', (_name, kind, changes) => {
    const peer = bench.connect(2);
    const events = peer.sends({ message: { ...idsQuery([channel.id]), ...changes }, raw: noBytes });
    expect(events).toEqual([expect.objectContaining({ kind: 'disconnect', reason: expect.stringContaining(kind) })]);
  });

  test('a query before the end of the last one is warned of and not answered', () => {
    const slow = new Bench({
      withoutChain: true,
      limits: { sendWindowBytes: 100 },
      store: bench.store,
      graph: bench.graph,
    });
    const peer = slow.connect(2);
    expect(types(say(peer, idsQuery([channel.id])))).toEqual(['channel_announcement']);
    expect(types(say(peer, idsQuery([other.id])))).toEqual(['warning']);
    const rest = minute(slow);
    expect(toPeer(rest, peer).at(-1)).toBe('reply_short_channel_ids_end');
    expect(toPeer(rest, peer).filter((type) => type === 'channel_announcement')).toEqual([]);
  });

  test('more queries than a tick allows wait for the next', () => {
    const strict = new Bench({
      withoutChain: true,
      limits: { queriesPerTick: 2 },
      store: bench.store,
      graph: bench.graph,
    });
    const peer = strict.connect(2);
    expect(say(peer, idsQuery([channel.id], [1n]))).toHaveLength(2);
    expect(say(peer, idsQuery([channel.id], [1n]))).toHaveLength(2);
    expect(say(peer, idsQuery([channel.id], [1n]))).toHaveLength(0);
    strict.tick();
    expect(peer.of(strict.events())).toHaveLength(2);
  });
});

describe('BOLT 7, The `query_channel_range` and `reply_channel_range` Messages', () => {
  const full = 0xffff_ffff;

  function checkReplies(query: QueryChannelRange, replies: readonly ReplyChannelRange[]): readonly ShortChannelId[] {
    const ids: ShortChannelId[] = [];
    const end = query.firstBlocknum + query.numberOfBlocks;
    for (const [index, reply] of replies.entries()) {
      const isLast = index === replies.length - 1;
      const { firstBlocknum: first, numberOfBlocks } = reply;
      expect(reply.chainHash).toBe(query.chainHash);
      expect(encodeMessage(reply).length).toBeLessThanOrEqual(65_535);
      expect(reply.syncComplete).toBe(isLast ? 1 : 0);
      if (index === 0) {
        expect(first).toBeLessThanOrEqual(query.firstBlocknum);
        expect(first + numberOfBlocks).toBeGreaterThan(query.firstBlocknum);
      } else expect(first).toBeGreaterThanOrEqual(replies[index - 1]!.firstBlocknum);
      if (isLast) expect(first + numberOfBlocks).toBeGreaterThanOrEqual(Math.min(end, full));
      for (const id of unwrap(decodeShortChannelIds(reply.encodedShortIds))) {
        const block = Number(id >> 40n);
        if (block < first || block >= first + numberOfBlocks)
          throw new Error(`block ${block} in a reply from ${first} on`);
        ids.push(id);
      }
    }
    return ids;
  }

  /** A store with many channels that differ in their ids alone. */
  function crowded(blocks: number, perBlock: number): Bench {
    const store = memoryGossipStore();
    const { raw } = announcementOf(channel);
    const update = updateOf(channel, 0).raw;
    for (let block = 0; block < blocks; block++) {
      for (let n = 0; n < perBlock; n++) {
        const id = shortChannelIdOf(100 + block, n, 0);
        store.put({ kind: 'channel', id }, raw);
        store.put({ kind: 'update', id, direction: 0 }, update);
      }
    }
    return new Bench({ store, limits: { sendWindowBytes: 10_000_000 } });
  }

  test.each([
    ['many blocks of few', 1900, 5, undefined],
    ['a block of too many', 1, 9000, undefined],
    ['timestamps and checksums', 30, 100, 3n],
    ['exactly one message full', 1, 2729, 3n],
  ])('answers are split over messages that fit: %s', (_name, blocks, perBlock, option) => {
    const bench = crowded(blocks, perBlock);
    const query = rangeQuery(0, full, option);
    const replies = say(bench.connect(1), query) as readonly ReplyChannelRange[];
    expect(checkReplies(query, replies)).toHaveLength(blocks * perBlock);
    expect(replies.length).toBe(Math.ceil((blocks * perBlock) / (option === undefined ? 8184 : 2728)));
  });

  test('only the blocks that were asked for are listed', () => {
    const bench = crowded(50, 3);
    for (const [first, count, expected] of [
      [0, 100, 0],
      [0, 101, 3],
      [110, 10, 30],
      [149, 1, 3],
      [150, 5, 0],
      [0xffff_fff0, 100, 0],
    ] as const) {
      const query = rangeQuery(first, count);
      const replies = say(bench.connect(1), query) as readonly ReplyChannelRange[];
      expect(replies).toHaveLength(1);
      expect(checkReplies(query, replies)).toHaveLength(expected);
    }
  });

  test('timestamps and checksums come when they are asked for', () => {
    const bench = new Bench({ withoutChain: true });
    const update = updateOf(channel, 1);
    bench.connect(1).sends(announcementOf(channel), update);
    const peer = bench.connect(2);
    for (const option of [undefined, 0n, 1n, 2n, 3n]) {
      const [reply] = say(peer, rangeQuery(0, full, option)) as readonly ReplyChannelRange[];
      const wantsTimes = ((option ?? 0n) & 1n) === 1n;
      const wantsSums = ((option ?? 0n) & 2n) === 2n;
      expect(reply?.timestamps === undefined).toBe(!wantsTimes);
      expect(reply?.checksums === undefined).toBe(!wantsSums);
      if (wantsTimes) {
        expect(unwrap(decodeTimestamps(reply!.timestamps!, 1))).toEqual([
          { timestampNodeId1: 0, timestampNodeId2: now - 7200 },
        ]);
      }
      if (wantsSums) {
        expect(reply?.checksums).toEqual([{ checksumNodeId1: 0, checksumNodeId2: channelUpdateChecksum(update.raw) }]);
      }
    }
  });

  test('another chain has no channels here, and no blocks are no question', () => {
    const bench = crowded(1, 1);
    const peer = bench.connect(1);
    const replies = say(peer, rangeQuery(5, 10, undefined, otherChain)) as readonly ReplyChannelRange[];
    expect(checkReplies(rangeQuery(5, 10, undefined, otherChain), replies)).toEqual([]);
    expect(types(say(peer, rangeQuery(5, 0)))).toEqual(['warning']);
  });

  test('closed channels are not listed', () => {
    const bench = new Bench({ withoutChain: true });
    bench.connect(1).sends(announcementOf(channel), announcementOf(other));
    bench.handler.fundingSpent(channel.id, blockHeight(800_000));
    const replies = say(bench.connect(2), rangeQuery(0, full)) as readonly ReplyChannelRange[];
    expect(checkReplies(rangeQuery(0, full), replies)).toEqual([other.id]);
  });

  const reply = (changes: Partial<ReplyChannelRange>): ReplyChannelRange => ({
    type: 'reply_channel_range',
    chainHash: mainnet,
    firstBlocknum: blockHeight(0),
    numberOfBlocks: 100,
    syncComplete: 0,
    encodedShortIds: Uint8Array.of(0),
    ...changes,
  });

  test.each([
    ['that begin behind what was asked', 'reply_out_of_order', [{ firstBlocknum: blockHeight(1) }]],
    [
      'that go back',
      'reply_out_of_order',
      [{ numberOfBlocks: 500 }, { firstBlocknum: blockHeight(400) }, { firstBlocknum: blockHeight(399) }],
    ],
    [
      'with channels of other blocks',
      'reply_out_of_range',
      [{ encodedShortIds: encodeShortChannelIds([shortChannelIdOf(100, 0, 0)]) }],
    ],
    ['of no relevant block', 'reply_out_of_range', [{ numberOfBlocks: 0 }]],
    ['with zlib', 'invalid_reply', [{ encodedShortIds: Uint8Array.of(1, 0) }]],
    [
      'with ids that fall',
      'invalid_reply',
      [{ encodedShortIds: Uint8Array.of(0, 0, 0, 9, 0, 0, 1, 0, 0, 0, 0, 8, 0, 0, 1, 0, 0) }],
    ],
    ['with checksums too many', 'invalid_reply', [{ checksums: [{ checksumNodeId1: 1, checksumNodeId2: 2 }] }]],
    [
      'with timestamps cut off',
      'invalid_reply',
      [{ timestamps: { encodingType: 0, encodedTimestamps: new Uint8Array(7) } }],
    ],
    ['without end', 'too_many_replies', Array.from({ length: 6 }, () => ({}))],
  ])('replies %s disconnect', (_name, kind, replies) => {
    const bench = new Bench({ limits: { maxRangeReplies: 5 } });
    const peer = bench.connect(1, extended);
    const events = peer.sends(...replies.map((changes) => ({ message: reply(changes), raw: noBytes })));
    expect(events.at(-1)).toMatchObject({ kind: 'disconnect', reason: expect.stringContaining(kind) });
    expect(bench.handler.syncProgress().channelsWaiting).toBe(0);
  });

  test('answers to no question are warned of', () => {
    const bench = new Bench();
    const peer = bench.connect(1);
    expect(types(say(peer, reply({})))).toEqual(['warning']);
    expect(types(say(peer, { type: 'reply_short_channel_ids_end', chainHash: mainnet, fullInformation: 1 }))).toEqual([
      'warning',
    ]);
  });

  test('peers that offer no gossip_queries, or another chain, are not asked', () => {
    const bench = new Bench();
    for (const init of [initWith({}), initWith({ gossip_queries: 'optional' }, [otherChain])]) {
      const peer = bench.connect(1, init, true);
      expect(toPeer(bench.events(), peer).filter((type) => type.startsWith('query'))).toEqual([]);
    }
    expect(bench.handler.syncProgress()).toMatchObject({ phase: 'idle', fraction: 0, peers: [] });
  });

  test('extended queries go only to peers that know them', () => {
    for (const [init, option] of [
      [plain, undefined],
      [extended, 3n],
    ] as const) {
      const bench = new Bench();
      const peer = bench.connect(1, init, true);
      const asked = peer.of(bench.events()).find(({ type }) => type === 'query_channel_range');
      expect((asked as QueryChannelRange).queryOption).toBe(option);
    }
  });

  test('what a node offers is in its features', () => {
    expect(featureBits(new Bench().handler.providedInitFeatures(a.id))).toEqual([7, 11]);
    expect(featureBits(new Bench({ offersQueries: false }).handler.providedNodeFeatures())).toEqual([]);
  });
});
