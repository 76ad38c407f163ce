import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { boltFeatures, type FeatureName } from '@boltwright/wire';
import { fixture } from './fixture.ts';
import type { Suite } from './suite.ts';

const contexts: Readonly<Record<string, string>> = {
  I: 'init',
  N: 'node',
  C: 'channel',
  '9': 'invoice',
  B: 'blindedPath',
  T: 'channelType',
};

/** BOLT 9 has no vectors but a table: every pair of bits with its name, contexts and dependencies is one of ours. */
export function bolt9(): Suite[] {
  const { features } = fixture<{
    readonly features: readonly {
      readonly bit: number;
      readonly name: FeatureName;
      readonly isAssumed: boolean;
      readonly context: string;
      readonly dependencies: readonly string[];
    }[];
  }>('wire', 'features');
  return [
    {
      bolt: 9,
      file: 'table of features (pairs of bits)',
      published: 23,
      vectors: features.map(({ bit, name, isAssumed, context, dependencies }) => ({
        name: `${bit}/${bit + 1} ${name}`,
        run: () => {
          const feature = boltFeatures.byName.get(name);
          ok(feature !== undefined, 'not known by its name');
          equal(boltFeatures.byBit.get(bit), feature);
          equal(feature.isAssumed, isAssumed);
          deepStrictEqual(feature.dependencies, dependencies);
          if (context !== '') {
            const expected = [...context].map((letter) => contexts[letter]);
            deepStrictEqual(feature.contexts, expected);
          }
        },
      })),
    },
  ];
}
