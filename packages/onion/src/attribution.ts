import { concatBytes, equalBytesConstantTime } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { AttributionData } from '@boltwright/wire';
import { applyStream, deriveKey } from './key-derivation.ts';

/** Hops that attribution data can tell of (BOLT #4, Initialization of `attribution_data`). */
export const maxAttributableHops = 20;

const hops = maxAttributableHops;
const holdTimesLength = 4 * hops;
const truncatedLength = 4;
const hmacCount = (hops * (hops + 1)) / 2;

/** `htlc_hold_times` (20 u32) and `truncated_hmacs` (210 of 4 bytes), one after the other. */
const dataLength = holdTimesLength + truncatedLength * hmacCount;

/** The unit of hold times, milliseconds. */
export const holdTimeUnitMs = 100;

/** What the hops of a path report about a returned HTLC. */
export interface AttributionReport {
  /** Hold times in units of 100 ms, the first hop first, as far as they are authentic. Zero: the hop tells nothing. */
  readonly holdTimes: readonly number[];
  /**
   * The first hop whose HMAC does not match: it or the hop before it altered or dropped the data, or is older than
   * attribution data. Undefined when all match, or when there was no attribution data.
   */
  readonly firstUnattributedHop?: number;
}

/** Where `hmac_x_y` begins: block x holds 20 - x HMACs, the farthest position first. */
const hmacOffset = (x: number, y: number): number => {
  const before = x * hops - (x * (x - 1)) / 2;
  return holdTimesLength + truncatedLength * (before + hops - 1 - x - y);
};

/**
 * Adds this node's hold time and HMACs to the attribution data that came from downstream, and obfuscates it.
 *
 * @param message - The return packet before this node's own stream is applied; empty for a fulfilled HTLC.
 * @param downstream - Left out by the erring or final node, and where downstream sent none.
 * @param holdTime - Units of 100 ms, a u32; more is cut to that.
 * @throws RangeError when `downstream` has other lengths than 80 and 840 bytes, which no message gives.
 * @see BOLT #4, Update of `attribution_data`
 */
export function updateAttribution(
  crypto: CryptoBackend,
  sharedSecret: Uint8Array,
  message: Uint8Array,
  downstream: AttributionData | undefined,
  holdTime: number,
): AttributionData {
  const data = new Uint8Array(dataLength);
  if (downstream !== undefined) shiftRight(joined(downstream), data);
  writeHoldTime(data, holdTime);
  const um = deriveKey(crypto, 'um', sharedSecret);
  const scratch = hmacInput(message);
  for (let y = 0; y < hops; y++) {
    const hmac = crypto.hmacSha256(um, fillInput(scratch, message.length, data, y));
    data.set(hmac.subarray(0, truncatedLength), hmacOffset(0, y));
  }
  const obfuscated = applyStream(crypto, deriveKey(crypto, 'ammagext', sharedSecret), data);
  return {
    htlcHoldTimes: obfuscated.subarray(0, holdTimesLength),
    truncatedHmacs: obfuscated.subarray(holdTimesLength),
  };
}

function joined({ htlcHoldTimes, truncatedHmacs }: AttributionData): Uint8Array {
  if (htlcHoldTimes.length !== holdTimesLength || truncatedHmacs.length !== dataLength - holdTimesLength) {
    throw new RangeError(
      `attribution data of ${htlcHoldTimes.length} and ${truncatedHmacs.length} bytes: 80 and 840 are`,
    );
  }
  return concatBytes(htlcHoldTimes, truncatedHmacs);
}

/** Reads attribution data hop by hop, from the first hop on: what the origin does beside unwrapping the packet. */
export class AttributionReader {
  readonly #crypto: CryptoBackend;
  readonly #hopCount: number;
  #data: Uint8Array | undefined;
  #next = 0;
  #firstUnattributedHop: number | undefined;
  readonly #holdTimes: number[] = [];

  /** @param hopCount - Hops of the path that can be attributed: at most 20, the introduction node the last. */
  constructor(crypto: CryptoBackend, data: AttributionData | undefined, hopCount: number) {
    this.#crypto = crypto;
    this.#hopCount = Math.min(hopCount, hops);
    this.#data = data === undefined ? undefined : joined(data);
  }

