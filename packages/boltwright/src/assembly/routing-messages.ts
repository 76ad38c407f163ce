import type { ChannelManager } from '@boltwright/channel-manager';
import type { RoutingMessageHandler } from '@boltwright/interfaces';

/** BOLT 7, `message_flags`: `dont_forward`, which says that the channel is the two ends' own affair. */
const dontForward = 2;

/**
 * Gossip's handler, with the manager hearing of a peer's `channel_update` about a channel with us, too: it names the
 * peer's terms in our invoices. What is told of an unannounced channel stays between the two: gossip does not hear of it.
 */
export function routingMessages(
  gossip: RoutingMessageHandler,
  manager: Pick<ChannelManager, 'handleChannelUpdate'>,
): RoutingMessageHandler {
  return {
    peerConnected: (peer, connection, init, inbound) => gossip.peerConnected(peer, connection, init, inbound),
    peerDisconnected: (peer, connection) => gossip.peerDisconnected(peer, connection),
    providedNodeFeatures: () => gossip.providedNodeFeatures(),
    providedInitFeatures: (peer) => gossip.providedInitFeatures(peer),
    getAndClearPendingMsgEvents: () => gossip.getAndClearPendingMsgEvents(),
    handleMessage(peer, connection, message, raw) {
      if (message.type === 'channel_update') {
        const isWithUs = manager.handleChannelUpdate(peer, message);
        if (isWithUs && (message.messageFlags & dontForward) !== 0) return;
      }
      gossip.handleMessage(peer, connection, message, raw);
    },
  };
}
