import type { FeeratePerKw, OutPoint, RawTransaction, Sat, Script } from '@boltwright/base';

/** A confirmed coin that pays fees. */
export interface FeeCoin {
  readonly outpoint: OutPoint;
  readonly value: Sat;
  readonly script: Script;
  /** Of the witness that spends it, at most. */
  readonly witnessWeight: number;
}

/**
 * Coins for the fees that transactions of anchor channels do not carry: those of our commitment, paid by a child of its
 * anchor, and those of our HTLC transactions, paid by an input more (BOLT 3; BOLT 5, Generation of HTLC Transactions).
 *
 * Requirements: answers at once; coins are confirmed, and no other purpose gets them until they are spent or released.
 * Failure: undefined where there is not enough; it is asked again with the next block.
 */
export interface FeeWallet {
  /**
   * Coins worth at least `value` beyond what their own inputs cost at `feerate`.
   *
   * @param purpose - the same one gets the coins it got before, and more where these no longer suffice.
   */
  feeCoins(purpose: string, value: Sat, feerate: FeeratePerKw): readonly FeeCoin[] | undefined;
  /** Where what is left goes; the same script for the same purpose. */
  changeScript(purpose: string): Script;
  /** The witness for the coin that `transaction` spends at `input` (SIGHASH_ALL). */
  signFeeInput(transaction: RawTransaction, input: number, coin: FeeCoin): readonly Uint8Array[];
  /** The purpose is over, or was never paid for. */
  releaseFeeCoins(purpose: string): void;
}
