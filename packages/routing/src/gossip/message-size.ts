import type { Message } from '@boltwright/wire';

/** About how many bytes a gossip message takes, without writing it. */
export function messageSize(message: Message): number {
  switch (message.type) {
    case 'channel_announcement':
      return 430 + message.features.length + (message.extension?.length ?? 0);
    case 'channel_update':
      return 138 + (message.extension?.length ?? 0);
    case 'node_announcement':
      return 142 + message.features.length + message.addresses.length + (message.extension?.length ?? 0);
    case 'reply_channel_range': {
      const { encodedShortIds, timestamps, checksums } = message;
      return 60 + encodedShortIds.length + (timestamps?.encodedTimestamps.length ?? 0) + 8 * (checksums?.length ?? 0);
    }
    case 'query_short_channel_ids':
      return 48 + message.encodedShortIds.length + (message.queryFlags?.encodedQueryFlags.length ?? 0);
    default:
      return 64;
  }
}
