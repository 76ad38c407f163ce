import { expect, test } from '@jest/globals';
import { stepsUpTo } from '../src/channel/channel-run.ts';
import { shrink } from '../src/channel/shrink.ts';

test('a script shrinks to the steps that it takes to fail, in their order', () => {
  const needed = [7, 8, 31];
  const fails = (steps: readonly number[]) => needed.every((step) => steps.includes(step));
  expect(shrink(stepsUpTo(60), fails, 500)).toEqual(needed);
});

test('where no step is needed none is left, and where the tries run out it still fails', () => {
  expect(shrink(stepsUpTo(60), () => true, 500)).toEqual([]);
  const fails = (steps: readonly number[]) => steps.includes(59);
  const some = shrink(stepsUpTo(60), fails, 3);
  expect(some.length).toBeLessThan(60);
  expect(fails(some)).toBe(true);
});
