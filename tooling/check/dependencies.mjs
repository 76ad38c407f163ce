// Checks that dependencies point one way (ARCHITECTURE.md): `npm run check` runs it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import { core, mayImport, rowOf, rows } from './layers.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
process.chdir(root);

const packages = readdirSync('packages');
const unplaced = packages.filter((name) => rowOf(name) < 0);
if (unplaced.length > 0) {
  console.error(`packages without a row in tooling/check/layers.mjs: ${unplaced.join(', ')}`);
  process.exit(1);
}

const looksDownOnly = packages.map((from) => ({
  name: `${from}-looks-down-only`,
  severity: 'error',
  from: { path: `^packages/${from}/src/` },
  to: {
    path: `^packages/(${rows
      .flat()
      .filter((to) => !mayImport(from, to))
      .join('|')})/`,
  },
}));

const forbidden = [
  ...looksDownOnly,
  { name: 'no-cycles', severity: 'error', from: { path: '^packages/' }, to: { circular: true } },
  { name: 'resolvable', severity: 'error', from: { path: '^packages/' }, to: { couldNotResolve: true } },
  {
    name: 'core-uses-no-node',
    severity: 'error',
    from: { path: `^packages/(${core.join('|')})/src/` },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'no-deep-imports',
    severity: 'error',
    from: { path: '^packages/([^/]+)/' },
    to: {
      path: '^packages/',
      pathNot: ['^packages/$1/', '^packages/[^/]+/src/index.ts$', '^packages/[^/]+/src/conformance/'],
    },
  },
  {
    name: 'declared-dependencies',
    severity: 'error',
    from: { path: '^packages/[^/]+/src/' },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
  },
];

const sources = packages.map((name) => join('packages', name, 'src'));
const { output } = await cruise(sources, {
  ruleSet: { forbidden },
  validate: true,
  tsPreCompilationDeps: true,
  doNotFollow: { path: 'node_modules' },
  tsConfig: { fileName: 'tsconfig.base.json' },
  enhancedResolveOptions: {
    exportsFields: ['exports'],
    conditionNames: ['@boltwright/source', 'import', 'node', 'default', 'types'],
  },
});

const { summary } = output;
for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} -> ${to}`);
console.log(
  `${summary.totalCruised} modules, ${summary.totalDependenciesCruised} imports, ${summary.violations.length} against the rules`,
);
// a parser that silently reads nothing must not pass (it once did, with a TypeScript that has no API)
if (summary.totalCruised < 100) {
  console.error(`only ${summary.totalCruised} modules were read`);
  process.exit(1);
}
process.exit(summary.violations.length > 0 ? 1 : 0);
