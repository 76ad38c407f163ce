import {
  err,
  formatShortChannelId,
  type Msat,
  msat,
  ok,
  type Result,
  sat,
  shortChannelIdOf,
  subtractMsat,
  toMsat,
  txidBytes,
  txidOf,
  unwrap,
} from '@boltwright/base';

/** What bytes or a peer can cause is a value; only a caller's mistake throws. */
export function pay(balance: Msat, amount: Msat): Result<Msat, string> {
  return amount > balance ? err(`${balance} msat do not cover ${amount}`) : ok(subtractMsat(balance, amount));
}

export const left = unwrap(pay(toMsat(sat(1_000n)), msat(999_999n))); // 1n, branded Msat
export const channel = formatShortChannelId(shortChannelIdOf(539_268, 845, 1)); // '539268x845x1'
const hash = new Uint8Array(32).fill(7); // as a transaction has it
export const same = txidBytes(txidOf(hash)).every((byte, i) => byte === hash[i]);
