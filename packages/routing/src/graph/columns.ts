type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/** A copy of a column with room for `length` values. */
export function resized<T extends Column>(column: T, length: number): T {
  const larger = new (column.constructor as new (length: number) => T)(length);
  larger.set(column.length > length ? column.subarray(0, length) : column);
  return larger;
}

/** Amortised growth by a quarter: little memory is idle while the graph grows. */
export const grownCapacity = (rows: number, limit: number): number =>
  Math.max(rows + 1, Math.min(limit, Math.max(64, rows + (rows >>> 2))));
