import { equalBytes, toHex } from '@boltwright/base';

/** @throws Error with `what` unless the bytes are the expected ones (or both are missing). */
export function expectBytes(actual: Uint8Array | undefined, expected: Uint8Array | undefined, what: string): void {
  if (actual === undefined && expected === undefined) return;
  if (actual !== undefined && expected !== undefined && equalBytes(actual, expected)) return;
  const show = (bytes: Uint8Array | undefined): string => (bytes === undefined ? 'undefined' : toHex(bytes));
  throw new Error(`${what}: ${show(actual)} instead of ${show(expected)}`);
}

/** @throws Error with `what` unless they are the same. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: ${String(actual)} instead of ${String(expected)}`);
}

/** @throws Error with `what` unless the call throws a RangeError. */
export function expectRangeError(call: () => unknown, what: string): void {
  try {
    call();
  } catch (error) {
    if (error instanceof RangeError) return;
    throw new Error(`${what}: ${String(error)} instead of a RangeError`);
  }
  throw new Error(`${what}: no RangeError`);
}
