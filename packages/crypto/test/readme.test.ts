import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const path = (name: string): URL => new URL(`../${name}`, import.meta.url);

test("the README's example runs and is the one in examples/", async () => {
  const { agreed } = await import('../examples/sign-and-agree.ts');
  expect(agreed).toBe(true);
  expect(readFileSync(path('README.md'), 'utf8')).toContain(readFileSync(path('examples/sign-and-agree.ts'), 'utf8'));
});
