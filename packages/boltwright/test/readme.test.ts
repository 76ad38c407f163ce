import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { outcome } from '../examples/pay.ts';

test("the README's example is the file that runs here, and its payment arrives", () => {
  expect(outcome).toMatchObject({ kind: 'sent', feePaidMsat: 0n });
  const [readme, example] = ['../README.md', '../examples/pay.ts'].map((path) =>
    readFileSync(new URL(path, import.meta.url), 'utf8'),
  );
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});
