import { describe, expect, test } from '@jest/globals';
import { EmbeddedChain } from '../src/chain/embedded-chain.ts';
import { allStories } from '../src/stories/all-stories.ts';
import { tell } from '../src/stories/tell.ts';

/** The control: where LDK with LDK does not tell a story, the harness is at fault and not we. */
describe('LDK with LDK, the harness itself', () => {
  test.each(allStories.map((story) => [story.title, story] as const))('%s', async (_title, story) => {
    const { transactions } = await tell(story, { chain: new EmbeddedChain(), anchors: false, control: true });
    expect(transactions).toBeGreaterThan(0);
  });
});
