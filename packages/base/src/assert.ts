/** Ends an exhaustive `switch`: does not compile when a variant is missing. */
export function assertNever(value: never): never {
  throw new Error(
    `unexpected variant: ${JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? `${part}n` : part))}`,
  );
}

/**
 * States an invariant of our own code.
 *
 * @throws Error with `message` when it does not hold: a bug, never bad input.
 */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}
