import { type NodeId, ok } from '@boltwright/base';
import type { ChannelManager } from '@boltwright/channel-manager';
import type { RoutingMessageHandler } from '@boltwright/interfaces';

const noFeatures = new Uint8Array(0);

/**
 * Takes gossip for a node without a public graph: a peer's `channel_update` about a channel with us goes to the
 * manager, which names its terms in our invoices; everything else is passed over. Queries are answered as by a node
 * that knows no channel: no feature for them is set.
 */
export function directUpdates(manager: Pick<ChannelManager, 'handleChannelUpdate'>): RoutingMessageHandler {
  return {
    peerConnected: () => ok(undefined),
    peerDisconnected: () => {},
    providedNodeFeatures: () => noFeatures,
    providedInitFeatures: () => noFeatures,
    getAndClearPendingMsgEvents: () => [],
    handleMessage(peer: NodeId, _connection, message) {
      if (message.type === 'channel_update') manager.handleChannelUpdate(peer, message);
    },
  };
}
