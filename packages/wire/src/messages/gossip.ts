import { type MessageOf, message, signedMessage } from '../codec/message.ts';
import { t } from '../codec/t.ts';

// Gossip is decoded by the hundred thousand, so nothing in it is worked on before it is asked for: keys stay views of
// 33 bytes (`nodeIdOf` makes an id), addresses stay bytes (`decodeNodeAddresses`), and nothing is validated here.

/** BOLT #7, The `announcement_signatures` Message. */
export const announcementSignatures = message(
  259,
  'announcement_signatures',
  {
    channelId: t.channelId,
    shortChannelId: t.shortChannelId,
    nodeSignature: t.signature,
    bitcoinSignature: t.signature,
  },
  {},
  'BOLT #7: The `announcement_signatures` Message',
);
/** What {@link announcementSignatures} encodes and decodes. */
export interface AnnouncementSignatures extends MessageOf<typeof announcementSignatures> {}

/** BOLT #7, The `channel_announcement` Message. Keys are 33 bytes as they came, unchecked. */
export const channelAnnouncement = signedMessage(
  256,
  'channel_announcement',
  {
    nodeSignature1: t.signature,
    nodeSignature2: t.signature,
    bitcoinSignature1: t.signature,
    bitcoinSignature2: t.signature,
    features: t.bytesU16,
    chainHash: t.chainHash,
    shortChannelId: t.shortChannelId,
    nodeId1: t.point,
    nodeId2: t.point,
    bitcoinKey1: t.point,
    bitcoinKey2: t.point,
  },
  'BOLT #7: The `channel_announcement` Message',
);
/** What {@link channelAnnouncement} encodes and decodes. */
export interface ChannelAnnouncement extends MessageOf<typeof channelAnnouncement> {}

/** BOLT #7, The `node_announcement` Message. `alias` is 32 bytes, zero-padded, of UTF-8 that nobody has checked. */
export const nodeAnnouncement = signedMessage(
  257,
  'node_announcement',
  {
    signature: t.signature,
    features: t.bytesU16,
    timestamp: t.u32,
    nodeId: t.point,
    rgbColor: t.bytes(3),
    alias: t.bytes(32),
    addresses: t.bytesU16,
  },
  'BOLT #7: The `node_announcement` Message',
);
/** What {@link nodeAnnouncement} encodes and decodes. */
export interface NodeAnnouncement extends MessageOf<typeof nodeAnnouncement> {}

/** BOLT #7, The `channel_update` Message. `channelFlags`: bit 0 direction, bit 1 disabled. */
export const channelUpdate = signedMessage(
  258,
  'channel_update',
  {
    signature: t.signature,
    chainHash: t.chainHash,
    shortChannelId: t.shortChannelId,
    timestamp: t.u32,
    messageFlags: t.u8,
    channelFlags: t.u8,
    cltvExpiryDelta: t.cltvDelta,
    htlcMinimumMsat: t.msat,
    feeBaseMsat: t.u32,
    feeProportionalMillionths: t.u32,
    htlcMaximumMsat: t.msat,
  },
  'BOLT #7: The `channel_update` Message',
);
/** What {@link channelUpdate} encodes and decodes. */
export interface ChannelUpdate extends MessageOf<typeof channelUpdate> {}
