/**
 * Text of a peer, for a log: as it is where all of it is printable ASCII, else in escapes (BOLT 1, The `error` and
 * `warning` Messages). At most 1024 bytes of it.
 */
export function printable(data: Uint8Array): string {
  let text = '';
  for (const byte of data.subarray(0, 1024)) {
    text += byte >= 32 && byte <= 126 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return data.length > 1024 ? `${text}…` : text;
}
