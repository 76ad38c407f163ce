/**
 * A forwarding fee (BOLT 7, HTLC Fees) in plain numbers, exact where the result is below 2^53: the amount is split at
 * 10^6, so that no product leaves the whole numbers that a double holds.
 *
 * @param amountMsat - What is forwarded, below 2^53.
 */
export function forwardingFee(feeBaseMsat: number, feeProportionalMillionths: number, amountMsat: number): number {
  const high = Math.floor(amountMsat / 1_000_000);
  const low = amountMsat - high * 1_000_000;
  return feeBaseMsat + high * feeProportionalMillionths + Math.floor((low * feeProportionalMillionths) / 1_000_000);
}

/** The same in `bigint`: what a chosen path is computed with. */
export const exactForwardingFee = (
  feeBaseMsat: number,
  feeProportionalMillionths: number,
  amountMsat: bigint,
): bigint => BigInt(feeBaseMsat) + (amountMsat * BigInt(feeProportionalMillionths)) / 1_000_000n;
