import { mix } from '../graph/open-table.ts';
import type { SearchSpace } from './search-space.ts';

/** BOLT 7, Recommendations for Routing: a shadow route beyond the payee; longer ones lock funds for too long. */
const shadowHops = 3;
const maxShadowDelta = 432;

/**
 * Blocks to add to the final delta: the sum over a random walk from the payee, as if the payment went on.
 *
 * @param room - Blocks that the limit leaves.
 */
export function shadowOffset(space: SearchSpace, payee: number, seed: number, room: number): number {
  const { nodeTable, channelTable } = space.graph;
  let node = payee;
  let offset = 0;
  let state = mix(0x5eed, seed);
  for (let hop = 0; hop < shadowHops; hop++) {
    const choices = space.isInGraph(node) ? nodeTable.listActive[node]! : 0;
    if (choices === 0) {
      // a payee behind private channels: as many blocks as most nodes ask
      offset += 40;
      continue;
    }
    state = mix(state, hop + 1);
    const at = 2 * (nodeTable.listStart[node]! + ((state >>> 0) % choices));
    offset += channelTable.cltvDelta[nodeTable.pool[at]!]!;
    node = nodeTable.pool[at + 1]!;
  }
  return Math.max(0, Math.min(offset, maxShadowDelta, room));
}
