import { afterEach, describe, expect, test } from '@jest/globals';
import { EmbeddedChain } from '../src/chain/embedded-chain.ts';
import { startLdkNode } from '../src/ldk/start-ldk-node.ts';
import { stories } from '../src/stories/stories.ts';
import type { World } from '../src/stories/world.ts';
import type { StoryNode } from '../src/story-node.ts';

const nodes: StoryNode[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
});

/** The control: where LDK with LDK does not tell a story, the harness is at fault and not we. */
describe('LDK with LDK on the embedded chain', () => {
  test.each(stories.map((story) => [story.title, story] as const))('%s', async (_title, story) => {
    const chain = new EmbeddedChain();
    let count = 0;
    const start = async (name: string): Promise<StoryNode> => {
      const node = await startLdkNode(chain, { name: `${name}-${count++}`, anchors: false });
      nodes.push(node);
      return node;
    };
    const world: World = { chain, ours: start, theirs: start };
    await story.tell(world);
    expect(await chain.refusals()).toEqual([]);
  });
});
