import { err, type OutPointKey, ok, type Result, type Sat } from '@boltwright/base';
import type { Coin } from './coins.ts';
import type { ParsedTransaction } from './parsed-transaction.ts';
import { coinbaseMaturity, locktimeThreshold, maxMoney } from './policy.ts';
import type { Refusal } from './refusal.ts';

/** What a transaction's place in the chain is judged by. */
export interface SpendContext {
  /** The height of the block that it would be in. */
  readonly height: number;
  coin(key: OutPointKey): Coin | undefined;
  /** The median of the times of the eleven blocks up to this height (BIP 113), seconds. */
  medianTime(height: number): number;
}

export interface Spend {
  /** What each input spends. */
  readonly coins: readonly Coin[];
  readonly fee: Sat;
}

const finalSequence = 0xffff_ffff;
const disableFlag = 0x8000_0000;
const secondsFlag = 0x0040_0000;

/** The consensus rules for a transaction in its place, but for its scripts: coins, amounts, maturity, locks. */
export function checkSpend(tx: ParsedTransaction, context: SpendContext): Result<Spend, Refusal> {
  const { txid } = tx;
  if (tx.coinbase) return err({ kind: 'coinbase', txid, message: 'a coinbase outside its block' });
  if (tx.inputs.length === 0 || tx.outputs.length === 0) {
    return err({ kind: 'malformed', txid, message: 'it has no input or no output' });
  }
  const keys = new Set<OutPointKey>();
  for (const [input, { key }] of tx.inputs.entries()) {
    if (keys.has(key)) return err({ kind: 'duplicateInput', txid, input, message: `it spends ${key} twice` });
    keys.add(key);
  }
  let outputs = 0n;
  for (const [output, { value }] of tx.outputs.entries()) {
    outputs += value;
    if (value < 0n || outputs > maxMoney) {
      return err({ kind: 'valueOutOfRange', txid, output, message: `${value} sat are out of range` });
    }
  }
  if (!isFinal(tx, context)) {
    return err({
      kind: 'notFinal',
      txid,
      message: `its locktime ${tx.locktime} is not before block ${context.height}`,
    });
  }
  const coins: Coin[] = [];
  let inputs = 0n;
  for (const [input, { key }] of tx.inputs.entries()) {
    const coin = context.coin(key);
    if (coin === undefined) {
      return err({ kind: 'missingInput', txid, input, message: `${key} is spent or was never there` });
    }
    if (coin.coinbase && context.height - (coin.height ?? context.height) < coinbaseMaturity) {
      const message = `the coinbase of block ${coin.height} cannot be spent in block ${context.height}`;
      return err({ kind: 'immatureCoinbase', txid, input, message });
    }
    coins.push(coin);
    inputs += coin.value;
  }
  for (const [input, coin] of coins.entries()) {
    const fault = sequenceFault(tx, input, coin, context);
    if (fault !== undefined) return err({ kind: 'sequenceLock', txid, input, message: fault });
  }
  if (inputs < outputs) {
    return err({ kind: 'negativeFee', txid, message: `it spends ${inputs} sat and pays ${outputs}` });
  }
  return ok({ coins, fee: (inputs - outputs) as Sat });
}

function isFinal(tx: ParsedTransaction, { height, medianTime }: SpendContext): boolean {
  if (tx.locktime === 0) return true;
  const now = tx.locktime < locktimeThreshold ? height : medianTime(height - 1);
  return tx.locktime < now || tx.inputs.every(({ sequence }) => sequence === finalSequence);
}

/** BIP 68: how long an input's coin must have been in the chain. What is unconfirmed counts as in the same block. */
function sequenceFault(
  tx: ParsedTransaction,
  input: number,
  coin: Coin,
  { height, medianTime }: SpendContext,
): string | undefined {
  const { sequence } = tx.inputs[input]!;
  if (tx.version < 2 || (sequence & disableFlag) !== 0) return undefined;
  const value = sequence & 0xffff;
  const coinHeight = coin.height ?? height;
  if ((sequence & secondsFlag) !== 0) {
    const from = medianTime(Math.max(coinHeight - 1, 0)) + value * 512;
    if (from <= medianTime(height - 1)) return undefined;
    return `its coin of block ${coinHeight} has to wait ${value * 512} seconds`;
  }
  if (coinHeight + value <= height) return undefined;
  return `its coin of block ${coinHeight} cannot be spent before block ${coinHeight + value}, this is ${height}`;
}
