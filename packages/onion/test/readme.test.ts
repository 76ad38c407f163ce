import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { learnt } from '../examples/there-and-back.ts';

test("the README's example is the file that runs here, and says what it learns", () => {
  expect(learnt).toMatchObject({
    kind: 'failure',
    hop: 0,
    failure: { kind: 'unknown_next_peer' },
    attribution: { holdTimes: [2] },
  });
  const [readme, example] = ['../README.md', '../examples/there-and-back.ts'].map((path) =>
    readFileSync(new URL(path, import.meta.url), 'utf8'),
  );
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});
