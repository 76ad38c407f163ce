import { type MessageOf, message } from '../codec/message.ts';
import { t } from '../codec/t.ts';
import { tlv } from '../codec/tlv-fields.ts';

/**
 * BOLT #1, The `init` Message. `globalFeatures` and `features` are to be taken together (`combineFeatures`);
 * `remoteAddr` is one address descriptor (`decodeNodeAddresses`).
 */
export const init = message(
  16,
  'init',
  { globalFeatures: t.bytesU16, features: t.bytesU16 },
  { networks: tlv(1n, t.arrayRest(t.chainHash)), remoteAddr: tlv(3n, t.rest) },
  'BOLT #1: The `init` Message',
);
/** What {@link init} encodes and decodes. */
export interface Init extends MessageOf<typeof init> {}

/** BOLT #1, The `error` and `warning` Messages. An all-zero `channelId` means every channel with the peer. */
export const error = message(
  17,
  'error',
  { channelId: t.channelId, data: t.bytesU16 },
  {},
  'BOLT #1: The `error` and `warning` Messages',
);
/** What {@link error} encodes and decodes. */
export interface ErrorMessage extends MessageOf<typeof error> {}

/** BOLT #1, The `error` and `warning` Messages. An all-zero `channelId` means no channel in particular. */
export const warning = message(
  1,
  'warning',
  { channelId: t.channelId, data: t.bytesU16 },
  {},
  'BOLT #1: The `error` and `warning` Messages',
);
/** What {@link warning} encodes and decodes. */
export interface Warning extends MessageOf<typeof warning> {}

/** BOLT #1, The `ping` and `pong` Messages. At 65532 `numPongBytes` and above no answer is due. */
export const ping = message(
  18,
  'ping',
  { numPongBytes: t.u16, ignored: t.bytesU16 },
  {},
  'BOLT #1: The `ping` and `pong` Messages',
);
/** What {@link ping} encodes and decodes. */
export interface Ping extends MessageOf<typeof ping> {}

/** BOLT #1, The `ping` and `pong` Messages. */
export const pong = message(19, 'pong', { ignored: t.bytesU16 }, {}, 'BOLT #1: The `ping` and `pong` Messages');
/** What {@link pong} encodes and decodes. */
export interface Pong extends MessageOf<typeof pong> {}

/** BOLT #1, Peer Storage. `blob` is for us to keep: at most 65531 bytes. */
export const peerStorage = message(7, 'peer_storage', { blob: t.bytesU16 }, {}, 'BOLT #1: Peer Storage');
/** What {@link peerStorage} encodes and decodes. */
export interface PeerStorage extends MessageOf<typeof peerStorage> {}

/** BOLT #1, Peer Storage. `blob` is what the peer kept for us. */
export const peerStorageRetrieval = message(
  9,
  'peer_storage_retrieval',
  { blob: t.bytesU16 },
  {},
  'BOLT #1: Peer Storage',
);
/** What {@link peerStorageRetrieval} encodes and decodes. */
export interface PeerStorageRetrieval extends MessageOf<typeof peerStorageRetrieval> {}
