export { LdkNode, type LdkParts } from './ldk/ldk-node.ts';
export { loadLdk } from './ldk/load-ldk.ts';
export type { StoryNode } from './story-node.ts';
