import type { Brand, NodeId, Result } from '@boltwright/base';
import type { Init, Message, UnknownMessage, WireMessage } from '@boltwright/wire';

/** One connection to a peer; a new one after each reconnect. */
export type ConnectionId = Brand<number, 'ConnectionId'>;

/**
 * A message to go out on one connection: dropped when that connection is gone.
 *
 * `M`: what may be sent. An `UnknownMessage` goes out as its type's number and its payload, whatever they are; messages of
 * a user's own types need the registry that PeerManager is given.
 */
export type MessageSendEvent<M extends WireMessage = Message> =
  | { readonly kind: 'send'; readonly peer: NodeId; readonly connection: ConnectionId; readonly message: M }
  /** After the messages before it; `message` (a warning or an error) goes out first where given. */
  | {
      readonly kind: 'disconnect';
      readonly peer: NodeId;
      readonly connection: ConnectionId;
      readonly reason: string;
      readonly message?: M;
    };

/** Whoever has messages for peers: PeerManager fetches them in its `processEvents`. */
export interface MessageSendEventsProvider<M extends WireMessage = Message> {
  /** Each event is handed out once. */
  getAndClearPendingMsgEvents(): readonly MessageSendEvent<M>[];
}

/** A handler’s no to a peer that said `init`; `reason` is for people. */
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

/** The messages of gossip (BOLT 7). */
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

/** Gossip may be passed on as it came in, as an `UnknownMessage`. */
export interface RoutingMessageHandler extends MessageSendEventsProvider<Message | UnknownMessage>, PeerAware {
  /** `raw` is the message as received, with its two bytes of type. */
  handleMessage(peer: NodeId, connection: ConnectionId, message: RoutingMessage, raw: Uint8Array): void;
}

/** The message that carries an onion of its own (BOLT 4, Onion Messages). */
export type OnionMessageMessage = Extract<Message, { type: 'onion_message' }>;

/**
 * Takes `onion_message`s.
 *
 * Requirements: no method throws for what a peer sent. Order: as they came in on that connection.
 */
export interface OnionMessageHandler extends MessageSendEventsProvider, PeerAware {
  handleMessage(peer: NodeId, connection: ConnectionId, message: OnionMessageMessage): void;
}

/**
 * Messages of a user's own types, and of the BOLTs' that no other handler takes.
 *
 * `M`: the types that it takes and sends, where PeerManager is given a registry of their codecs: they come decoded, and
 * one that does not decode ends the connection as a BOLT's would. A type that the registry does not know, or every one
 * without a registry, comes as an `UnknownMessage`.
 */
export interface CustomMessageHandler<M extends WireMessage = never>
  extends MessageSendEventsProvider<Message | UnknownMessage | M>,
    PeerAware {
  /** The types it wants: `from` ≤ type ≤ `to`. */
  readonly range: { readonly from: number; readonly to: number };
  handleMessage(peer: NodeId, connection: ConnectionId, message: UnknownMessage | M): void;
}
