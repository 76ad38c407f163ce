import { type FeeratePerKw, fromHex, type Sat, type TxOut } from '@boltwright/base';
import { bech32 } from '@scure/base';
import { selectUTXO } from '@scure/btc-signer/utxo.js';
import type { WalletCoin } from './coin-set.ts';

/** What is spent, what it costs, and what comes back. */
export interface Selection {
  readonly coins: readonly WalletCoin[];
  readonly fee: Sat;
  /** Zero where the rest is not worth an output, and goes to the fee. */
  readonly change: Sat;
}

/** The least value of an output that is relayed, by its script (BOLT 3, Dust Limits). */
export function dustLimit({ script }: TxOut): Sat {
  const witness = script.length >= 4 && script[1] === script.length - 2 && (script[0] === 0 || script[0]! > 0x50);
  return BigInt(3 * (8 + 1 + script.length + (witness ? 67 : 148))) as Sat;
}

const changeBytes = 8 + 1 + 22;
const changeDust = 294n;

/** Weight of a transaction of P2WPKH inputs, each signature taken at its longest (72 bytes with its hash type). */
function weightOf(inputs: number, outputs: readonly TxOut[], withChange: boolean): number {
  const outputCount = outputs.length + (withChange ? 1 : 0);
  const outputBytes = outputs.reduce((sum, { script }) => sum + 9 + script.length, withChange ? changeBytes : 0);
  const bytes = 8 + countBytes(inputs) + countBytes(outputCount) + 41 * inputs + outputBytes;
  return 4 * bytes + 2 + 108 * inputs;
}

const countBytes = (count: number): number => (count < 253 ? 1 : 3);

const feeOf = (weight: number, feerate: FeeratePerKw): bigint => (BigInt(weight) * BigInt(feerate) + 999n) / 1000n;

/** What outputs and fee come to when these coins are all spent, without change. */
export const neededFor = (inputs: number, outputs: readonly TxOut[], feerate: FeeratePerKw): Sat =>
  (outputs.reduce((sum, { value }) => sum + value, 0n) + feeOf(weightOf(inputs, outputs, false), feerate)) as Sat;

/**
 * Picks coins for these outputs. Which ones is `selectUTXO`'s choice; the fee is computed here, since it knows whole
 * satoshis per virtual byte alone.
 *
 * @returns undefined where all the coins together do not suffice.
 */
export function selectCoins(
  coins: readonly WalletCoin[],
  outputs: readonly TxOut[],
  feerate: FeeratePerKw,
): Selection | undefined {
  return settle(preselect(coins, outputs, feerate), outputs, feerate) ?? settle(coins, outputs, feerate);
}

function preselect(
  coins: readonly WalletCoin[],
  outputs: readonly TxOut[],
  feerate: FeeratePerKw,
): readonly WalletCoin[] {
  const selected = selectUTXO(
    coins.map(({ outpoint, value, script }) => ({
      txid: fromHex(outpoint.txid),
      index: outpoint.vout,
      witnessUtxo: { amount: value, script },
    })),
    outputs.map(({ script, value }) => ({ script, amount: value })),
    'default',
    {
      feePerByte: BigInt(Math.ceil((feerate * 4) / 1000)),
      changeAddress: bech32.encode('bc', [0, ...bech32.toWords(new Uint8Array(20))]),
      createTx: false,
      allowUnknownOutputs: true,
      bip69: false,
    },
  );
  if (selected === undefined) return [];
  const chosen = new Set(selected.inputs.map((input) => `${toTxid(input.txid)}:${input.index}`));
  return coins.filter(({ outpoint }) => chosen.has(`${outpoint.txid}:${outpoint.vout}`));
}

const toTxid = (bytes: Uint8Array | undefined): string =>
  [...(bytes ?? [])].map((byte) => byte.toString(16).padStart(2, '0')).join('');

function settle(coins: readonly WalletCoin[], outputs: readonly TxOut[], feerate: FeeratePerKw): Selection | undefined {
  const total = coins.reduce((sum, coin) => sum + coin.value, 0n);
  const paid = outputs.reduce((sum, output) => sum + output.value, 0n);
  const rest = total - paid;
  const least = feeOf(weightOf(coins.length, outputs, false), feerate);
  if (coins.length === 0 || rest < least) return undefined;
  const withChange = feeOf(weightOf(coins.length, outputs, true), feerate);
  const change = rest - withChange;
  if (change < changeDust) return { coins, fee: rest as Sat, change: 0n as Sat };
  return { coins, fee: withChange as Sat, change: change as Sat };
}
