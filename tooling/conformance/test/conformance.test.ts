import { describe, expect, test } from '@jest/globals';
import { report, totals } from '../src/report.ts';
import { runSuite, type Suite } from '../src/suite.ts';
import { suites } from '../src/suites.ts';

describe('the published vectors', () => {
  test('number 364 with the 23 rows of the table of features', () => {
    expect(suites().reduce((sum, { published }) => sum + published, 0)).toBe(341 + 23);
  });

  test.each(suites().filter(({ vectors }) => vectors.length > 0))('of $file pass', (suite) => {
    expect(runSuite(suite).failures).toEqual([]);
  });
});

describe('a suite', () => {
  const fails = { name: 'differs', run: () => expect(1).toBe(2) };
  const passes = { name: 'is right', run: () => expect(1).toBe(1) };
  const suite = (vectors: Suite['vectors'], published: number, notDone?: Suite['notDone']): Suite => ({
    bolt: 1,
    file: 'file',
    published,
    vectors,
    ...(notDone && { notDone }),
  });

  test('with a vector that differs fails', () => {
    const result = runSuite(suite([passes, fails], 2));
    expect(totals([result])).toEqual({ passed: 1, failed: 1, skipped: 0 });
    expect(report([result])).toMatch(/FAILED file: differs[\s\S]*\n1 passed, 1 failed, 0 skipped$/);
  });

  test('with fewer or more vectors than were published fails', () => {
    expect(totals([runSuite(suite([passes], 2))]).failed).toBe(1);
    expect(totals([runSuite(suite([passes, passes], 1))]).failed).toBe(1);
    const reason = { count: 1, reason: 'no offers' };
    expect(totals([runSuite(suite([passes], 2, reason))])).toEqual({ passed: 1, failed: 0, skipped: 1 });
    expect(totals([runSuite(suite([passes, passes], 2, reason))]).failed).toBe(1);
  });
});
