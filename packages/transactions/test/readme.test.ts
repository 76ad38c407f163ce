import { readFileSync } from 'node:fs';
import { noble } from '@boltwright/crypto';
import { expect, test } from '@jest/globals';
import { firstCommitment } from '../examples/first-commitment.ts';
import { txidOfBytes } from '../src/index.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

test('the README’s example runs', () => {
  const { fee, kinds, transaction } = firstCommitment();
  expect(fee).toBe((253n * 1124n) / 1000n);
  expect(kinds).toEqual(['anchor', 'anchor', 'toRemote', 'toLocal']);
  expect(txidOfBytes(noble, transaction.bytes)).toEqual({ ok: true, value: transaction.txid });
});

test('the README shows the example as it is', () => {
  const block = /```ts\n([^`]*)```/.exec(read('../README.md'))![1]!;
  const example = lines(read('../examples/first-commitment.ts'));
  for (const line of lines(block)) {
    if (!line.startsWith('//') && !line.startsWith('import')) expect(example).toContain(line);
  }
});
