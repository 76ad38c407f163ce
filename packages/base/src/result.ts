/** What a fallible function answers: bad input is a value, never an exception. */
export type Result<T, E> = Ok<T> | Err<E>;

/** It worked. */
export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}

/** It did not, and why. */
export interface Err<E> {
  readonly ok: false;
  readonly error: E;
}

/** A result that holds a value. */
export const ok = <T>(value: T): Ok<T> => ({ ok: true, value });
/** A result that holds an error, which is plain data. */
export const err = <E>(error: E): Err<E> => ({ ok: false, error });

/**
 * The value of a result that cannot have failed here.
 *
 * @throws the error, wrapped where it is no `Error`, if it did fail: a broken invariant of the caller.
 */
export function unwrap<T>(result: Result<T, unknown>): T {
  if (result.ok) return result.value;
  if (result.error instanceof Error) throw result.error;
  const { error } = result;
  throw new Error(
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error),
  );
}
