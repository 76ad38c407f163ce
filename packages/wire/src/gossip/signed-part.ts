const announcement = 256;
const nodeAnnouncement = 257;
const channelUpdate = 258;
const signature = 64;

/**
 * The part of a gossip message that its signatures cover: all bytes after them, to the end (BOLT 7). Its double SHA-256
 * is what was signed. A view.
 *
 * @param bytes - `channel_announcement`, `node_announcement` or `channel_update` with its 2-byte type, decoded before.
 * @throws RangeError for another message or one too short for its signatures.
 */
export function signedPart(bytes: Uint8Array): Uint8Array {
  const start = 2 + signature * signatureCount(bytes);
  if (bytes.length < start) throw new RangeError(`${bytes.length} bytes are too few for the message's signatures`);
  return bytes.subarray(start);
}

function signatureCount(bytes: Uint8Array): number {
  const number = bytes.length < 2 ? -1 : (bytes[0]! << 8) | bytes[1]!;
  if (number === announcement) return 4;
  if (number === nodeAnnouncement || number === channelUpdate) return 1;
  throw new RangeError(`message type ${number} is no signed gossip`);
}
