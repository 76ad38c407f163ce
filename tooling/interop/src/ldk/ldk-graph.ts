import { type NodeId, nodeIdOf, shortChannelId } from '@boltwright/base';
import {
  NodeId as LdkNodeId,
  Option_C3Tuple_ChannelAnnouncementChannelUpdateChannelUpdateZZ_Some,
  type PeerManager,
  type RoutingMessageHandler,
} from 'lightningdevkit';
import type { StoryGraph } from '../story-node.ts';

const colour = new Uint8Array([0, 96, 160]);
const alias = new Uint8Array(32).fill(0x6c);

/** Has an LDK node announce itself to all its peers, where it has an announced channel. */
export const announceLdkNode = (peers: PeerManager): void => peers.broadcast_node_announcement(colour, alias, []);

/** The bindings answer an object with a null pointer where LDK answers nothing. */
const isThere = (object: object): boolean => (object as { readonly ptr?: bigint }).ptr !== 0n;

/**
 * The signed gossip that an LDK node has, as it would tell it to a peer. (Its `ReadOnlyNetworkGraph` keeps the graph
 * locked until it is collected.)
 */
export function ldkGraph(gossip: RoutingMessageHandler): StoryGraph {
  const channels: StoryGraph['channels'][number][] = [];
  for (let from = 0n; ; ) {
    const next = gossip.get_next_channel_announcement(from);
    if (!(next instanceof Option_C3Tuple_ChannelAnnouncementChannelUpdateChannelUpdateZZ_Some)) break;
    const id = next.some.get_a().get_contents().get_short_channel_id();
    const directions = [next.some.get_b(), next.some.get_c()].filter(isThere).length;
    channels.push({ shortChannelId: shortChannelId(id), directions });
    from = id + 1n;
  }
  const nodes: NodeId[] = [];
  for (let from: LdkNodeId | null = null; ; ) {
    const next = gossip.get_next_node_announcement(from);
    if (!isThere(next)) break;
    const id = next.get_contents().get_node_id().as_slice();
    nodes.push(nodeIdOf(id));
    from = LdkNodeId.constructor_from_pubkey(id);
  }
  return { channels, nodes };
}
