import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('../..', import.meta.url));
/** The program as a file of JavaScript, from the sources as they are: Node 20 runs no TypeScript. */
export const program = join(folder, '.test/service/main.mjs');
/** Where the program looks for its page. */
export const pageFolder = join(folder, '.test/dist/page');

/** Bundles our sources and neighbours'; what comes from registries is loaded from `node_modules`. */
export async function buildService(): Promise<void> {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  await build({
    entryPoints: [join(folder, 'src/main.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@boltwright/source'],
    external: Object.keys(dependencies).filter((name) => !name.startsWith('@boltwright/')),
    logLevel: 'warning',
  });
}

/** The page, by its own build program. */
export async function buildPage(): Promise<void> {
  const [status] = (await once(
    spawn(process.execPath, [join(folder, 'src/page/build.mjs'), pageFolder], { stdio: 'inherit' }),
    'exit',
  )) as [number];
  if (status !== 0) throw new Error(`the page's build ended with ${status}`);
}

export interface RunningService {
  readonly url: string;
  readonly process: ChildProcess;
  /** Everything that it wrote to stderr. */
  readonly errors: () => string;
  /** @returns The exit code. */
  readonly stop: () => Promise<number | null>;
}

/** Starts the program at a free port, and waits until it listens. */
export async function startService(parameters: readonly string[]): Promise<RunningService> {
  const child = spawn(process.execPath, [program, '--port', '0', ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (bytes) => {
    errors += String(bytes);
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const line = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
  const [first] = await Promise.race([line, exited]);
  if (typeof first !== 'string') throw new Error(`the service ended with ${first}: ${errors}`);
  return {
    url: first.replace('listening at ', ''),
    process: child,
    errors: () => errors,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return (await exited)[0];
    },
  };
}

/** Runs the program to its end. */
export async function runToEnd(parameters: readonly string[]): Promise<{ code: number | null; errors: string }> {
  const child = spawn(process.execPath, [program, ...parameters], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (bytes) => {
    errors += String(bytes);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, errors };
}
