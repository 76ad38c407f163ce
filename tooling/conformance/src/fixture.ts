import { readFileSync } from 'node:fs';

const packages = new URL('../../../packages/', import.meta.url);

/** The fixture `packages/<name>/test/vectors/<file>.json`, read when asked for. */
export const fixture = <T>(name: string, file: string): T =>
  JSON.parse(readFileSync(new URL(`${name}/test/vectors/${file}.json`, packages), 'utf8')) as T;
