import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromHex, toHex } from '@boltwright/base';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The inputs of a folder of binary files. */
export const binaryCorpus = (folder: string): Uint8Array[] =>
  readdirSync(join(root, folder))
    .sort()
    .map((file) => Uint8Array.from(readFileSync(join(root, folder, file))));

/** An input that is kept, with the outcome that it was kept for. */
export interface Kept {
  readonly outcome: string;
  readonly input: Uint8Array;
}

const fileOf = (target: string, surface: string) => join(root, 'tooling/fuzz/corpus', target, `${surface}.txt`);

/** Kept inputs: a line each, with the outcome, a tab, and the bytes in hex. */
export function keptCorpus(target: string, surface: string): Kept[] {
  const file = fileOf(target, surface);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [outcome, hex] = line.split('\t');
      return { outcome: outcome!, input: fromHex(hex!) };
    });
}

/** Writes the corpus of a surface: one input for an outcome, in the outcomes' order. */
export function keep(target: string, surface: string, kept: Iterable<Kept>): void {
  const file = fileOf(target, surface);
  const lines = [...kept].map(({ outcome, input }) => `${outcome}\t${toHex(input)}\n`).sort();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, lines.join(''));
}

/** Writes an input that failed. @returns its path, from the project's root. */
export function writeFind(name: string, input: Uint8Array): string {
  const path = join('tooling/fuzz/results', `${name}.bin`);
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), input);
  return path;
}
