import { type ShortChannelId, unwrap } from '@boltwright/base';
import { channelAnnouncement } from '@boltwright/wire';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { GossipStore } from '../../src/gossip/gossip-store.ts';
import { Bench, extended, plain } from './support/bench.ts';
import {
  announcementOf,
  identity,
  type Made,
  type MadeChannel,
  madeChannel,
  nodeAnnouncementOf,
  now,
  updateOf,
} from './support/made-network.ts';
import { carry, Link, settle } from './support/pair.ts';

type Any = Made<Parameters<Bench['handler']['handleMessage']>[2]>;

const nodes = Array.from({ length: 12 }, (_, n) => identity(n));
const channels: readonly MadeChannel[] = Array.from({ length: 40 }, (_, n) =>
  // three channels in each block
  madeChannel(600_000 + n, nodes[n % 12]!, nodes[(n * 5 + 1) % 12 === n % 12 ? (n + 3) % 12 : (n * 5 + 1) % 12]!),
);
let gossip: readonly Any[];

beforeAll(() => {
  gossip = [
    ...channels.map((channel) => announcementOf(channel)),
    ...channels.flatMap((channel) => [updateOf(channel, 0), updateOf(channel, 1)]),
    ...nodes.map((node) => nodeAnnouncementOf(node)),
  ];
});

/** A handler that knows the network, or part of it. */
function filled(messages: readonly Any[] = gossip, parts: ConstructorParameters<typeof Bench>[0] = {}): Bench {
  const bench = new Bench({ withoutChain: true, ...parts });
  const source = bench.connect(99);
  source.sends(...messages);
  bench.handler.peerDisconnected(source.id, source.connection);
  return bench;
}

const end = (bench: Bench, n: number) => ({ handler: bench.handler, id: identity(800_000 + n).id });
const idsOf = (store: GossipStore): readonly ShortChannelId[] => [...store.channelIds()].sort();
const count = (link: Link, from: 0 | 1, type: string) =>
  link.seen.filter((message) => message.from === from && message.type === type).length;

function expectSame(a: Bench, b: Bench): void {
  expect(b.graph.channelCount).toBe(a.graph.channelCount);
  expect(b.graph.nodeCount).toBe(a.graph.nodeCount);
  for (const channel of a.graph.channels()) expect(b.graph.channel(channel.shortChannelId)).toEqual(channel);
  for (const { id } of nodes) expect(b.graph.node(id)?.announcement).toEqual(a.graph.node(id)?.announcement);
  expect(idsOf(b.store)).toEqual(idsOf(a.store));
}

