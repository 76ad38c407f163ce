/** One published vector: its name, and a run that throws where we differ from it. */
export interface Vector {
  readonly name: string;
  readonly run: () => void;
}

/** What one vector file of the specifications holds, and what of it runs here. */
export interface Suite {
  readonly bolt: number;
  /** The file of vectors, or the place in the BOLT where there is none. */
  readonly file: string;
  /** How many vectors the BOLT publishes. Fewer than that with nothing said in `notDone` is a failure. */
  readonly published: number;
  readonly vectors: readonly Vector[];
  /** Vectors that do not run, with the reason. */
  readonly notDone?: { readonly count: number; readonly reason: string };
}

export interface SuiteResult {
  readonly suite: Suite;
  readonly passed: number;
  /** The vectors that differ, and a line of its own when vectors are missing or too many. */
  readonly failures: readonly { readonly name: string; readonly message: string }[];
}

/** Runs every vector of the suite. */
export function runSuite(suite: Suite): SuiteResult {
  const failures: { name: string; message: string }[] = [];
  let passed = 0;
  for (const { name, run } of suite.vectors) {
    try {
      run();
      passed += 1;
    } catch (cause) {
      failures.push({ name, message: cause instanceof Error ? cause.message : String(cause) });
    }
  }
  const expected = suite.published - (suite.notDone?.count ?? 0);
  if (suite.vectors.length !== expected) {
    const message = `${suite.vectors.length} vectors ran where ${expected} were expected`;
    failures.push({ name: 'number of vectors', message });
  }
  return { suite, passed, failures };
}
