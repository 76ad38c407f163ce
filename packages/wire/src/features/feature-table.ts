/**
 * Where a feature may be presented (BOLT 9, the Context column): `init` I, `node` N (`node_announcement`), `channel` C
 * (`channel_announcement`), `invoice` 9, `blindedPath` B (`allowed_features`), `channelType` T.
 */
export type FeatureContext = 'init' | 'node' | 'channel' | 'invoice' | 'blindedPath' | 'channelType';

/** One feature: a pair of bits. */
export interface Feature<Name extends string = string> {
  readonly name: Name;
  /** The even bit of the pair, which requires the feature; the odd bit `bit + 1` offers it. */
  readonly bit: number;
  readonly contexts: readonly FeatureContext[];
  /** Features that have to be set with it. */
  readonly dependencies: readonly string[];
  /** So widespread that every node has it, whether it sets the bit or not (BOLT 9, ASSUMED). */
  readonly isAssumed: boolean;
}

/** Features by name and by even bit. */
export interface FeatureTable<Name extends string = string> {
  readonly byName: ReadonlyMap<Name, Feature<Name>>;
  readonly byBit: ReadonlyMap<number, Feature<Name>>;
}

const maxBit = 65535 * 8 - 2;

/**
 * A table of the given features, after those of `base` if it is given:
 * `featureTable([{ name: 'my_feature', bit: 1000, contexts: ['init'], dependencies: [], isAssumed: false }], boltFeatures)`.
 *
 * @throws RangeError for a name or bit used twice, an odd bit, or a dependency that the table lacks.
 */
export function featureTable<const Name extends string, Base extends string = never>(
  features: readonly Feature<Name>[],
  base?: FeatureTable<Base>,
): FeatureTable<Name | Base> {
  const byName = new Map<Name | Base, Feature<Name | Base>>(base?.byName);
  const byBit = new Map<number, Feature<Name | Base>>(base?.byBit);
  for (const feature of features) {
    const { name, bit } = feature;
    if (!(Number.isInteger(bit) && bit >= 0 && bit <= maxBit && bit % 2 === 0)) {
      throw new RangeError(`bit ${bit} of ${name} is no even number from 0 to ${maxBit}`);
    }
    if (byName.has(name)) throw new RangeError(`feature ${name} is taken`);
    if (byBit.has(bit)) throw new RangeError(`feature bit ${bit} of ${name} is taken`);
    byName.set(name, feature);
    byBit.set(bit, feature);
  }
  for (const { name, dependencies } of features) {
    for (const dependency of dependencies) {
      if (!byName.has(dependency as Name)) throw new RangeError(`${name} depends on ${dependency}, which is unknown`);
    }
  }
  return { byName, byBit };
}
