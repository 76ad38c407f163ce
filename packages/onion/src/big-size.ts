/** Bytes that a length takes as a BigSize (BOLT #1, Fundamental Types): 1, 3 or 5. */
export const bigSizeLength = (value: number): number => (value < 0xfd ? 1 : value <= 0xffff ? 3 : 5);

/**
 * Writes a length (a u32) in place.
 *
 * @returns the offset behind it.
 */
export function writeBigSize(target: Uint8Array, offset: number, value: number): number {
  const length = bigSizeLength(value);
  let at = offset;
  if (length > 1) target[at++] = length === 3 ? 0xfd : 0xfe;
  for (let shift = length === 1 ? 0 : 8 * (length - 2); shift >= 0; shift -= 8) target[at++] = (value >>> shift) & 0xff;
  return at;
}

/**
 * Reads a BigSize that ends before `end`.
 *
 * @returns its value and its bytes; undefined when it is cut off or not minimal.
 */
export function readBigSize(
  source: Uint8Array,
  offset: number,
  end: number,
): { readonly value: bigint; readonly length: number } | undefined {
  if (offset >= end) return undefined;
  const first = source[offset]!;
  if (first < 0xfd) return { value: BigInt(first), length: 1 };
  const bytes = 2 << (first - 0xfd);
  if (offset + 1 + bytes > end) return undefined;
  let value = 0n;
  for (let i = 1; i <= bytes; i++) value = (value << 8n) | BigInt(source[offset + i]!);
  // BOLT #1: the shortest form only.
  const least = first === 0xfd ? 0xfdn : 1n << BigInt(4 * bytes);
  return value < least ? undefined : { value, length: 1 + bytes };
}
