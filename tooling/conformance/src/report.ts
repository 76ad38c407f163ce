import type { SuiteResult } from './suite.ts';

/** Sums over suites: `skipped` are the published vectors that do not run. */
export function totals(results: readonly SuiteResult[]): { passed: number; failed: number; skipped: number } {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { suite, passed, failures } of results) {
    sum.passed += passed;
    sum.failed += failures.length;
    sum.skipped += suite.notDone?.count ?? 0;
  }
  return sum;
}

/** A table for each BOLT, the failures in full, and the sum as the last line. */
export function report(results: readonly SuiteResult[]): string {
  const lines: string[] = [];
  const width = Math.max(...results.map(({ suite }) => suite.file.length));
  let bolt: number | undefined;
  for (const { suite, passed, failures } of results) {
    if (suite.bolt !== bolt) {
      bolt = suite.bolt;
      const { passed: done } = totals(results.filter((result) => result.suite.bolt === bolt));
      const published = results.reduce((sum, { suite: one }) => sum + (one.bolt === bolt ? one.published : 0), 0);
      lines.push('', `BOLT ${bolt}: ${done} of ${published}`);
    }
    const count = `${String(passed).padStart(3)} of ${String(suite.published).padStart(3)}`;
    const { notDone } = suite;
    const remark = notDone === undefined ? '' : `  not done: ${notDone.count} (${notDone.reason})`;
    const verdict = failures.length > 0 ? `  FAILED: ${failures.length}` : '';
    lines.push(`  ${suite.file.padEnd(width)}  ${count}${remark}${verdict}`);
  }
  for (const { suite, failures } of results) {
    for (const { name, message } of failures) lines.push('', `FAILED ${suite.file}: ${name}`, indent(message));
  }
  const { passed, failed, skipped } = totals(results);
  lines.push('', `${passed} passed, ${failed} failed, ${skipped} skipped`);
  return lines.join('\n');
}

const maxLines = 12;

const indent = (message: string): string => {
  const lines = message.split('\n');
  const shown = lines.slice(0, maxLines).map((line) => `  ${line.length > 200 ? `${line.substring(0, 200)}…` : line}`);
  return (lines.length > maxLines ? [...shown, '  …'] : shown).join('\n');
};
