import { mkdirSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Counts tests and prints `N passed, N failed, N skipped` as the very last line. */
export default class CountReporter {
  constructor(_globalConfig, options = {}) {
    this.options = options;
  }

  onRunComplete(_contexts, results) {
    const passed = results.numPassedTests;
    // a suite that did not load counts as one failure
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    if (this.options.file) {
      mkdirSync(dirname(this.options.file), { recursive: true });
      writeFileSync(this.options.file, JSON.stringify({ passed, failed, skipped }));
    }
    process.once('exit', () => writeSync(1, `${passed} passed, ${failed} failed, ${skipped} skipped\n`));
  }
}
