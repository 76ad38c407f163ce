import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const path = (name: string): URL => new URL(`../${name}`, import.meta.url);

test("the README's example runs and is the one in examples/", async () => {
  const { opened } = await import('../examples/fastest.ts');
  expect(opened).toEqual(Uint8Array.of(1, 2, 3));
  expect(readFileSync(path('README.md'), 'utf8')).toContain(readFileSync(path('examples/fastest.ts'), 'utf8'));
});
