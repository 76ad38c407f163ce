import { describe, expect, test } from '@jest/globals';
import { EmbeddedChain } from '../src/chain/embedded-chain.ts';
import { allStories } from '../src/stories/all-stories.ts';
import { tell } from '../src/stories/tell.ts';

describe.each([
  ['static_remotekey', false],
  ['anchors', true],
] as const)('a real LDK node over TCP, %s', (_format, anchors) => {
  test.each(allStories.map((story) => [story.title, story] as const))('%s', async (_title, story) => {
    const { transactions } = await tell(story, { chain: new EmbeddedChain(), anchors });
    expect(transactions).toBeGreaterThan(0);
  });
});
