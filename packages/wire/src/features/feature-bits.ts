import { boltFeatures, type FeatureName } from './bolt-features.ts';
import type { Feature, FeatureTable } from './feature-table.ts';

// A feature vector is bytes as they stand in messages: bit 0 is the lowest bit of the last byte (BOLT 9). Functions
// give new bytes of the shortest length and leave their arguments alone; leading zero bytes mean nothing.

/** How a feature is set: by its odd bit (`optional`) or its even one (`required`). */
export type FeatureSupport = 'optional' | 'required';

/** Whether one bit is set. */
export function hasFeatureBit(features: Uint8Array, bit: number): boolean {
  const at = features.length - 1 - (bit >>> 3);
  return at >= 0 && (features[at]! & (1 << (bit & 7))) !== 0;
}

/** The bits that are set, lowest first. */
export function featureBits(features: Uint8Array): readonly number[] {
  const bits: number[] = [];
  for (let i = features.length - 1; i >= 0; i--) {
    const byte = features[i]!;
    if (byte === 0) continue;
    for (let bit = 0; bit < 8; bit++) {
      if ((byte & (1 << bit)) !== 0) bits.push(8 * (features.length - 1 - i) + bit);
    }
  }
  return bits;
}

/**
 * The shortest vector with these bits set.
 *
 * @throws RangeError for a bit that a vector of 65535 bytes has no room for.
 */
export function featuresFromBits(bits: Iterable<number>): Uint8Array {
  const list = [...bits];
  let highest = -1;
  for (const bit of list) {
    if (!(Number.isInteger(bit) && bit >= 0 && bit < 65535 * 8)) throw new RangeError(`${bit} is no feature bit`);
    if (bit > highest) highest = bit;
  }
  const features = new Uint8Array(highest === -1 ? 0 : (highest >>> 3) + 1);
  for (const bit of list) features[features.length - 1 - (bit >>> 3)]! |= 1 << (bit & 7);
  return features;
}

/** The same bits without leading zero bytes: a view. */
export function trimFeatures(features: Uint8Array): Uint8Array {
  let start = 0;
  while (start < features.length && features[start] === 0) start++;
  return features.subarray(start);
}

/** The bits of both, as `init` wants its two vectors taken (BOLT 1, The `init` Message). */
export function combineFeatures(a: Uint8Array, b: Uint8Array): Uint8Array {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const both = Uint8Array.from(long);
  const gap = long.length - short.length;
  for (let i = 0; i < short.length; i++) both[gap + i]! |= short[i]!;
  return trimFeatures(both);
}

/** Whether the same bits are set, whatever the lengths. */
export function equalFeatures(a: Uint8Array, b: Uint8Array): boolean {
  const left = trimFeatures(a);
  const right = trimFeatures(b);
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

function known<Name extends string>(table: FeatureTable<Name>, name: Name): Feature<Name> {
  const feature = table.byName.get(name);
  if (feature === undefined) throw new RangeError(`feature ${name} is not in the table`);
  return feature;
}

const bolt = <Name extends string>(table: FeatureTable<Name> | undefined): FeatureTable<Name> =>
  table ?? (boltFeatures as unknown as FeatureTable<Name>);

/** Whether a feature is set by either bit. An ASSUMED feature counts only where a bit is set: see `isNegotiated`. */
export function hasFeature<Name extends string = FeatureName>(
  features: Uint8Array,
  name: Name,
  table?: FeatureTable<Name>,
): boolean {
  const { bit } = known(bolt(table), name);
  return hasFeatureBit(features, bit) || hasFeatureBit(features, bit + 1);
}

/** Whether a feature's even bit is set: also with the odd one beside it (BOLT 9, Requirements). */
export function requiresFeature<Name extends string = FeatureName>(
  features: Uint8Array,
  name: Name,
  table?: FeatureTable<Name>,
): boolean {
  return hasFeatureBit(features, known(bolt(table), name).bit);
}

/** The vector with one feature set, by the one bit that `support` asks for and not the other. */
export function setFeature<Name extends string = FeatureName>(
  features: Uint8Array,
  name: Name,
  support: FeatureSupport,
  table?: FeatureTable<Name>,
): Uint8Array {
  const { bit } = known(bolt(table), name);
  const others = featureBits(features).filter((other) => other !== bit && other !== bit + 1);
  return featuresFromBits([...others, support === 'required' ? bit : bit + 1]);
}

/** The vector without either bit of a feature. */
export function clearFeature<Name extends string = FeatureName>(
  features: Uint8Array,
  name: Name,
  table?: FeatureTable<Name>,
): Uint8Array {
  const { bit } = known(bolt(table), name);
  return featuresFromBits(featureBits(features).filter((other) => other !== bit && other !== bit + 1));
}

/** A vector of the named features: `featuresOf({ option_static_remotekey: 'required', basic_mpp: 'optional' })`. */
export function featuresOf<Name extends string = FeatureName>(
  support: { readonly [name in Name]?: FeatureSupport | undefined },
  table?: FeatureTable<Name>,
): Uint8Array {
  const bits: number[] = [];
  for (const [name, how] of Object.entries(support) as [Name, FeatureSupport | undefined][]) {
    const { bit } = known(bolt(table), name);
    if (how !== undefined) bits.push(how === 'required' ? bit : bit + 1);
  }
  return featuresFromBits(bits);
}
