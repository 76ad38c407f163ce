import type { Random } from './random.ts';

// Bytes at the edges of BigSize prefixes, signs, counts and flags.
const interesting = [0x00, 0x01, 0x02, 0x03, 0x04, 0x7f, 0x80, 0xfc, 0xfd, 0xfe, 0xff];

type Mutation = (random: Random, bytes: Uint8Array, other: Uint8Array) => Uint8Array;

const joined = (...parts: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

/** Writes `value` big-endian over `width` bytes somewhere: a length, a count or an amount that lies. */
function writeNumber(random: Random, bytes: Uint8Array, width: number): Uint8Array {
  if (bytes.length < width) return bytes;
  const value = random.pick([0, 1, bytes.length, bytes.length - 1, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff]);
  const at = random.below(bytes.length - width + 1);
  for (let i = 0; i < width; i++) bytes[at + i] = Math.floor(value / 256 ** (width - 1 - i)) & 0xff;
  return bytes;
}

const mutations: readonly Mutation[] = [
  // a bit
  (random, bytes) => {
    if (bytes.length > 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    return bytes;
  },
  // a byte
  (random, bytes) => {
    if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
    return bytes;
  },
  (random, bytes) => {
    if (bytes.length > 0) bytes[random.below(bytes.length)] = random.pick(interesting);
    return bytes;
  },
  // a byte counted up or down: lengths and types
  (random, bytes) => {
    if (bytes.length > 0) bytes[random.below(bytes.length)]! += random.below(2) === 0 ? 1 : -1;
    return bytes;
  },
  (random, bytes) => writeNumber(random, bytes, 2),
  (random, bytes) => writeNumber(random, bytes, 4),
  // cut short
  (random, bytes) => bytes.subarray(0, random.below(bytes.length + 1)),
  // a part left out
  (random, bytes) => {
    const from = random.below(bytes.length + 1);
    return joined(bytes.subarray(0, from), bytes.subarray(from + 1 + random.below(16)));
  },
  // a part put in
  (random, bytes) => {
    const at = random.below(bytes.length + 1);
    return joined(bytes.subarray(0, at), random.bytes(1 + random.below(16)), bytes.subarray(at));
  },
  // a part twice
  (random, bytes) => {
    const from = random.below(bytes.length + 1);
    const to = from + random.below(Math.min(64, bytes.length - from) + 1);
    return joined(bytes.subarray(0, to), bytes.subarray(from, to), bytes.subarray(to));
  },
  // the end of another input
  (random, bytes, other) =>
    joined(bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1))),
  // a TLV record at the end
  (random, bytes) => {
    const value = random.bytes(random.below(40));
    return joined(bytes, Uint8Array.of(random.below(253), value.length), value);
  },
];

/** One to eight changes to a copy of `bytes`. */
export function mutate(random: Random, bytes: Uint8Array, other: Uint8Array, maxLength: number): Uint8Array {
  let mutated = Uint8Array.from(bytes);
  for (let rounds = 1 << random.below(4); rounds > 0; rounds--) {
    mutated = Uint8Array.from(random.pick(mutations)(random, mutated, other));
  }
  return mutated.length > maxLength ? mutated.subarray(0, maxLength) : mutated;
}
