import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import type { Bench, BenchRow } from './report.ts';

const packages = fileURLToPath(new URL('../../../packages/', import.meta.url));
const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
}

// The packages that are for Node by what they do. Every other one has to run in a browser.
const forNode: readonly string[] = [
  '@boltwright/crypto-node',
  '@boltwright/net-tcp',
  '@boltwright/chain-regtest',
  'boltwright',
];

const manifests = (): { readonly folder: string; readonly manifest: Manifest }[] =>
  readdirSync(packages)
    .sort()
    .map((folder) => ({
      folder: join(packages, folder),
      manifest: JSON.parse(readFileSync(join(packages, folder, 'package.json'), 'utf8')) as Manifest,
    }))
    .filter(({ manifest }) => manifest.private !== true);

/** Node's modules that a bundle still asks for. */
const builtinsIn = ({ outputs }: Metafile): string[] => [
  ...new Set(
    Object.values(outputs)
      .flatMap((output) => output.imports)
      .filter((one) => one.external === true && builtins.has(one.path))
      .map((one) => one.path),
  ),
];

/** Bundles all that a package exports, for a browser. @param external - modules that are left out. */
async function bundle(folder: string, external: readonly string[]) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export * from ${JSON.stringify(join(folder, 'dist', 'index.js'))};`, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    mainFields: ['module', 'main'],
    conditions: ['browser', 'import'],
    external: [...external, ...builtins],
    loader: { '.wasm': 'binary' },
    metafile: true,
    logLevel: 'silent',
  });
  const bytes = outputFiles.reduce((sum, file) => sum + file.contents.length, 0);
  const zipped = outputFiles.reduce((sum, file) => sum + gzipSync(file.contents, { level: 9 }).length, 0);
  return { bytes, zipped, builtins: builtinsIn(metafile) };
}

const ownAlone = ['@boltwright/*', '@noble/*', '@scure/*', 'bitcoinjs-lib', 'bitcoinjs-lib/*', 'tiny-secp256k1'];

/**
 * Sizes of all that each package exports, minified and compressed; with what it depends on, and its own code alone.
 * A package that is for browsers too and asks for a module of Node fails the command.
 */
export const bench: Bench = async () => {
  const rows: BenchRow[] = [];
  const notes = [
    'Bundled by esbuild for a browser: everything that the package exports; what is not used is not shaken off.',
  ];
  for (const { folder, manifest } of manifests()) {
    try {
      const whole = await bundle(folder, []);
      const own = await bundle(folder, ownAlone);
      rows.push({ name: manifest.name, unit: 'kB min', ours: whole.bytes / 1000 });
      rows.push({ name: manifest.name, unit: 'kB min+gzip', ours: whole.zipped / 1000 });
      rows.push({ name: `${manifest.name}, own code`, unit: 'kB min+gzip', ours: own.zipped / 1000 });
      if (whole.builtins.length === 0) continue;
      notes.push(`${manifest.name} asks for ${whole.builtins.join(', ')}`);
      if (!forNode.includes(manifest.name)) process.exitCode = 1;
    } catch (cause) {
      notes.push(
        `${manifest.name} does not bundle: ${cause instanceof Error ? (cause.message.split('\n')[1] ?? cause.message) : String(cause)}`,
      );
      if (!forNode.includes(manifest.name)) process.exitCode = 1;
    }
  }
  return { rows, notes };
};
