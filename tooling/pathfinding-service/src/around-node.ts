import type { NodeId } from '@boltwright/base';
import type { GraphChannel, NetworkGraph } from '@boltwright/routing';

/** Channels looked at for one answer: the largest nodes have thousands. */
const maxChannelsRead = 20_000;

/**
 * A part of the network that can be drawn: the node, then ring by ring its neighbours by the size of the channel that
 * leads to them, up to `limit` nodes; and every channel between these.
 *
 * @returns Nothing where the node is unknown.
 */
export function aroundNode(
  graph: NetworkGraph,
  centre: NodeId,
  hops: number,
  limit: number,
): { readonly nodes: readonly NodeId[]; readonly channels: readonly GraphChannel[] } | undefined {
  if (graph.nodeIndex(centre) < 0) return undefined;
  const chosen = new Set<NodeId>([centre]);
  let read = 0;
  let ring: readonly NodeId[] = [centre];
  for (let hop = 0; hop < hops && chosen.size < limit; hop++) {
    const found = new Map<NodeId, bigint>();
    for (const node of ring) {
      for (const channel of graph.channelsOf(node)) {
        if (++read > maxChannelsRead) break;
        const other = channel.nodeId1 === node ? channel.nodeId2 : channel.nodeId1;
        const size = channel.capacitySat ?? 0n;
        if (!chosen.has(other) && size >= (found.get(other) ?? 0n)) found.set(other, size);
      }
    }
    // each ring leaves half of the room that is left to the rings after it
    const room = hop + 1 === hops ? limit - chosen.size : Math.ceil((limit - chosen.size) / 2);
    ring = [...found]
      .sort(([, a], [, b]) => (a < b ? 1 : a > b ? -1 : 0))
      .slice(0, room)
      .map(([id]) => id);
    for (const id of ring) chosen.add(id);
  }
  return { nodes: [...chosen], channels: channelsBetween(graph, chosen) };
}

/** Every channel of which both ends are among the nodes, once. */
function channelsBetween(graph: NetworkGraph, nodes: ReadonlySet<NodeId>): readonly GraphChannel[] {
  const { nodeTable, channelTable } = graph;
  const rows = new Set([...nodes].map((id) => graph.nodeIndex(id)));
  const channels: GraphChannel[] = [];
  for (const row of rows) {
    const start = nodeTable.listStart[row]!;
    for (let i = 0; i < nodeTable.listLength[row]!; i++) {
      const edge = nodeTable.pool[2 * (start + i)]!;
      const from = nodeTable.pool[2 * (start + i) + 1]!;
      // each channel is in the lists of both its ends: the even edge's is the one that counts
      if (edge % 2 !== 0 || !rows.has(from)) continue;
      const channel = graph.channel(channelTable.id(edge >> 1));
      if (channel !== undefined) channels.push(channel);
    }
  }
  return channels;
}
