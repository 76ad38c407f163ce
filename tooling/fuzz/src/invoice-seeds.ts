import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './corpus.ts';

const vectors = JSON.parse(readFileSync(join(root, 'packages/invoice/test/vectors/bolt11.json'), 'utf8')) as {
  readonly valid: readonly { readonly text: string }[];
};

/** The valid examples of BOLT 11, in lower case. */
export const invoiceSeeds: readonly string[] = vectors.valid.map(({ text }) => text.toLowerCase());
