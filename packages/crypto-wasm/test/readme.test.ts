import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const path = (name: string): URL => new URL(`../${name}`, import.meta.url);

test("the README's example runs and is the one in examples/", async () => {
  const { isGood, signature } = await import('../examples/fast-curve.ts');
  expect(isGood).toBe(true);
  expect(signature).toHaveLength(64);
  expect(readFileSync(path('README.md'), 'utf8')).toContain(readFileSync(path('examples/fast-curve.ts'), 'utf8'));
});
