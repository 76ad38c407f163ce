/** The smaller of two amounts: `Math.min` takes no bigint. */
export function smaller<T extends bigint>(a: T, b: T): T {
  if (a < b) return a;
  return b;
}

/** The larger of two amounts. */
export function larger<T extends bigint>(a: T, b: T): T {
  if (a > b) return a;
  return b;
}
