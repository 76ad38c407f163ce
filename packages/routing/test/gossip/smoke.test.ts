import { expect, test } from '@jest/globals';
import { Bench } from './support/bench.ts';
import { announcementOf, identity, madeChannel, nodeAnnouncementOf, updateOf } from './support/made-network.ts';

test('a channel, its updates and its nodes go into graph and store', () => {
  const bench = new Bench();
  const [a, b] = [identity(1), identity(2)];
  const channel = madeChannel(700_000, a, b);
  bench.outputs.add(channel);
  const peer = bench.connect(1);
  const events = peer.sends(announcementOf(channel), updateOf(channel, 0), updateOf(channel, 1), nodeAnnouncementOf(a));
  expect(bench.log).toEqual([]);
  expect(events).toEqual([]);
  expect(bench.graph.channelCount).toBe(1);
  expect(bench.graph.channel(channel.id)).toMatchObject({ capacitySat: 1_000_000n, policy1: { feeBaseMsat: 1000 } });
  expect(bench.graph.node(a.id)?.announcement?.rgbColor).toEqual(Uint8Array.of(1, 2, 3));
  expect(bench.checks()).toBe(7);
});
