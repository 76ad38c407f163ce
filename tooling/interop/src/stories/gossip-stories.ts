import { msat, sat, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { decodeInvoice } from '@boltwright/invoice';
import type { StoryNode } from '../story-node.ts';
import type { Story } from './stories.ts';
import { check, connect, open, outcome, until, untilSettled, untilUsable, type World } from './world.ts';

const million = sat(1_000_000n);

/** Two of the other implementation with a channel that they have announced, and themselves. */
async function publicPair(world: World): Promise<readonly [StoryNode, StoryNode]> {
  const near = await world.theirs('them-near', { announce: true });
  const far = await world.theirs('them-far', { announce: true });
  await connect(near, far);
  await open(world, near, far, million, msat(400_000_000n));
  await until('both ends know their channel', () =>
    [near, far].every((node) => node.publicGraph().channels.length === 1),
  );
  // An update that came before the channel was known is lost to its reader; what the two have they tell each other anew.
  near.disconnect(far.nodeId);
  await until('they see the line go down', () => !near.isConnected(far.nodeId) && !far.isConnected(near.nodeId));
  await connect(near, far);
  await until('both ends know the terms of both', () => [near, far].every(knows(1, 0)));
  await untilUsable(near, far);
  for (const node of [near, far]) node.timerTick();
  await until('both ends have announced themselves', () => [near, far].every(knows(1, 2)));
  return [near, far];
}

/** Whether a node has that many announced channels, with the terms of both directions, and announced nodes. */
const knows =
  (channels: number, nodes: number) =>
  (node: StoryNode): boolean => {
    const graph = node.publicGraph();
    const complete = graph.channels.filter(({ directions }) => directions === 2).length;
    return complete === channels && graph.channels.length === channels && graph.nodes.length === nodes;
  };

/** Ticks until it holds: gossip is passed on by the minute. */
const untilWithTime = (what: string, nodes: readonly StoryNode[], holds: () => boolean): Promise<void> => {
  let polls = 0;
  return until(what, () => {
    if (polls++ % 10 === 9) for (const node of nodes) node.timerTick();
    return holds();
  });
};

/** What peers tell each other of the public network (BOLT 7). */
export const gossipStories: readonly Story[] = [
  {
    title: 'it tells us of a channel and nodes, and we pay over them by our own graph',
    tell: async (world) => {
      const [near, far] = await publicPair(world);
      const us = await world.ours('us');
      await connect(us, near);
      await untilWithTime('we know the channel, its terms and its nodes', [us], () => knows(1, 2)(us));
      const [theirs, ours] = [near, us].map((node) => node.publicGraph());
      check(
        theirs?.channels[0]?.shortChannelId === ours?.channels[0]?.shortChannelId &&
          ours?.nodes.includes(near.nodeId) === true &&
          ours.nodes.includes(far.nodeId),
        'it is their channel, and they are its nodes',
      );
      await open(world, us, near, million);
      const invoice = far.createInvoice(msat(100_000_000n), 'over a public channel');
      check(unwrap(decodeInvoice(invoice, { crypto: noble })).routeHints.length === 0, 'the invoice names no way');
      const paid = await outcome(us, us.pay(invoice));
      check(paid.kind === 'sent', `we paid the far node: ${paid.kind === 'failed' ? paid.reason : ''}`);
      check(paid.feePaidMsat > 0n, 'the near node was paid for it');
      await untilSettled(us, far);
      check(knows(1, 2)(us), 'our own channel, which nobody announced, is not in the graph');
    },
  },
  {
    title: 'we pass on what one told us: another of it, connected to us alone, knows the channel',
    tell: async (world) => {
      const [near] = await publicPair(world);
      const us = await world.ours('us');
      await connect(us, near);
      const early = await world.theirs('them-early');
      await connect(early, us);
      await untilWithTime('one that was connected meanwhile knows the channel', [us], () => knows(1, 2)(early));
      const late = await world.theirs('them-late');
      await connect(late, us);
      await untilWithTime('one that came later knows the channel', [us], () => knows(1, 2)(late));
      const [known] = near.publicGraph().channels;
      for (const node of [early, late]) {
        check(
          node.publicGraph().channels[0]?.shortChannelId === known?.shortChannelId,
          `${node.name} knows the same channel`,
        );
      }
    },
  },
];
