import type { Brand, NodeId, Result } from '@boltwright/base';
import type { Init, Message, UnknownMessage } from '@boltwright/wire';

/** One connection to a peer; a new one after each reconnect. */
export type ConnectionId = Brand<number, 'ConnectionId'>;

/** A message to go out on one connection: dropped when that connection is gone. */
export type MessageSendEvent =
  | { readonly kind: 'send'; readonly peer: NodeId; readonly connection: ConnectionId; readonly message: Message }
  /** After the messages before it; `message` (a warning or an error) goes out first where given. */
  | {
      readonly kind: 'disconnect';
      readonly peer: NodeId;
      readonly connection: ConnectionId;
      readonly reason: string;
      readonly message?: Message;
    };

export interface MessageSendEventsProvider {
  /** Each event is handed out once. */
  getAndClearPendingMsgEvents(): readonly MessageSendEvent[];
}

export interface PeerRefused {
  readonly kind: 'peerRefused';
  readonly reason: string;
}

/** The messages about channels: BOLT 2's, and `announcement_signatures`. */
export type ChannelMessage = Extract<
  Message,
  {
    type:
      | 'open_channel'
      | 'accept_channel'
      | 'funding_created'
      | 'funding_signed'
      | 'channel_ready'
      | 'shutdown'
      | 'closing_signed'
      | 'closing_complete'
      | 'closing_sig'
      | 'update_add_htlc'
      | 'update_fulfill_htlc'
      | 'update_fail_htlc'
      | 'update_fail_malformed_htlc'
      | 'commitment_signed'
      | 'revoke_and_ack'
      | 'update_fee'
      | 'channel_reestablish'
      | 'announcement_signatures'
      | 'stfu'
      | 'error'
      | 'warning';
  }
>;

interface PeerAware {
  /** After `init`. Refusing disconnects. */
  peerConnected(peer: NodeId, connection: ConnectionId, init: Init, inbound: boolean): Result<void, PeerRefused>;
  peerDisconnected(peer: NodeId, connection: ConnectionId): void;
  /** What to set in our `node_announcement`: bits as on the wire (big-endian bytes). */
  providedNodeFeatures(): Uint8Array;
  /** What to set in our `init` to this peer. */
  providedInitFeatures(peer: NodeId): Uint8Array;
}

/**
 * `ChannelManager`, or a proxy to it in another process.
 *
 * Requirements: no method throws for what a peer sent; what is wrong is answered by `MessageSendEvent`s.
 * Order: as the messages came in on that connection; nothing of a connection after its `peerDisconnected`.
 */
export interface ChannelMessageHandler extends MessageSendEventsProvider, PeerAware {
  handleMessage(peer: NodeId, connection: ConnectionId, message: ChannelMessage): void;
}

export type RoutingMessage = Extract<
  Message,
  {
    type:
      | 'channel_announcement'
      | 'node_announcement'
      | 'channel_update'
      | 'query_short_channel_ids'
      | 'reply_short_channel_ids_end'
      | 'query_channel_range'
      | 'reply_channel_range'
      | 'gossip_timestamp_filter';
  }
>;

export interface RoutingMessageHandler extends MessageSendEventsProvider, PeerAware {
  /** `raw` is the message as received, with its two bytes of type. */
  handleMessage(peer: NodeId, connection: ConnectionId, message: RoutingMessage, raw: Uint8Array): void;
}

export type OnionMessageMessage = Extract<Message, { type: 'onion_message' }>;

export interface OnionMessageHandler extends MessageSendEventsProvider, PeerAware {
  handleMessage(peer: NodeId, connection: ConnectionId, message: OnionMessageMessage): void;
}

/** Messages of a user's own types. */
export interface CustomMessageHandler extends MessageSendEventsProvider, PeerAware {
  /** The types it wants: `from` ≤ type ≤ `to`. */
  readonly range: { readonly from: number; readonly to: number };
  handleMessage(peer: NodeId, connection: ConnectionId, message: UnknownMessage): void;
}
