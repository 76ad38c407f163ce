import { type NodeId, nodeId, type ShortChannelId, shortChannelId, shortChannelIdOf } from '@boltwright/base';
import { ApiError } from './api-error.ts';

export const nodeIdPattern = '^0[23][0-9a-fA-F]{64}$';
/** `700000x1x0`, or the u64 in decimal. */
export const shortChannelIdPattern = '^([0-9]{1,8}x[0-9]{1,8}x[0-9]{1,5}|[0-9]{1,20})$';
/** Whole millisatoshis; more than all bitcoins does not fit. */
export const amountPattern = '^(0|[1-9][0-9]{0,18})$';

/** @throws ApiError `invalid_request` where the text is no public key. */
export function parseNodeId(text: string, field: string): NodeId {
  if (!new RegExp(nodeIdPattern).test(text)) {
    throw new ApiError(
      'invalid_request',
      `'${text.slice(0, 70)}' is no node id: 66 hex digits from 02 or 03 are`,
      field,
    );
  }
  return nodeId(text);
}

/** @throws ApiError `invalid_request` where the text is no short channel id. */
export function parseShortChannelId(text: string, field: string): ShortChannelId {
  if (new RegExp(shortChannelIdPattern).test(text)) {
    try {
      const [block, transaction, output] = text.split('x').map(Number);
      if (transaction === undefined) return shortChannelId(BigInt(text));
      return shortChannelIdOf(block!, transaction, output!);
    } catch {
      // out of range: refused below
    }
  }
  const message = `'${text.slice(0, 30)}' is no short channel id: BLOCKxTRANSACTIONxOUTPUT or a u64 in decimal is`;
  throw new ApiError('invalid_request', message, field);
}
