import { equal } from 'node:assert/strict';
import { inputWeight, witnessWeights } from '@boltwright/transactions';
import { fixture } from './fixture.ts';
import type { Suite } from './suite.ts';

interface Penalty {
  readonly witness: number;
  readonly input: number;
}

/** BOLT 5's figures are upper bounds made by hand. Where ours differ, by how many bytes and why is written here. */
export function bolt5(): Suite[] {
  const { penalty } = fixture<{
    readonly penalty: Readonly<Record<'toLocal' | 'offeredHtlc' | 'receivedHtlc', Penalty>>;
  }>('transactions', 'weights');
  const check = (expected: Penalty, ours: number, difference: number) => () => {
    equal(ours, expected.witness + difference);
    equal(inputWeight + ours, expected.input + difference);
  };
  const weights = witnessWeights('static_remotekey');
  return [
    {
      bolt: 5,
      file: 'bolt05-penalty-weights',
      published: 3,
      vectors: [
        // The BOLT has nine bytes for the delay where four are the most, and leaves out the length of the 1: -5 + 1.
        { name: 'to_local penalty', run: check(penalty.toLocal, weights.toLocalRevoked, -4) },
        { name: 'offered_htlc penalty', run: check(penalty.offeredHtlc, weights.offeredHtlcRevoked, 0) },
        // The script has 140 bytes with a height of four bytes, as BOLT 3 says; BOLT 5 has 139.
        { name: 'accepted_htlc penalty', run: check(penalty.receivedHtlc, weights.receivedHtlcRevoked, 1) },
      ],
    },
  ];
}