  /**
   * Takes the next hop's layer off.
   *
   * @param message - The return packet with this hop's stream taken off; empty for a fulfilled HTLC.
   * @see BOLT #4, Origin node
   */
  readHop(sharedSecret: Uint8Array, message: Uint8Array): void {
    const hop = this.#next++;
    if (this.#data === undefined || hop >= this.#hopCount || this.#firstUnattributedHop !== undefined) return;
    const data = applyStream(this.#crypto, deriveKey(this.#crypto, 'ammagext', sharedSecret), this.#data);
    const y = this.#hopCount - 1 - hop;
    const input = fillInput(hmacInput(message), message.length, data, y);
    const hmac = this.#crypto.hmacSha256(deriveKey(this.#crypto, 'um', sharedSecret), input);
    const at = hmacOffset(0, y);
    if (!equalBytesConstantTime(hmac.subarray(0, truncatedLength), data.subarray(at, at + truncatedLength))) {
      this.#firstUnattributedHop = hop;
      return;
    }
    this.#holdTimes.push(((data[0]! << 24) | (data[1]! << 16) | (data[2]! << 8) | data[3]!) >>> 0);
    this.#data = shiftLeft(data);
  }

  /** @param lastHop - The hop that the return came from: what is said about hops after it means nothing. */
  report(lastHop?: number): AttributionReport {
    const holdTimes = lastHop === undefined ? this.#holdTimes : this.#holdTimes.slice(0, lastHop + 1);
    const first = this.#firstUnattributedHop;
    const isKnown = first !== undefined && (lastHop === undefined || first <= lastHop);
    return isKnown ? { holdTimes, firstUnattributedHop: first } : { holdTimes };
  }
}

function writeHoldTime(data: Uint8Array, holdTime: number): void {
  const capped = holdTime >= 0 ? Math.min(Math.floor(holdTime), 0xffff_ffff) : 0;
  data[0] = capped >>> 24;
  data[1] = capped >>> 16;
  data[2] = capped >>> 8;
  data[3] = capped;
}

/** Room for the longest input of an HMAC, the message already in it. */
function hmacInput(message: Uint8Array): Uint8Array {
  const input = new Uint8Array(message.length + 2 * holdTimesLength);
  input.set(message);
  return input;
}

/** Message, the first y + 1 hold times, and the y HMACs of the hops downstream: hmac_1_(y-1) … hmac_y_0. */
function fillInput(input: Uint8Array, messageLength: number, data: Uint8Array, y: number): Uint8Array {
  let at = messageLength;
  input.set(data.subarray(0, 4 * (y + 1)), at);
  at += 4 * (y + 1);
  for (let x = 1; x <= y; x++) {
    const from = hmacOffset(x, y - x);
    input.set(data.subarray(from, from + truncatedLength), at);
    at += truncatedLength;
  }
  return input.subarray(0, at);
}

/** Hold times one to the right, `hmac_x_y` to `hmac_x+1_y`; each block's farthest position falls out. */
function shiftRight(from: Uint8Array, into: Uint8Array): void {
  into.set(from.subarray(0, holdTimesLength - 4), 4);
  for (let x = 0; x < hops - 1; x++) {
    const start = hmacOffset(x, hops - 2 - x);
    into.set(from.subarray(start, hmacOffset(x, 0) + truncatedLength), hmacOffset(x + 1, hops - 2 - x));
  }
}

/** Undoes {@link shiftRight} for the next hop; what fell out there is zero, and needed by no HMAC on the path. */
function shiftLeft(from: Uint8Array): Uint8Array {
  const into = new Uint8Array(dataLength);
  into.set(from.subarray(4, holdTimesLength));
  for (let x = 1; x < hops; x++) {
    const start = hmacOffset(x, hops - 1 - x);
    into.set(from.subarray(start, hmacOffset(x, 0) + truncatedLength), hmacOffset(x - 1, hops - 1 - x));
  }
  return into;
}
