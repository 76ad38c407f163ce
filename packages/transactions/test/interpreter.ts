import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type TxOut, toHex } from '@boltwright/base';
import { expect } from '@jest/globals';
import { serializeTransaction, type Transaction } from '../src/index.ts';

/** A native segwit input to be checked, and whether it must hold. */
export interface Spend {
  readonly name: string;
  readonly transaction: Transaction;
  readonly input: number;
  readonly spent: TxOut;
  readonly valid: boolean;
}

/** Expects of every spend that bitcore-lib's interpreter takes it, or does not, as it says. */
export function expectSpends(spends: readonly Spend[]): void {
  const input = spends.map(({ transaction, input, spent }) => ({
    transaction: toHex(serializeTransaction(transaction)),
    input,
    script: toHex(spent.script),
    satoshis: Number(spent.value),
    witness: transaction.inputs[input]!.witness.map(toHex),
  }));
  const program = fileURLToPath(new URL('./interpreter.mjs', import.meta.url));
  const output = execFileSync(process.execPath, [program], { input: JSON.stringify(input), encoding: 'utf8' });
  const failures: unknown = JSON.parse(output);
  expect(failures).toHaveLength(spends.length);
  const answers = (failures as readonly string[]).map((failure, index) => ({ ...spends[index]!, failure }));
  expect(answers.filter(({ failure, valid }) => (failure === '') !== valid)).toEqual([]);
}
