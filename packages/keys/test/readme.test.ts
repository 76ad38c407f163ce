import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { twoSigners } from '../examples/two-signers.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

test('the README’s example runs', () => {
  const { nodeId, point, again } = twoSigners();
  expect(nodeId).toMatch(/^0[23][0-9a-f]{64}$/);
  expect(point).toEqual({ kind: 'ready', value: expect.any(Uint8Array) });
  expect(again).toEqual(point);
});

test('the README shows the example as it is', () => {
  const block = /```ts\n([^`]*)```/.exec(read('../README.md'))![1]!;
  const example = lines(read('../examples/two-signers.ts'));
  for (const line of lines(block)) if (!line.startsWith('//')) expect(example).toContain(line);
});
