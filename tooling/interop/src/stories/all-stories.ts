import { gossipStories } from './gossip-stories.ts';
import { type Story, stories } from './stories.ts';

/** Every story, in the order in which they are told. */
export const allStories: readonly Story[] = [...stories, ...gossipStories];
