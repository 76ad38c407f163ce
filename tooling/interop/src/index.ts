export { allStories } from './stories/all-stories.ts';
export { startChain, tell } from './stories/tell.ts';
export type { StoryNode } from './story-node.ts';
