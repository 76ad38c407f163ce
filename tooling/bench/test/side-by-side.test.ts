import { describe, expect, test } from '@jest/globals';
import { sideBySide } from '../src/side-by-side.ts';

const work = (steps: number) => () => {
  let sum = 0;
  for (let i = 0; i < steps; i++) sum = (sum * 31 + i) | 0;
  return sum;
};

describe('contestants side by side', () => {
  test('the one that does ten times the work is several times slower, whichever it is', () => {
    const small = { name: 'small', run: work(2000) };
    const large = { name: 'large', run: work(20_000) };
    const [ahead] = sideBySide({ name: 'work', unit: 'ops/s', ours: small, peers: [large] });
    expect(ahead).toMatchObject({ name: 'work', unit: 'ops/s', peer: 'large' });
    expect(ahead!.ratio).toBeGreaterThan(3);
    expect(ahead!.ratio).toBeCloseTo(ahead!.ours / ahead!.theirs!, 6);
    const [behind] = sideBySide({ name: 'work', unit: 'ops/s', ours: large, peers: [small] });
    expect(behind!.ratio).toBeLessThan(1 / 3);
  });

  test('one alone has a figure and no ratio, in the unit that was asked for', () => {
    const rows = sideBySide({ name: 'n', unit: 'MB/s', perRun: 2, ours: { name: 'o', run: work(2000) }, peers: [] });
    expect(rows).toEqual([{ name: 'n', unit: 'MB/s', ours: expect.any(Number) }]);
  });

  test('an operation that throws is not measured', () => {
    const broken = { name: 'broken', run: () => JSON.parse('{') };
    expect(() => sideBySide({ name: 'n', unit: 'ops/s', ours: broken, peers: [] })).toThrow(SyntaxError);
  });
});
