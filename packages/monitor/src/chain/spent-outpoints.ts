import { type OutPointKey, reverseBytes, toHex } from '@boltwright/base';

/**
 * Calls back for each outpoint that a transaction's bytes spend, without taking the rest apart: a block has thousands.
 *
 * @returns false for bytes that are no transaction; what was found before is then told already.
 */
export function forEachSpent(bytes: Uint8Array, spent: (outpoint: OutPointKey) => void): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 4;
  const compactSize = (): number => {
    const first = bytes[at];
    const length = first === undefined || first < 0xfd ? 1 : first === 0xfd ? 3 : 5;
    // Eight bytes would count more inputs than fit a block.
    if (first === undefined || first === 0xff || at + length > bytes.length) return -1;
    const value = length === 1 ? first : length === 3 ? view.getUint16(at + 1, true) : view.getUint32(at + 1, true);
    at += length;
    return value;
  };
  if (bytes[4] === 0 && bytes[5] === 1) at = 6;
  const count = compactSize();
  for (let input = 0; input < count; input++) {
    if (at + 41 > bytes.length) return false;
    const txid = toHex(reverseBytes(bytes.subarray(at, at + 32)));
    spent(`${txid}:${view.getUint32(at + 32, true)}` as OutPointKey);
    at += 36;
    const script = compactSize();
    if (script < 0) return false;
    at += script + 4;
  }
  return count > 0 && at <= bytes.length;
}
