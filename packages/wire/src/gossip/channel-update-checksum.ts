const polynomial = 0x82f6_3b78;

const table: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  return crc;
});

function update(crc: number, bytes: Uint8Array, start: number, end: number): number {
  let next = crc;
  for (let i = start; i < end; i++) next = (next >>> 8) ^ table[(next ^ bytes[i]!) & 0xff]!;
  return next;
}

/** CRC32C (RFC 3720, Appendix B.4) as a u32. */
export function crc32c(bytes: Uint8Array): number {
  return (update(0xffff_ffff, bytes, 0, bytes.length) ^ 0xffff_ffff) >>> 0;
}

const afterSignature = 2 + 64;
const timestampAt = afterSignature + 32 + 8;

/**
 * The checksum of a `channel_update` for extended queries: CRC32C of its payload without signature and timestamp
 * (BOLT 7, The `query_channel_range` and `reply_channel_range` Messages). A u32.
 *
 * @param bytes - The message with its 2-byte type, decoded before.
 * @throws RangeError for another or a shorter message.
 */
export function channelUpdateChecksum(bytes: Uint8Array): number {
  if (bytes.length < 138 || bytes[0] !== 1 || bytes[1] !== 2) throw new RangeError('no channel_update');
  const head = update(0xffff_ffff, bytes, afterSignature, timestampAt);
  return (update(head, bytes, timestampAt + 4, bytes.length) ^ 0xffff_ffff) >>> 0;
}
