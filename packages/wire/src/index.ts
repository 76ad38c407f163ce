export * from './bolt-messages.ts';
export * from './codec/big-size.ts';
export type { FieldList, FieldType, FieldValues, ValueOf } from './codec/field-type.ts';
export {
  type MessageCodec,
  type MessageOf,
  type MessageShape,
  maxMessageLength,
  message,
  type SignedMessageShape,
  signedMessage,
  type WireMessage,
  type WithExtension,
} from './codec/message.ts';
export type { Reader } from './codec/reader.ts';
export { struct } from './codec/struct.ts';
export { t } from './codec/t.ts';
export {
  type Tlv,
  type TlvList,
  type TlvRecord,
  type TlvValues,
  tlv,
  type WithUnknownTlvs,
} from './codec/tlv-fields.ts';
export * from './codec/tlv-stream.ts';
export type { Writer } from './codec/writer.ts';
export * from './features/bolt-features.ts';
export * from './features/feature-bits.ts';
export * from './features/feature-checks.ts';
export * from './features/feature-table.ts';
export * from './gossip/channel-update-checksum.ts';
export * from './gossip/encoded-arrays.ts';
export * from './gossip/node-address.ts';
export * from './gossip/signed-part.ts';
export * from './messages/close-channel.ts';
export * from './messages/commitment.ts';
export * from './messages/error-text.ts';
export * from './messages/gossip.ts';
export * from './messages/gossip-queries.ts';
export * from './messages/interactive-tx.ts';
export * from './messages/onion-message.ts';
export * from './messages/open-channel.ts';
export * from './messages/open-channel2.ts';
export * from './messages/setup.ts';
export * from './messages/splice.ts';
export * from './messages/update-htlc.ts';
export * from './onion/onion-payload.ts';
export * from './onion/payload-size.ts';
export { type MessageRegistry, messageRegistry, type UnknownMessage } from './registry.ts';
export * from './wire-error.ts';
