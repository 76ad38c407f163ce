import type { FeeratePerKw, Msat, Sat } from '@boltwright/base';
import type { CommitmentFormat, CommitmentHtlc } from '@boltwright/interfaces';
import { commitmentRules } from './format/rules-of.ts';

/** The direction of an HTLC, seen from the commitment's broadcaster. */
export type HtlcDirection = CommitmentHtlc['direction'];

/** `feerate * weight / 1000`, rounded down (BOLT 3, Fee Calculation). */
export const feeForWeight = (feerate: FeeratePerKw, weight: number): Sat =>
  ((BigInt(feerate) * BigInt(weight)) / 1000n) as Sat;

/** Expected weight of a commitment with that many HTLC outputs. */
export function commitmentWeight(format: CommitmentFormat, untrimmedHtlcs: number): number {
  const rules = commitmentRules(format);
  return rules.commitmentWeight + rules.htlcOutputWeight * untrimmedHtlcs;
}

/**
 * The base fee of a commitment, which the opener pays.
 *
 * @param untrimmedHtlcs - HTLCs that have an output: see {@link isTrimmed}.
 */
export const commitmentFee = (format: CommitmentFormat, feerate: FeeratePerKw, untrimmedHtlcs: number): Sat =>
  feeForWeight(feerate, commitmentWeight(format, untrimmedHtlcs));

/** What the opener pays for both anchors, whether or not both are made; 0 for a format without. */
export const anchorsCost = (format: CommitmentFormat): Sat =>
  (2n * (commitmentRules(format).anchorSatoshis ?? 0n)) as Sat;

/** All that a commitment takes from the opener's balance: base fee and anchors. */
export const commitmentCost = (format: CommitmentFormat, feerate: FeeratePerKw, untrimmedHtlcs: number): Sat =>
  (commitmentFee(format, feerate, untrimmedHtlcs) + anchorsCost(format)) as Sat;

/** Expected weight of the HTLC-timeout (`offered`) or HTLC-success (`received`) transaction. */
export function htlcTransactionWeight(format: CommitmentFormat, direction: HtlcDirection): number {
  const rules = commitmentRules(format);
  return direction === 'offered' ? rules.htlcTimeoutWeight : rules.htlcSuccessWeight;
}

/** The fee that the HTLC transaction pays out of the HTLC: 0 with anchors. */
export const htlcTransactionFee = (format: CommitmentFormat, direction: HtlcDirection, feerate: FeeratePerKw): Sat =>
  commitmentRules(format).htlcTransactionsPayFees
    ? feeForWeight(feerate, htlcTransactionWeight(format, direction))
    : (0n as Sat);

/** The least amount, in satoshis, that gets an output: an HTLC of less is trimmed. */
export const trimThreshold = (
  format: CommitmentFormat,
  direction: HtlcDirection,
  feerate: FeeratePerKw,
  dustLimitSatoshis: Sat,
): Sat => (dustLimitSatoshis + htlcTransactionFee(format, direction, feerate)) as Sat;

/**
 * Whether an HTLC has no output and goes to the fee (BOLT 3, Trimmed Outputs).
 *
 * @param htlc - its direction seen from the broadcaster; its millisatoshis are ignored.
 * @param dustLimitSatoshis - the broadcaster's.
 */
export const isTrimmed = (
  format: CommitmentFormat,
  htlc: { readonly direction: HtlcDirection; readonly amountMsat: Msat },
  feerate: FeeratePerKw,
  dustLimitSatoshis: Sat,
): boolean => htlc.amountMsat / 1000n < trimThreshold(format, htlc.direction, feerate, dustLimitSatoshis);
