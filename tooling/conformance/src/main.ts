// npm run conformance: every published vector, counted.
import { report, totals } from './report.ts';
import { runSuite } from './suite.ts';
import { suites } from './suites.ts';

const results = suites().map(runSuite);
console.log(report(results));
process.exitCode = totals(results).failed === 0 ? 0 : 1;
