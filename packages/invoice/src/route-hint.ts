import { cltvDelta, nodeIdBytes, nodeIdOf, shortChannelId } from '@boltwright/base';
import type { RouteHintHop } from '@boltwright/interfaces';
import type { RouteHint } from './invoice.ts';
import { InvoiceFailure } from './invoice-error.ts';
import type { TaggedField } from './tagged-field.ts';
import { tags } from './tags.ts';
import { bytesToWords, wordsToBytes } from './words.ts';

/** Key (33), short channel id (8), base fee (4), proportional fee (4), delta (2): BOLT #11, field `r`. */
const hopLength = 51;
/** As many hops as the 639 bytes of a field hold. */
export const maxHintHops = 12;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

function readHop(bytes: Uint8Array): RouteHintHop {
  const view = viewOf(bytes);
  return {
    sourceNodeId: nodeIdOf(bytes.subarray(0, 33)),
    shortChannelId: shortChannelId(view.getBigUint64(33)),
    feeBaseMsat: view.getUint32(41),
    feeProportionalMillionths: view.getUint32(45),
    cltvExpiryDelta: cltvDelta(view.getUint16(49)),
  };
}

/** @throws InvoiceFailure where the field holds no whole number of hops, or a key that is no point. */
export function readRouteHint(words: Uint8Array, position: number, isPoint: (point: Uint8Array) => boolean): RouteHint {
  const bytes = wordsToBytes(words);
  if (bytes === undefined) throw new InvoiceFailure('route_hint', position, { kind: 'invalid_padding' });
  const count = Math.floor(bytes.length / hopLength);
  if (count === 0 || bytes.length % hopLength !== 0) {
    const expected = Math.ceil((Math.max(count, 1) * hopLength * 8) / 5);
    throw new InvoiceFailure('route_hint', position, { kind: 'wrong_length', length: words.length, expected });
  }
  const hops: RouteHintHop[] = [];
  for (let start = 0; start < bytes.length; start += hopLength) {
    const hop = bytes.subarray(start, start + hopLength);
    if (!isPoint(hop.subarray(0, 33))) {
      throw new InvoiceFailure('route_hint', position + Math.floor((start * 8) / 5), { kind: 'invalid_point' });
    }
    hops.push(readHop(hop));
  }
  return hops;
}

function requireU32(value: number, name: string): void {
  if (value >>> 0 !== value) throw new RangeError(`${name} ${value} is no u32`);
}

/** @throws RangeError without hops, with more than 12, or for a number outside its field: `DataView` would cut it. */
export function writeRouteHint(hint: RouteHint): TaggedField {
  if (hint.length === 0 || hint.length > maxHintHops) {
    throw new RangeError(`a route hint has 1 to ${maxHintHops} hops, this one ${hint.length}`);
  }
  const bytes = new Uint8Array(hint.length * hopLength);
  const view = viewOf(bytes);
  let start = 0;
  for (const hop of hint) {
    requireU32(hop.feeBaseMsat, 'base fee');
    requireU32(hop.feeProportionalMillionths, 'proportional fee');
    bytes.set(nodeIdBytes(hop.sourceNodeId), start);
    view.setBigUint64(start + 33, shortChannelId(hop.shortChannelId));
    view.setUint32(start + 41, hop.feeBaseMsat);
    view.setUint32(start + 45, hop.feeProportionalMillionths);
    view.setUint16(start + 49, cltvDelta(hop.cltvExpiryDelta));
    start += hopLength;
  }
  return { tag: tags.routeHint, words: bytesToWords(bytes) };
}
