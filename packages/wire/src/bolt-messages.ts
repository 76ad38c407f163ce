import type { Result } from '@boltwright/base';
import type { WireMessage } from './codec/message.ts';
import {
  type ClosingComplete,
  type ClosingSig,
  type ClosingSigned,
  closingComplete,
  closingSig,
  closingSigned,
  type Shutdown,
  type Stfu,
  shutdown,
  stfu,
} from './messages/close-channel.ts';
import {
  type ChannelReestablish,
  type CommitmentSigned,
  channelReestablish,
  commitmentSigned,
  type RevokeAndAck,
  revokeAndAck,
  type StartBatch,
  startBatch,
} from './messages/commitment.ts';
import {
  type AnnouncementSignatures,
  announcementSignatures,
  type ChannelAnnouncement,
  type ChannelUpdate,
  channelAnnouncement,
  channelUpdate,
  type NodeAnnouncement,
  nodeAnnouncement,
} from './messages/gossip.ts';
import {
  type GossipTimestampFilter,
  gossipTimestampFilter,
  type QueryChannelRange,
  type QueryShortChannelIds,
  queryChannelRange,
  queryShortChannelIds,
  type ReplyChannelRange,
  type ReplyShortChannelIdsEnd,
  replyChannelRange,
  replyShortChannelIdsEnd,
} from './messages/gossip-queries.ts';
import {
  type TxAbort,
  type TxAckRbf,
  type TxAddInput,
  type TxAddOutput,
  type TxComplete,
  type TxInitRbf,
  type TxRemoveInput,
  type TxRemoveOutput,
  type TxSignatures,
  txAbort,
  txAckRbf,
  txAddInput,
  txAddOutput,
  txComplete,
  txInitRbf,
  txRemoveInput,
  txRemoveOutput,
  txSignatures,
} from './messages/interactive-tx.ts';
import { type OnionMessage, onionMessage } from './messages/onion-message.ts';
import {
  type AcceptChannel,
  acceptChannel,
  type ChannelReady,
  channelReady,
  type FundingCreated,
  type FundingSigned,
  fundingCreated,
  fundingSigned,
  type OpenChannel,
  openChannel,
} from './messages/open-channel.ts';
import { type AcceptChannel2, acceptChannel2, type OpenChannel2, openChannel2 } from './messages/open-channel2.ts';
import {
  type ErrorMessage,
  error,
  type Init,
  init,
  type PeerStorage,
  type PeerStorageRetrieval,
  type Ping,
  type Pong,
  peerStorage,
  peerStorageRetrieval,
  ping,
  pong,
  type Warning,
  warning,
} from './messages/setup.ts';
import {
  type SpliceAck,
  type SpliceInit,
  type SpliceLocked,
  spliceAck,
  spliceInit,
  spliceLocked,
} from './messages/splice.ts';
import {
  type UpdateAddHtlc,
  type UpdateFailHtlc,
  type UpdateFailMalformedHtlc,
  type UpdateFee,
  type UpdateFulfillHtlc,
  updateAddHtlc,
  updateFailHtlc,
  updateFailMalformedHtlc,
  updateFee,
  updateFulfillHtlc,
} from './messages/update-htlc.ts';
import { decodeWith, encodeWith, type MessageRegistry, messageRegistry, type UnknownMessage } from './registry.ts';
import type { WireError } from './wire-error.ts';

/** Every message of the BOLTs; switch on `type`. */
export type Message =
  | Init
  | ErrorMessage
  | Warning
  | Ping
  | Pong
  | PeerStorage
  | PeerStorageRetrieval
  | OpenChannel
  | AcceptChannel
  | FundingCreated
  | FundingSigned
  | ChannelReady
  | OpenChannel2
  | AcceptChannel2
  | TxAddInput
  | TxAddOutput
  | TxRemoveInput
  | TxRemoveOutput
  | TxComplete
  | TxSignatures
  | TxInitRbf
  | TxAckRbf
  | TxAbort
  | Stfu
  | Shutdown
  | ClosingSigned
  | ClosingComplete
  | ClosingSig
  | SpliceInit
  | SpliceAck
  | SpliceLocked
  | UpdateAddHtlc
  | UpdateFulfillHtlc
  | UpdateFailHtlc
  | UpdateFailMalformedHtlc
  | UpdateFee
  | StartBatch
  | CommitmentSigned
  | RevokeAndAck
  | ChannelReestablish
  | AnnouncementSignatures
  | ChannelAnnouncement
  | NodeAnnouncement
  | ChannelUpdate
  | QueryShortChannelIds
  | ReplyShortChannelIdsEnd
  | QueryChannelRange
  | ReplyChannelRange
  | GossipTimestampFilter
  | OnionMessage;

/** Every message of the BOLTs: what `decodeMessage` understands unless it is told otherwise. */
export const boltMessages: MessageRegistry<Message> = messageRegistry([
  init,
  error,
  warning,
  ping,
  pong,
  peerStorage,
  peerStorageRetrieval,
  openChannel,
  acceptChannel,
  fundingCreated,
  fundingSigned,
  channelReady,
  openChannel2,
  acceptChannel2,
  txAddInput,
  txAddOutput,
  txRemoveInput,
  txRemoveOutput,
  txComplete,
  txSignatures,
  txInitRbf,
  txAckRbf,
  txAbort,
  stfu,
  shutdown,
  closingSigned,
  closingComplete,
  closingSig,
  spliceInit,
  spliceAck,
  spliceLocked,
  updateAddHtlc,
  updateFulfillHtlc,
  updateFailHtlc,
  updateFailMalformedHtlc,
  updateFee,
  startBatch,
  commitmentSigned,
  revokeAndAck,
  channelReestablish,
  announcementSignatures,
  channelAnnouncement,
  nodeAnnouncement,
  channelUpdate,
  queryShortChannelIds,
  replyShortChannelIdsEnd,
  queryChannelRange,
  replyChannelRange,
  gossipTimestampFilter,
  onionMessage,
]);

/**
 * Reads one message, beginning with its 2-byte type, as it comes out of the transport.
 *
 * A type that the registry does not know is no error but an {@link UnknownMessage}: the connection must be closed for
 * an even one, an odd one is ignored (BOLT 1, Lightning Message Format). Byte fields are views of `bytes`.
 *
 * @param bytes - At most 65535.
 * @param registry - Messages to understand; `messageRegistry([myMessage], boltMessages)` adds custom ones.
 */
export function decodeMessage(bytes: Uint8Array): Result<Message | UnknownMessage, WireError>;
export function decodeMessage<M extends WireMessage>(
  bytes: Uint8Array,
  registry: MessageRegistry<M>,
): Result<M | UnknownMessage, WireError>;
export function decodeMessage(
  bytes: Uint8Array,
  registry: MessageRegistry<WireMessage> = boltMessages as unknown as MessageRegistry<WireMessage>,
): Result<WireMessage | UnknownMessage, WireError> {
  return decodeWith(bytes, registry);
}

/**
 * Writes one message, beginning with its 2-byte type.
 *
 * @throws RangeError, naming message and field, for a value that does not fit, a message above 65535 bytes, or one that
 * the registry does not know.
 */
export function encodeMessage(message: Message | UnknownMessage): Uint8Array;
export function encodeMessage<M extends WireMessage>(
  message: M | UnknownMessage,
  registry: MessageRegistry<M>,
): Uint8Array;
export function encodeMessage(
  message: WireMessage | UnknownMessage,
  registry: MessageRegistry<WireMessage> = boltMessages as unknown as MessageRegistry<WireMessage>,
): Uint8Array {
  return encodeWith(message, registry);
}
