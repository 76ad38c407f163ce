import { type MessageOf, message } from '../codec/message.ts';
import { struct } from '../codec/struct.ts';
import { t } from '../codec/t.ts';
import { tlv } from '../codec/tlv-fields.ts';

// Encoded arrays keep their first byte, the encoding type: an unknown encoding does not make the message unreadable
// (BOLT 7, Query Messages). See `decodeShortChannelIds` and its neighbours.

/** BOLT #7, The `query_short_channel_ids`/`reply_short_channel_ids_end` Messages. */
export const queryShortChannelIds = message(
  261,
  'query_short_channel_ids',
  { chainHash: t.chainHash, encodedShortIds: t.bytesU16 },
  { queryFlags: tlv(1n, struct({ encodingType: t.u8, encodedQueryFlags: t.rest })) },
  'BOLT #7: The `query_short_channel_ids`/`reply_short_channel_ids_end` Messages',
);
/** What {@link queryShortChannelIds} encodes and decodes. */
export interface QueryShortChannelIds extends MessageOf<typeof queryShortChannelIds> {}

/** BOLT #7, The `query_short_channel_ids`/`reply_short_channel_ids_end` Messages. */
export const replyShortChannelIdsEnd = message(
  262,
  'reply_short_channel_ids_end',
  { chainHash: t.chainHash, fullInformation: t.u8 },
  {},
  'BOLT #7: The `query_short_channel_ids`/`reply_short_channel_ids_end` Messages',
);
/** What {@link replyShortChannelIdsEnd} encodes and decodes. */
export interface ReplyShortChannelIdsEnd extends MessageOf<typeof replyShortChannelIdsEnd> {}

/** BOLT #7, The `query_channel_range` and `reply_channel_range` Messages. `queryOption`: bit 0 timestamps, 1 checksums. */
export const queryChannelRange = message(
  263,
  'query_channel_range',
  { chainHash: t.chainHash, firstBlocknum: t.blockHeight, numberOfBlocks: t.u32 },
  { queryOption: tlv(1n, t.bigSize) },
  'BOLT #7: The `query_channel_range` and `reply_channel_range` Messages',
);
/** What {@link queryChannelRange} encodes and decodes. */
export interface QueryChannelRange extends MessageOf<typeof queryChannelRange> {}

/** BOLT #7, The `query_channel_range` and `reply_channel_range` Messages. */
export const replyChannelRange = message(
  264,
  'reply_channel_range',
  {
    chainHash: t.chainHash,
    firstBlocknum: t.blockHeight,
    numberOfBlocks: t.u32,
    syncComplete: t.u8,
    encodedShortIds: t.bytesU16,
  },
  {
    timestamps: tlv(1n, struct({ encodingType: t.u8, encodedTimestamps: t.rest })),
    checksums: tlv(3n, t.arrayRest(struct({ checksumNodeId1: t.u32, checksumNodeId2: t.u32 }))),
  },
  'BOLT #7: The `query_channel_range` and `reply_channel_range` Messages',
);
/** What {@link replyChannelRange} encodes and decodes. */
export interface ReplyChannelRange extends MessageOf<typeof replyChannelRange> {}

/** BOLT #7, The `gossip_timestamp_filter` Message. */
export const gossipTimestampFilter = message(
  265,
  'gossip_timestamp_filter',
  { chainHash: t.chainHash, firstTimestamp: t.u32, timestampRange: t.u32 },
  {},
  'BOLT #7: The `gossip_timestamp_filter` Message',
);
/** What {@link gossipTimestampFilter} encodes and decodes. */
export interface GossipTimestampFilter extends MessageOf<typeof gossipTimestampFilter> {}
