import { type FeeratePerKw, type OutPoint, outPointKey, type RawTransaction, type Sat } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import {
  dustThreshold,
  feeForWeight,
  inputWeight,
  outputWeight,
  type Transaction,
  toRawTransaction,
  unsignedInput,
  withWitness,
} from '@boltwright/transactions';
import type { MonitorState } from '../state/monitor-state.ts';
import { leastFeerate } from './bids.ts';
import type { FeeCoin, FeeWallet } from './fee-wallet.ts';

/** Under what name a wallet keeps the coins for an output's claim. */
export const feePurpose = (state: Pick<MonitorState, 'channelId'>, outpoint: OutPoint): string =>
  `${state.channelId}:${outPointKey(outpoint)}`;

/** A transaction that pays its fee by coins of the wallet, those not signed for yet. */
export interface FundedTransaction {
  readonly transaction: Transaction;
  readonly coins: readonly FeeCoin[];
  /** Of the first coin's input; the others follow. */
  readonly firstCoin: number;
}

/** What a transaction lacks. */
export interface FeeRequest {
  readonly purpose: string;
  readonly transaction: Transaction;
  /** Of the transaction as it is, with its witnesses, and of what it pays for besides itself. */
  readonly weight: number;
  /** What its inputs hold beyond its outputs already. */
  readonly surplus: bigint;
  readonly feeratePerKw: FeeratePerKw;
  /** The most that the fee may be: what is at stake. */
  readonly most: bigint;
}

/**
 * Adds inputs of the wallet's and an output for what is left. Undefined where the wallet has too little, or where less
 * than the least fee is at stake.
 */
export function withFees(wallet: FeeWallet, request: FeeRequest): FundedTransaction | undefined {
  const { purpose, transaction, surplus, feeratePerKw, most } = request;
  const changeScript = wallet.changeScript(purpose);
  const dust = dustThreshold(changeScript);
  const weight = request.weight + outputWeight(changeScript.length);
  const least = feeForWeight(feeratePerKw, weight) + dust - surplus;
  const coins = wallet.feeCoins(purpose, (least > 0n ? least : 1n) as Sat, feeratePerKw);
  if (coins === undefined || coins.length === 0) return undefined;
  const whole = coins.reduce((sum, coin) => sum + inputWeight + coin.witnessWeight, weight);
  if (most < feeForWeight(leastFeerate as FeeratePerKw, whole)) return undefined;
  const asked = feeForWeight(feeratePerKw, whole);
  const change = coins.reduce((sum, coin) => sum + coin.value, surplus) - atMost(asked, most);
  if (change < dust) return undefined;
  return {
    transaction: {
      ...transaction,
      inputs: [...transaction.inputs, ...coins.map(({ outpoint }) => unsignedInput(outpoint, 0xfffffffd))],
      outputs: [...transaction.outputs, { value: change as Sat, script: changeScript }],
    },
    coins,
    firstCoin: transaction.inputs.length,
  };
}

const atMost = (a: bigint, b: bigint): bigint => {
  if (a <= b) return a;
  return b;
};

/** With the wallet's witnesses, and `witness` on the first input. */
export function signedWithFees(
  crypto: CryptoBackend,
  wallet: FeeWallet,
  { transaction, coins, firstCoin }: FundedTransaction,
  witness: readonly Uint8Array[],
): RawTransaction {
  const raw = toRawTransaction(crypto, transaction);
  let signed = withWitness(transaction, 0, witness);
  for (const [at, coin] of coins.entries()) {
    signed = withWitness(signed, firstCoin + at, wallet.signFeeInput(raw, firstCoin + at, coin));
  }
  return toRawTransaction(crypto, signed);
}
