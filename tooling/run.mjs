// The root's commands, for people and for CI alike. Installs what is missing, builds what is stale, runs the command.
// Needs nothing but Node and npm: pnpm comes by `npx` the first time, from `node_modules` afterwards.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules', '.bin');
const [command, ...args] = process.argv.slice(2);

const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
};
for (const name of Object.keys(env)) if (/^npm_(config|package|lifecycle)_/.test(name)) delete env[name];

const run = (program, parameters, options = {}) =>
  spawnSync(program, parameters, { cwd: root, env, stdio: 'inherit', ...options }).status ?? 1;

const must = (program, parameters, options) => {
  const status = run(program, parameters, options);
  if (status !== 0) process.exit(status);
};

const read = (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined);

function install() {
  const lock = read('pnpm-lock.yaml');
  if (lock !== undefined && lock === read('node_modules/.pnpm/lock.yaml')) return;
  console.log('Installing dependencies (once)');
  const { packageManager } = JSON.parse(read('package.json'));
  must('npx', ['--yes', packageManager, 'install', '--frozen-lockfile']);
}

/** @param only - a package, built with what it stands on; all of them where left out. */
const build = (only) =>
  must('turbo', [
    'run',
    'build',
    '--output-logs=errors-only',
    '--log-order=grouped',
    ...(only === undefined ? [] : [`--filter=${only}...`]),
  ]);

const workspaceFolders = () =>
  ['packages', 'tooling'].flatMap((parent) =>
    readdirSync(join(root, parent))
      .map((name) => join(parent, name))
      .filter((folder) => existsSync(join(root, folder, 'package.json'))),
  );

/** Every package's tests by turbo (unchanged ones from its cache), then the sum of what each reported. */
function test() {
  const counts = (folder) => join(root, folder, '.test', 'counts.json');
  for (const folder of workspaceFolders()) rmSync(counts(folder), { force: true });
  const status = run('turbo', ['run', 'test', '--continue', '--concurrency=2', '--log-order=grouped', ...args]);
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const folder of workspaceFolders()) {
    if (!existsSync(counts(folder))) continue;
    const part = JSON.parse(readFileSync(counts(folder), 'utf8'));
    for (const key of Object.keys(sum)) sum[key] += part[key];
  }
  // a package that crashed before it could count is a failure too
  if (status !== 0 && sum.failed === 0) sum.failed = 1;
  console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  process.exit(status === 0 && sum.failed > 0 ? 1 : status);
}

/** A script of a workspace folder, with the remaining arguments passed on. */
const script = (path, only) => () => {
  build(only);
  process.exit(run(process.execPath, [join(root, path), ...args]));
};

const commands = {
  start: script('packages/boltwright/dist/start.js', 'boltwright'),
  test,
  build: () => build(),
  check: () => {
    must('biome', ['ci', '--error-on-warnings']);
    must('turbo', ['run', 'typecheck', '--output-logs=errors-only', '--log-order=grouped']);
    must(process.execPath, [join(root, 'tooling/check/dependencies.mjs')]);
    must(process.execPath, [join(root, 'tooling/check/tsdoc.mjs')]);
  },
  format: () => must('biome', ['check', '--write']),
  interop: script('tooling/interop/dist/main.js', '@boltwright/interop'),
  simulate: script('tooling/simulate/dist/main.js', '@boltwright/simulate'),
  fuzz: script('tooling/fuzz/dist/main.js', '@boltwright/fuzz'),
  bench: script('tooling/bench/dist/main.js', '@boltwright/bench'),
  conformance: script('tooling/conformance/dist/main.js', '@boltwright/conformance'),
  'pack-test': script('tooling/pack/run.mjs'),
};

const chosen = commands[command];
if (chosen === undefined) {
  console.error(`unknown command '${command}'; known: ${Object.keys(commands).join(', ')}`);
  process.exit(1);
}
install();
chosen();
