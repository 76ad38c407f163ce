import { bigSizeLength } from '../codec/writer.ts';
import { type OnionPayload, onionPayload } from './onion-payload.ts';

/** Bytes for all hops' payloads in the onion of `update_add_htlc` (BOLT 4, Packet Structure). */
export const paymentOnionPayloadsLength = 1300;

const hmacLength = 32;

/** Bytes that one hop takes in the onion: the payload's BigSize length, the payload, its HMAC (BOLT 4). */
export function hopPayloadSize(payload: OnionPayload): number {
  const length = onionPayload.size(payload);
  return bigSizeLength(length) + length + hmacLength;
}

/** Bytes that all hops take. */
export function hopPayloadsSize(payloads: Iterable<OnionPayload>): number {
  let size = 0;
  for (const payload of payloads) size += hopPayloadSize(payload);
  return size;
}

/**
 * Whether an onion for these hops can be built.
 *
 * @param length - Bytes for all payloads: 1300 in `update_add_htlc`.
 */
export function payloadsFit(payloads: Iterable<OnionPayload>, length: number = paymentOnionPayloadsLength): boolean {
  return hopPayloadsSize(payloads) <= length;
}