describe('BOLT 7, Query Messages', () => {
  test.each([
    ['extended', extended],
    ['plain', plain],
  ])('a new node gets the whole network from one that has it, by %s queries', (_name, features) => {
    const full = filled();
    const fresh = new Bench({ withoutChain: true });
    const link = new Link(end(full, 1), end(fresh, 2), 1, features);
    settle([link]);
    expect(link.broken).toBeUndefined();
    expectSame(full, fresh);
    expect(fresh.handler.syncProgress()).toMatchObject({
      phase: 'synced',
      fraction: 1,
      listsDone: 1,
      channelsFound: 40,
      channelsWaiting: 0,
      channelsAsked: 0,
      channelsUnavailable: 0,
      channelsKnown: 40,
    });
    // each message went over once, and nothing came back
    expect(count(link, 0, 'channel_announcement')).toBe(40);
    expect(count(link, 0, 'channel_update')).toBe(80);
    expect(count(link, 0, 'node_announcement')).toBe(12);
    expect(count(link, 1, 'channel_announcement')).toBe(0);
    expect(fresh.reasons()).toEqual([]);
  });

  test('two that have a half each end up with the whole', () => {
    const half = (which: number) =>
      filled(
        gossip.filter(
          ({ message }) => !('shortChannelId' in message) || Number(message.shortChannelId >> 40n) % 2 === which,
        ),
      );
    const [even, odd] = [half(0), half(1)];
    const link = new Link(end(even, 1), end(odd, 2), 1);
    settle([link]);
    expect(link.broken).toBeUndefined();
    expectSame(even, odd);
    expect(even.graph.channelCount).toBe(40);
  });

  test('by extended queries only updates that are newer and different are asked for', () => {
    const full = filled();
    const behind = filled();
    const [first, second, third] = channels;
    const other = full.connect(5);
    other.sends(
      updateOf(first!, 0, { timestamp: now - 100, feeBaseMsat: 5 }),
      // the same terms, hardly newer
      updateOf(second!, 1, { timestamp: now - 100 }),
      // the same terms a day later: it lives
      updateOf(third!, 1, { timestamp: now - 7200 + 86_400 }),
    );
    full.handler.peerDisconnected(other.id, other.connection);
    const link = new Link(end(full, 1), end(behind, 2), 1);
    settle([link]);
    expect(count(link, 0, 'channel_announcement')).toBe(0);
    expect(count(link, 0, 'channel_update')).toBe(2);
    expect(behind.graph.channel(first!.id)?.policy1?.feeBaseMsat).toBe(5);
    expect(behind.graph.channel(third!.id)).toEqual(full.graph.channel(third!.id));
  });

  test('channels that nobody updates any more are not asked for by extended queries', () => {
    const stale = now - 3_000_000;
    const full = filled(
      [
        announcementOf(channels[0]!),
        updateOf(channels[0]!, 0, { timestamp: stale }),
        updateOf(channels[0]!, 1, { timestamp: stale }),
      ],
      { now: stale * 1000 },
    );
    full.tick();
    full
      .connect(98)
      .sends(
        ...gossip.filter(
          ({ message }) => !(message.type === 'channel_update' && message.shortChannelId === channels[0]!.id),
        ),
      );
    expect(full.graph.channel(channels[0]!.id)?.policy1?.timestamp).toBe(stale);
    const fresh = new Bench({ withoutChain: true });
    settle([new Link(end(full, 1), end(fresh, 2), 1)]);
    expect(fresh.graph.channelIndex(channels[0]!.id)).toBe(-1);
    expect(fresh.graph.channelCount).toBe(39);
  });

  test('channels come from several peers at once, and each peer is listed', () => {
    const limits = { queryChannels: 5 };
    const sources = [filled(), filled(), filled()];
    const fresh = new Bench({ withoutChain: true, limits });
    const links = sources.map((bench, n) => new Link(end(bench, n), end(fresh, 9), n + 1));
    settle(links);
    expectSame(sources[0]!, fresh);
    const asked = links.map((link) => count(link, 1, 'query_short_channel_ids'));
    expect(Math.min(...asked)).toBeGreaterThan(0);
    expect(asked.reduce((a, b) => a + b)).toBe(8);
    for (const link of links) expect(count(link, 1, 'query_channel_range')).toBe(1);
    expect(fresh.handler.syncProgress()).toMatchObject({ phase: 'synced', listsDone: 3 });
  });

  test('a peer that leaves in the middle gives its task back, and another goes on with it', () => {
    const limits = { queryChannels: 4, sendWindowBytes: 1500 };
    const sources = [filled(gossip, { limits }), filled(gossip, { limits })];
    const fresh = new Bench({ withoutChain: true, limits });
    const first = new Link(end(sources[0]!, 0), end(fresh, 9), 1);
    while (fresh.graph.channelCount < 6) {
      carry([first]);
      sources[0]!.tick();
    }
    expect(fresh.handler.syncProgress()).toMatchObject({ phase: 'fetching', channelsAsked: 4 });
    first.cut();
    // neither what it was asked for and had not sent is lost, nor is what it had sent asked for again
    const channelsWaiting = 40 - count(first, 0, 'channel_announcement');
    expect(fresh.handler.syncProgress()).toMatchObject({ phase: 'idle', channelsAsked: 0, channelsWaiting });
    expect(fresh.handler.syncProgress().fraction).toBeLessThan(0.9);
    const second = new Link(end(sources[1]!, 1), end(fresh, 9), 2);
    for (let round = 0; round < 200 && fresh.graph.channelCount < 40; round++) {
      settle([second]);
      sources[1]!.tick();
    }
    settle([second]);
    expectSame(sources[1]!, fresh);
    // what the first had sent was not asked for again
    expect(count(second, 0, 'channel_announcement')).toBeLessThan(36);
  });

  test('a list is read on where it was broken off', () => {
    const fresh = new Bench({ withoutChain: true });
    const first = fresh.connect(1, extended, true);
    const asked = first.of(fresh.events()).find(({ type }) => type === 'query_channel_range');
    expect(asked).toMatchObject({ firstBlocknum: 0, numberOfBlocks: 0xffff_ffff });
    first.sends({
      message: {
        type: 'reply_channel_range',
        chainHash: announcementOf(channels[0]!).message.chainHash,
        firstBlocknum: 0 as never,
        numberOfBlocks: 600_001,
        syncComplete: 0,
        encodedShortIds: Uint8Array.of(0),
      },
      raw: new Uint8Array(0),
    });
    expect(fresh.handler.syncProgress()).toMatchObject({ phase: 'listing', listedToBlock: 600_000 });
    fresh.handler.peerDisconnected(first.id, first.connection);
    const second = fresh.connect(2, extended, true);
    expect(second.of(fresh.events()).find(({ type }) => type === 'query_channel_range')).toMatchObject({
      firstBlocknum: 600_000,
    });
  });

  test('a peer that keeps silent is given up, and another is asked', () => {
    const fresh = new Bench({ withoutChain: true });
    const silent = fresh.connect(1, extended);
    const full = filled();
    const link = new Link(end(full, 1), end(fresh, 9), 50);
    for (let tick = 0; tick < 8; tick++) {
      settle([link]);
      fresh.tick();
    }
    settle([link]);
    expectSame(full, fresh);
    const { peers } = fresh.handler.syncProgress();
    expect(peers.find(({ peer }) => peer === silent.id)?.task).toBe('retired');
    expect(peers.find(({ peer }) => peer === link.ends[0].id)).toMatchObject({ asked: 40, given: 40, task: 'idle' });
  });

  test('a peer that lists what it does not have is not asked for ever', () => {
    const fresh = new Bench({ withoutChain: true, limits: { queryChannels: 10 } });
    const liar = fresh.connect(1, plain);
    const { chainHash } = channels[0] === undefined ? { chainHash: '' as never } : announcementOf(channels[0]).message;
    const ids = Uint8Array.of(0, ...Array.from({ length: 500 }, (_, n) => [0, 1, n >> 8, n & 255, 0, 1, 0, 0]).flat());
    let queries = 0;
    let events = liar.sends({
      message: {
        type: 'reply_channel_range',
        chainHash,
        firstBlocknum: 0 as never,
        numberOfBlocks: 0xffff_ffff,
        syncComplete: 1,
        encodedShortIds: ids,
      },
      raw: new Uint8Array(0),
    });
    expect(fresh.handler.syncProgress().channelsFound).toBe(500);
    while (liar.of(events).some(({ type }) => type === 'query_short_channel_ids')) {
      queries += 1;
      events = liar.sends({
        message: { type: 'reply_short_channel_ids_end', chainHash, fullInformation: 1 },
        raw: new Uint8Array(0),
      });
    }
    expect(queries).toBe(4);
    expect(fresh.handler.syncProgress()).toMatchObject({ channelsUnavailable: 500, channelsWaiting: 0 });
    expect(fresh.handler.syncProgress().peers[0]?.task).toBe('retired');
  });

  test('the announcement of an unknown channel whose update comes is asked for', () => {
    const fresh = new Bench({ withoutChain: true });
    const full = filled(gossip.slice(0, 1));
    const link = new Link(end(full, 1), end(fresh, 9), 1, plain);
    settle([link]);
    const stray = updateOf(channels[7]!, 0);
    fresh.handler.handleMessage(link.ends[0].id, link.connection, stray.message, stray.raw);
    const asked = fresh
      .events()
      .find((event) => event.kind === 'send' && event.message.type === 'query_short_channel_ids');
    expect(asked).toBeDefined();
  });

  test('once all is in, the list of a peer chosen by lot is read again after an hour', () => {
    const full = filled();
    const fresh = new Bench({ withoutChain: true });
    const link = new Link(end(full, 1), end(fresh, 9), 1);
    settle([link]);
    for (let tick = 0; tick < 361; tick++) fresh.tick();
    settle([link]);
    expect(count(link, 1, 'query_channel_range')).toBe(2);
    expect(fresh.handler.syncProgress()).toMatchObject({ phase: 'synced', listsDone: 2, channelsFound: 0 });
  });

  test('answers are split over messages and windows, and still arrive whole', () => {
    const full = filled(gossip, { limits: { sendWindowBytes: 2000, answerBytesPerTick: 4000 } });
    const fresh = new Bench({ withoutChain: true });
    const link = new Link(end(full, 1), end(fresh, 2), 1, plain);
    settle([link]);
    // the window is shut until time passes: 40 channels do not fit
    expect(fresh.graph.channelCount).toBeLessThan(10);
    for (let tick = 0; tick < 40; tick++) {
      full.tick();
      settle([link]);
    }
    expectSame(full, fresh);
  });

  test('a store that outlives its handler serves on', () => {
    const full = filled();
    const again = new Bench({ withoutChain: true, store: full.store, graph: full.graph });
    const fresh = new Bench({ withoutChain: true });
    settle([new Link(end(again, 1), end(fresh, 2), 1)]);
    expectSame(full, fresh);
    expect(unwrap(channelAnnouncement.decode(fresh.store.get({ kind: 'channel', id: channels[3]!.id })!))).toEqual(
      announcementOf(channels[3]!).message,
    );
  });
});
