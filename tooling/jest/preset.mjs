import { fileURLToPath } from 'node:url';

const reporter = fileURLToPath(new URL('./reporter.mjs', import.meta.url));
const swc = [
  '@swc/jest',
  {
    swcrc: false,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  },
];

/** The Jest settings of one package: native ES modules, TypeScript by swc, neighbours from source. */
export default function preset(dir, name) {
  return {
    displayName: name,
    rootDir: dir,
    testEnvironment: 'node',
    testMatch: ['<rootDir>/test/**/*.test.ts'],
    testEnvironmentOptions: { customExportConditions: ['@boltwright/source', 'node', 'node-addons'] },
    extensionsToTreatAsEsm: ['.ts'],
    transform: { '\\.ts$': swc },
    // a global is looked up through the sandbox: bn.js (in bitcore-lib) asks for Math.imul in its innermost loop, and is
    // thirty times slower that way
    sandboxInjectedGlobals: ['Math'],
    testTimeout: 60_000,
    reporters: ['default', [reporter, { file: `${dir}/.test/counts.json` }]],
  };
}
