import { readFileSync } from 'node:fs';

/** A fixture of `test/vectors`. */
export const vectorFile = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), 'utf8')) as T;
