// Each package as its users get it: packed, installed into an empty project, its README's example checked and run.
//
//   node tooling/pack/run.mjs [NAME ...] [--keep]
//
// Needs what `npm run build` makes. Takes some seconds for each package.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'node_modules', '.bin');
const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: 'boolean', default: false } },
});

const env = { ...process.env };
for (const name of Object.keys(env)) if (/^npm_(config|package|lifecycle)_/.test(name)) delete env[name];

/** Runs a program to its end. @throws Error with its output where it fails. */
function run(cwd, program, ...parameters) {
  const { status, stdout, stderr } = spawnSync(program, parameters, { cwd, env, encoding: 'utf8', timeout: 180_000 });
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')}\n${stdout}${stderr}`.trimEnd());
  return stdout;
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

const packages = readdirSync(join(root, 'packages'))
  .sort()
  .map((name) => ({
    folder: join(root, 'packages', name),
    manifest: readJson(join(root, 'packages', name, 'package.json')),
  }))
  .filter(({ manifest }) => manifest.private !== true);

const work = mkdtempSync(join(tmpdir(), 'boltwright-pack-'));

/** The tarballs of all packages by their names, made in one run: pnpm takes longer to start than to pack. */
function packAll() {
  const destination = join(work, 'tarballs');
  mkdirSync(destination);
  run(root, join(bin, 'pnpm'), '-r', '--filter', './packages/*', 'pack', '--pack-destination', destination);
  const paths = readdirSync(destination).map((file) => join(destination, file));
  const named = (name, version) => `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
  return new Map(
    packages.map(({ manifest: { name, version } }) => {
      const path = paths.find((one) => one.endsWith(`/${named(name, version)}`));
      if (path === undefined) throw new Error(`${name} was not packed`);
      return [name, path];
    }),
  );
}

const tarballs = packAll();
const tarball = ({ manifest }) => tarballs.get(manifest.name);

/** A package and every workspace package that it depends on, however far away. */
function closure(one, found = new Map()) {
  if (found.has(one.manifest.name)) return found;
  found.set(one.manifest.name, one);
  for (const name of Object.keys({ ...one.manifest.dependencies, ...one.manifest.peerDependencies })) {
    const other = packages.find(({ manifest }) => manifest.name === name);
    if (other !== undefined) closure(other, found);
  }
  return found;
}

/**
 * What the README shows: its first block of TypeScript, and the files of `examples/` that it names. With such a file the
 * block may be an excerpt of it, with names that only the file declares.
 */
function examplesOf(folder) {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const block = /^```ts\n([\s\S]*?)^```/m.exec(readme)?.[1];
  const files = [...new Set(readme.match(/\bexamples\/[a-z0-9-]+\.ts\b/g))];
  if (block === undefined) throw new Error('the README has no example in TypeScript');
  return { block, files };
}

/** What an example imports besides the package: its reader has those too. */
const importsOf = (example) =>
  [...example.matchAll(/from '((?:@[^/']+\/)?[^/'.]+)[^']*'/g)]
    .map(([, name]) => name)
    .filter((name) => !name.startsWith('node:'));

/** Checks files against the types in the packages, and makes JavaScript of them. */
function compile(project, files) {
  const flags = ['--module', 'nodenext', '--target', 'es2022', '--strict', '--rewriteRelativeImportExtensions'];
  const types = ['--types', 'node', '--typeRoots', join(root, 'tooling/conformance/node_modules/@types')];
  run(project, join(bin, 'tsc'), ...flags, '--skipLibCheck', ...types, ...files);
}

/** Loads an example and calls what it exports without parameters. */
function play(project, file) {
  const calls = `import * as example from './${file.replace(/\.ts$/, '.js')}';
for (const [name, one] of Object.entries(example)) {
  if (typeof one !== 'function' || one.length > 0 || /^[A-Z]/.test(name)) continue;
  await one();
}`;
  writeFileSync(join(project, 'play.mjs'), calls);
  run(project, process.execPath, 'play.mjs');
}

function tryPackage(one) {
  const { folder, manifest } = one;
  const { block, files } = examplesOf(folder);
  const shown = [block, ...files.map((file) => readFileSync(join(folder, file), 'utf8'))].join('\n');
  const project = join(work, 'projects', manifest.name.replace('/', '-'));
  mkdirSync(project, { recursive: true });
  const needed = closure(one);
  const dependencies = { [manifest.name]: `file:${tarball(one)}` };
  for (const name of importsOf(shown)) {
    const other = packages.find((candidate) => candidate.manifest.name === name);
    if (other !== undefined) {
      closure(other, needed);
      dependencies[name] = `file:${tarball(other)}`;
    }
  }
  // Nothing of ours is published, so what the tarballs depend on are tarballs too.
  const overrides = Object.fromEntries([...needed].map(([name, other]) => [name, `file:${tarball(other)}`]));
  for (const name of Object.keys(dependencies)) overrides[name] = `$${name}`;
  const empty = { name: 'empty', private: true, type: 'module', dependencies, overrides };
  writeFileSync(join(project, 'package.json'), JSON.stringify(empty, null, 2));
  run(project, 'npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error');

  // All that the package exports loads, and is there in its types.
  const entries = Object.keys(manifest.exports).filter((entry) => !entry.endsWith('.json'));
  const specifiers = entries.map((entry) => manifest.name + entry.substring(1));
  const loads = specifiers
    .map((specifier, i) => `import * as entry${i} from '${specifier}';\nvoid entry${i};\n`)
    .join('');
  writeFileSync(join(project, 'loads.ts'), loads);
  // Beside the examples, so that an excerpt may import what stands there with it.
  const shownAs = files.length > 0 ? 'examples/readme-block.ts' : 'readme-block.ts';
  if (files.length > 0) cpSync(join(folder, 'examples'), join(project, 'examples'), { recursive: true });
  writeFileSync(join(project, shownAs), block);
  compile(project, ['loads.ts', ...files]);
  run(project, process.execPath, 'loads.js');
  for (const file of files) play(project, file);
  let text = files.join(', ');
  try {
    compile(project, [shownAs]);
    play(project, shownAs);
    text = ['README', ...files].join(', ');
  } catch (cause) {
    // TS2304, TS2552 and TS18004: a name that is not declared.
    const errors = cause.message.match(/error TS\d+/g) ?? [];
    const isExcerpt = files.length > 0 && errors.some((error) => /TS(2304|2552|18004)/.test(error));
    if (!isExcerpt) throw cause;
  }
  const others = [...needed.keys()].filter((name) => name !== manifest.name).map((name) => name.replace(/^.*\//, ''));
  return `ran ${text}; installed ${others.length === 0 ? 'alone' : `with ${others.join(', ')}`}`;
}

const chosen = packages.filter(
  ({ manifest }) => names.length === 0 || names.some((name) => manifest.name.endsWith(name)),
);
let failed = 0;
for (const one of chosen) {
  const start = performance.now();
  try {
    const text = tryPackage(one);
    console.log(`ok      ${one.manifest.name} (${text}, ${((performance.now() - start) / 1000).toFixed(1)} s)`);
  } catch (cause) {
    failed += 1;
    console.log(
      `FAILED  ${one.manifest.name}\n${cause.message
        .split('\n')
        .slice(0, 30)
        .map((line) => `        ${line}`)
        .join('\n')}`,
    );
  }
}
if (options.keep) console.log(`kept in ${work}`);
else rmSync(work, { recursive: true });
console.log(`${chosen.length - failed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed === 0 && chosen.length > 0 ? 0 : 1;
