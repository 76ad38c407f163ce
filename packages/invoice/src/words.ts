/** 5-bit words to bytes, the rest padded with zero bits to a whole byte: what is signed. */
export function wordsToPaddedBytes(words: Uint8Array, into: Uint8Array, offset: number): void {
  let carry = 0;
  let bits = 0;
  let position = offset;
  for (let i = 0; i < words.length; i++) {
    carry = ((carry << 5) | words[i]!) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      into[position++] = (carry >> bits) & 0xff;
    }
  }
  if (bits > 0) into[position] = (carry << (8 - bits)) & 0xff;
}

/** 5-bit words to whole bytes, or undefined where the padding is not zero or holds a whole word. */
export function wordsToBytes(words: Uint8Array): Uint8Array | undefined {
  const length = Math.floor((words.length * 5) / 8);
  const padding = words.length * 5 - length * 8;
  if (padding >= 5) return undefined;
  const bytes = new Uint8Array(length);
  const padded = padding === 0 ? bytes : new Uint8Array(length + 1);
  wordsToPaddedBytes(words, padded, 0);
  if (padding === 0) return bytes;
  if (padded[length] !== 0) return undefined;
  return padded.subarray(0, length);
}

/** Bytes to 5-bit words, padded with zero bits. */
export function bytesToWords(bytes: Uint8Array): Uint8Array {
  const words = new Uint8Array(Math.ceil((bytes.length * 8) / 5));
  let carry = 0;
  let bits = 0;
  let position = 0;
  for (let i = 0; i < bytes.length; i++) {
    carry = ((carry << 8) | bytes[i]!) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      words[position++] = (carry >> bits) & 31;
    }
  }
  if (bits > 0) words[position] = (carry << (5 - bits)) & 31;
  return words;
}

/** The big-endian number, or undefined above `max` (a safe integer). */
export function wordsToNumber(words: Uint8Array, max: number): number | undefined {
  let value = 0;
  for (let i = 0; i < words.length; i++) {
    // Safe: the value was at most 2^53 - 1, so 32 times it is exact enough to be seen above the maximum.
    value = value * 32 + words[i]!;
    if (value > max) return undefined;
  }
  return value;
}

/** Big-endian, no zero word in front; `length` words where it is given. */
export function numberToWords(value: number, length?: number): Uint8Array {
  const words: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 32)) words.push(rest % 32);
  while (length !== undefined && words.length < length) words.push(0);
  return Uint8Array.from(words.reverse());
}

/** A bit field, whose bit 0 is the last bit, as big-endian bytes without a zero byte in front. */
export function wordsToBitField(words: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((words.length * 5) / 8));
  let carry = 0;
  let bits = 0;
  let position = bytes.length;
  for (let i = words.length - 1; i >= 0; i--) {
    carry |= words[i]! << bits;
    bits += 5;
    if (bits >= 8) {
      bytes[--position] = carry & 0xff;
      carry >>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) bytes[--position] = carry;
  const first = bytes.findIndex((byte) => byte !== 0);
  return first === -1 ? new Uint8Array(0) : bytes.subarray(first);
}

/** Big-endian bytes of a bit field as words, no zero word in front. */
export function bitFieldToWords(bytes: Uint8Array): Uint8Array {
  const words = new Uint8Array(Math.ceil((bytes.length * 8) / 5));
  let carry = 0;
  let bits = 0;
  let position = words.length;
  for (let i = bytes.length - 1; i >= 0; i--) {
    carry |= bytes[i]! << bits;
    bits += 8;
    while (bits >= 5) {
      words[--position] = carry & 31;
      carry >>= 5;
      bits -= 5;
    }
  }
  if (bits > 0) words[--position] = carry;
  const first = words.findIndex((word) => word !== 0);
  return first === -1 ? new Uint8Array(0) : words.subarray(first);
}
