import { boltFeatures, type FeatureName } from './bolt-features.ts';
import { featureBits, featuresFromBits, hasFeature, hasFeatureBit } from './feature-bits.ts';
import type { FeatureContext, FeatureTable } from './feature-table.ts';

/** What is wrong with a feature vector. */
export type FeatureProblem =
  /** An even bit that is not known: what carries it must not be used (BOLT 1, BOLT 7, BOLT 11). */
  | { readonly kind: 'unknown_required_bit'; readonly bit: number }
  /** A feature set without one it depends on, directly or over others (BOLT 9, Requirements). */
  | { readonly kind: 'missing_dependency'; readonly feature: string; readonly dependency: string }
  /** A feature set where the Context column has it not. A sender's mistake; receivers let an odd bit pass. */
  | { readonly kind: 'wrong_context'; readonly feature: string; readonly context: FeatureContext }
  /** Both bits of a pair set. A sender's mistake; receivers take the feature as required. */
  | { readonly kind: 'both_bits'; readonly feature: string };

/** As many bits are reported at most: the vector of a hostile `init` has 262,000 even ones. */
export const maxReportedBits = 64;

/** The even bits that are set and refused, lowest first, {@link maxReportedBits} at most. */
function refusedBits(features: Uint8Array, isRefused: (bit: number) => boolean): readonly number[] {
  const refused: number[] = [];
  for (let i = features.length - 1; i >= 0; i--) {
    const even = features[i]! & 0x55;
    if (even === 0) continue;
    const lowest = 8 * (features.length - 1 - i);
    for (let bit = 0; bit < 8; bit += 2) {
      if ((even & (1 << bit)) === 0 || !isRefused(lowest + bit)) continue;
      refused.push(lowest + bit);
      if (refused.length === maxReportedBits) return refused;
    }
  }
  return refused;
}

/**
 * The even bits that the table does not know, lowest first, {@link maxReportedBits} at most.
 *
 * @param context - Where the vector stands. A feature that the Context column has not there means nothing there that a
 *   reader could do, so that its even bit is as unknown as any. Left out: every feature of the table is known.
 */
export function unknownRequiredBits(
  features: Uint8Array,
  table: FeatureTable = boltFeatures as FeatureTable,
  context?: FeatureContext,
): readonly number[] {
  return refusedBits(features, (bit) => {
    const feature = table.byBit.get(bit);
    return feature === undefined || (context !== undefined && !feature.contexts.includes(context));
  });
}

/**
 * The even bits of `theirs` that `ours` sets neither bit of: what they require and we do not offer. ASSUMED features
 * count as offered. Lowest first, {@link maxReportedBits} at most.
 */
export function unsupportedRequiredBits(
  ours: Uint8Array,
  theirs: Uint8Array,
  table: FeatureTable = boltFeatures as FeatureTable,
): readonly number[] {
  return refusedBits(
    theirs,
    (bit) => !hasFeatureBit(ours, bit) && !hasFeatureBit(ours, bit + 1) && table.byBit.get(bit)?.isAssumed !== true,
  );
}

/** Dependencies that are not set, over any number of steps; ASSUMED features need not be. */
export function missingDependencies(
  features: Uint8Array,
  table: FeatureTable = boltFeatures as FeatureTable,
): readonly FeatureProblem[] {
  const problems: FeatureProblem[] = [];
  for (const { name } of table.byName.values()) {
    if (!hasFeature(features, name, table)) continue;
    for (const dependency of allDependencies(name, table)) {
      if (table.byName.get(dependency)?.isAssumed === true || hasFeature(features, dependency, table)) continue;
      problems.push({ kind: 'missing_dependency', feature: name, dependency });
    }
  }
  return problems;
}

function allDependencies(name: string, table: FeatureTable): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const dependency of table.byName.get(next)?.dependencies ?? []) {
      if (found.has(dependency)) continue;
      found.add(dependency);
      open.push(dependency);
    }
  }
  return found;
}

/**
 * What a receiver must refuse: unknown even bits and missing dependencies. Empty where nothing is wrong.
 *
 * @param context - As for {@link unknownRequiredBits}.
 */
export function validateFeatures(
  features: Uint8Array,
  table: FeatureTable = boltFeatures as FeatureTable,
  context?: FeatureContext,
): readonly FeatureProblem[] {
  const unknown = unknownRequiredBits(features, table, context).map(
    (bit): FeatureProblem => ({ kind: 'unknown_required_bit', bit }),
  );
  return [...unknown, ...missingDependencies(features, table)];
}

/** What a sender must not send in this context: as {@link validateFeatures}, also double bits and wrong contexts. */
export function validateOwnFeatures(
  features: Uint8Array,
  context: FeatureContext,
  table: FeatureTable = boltFeatures as FeatureTable,
): readonly FeatureProblem[] {
  const problems = [...validateFeatures(features, table)];
  for (const { name, bit, contexts } of table.byName.values()) {
    if (!hasFeature(features, name, table)) continue;
    if (!contexts.includes(context)) problems.push({ kind: 'wrong_context', feature: name, context });
    if (hasFeatureBit(features, bit) && hasFeatureBit(features, bit + 1)) {
      problems.push({ kind: 'both_bits', feature: name });
    }
  }
  return problems;
}

/** The features that the context has, of a node's whole vector: known ones only. */
export function featuresFor(
  context: FeatureContext,
  features: Uint8Array,
  table: FeatureTable = boltFeatures as FeatureTable,
): Uint8Array {
  return featuresFromBits(
    featureBits(features).filter((bit) => table.byBit.get(bit - (bit % 2))?.contexts.includes(context) === true),
  );
}

/**
 * Whether both sides may use a feature: both set it, or we require it, or it is ASSUMED (BOLT 1, The `init` Message).
 */
export function isNegotiated<Name extends string = FeatureName>(
  ours: Uint8Array,
  theirs: Uint8Array,
  name: Name,
  table: FeatureTable<Name> = boltFeatures as unknown as FeatureTable<Name>,
): boolean {
  const feature = table.byName.get(name);
  if (feature === undefined) throw new RangeError(`feature ${name} is not in the table`);
  if (feature.isAssumed || hasFeatureBit(ours, feature.bit)) return true;
  return hasFeature(ours, name, table) && hasFeature(theirs, name, table);
}
