import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/**
 * How one value stands on the wire. Own types may be made and used beside those of `t`.
 *
 * - `read` checks lengths before it allocates and throws only by `reader.fail` and the reader's own methods.
 * - `size` gives exactly the bytes that `write` writes; where it does not, `encode` throws an `Error`.
 * - `write` throws `RangeError` for a value that does not fit: the caller's mistake.
 */
export interface FieldType<T> {
  /** Fewest bytes that a value takes: bounds a hostile count before anything is allocated. */
  readonly minSize: number;
  /** True where every value takes `minSize` bytes. */
  readonly isFixed: boolean;
  read(reader: Reader): T;
  size(value: T): number;
  write(writer: Writer, value: T): void;
}

/** The value type of a field type. */
export type ValueOf<F> = F extends FieldType<infer T> ? T : never;

/** Named fields, key order is wire order. */
export interface FieldList {
  readonly [name: string]: FieldType<unknown>;
}

/** The plain object of a field list. */
export type FieldValues<F extends FieldList> = { readonly [K in keyof F]: ValueOf<F[K]> };
