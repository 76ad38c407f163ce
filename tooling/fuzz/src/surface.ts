import { toHex } from '@boltwright/base';

/** One decoder under fuzzing. */
export interface Surface {
  readonly name: string;
  /** Inputs to start from: valid ones, so that mutations reach what lies behind the first check. */
  readonly seeds: () => readonly Uint8Array[];
  /** Longest input, in bytes. */
  readonly maxLength: number;
  /**
   * Feeds one input to the decoder and checks what comes out.
   *
   * @returns what happened in a few words (`init`, `truncated in nodeId`): an input with a new outcome is kept.
   * @throws whatever the decoder throws, and {@link violation}s: each is a find.
   */
  readonly run: (input: Uint8Array) => string;
}

/** A group of surfaces, as the command line names it. */
export interface Target {
  readonly name: string;
  readonly surfaces: readonly Surface[];
}

/** A promise that was broken. */
export function violation(text: string): never {
  throw new Error(text);
}

export function expectSameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (actual.length === expected.length && actual.every((byte, i) => byte === expected[i])) return;
  violation(`${what}: ${toHex(actual)} is not ${toHex(expected)}`);
}

const named = (error: object, key: string): string | undefined => {
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : undefined;
};

/** The outcome of a refusal, which has to be plain data that names its kind. */
export function refusal(error: unknown): string {
  if (typeof error !== 'object' || error === null || error instanceof Error) violation('the error is not plain data');
  const kind = named(error, 'code') ?? named(error, 'kind');
  if (kind === undefined) violation('the error has no kind');
  const place = [named(error, 'messageName'), named(error, 'field')].filter(
    (part) => part !== undefined && part !== '',
  );
  return place.length === 0 ? `refused: ${kind}` : `refused: ${kind} in ${place.join('.')}`;
}
