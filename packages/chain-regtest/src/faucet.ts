import { createHash } from 'node:crypto';
import { concatBytes, type RawTransaction, type Script, type TxOut, txidBytes } from '@boltwright/base';
import { Transaction } from 'bitcoinjs-lib/src/transaction';
import type { Coin } from './coins.ts';
import { rawTransaction } from './parsed-transaction.ts';
import { minRelayFeerate } from './policy.ts';

/** A witness script that is true: the faucet's coins are anyone's and need no key. */
const witnessScript = Uint8Array.of(0x51);

/** Where coinbases go by default. */
export const faucetScript: Script = concatBytes(
  Uint8Array.of(0, 32),
  new Uint8Array(createHash('sha256').update(witnessScript).digest()),
);

const change = 330n;

/**
 * Pays `outputs` from the faucet's coins at twice the relay minimum, change back to the faucet as the last output.
 *
 * @param coins - what may be spent, in the order in which it is tried.
 * @returns undefined where they do not suffice.
 */
export function faucetTransaction(coins: readonly Coin[], outputs: readonly TxOut[]): RawTransaction | undefined {
  const tx = new Transaction();
  tx.version = 2;
  const wanted = outputs.reduce((sum, output) => sum + output.value, 0n);
  let spent = 0n;
  for (const output of outputs) tx.addOutput(output.script, output.value);
  tx.addOutput(faucetScript, change);
  for (const coin of coins) {
    const input = tx.addInput(txidBytes(coin.outpoint.txid), coin.outpoint.vout, 0xffff_fffd);
    tx.setWitness(input, [witnessScript]);
    spent += coin.value;
    const fee = (2n * minRelayFeerate * BigInt(tx.virtualSize())) / 1000n;
    if (spent < wanted + fee + change) continue;
    tx.outs.at(-1)!.value = spent - wanted - fee;
    return rawTransaction(tx.toBuffer());
  }
  return undefined;
}
