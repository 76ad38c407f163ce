import { fromHex, toHex } from '@boltwright/base';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  boltFeatures,
  clearFeature,
  combineFeatures,
  equalFeatures,
  type FeatureName,
  featureBits,
  featuresFor,
  featuresFromBits,
  featuresOf,
  featureTable,
  hasFeature,
  hasFeatureBit,
  isNegotiated,
  maxReportedBits,
  missingDependencies,
  requiresFeature,
  setFeature,
  trimFeatures,
  unknownRequiredBits,
  unsupportedRequiredBits,
  validateFeatures,
  validateOwnFeatures,
} from '../../src/index.ts';
import { vectorFile } from '../vector-file.ts';

const none = new Uint8Array();
const anyBits = fc.uniqueArray(fc.nat(300), { maxLength: 20 });

describe('the table is that of BOLT 9', () => {
  interface File {
    readonly features: readonly {
      bit: number;
      name: FeatureName;
      isAssumed: boolean;
      context: string;
      dependencies: string[];
    }[];
  }
  const letters: Record<string, string> = {
    I: 'init',
    N: 'node',
    C: 'channel',
    '9': 'invoice',
    B: 'blindedPath',
    T: 'channelType',
  };
  const { features } = vectorFile<File>('features');

  test('with the same features', () => {
    expect([...boltFeatures.byName.keys()]).toEqual(features.map(({ name }) => name));
  });

  test.each(features)('$bit $name', ({ bit, name, isAssumed, context, dependencies }) => {
    const feature = boltFeatures.byName.get(name);
    expect(feature).toBeDefined();
    expect(boltFeatures.byBit.get(bit)).toBe(feature);
    expect(feature?.isAssumed).toBe(isAssumed);
    expect(feature?.dependencies).toEqual(dependencies);
    if (context !== '') expect(feature?.contexts).toEqual([...context].map((letter) => letters[letter]));
  });
});

describe('bits', () => {
  test('bit 0 is the lowest of the last byte', () => {
    expect(featureBits(fromHex('8001'))).toEqual([0, 15]);
    expect(toHex(featuresFromBits([0, 15]))).toBe('8001');
    expect(hasFeatureBit(fromHex('8001'), 15)).toBe(true);
    expect(hasFeatureBit(fromHex('8001'), 16)).toBe(false);
    expect(hasFeatureBit(none, 0)).toBe(false);
  });

  test('a vector and its list of bits are the same', () => {
    fc.assert(
      fc.property(anyBits, (bits) => {
        const features = featuresFromBits(bits);
        const sorted = [...bits].sort((a, b) => a - b);
        expect(featureBits(features)).toEqual(sorted);
        expect(features.length).toBe(sorted.length === 0 ? 0 : Math.floor(sorted.at(-1)! / 8) + 1);
        for (let bit = 0; bit < 320; bit++) expect(hasFeatureBit(features, bit)).toBe(bits.includes(bit));
        const padded = Uint8Array.of(0, 0, ...features);
        expect(featureBits(padded)).toEqual(sorted);
        expect(equalFeatures(padded, features)).toBe(true);
        expect(trimFeatures(padded)).toEqual(features);
      }),
      { seed: 9 },
    );
  });

  test('combining takes the bits of both', () => {
    fc.assert(
      fc.property(anyBits, anyBits, (a, b) => {
        const both = combineFeatures(featuresFromBits(a), Uint8Array.of(0, ...featuresFromBits(b)));
        expect(featureBits(both)).toEqual([...new Set([...a, ...b])].sort((x, y) => x - y));
        expect(equalFeatures(both, featuresFromBits([...a, ...b]))).toBe(true);
      }),
      { seed: 9 },
    );
  });

  test('no bit is outside a vector of 65535 bytes', () => {
    expect(() => featuresFromBits([524280])).toThrow(RangeError);
    expect(() => featuresFromBits([-1])).toThrow(RangeError);
    expect(() => featuresFromBits([0.5])).toThrow(RangeError);
    expect(featuresFromBits([524279]).length).toBe(65535);
  });
});

