import type { RawTransaction } from '@boltwright/base';
import { parseTransaction, type Transaction } from '@boltwright/transactions';

const known = new WeakMap<RawTransaction, Transaction>();

/** The transaction taken apart, once per object; undefined for bytes that are none. */
export function parsed(raw: RawTransaction): Transaction | undefined {
  const before = known.get(raw);
  if (before !== undefined) return before;
  const result = parseTransaction(raw.bytes);
  if (!result.ok) return undefined;
  known.set(raw, result.value);
  return result.value;
}
