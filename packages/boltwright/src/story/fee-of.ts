import { outPointKey, type Sat, sat, type Txid, txidOf } from '@boltwright/base';
import type { RegtestChain } from '@boltwright/chain-regtest';
import { Transaction } from 'bitcoinjs-lib';

/** What a transaction of the chain left to the miner. */
export function feeOf(chain: RegtestChain, txid: Txid): Sat {
  const found = chain.transaction(txid);
  if (found === undefined) throw new Error(`${txid} is not on the chain`);
  const { ins, outs } = Transaction.fromBuffer(found.transaction.bytes);
  const paid = outs.reduce((sum, output) => sum + BigInt(output.value), 0n);
  const spent = ins.reduce((sum, input) => {
    const outpoint = { txid: txidOf(input.hash), vout: input.index };
    const source = chain.transaction(outpoint.txid);
    if (source === undefined) throw new Error(`${outPointKey(outpoint)} is not on the chain`);
    return sum + BigInt(Transaction.fromBuffer(source.transaction.bytes).outs[outpoint.vout]!.value);
  }, 0n);
  return sat(spent - paid);
}