describe('features by name', () => {
  test('are set by one bit, whichever was set before', () => {
    const optional = setFeature(none, 'option_anchors', 'optional');
    expect(featureBits(optional)).toEqual([23]);
    expect(hasFeature(optional, 'option_anchors')).toBe(true);
    expect(requiresFeature(optional, 'option_anchors')).toBe(false);
    const required = setFeature(optional, 'option_anchors', 'required');
    expect(featureBits(required)).toEqual([22]);
    expect(requiresFeature(required, 'option_anchors')).toBe(true);
    expect(clearFeature(required, 'option_anchors')).toEqual(none);
    expect(hasFeature(none, 'option_anchors')).toBe(false);
  });

  test('with both bits are required', () => {
    expect(requiresFeature(featuresFromBits([22, 23]), 'option_anchors')).toBe(true);
  });

  test('are listed at once', () => {
    const features = featuresOf({
      option_static_remotekey: 'required',
      option_anchors: 'required',
      basic_mpp: undefined,
    });
    expect(toHex(features)).toBe('401000');
  });
});

describe('checks', () => {
  test('unknown even bits are reported, unknown odd ones are not', () => {
    const features = featuresFromBits([1, 12, 100, 101, 250, 301]);
    expect(unknownRequiredBits(features)).toEqual([100, 250]);
    expect(validateFeatures(features)).toEqual([
      { kind: 'unknown_required_bit', bit: 100 },
      { kind: 'unknown_required_bit', bit: 250 },
    ]);
  });

  test('of a vector full of bits the lowest are reported and no more is made of it', () => {
    const full = new Uint8Array(65_529).fill(0xff);
    const unknown = unknownRequiredBits(full);
    expect(unknown).toHaveLength(maxReportedBits);
    expect(unknown.slice(0, 3)).toEqual([2, 20, 30]);
    expect(unsupportedRequiredBits(full, full)).toEqual([]);
    expect(unsupportedRequiredBits(none, full)).toHaveLength(maxReportedBits);
    expect(validateFeatures(full)).toEqual(unknown.map((bit) => ({ kind: 'unknown_required_bit', bit })));
    expect(unknownRequiredBits(featuresFromBits([524_230]))).toEqual([524_230]);
  });

  test('unknown and unsupported bits are those that a look at each bit finds', () => {
    const bitLists = fc.uniqueArray(fc.integer({ min: 0, max: 140 }), { maxLength: 30 });
    fc.assert(
      fc.property(bitLists, bitLists, (ours, theirs) => {
        const lowestFirst = theirs.filter((bit) => bit % 2 === 0).sort((a, b) => a - b);
        expect(unknownRequiredBits(featuresFromBits(theirs))).toEqual(
          lowestFirst.filter((bit) => !boltFeatures.byBit.has(bit)),
        );
        expect(unsupportedRequiredBits(featuresFromBits(ours), featuresFromBits(theirs))).toEqual(
          lowestFirst.filter(
            (bit) => !ours.includes(bit) && !ours.includes(bit + 1) && boltFeatures.byBit.get(bit)?.isAssumed !== true,
          ),
        );
      }),
      { seed: 9, numRuns: 300 },
    );
  });

  test('a compulsory bit of a feature that the context has not is unknown there, an optional one passes', () => {
    const features = featuresFromBits([8, 14, 22, 29, 48]);
    expect(unknownRequiredBits(features)).toEqual([]);
    expect(unknownRequiredBits(features, boltFeatures, 'invoice')).toEqual([22]);
    expect(unknownRequiredBits(features, boltFeatures, 'init')).toEqual([48]);
    expect(unknownRequiredBits(features, boltFeatures, 'channelType')).toEqual([8, 14, 48]);
    expect(unknownRequiredBits(features, boltFeatures, 'channel')).toEqual([8, 14, 22, 48]);
    expect(validateFeatures(features)).toEqual([]);
    expect(validateFeatures(features, boltFeatures, 'invoice')).toEqual([{ kind: 'unknown_required_bit', bit: 22 }]);
  });

  test('missing dependencies are reported, also over steps, but for assumed ones', () => {
    expect(missingDependencies(featuresOf({ basic_mpp: 'optional' }))).toEqual([]);
    expect(validateFeatures(featuresOf({ option_simple_close: 'optional' }))).toEqual([
      { kind: 'missing_dependency', feature: 'option_simple_close', dependency: 'option_shutdown_anysegwit' },
    ]);
    const own = { contexts: ['init'], isAssumed: false } as const;
    const table = featureTable(
      [
        { name: 'first', bit: 1000, dependencies: ['second'], ...own },
        { name: 'second', bit: 1002, dependencies: ['option_zeroconf', 'first'], ...own },
      ],
      boltFeatures,
    );
    const features = setFeature(none, 'first', 'required', table);
    expect(featureBits(features)).toEqual([1000]);
    expect(validateFeatures(features, table)).toEqual([
      { kind: 'missing_dependency', feature: 'first', dependency: 'second' },
      { kind: 'missing_dependency', feature: 'first', dependency: 'option_zeroconf' },
      { kind: 'missing_dependency', feature: 'first', dependency: 'option_scid_alias' },
    ]);
    expect(validateFeatures(features)).toEqual([{ kind: 'unknown_required_bit', bit: 1000 }]);
  });

  test('what we send has each feature once and where it belongs', () => {
    expect(validateOwnFeatures(featuresOf({ basic_mpp: 'optional', payment_secret: 'required' }), 'invoice')).toEqual(
      [],
    );
    expect(validateOwnFeatures(featuresOf({ option_quiesce: 'optional' }), 'invoice')).toEqual([
      { kind: 'wrong_context', feature: 'option_quiesce', context: 'invoice' },
    ]);
    expect(validateOwnFeatures(featuresFromBits([22, 23]), 'init')).toEqual([
      { kind: 'both_bits', feature: 'option_anchors' },
    ]);
    expect(
      validateOwnFeatures(
        featuresOf({ option_static_remotekey: 'required', option_anchors: 'required' }),
        'channelType',
      ),
    ).toEqual([]);
  });

  test('a vector for one context has only the features of it', () => {
    const node = featuresOf({ basic_mpp: 'optional', payment_secret: 'required', option_quiesce: 'optional' });
    expect(featureBits(featuresFor('invoice', node))).toEqual([14, 17]);
    expect(featureBits(featuresFor('init', node))).toEqual([14, 17, 35]);
  });

  test('what they require and we lack is reported', () => {
    const ours = featuresOf({ option_anchors: 'optional' });
    const theirs = featuresFromBits([12, 22, 28, 31, 400]);
    expect(unsupportedRequiredBits(ours, theirs)).toEqual([28, 400]);
  });

  test('a feature is negotiated if both set it, we require it, or everybody has it', () => {
    const optional = featuresOf({ option_anchors: 'optional' });
    const required = featuresOf({ option_anchors: 'required' });
    expect(isNegotiated(optional, optional, 'option_anchors')).toBe(true);
    expect(isNegotiated(optional, none, 'option_anchors')).toBe(false);
    expect(isNegotiated(none, required, 'option_anchors')).toBe(false);
    expect(isNegotiated(required, none, 'option_anchors')).toBe(true);
    expect(isNegotiated(none, none, 'option_static_remotekey')).toBe(true);
  });
});

test('a table takes no name, bit or dependency that does not fit', () => {
  const own = { contexts: [], dependencies: [], isAssumed: false } as const;
  expect(() => featureTable([{ name: 'odd', bit: 1001, ...own }])).toThrow('1001');
  expect(() => featureTable([{ name: 'basic_mpp', bit: 1000, ...own }], boltFeatures)).toThrow('basic_mpp');
  expect(() => featureTable([{ name: 'mine', bit: 16, ...own }], boltFeatures)).toThrow('16');
  expect(() => featureTable([{ name: 'mine', bit: 1000, ...own, dependencies: ['other'] }])).toThrow('other');
  expect(() => hasFeature(none, 'no_such_feature' as FeatureName)).toThrow('no_such_feature');
  expect(() => isNegotiated(none, none, 'no_such_feature' as FeatureName)).toThrow('no_such_feature');
});
