import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { err, ok, type Result } from '@boltwright/base';
import { readSnapshot, writeSnapshot } from '@boltwright/routing';
import { csvGraph } from './csv-graph.ts';
import { demoGraph } from './demo-graph.ts';
import type { LoadError } from './load-error.ts';

/** Where the network comes from. */
export type GraphSource =
  | { readonly kind: 'snapshot'; readonly file: string }
  | { readonly kind: 'csv'; readonly folder: string }
  | { readonly kind: 'demo'; readonly channels: number };

/** A snapshot that was read and found good: all workers load this one file, however the source changes meanwhile. */
export interface PreparedSnapshot {
  readonly file: string;
  /** Counts loads: 1 is the first. */
  readonly generation: number;
  readonly bytes: number;
  readonly source: string;
}

/** 512 MiB: some two hundred times mainnet's. */
const maxFileBytes = 512 * 1024 * 1024;

/** Reads the source, checks that it is a graph, and puts it into `folder` as a snapshot for the workers. */
export async function prepareSnapshot(
  source: GraphSource,
  folder: string,
  generation: number,
): Promise<Result<PreparedSnapshot, LoadError>> {
  const bytes = await snapshotBytes(source);
  if (!bytes.ok) return bytes;
  const file = join(folder, `graph-${generation}.snapshot`);
  try {
    await writeFile(`${file}.part`, bytes.value);
    await rename(`${file}.part`, file);
  } catch (failure) {
    return err({ kind: 'unwritable_file', message: `${file}: ${reason(failure)}` });
  }
  return ok({ file, generation, bytes: bytes.value.length, source: describe(source) });
}

const describe = (source: GraphSource): string => {
  if (source.kind === 'demo') return `a made network of ${source.channels} channels`;
  return source.kind === 'csv' ? `tables in ${source.folder}` : source.file;
};

async function snapshotBytes(source: GraphSource): Promise<Result<Uint8Array, LoadError>> {
  if (source.kind === 'demo') return ok(writeSnapshot(demoGraph(source.channels)));
  if (source.kind === 'csv') {
    const nodes = await readTable(source.folder, 'nodes');
    if (!nodes.ok) return nodes;
    const channels = await readTable(source.folder, 'channels');
    if (!channels.ok) return channels;
    const graph = csvGraph(nodes.value, channels.value);
    return graph.ok ? ok(writeSnapshot(graph.value)) : graph;
  }
  const bytes = await readBytes(source.file);
  if (!bytes.ok) return bytes;
  const graph = readSnapshot(bytes.value);
  return graph.ok ? bytes : err({ kind: graph.error.kind, message: `${source.file}: ${graph.error.message}` });
}

/** The last of the folder's files, by name, that end in `nodes.csv` or `channels.csv`, packed by gzip or not. */
async function readTable(folder: string, name: 'nodes' | 'channels'): Promise<Result<string, LoadError>> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (failure) {
    return err({ kind: 'unreadable_file', message: `${folder}: ${reason(failure)}` });
  }
  const found = names.filter((file) => file.endsWith(`${name}.csv`) || file.endsWith(`${name}.csv.gz`)).sort();
  const file = found.at(-1);
  if (file === undefined) {
    return err({ kind: 'unreadable_file', message: `${folder} has no file whose name ends in ${name}.csv or .csv.gz` });
  }
  const bytes = await readBytes(join(folder, file));
  if (!bytes.ok) return bytes;
  try {
    const plain = file.endsWith('.gz')
      ? await promisify(gunzip)(bytes.value, { maxOutputLength: maxFileBytes })
      : bytes.value;
    return ok(new TextDecoder().decode(plain));
  } catch (failure) {
    return err({ kind: 'unreadable_file', message: `${join(folder, file)}: ${reason(failure)}` });
  }
}

/** A file's bytes, if they are not too many. */
export async function readBytes(file: string): Promise<Result<Uint8Array, LoadError>> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > maxFileBytes) {
      return err({ kind: 'too_large', message: `${file} has ${bytes.length} bytes, ${maxFileBytes} are the most` });
    }
    return ok(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch (failure) {
    return err({ kind: 'unreadable_file', message: `${file}: ${reason(failure)}` });
  }
}

const reason = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure));
