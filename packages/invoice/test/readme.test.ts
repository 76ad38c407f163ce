import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const path = (name: string): URL => new URL(`../${name}`, import.meta.url);

test("the README's example runs and is the one in examples/", async () => {
  const example = await import('../examples/ask-and-read.ts');
  expect(example.amountMsat).toBe(2_500_000n);
  expect(example.description).toEqual({ kind: 'text', text: '1 cup of coffee' });
  expect(example.payee).toBe('031b84c5567b126440995d3ed5aaba0565d71e1834604819ff9c17f5e9d5dd078f');
  expect(readFileSync(path('README.md'), 'utf8')).toContain(readFileSync(path('examples/ask-and-read.ts'), 'utf8'));
});
