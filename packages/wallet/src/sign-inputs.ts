import { concatBytes } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { signature } from 'bitcoinjs-lib/src/script';
import { Transaction } from 'bitcoinjs-lib/src/transaction';
import type { WalletCoin } from './coin-set.ts';
import type { KeyChain } from './key-chain.ts';

type SignedCoin = Pick<WalletCoin, 'key' | 'value' | 'script'>;

/** Signs every input, each a P2WPKH coin in this order (BIP 143, SIGHASH_ALL). */
export function signInputs(tx: Transaction, coins: readonly SignedCoin[], keys: KeyChain, crypto: CryptoBackend): void {
  for (const [input, coin] of coins.entries()) tx.setWitness(input, [...signInput(tx, input, coin, keys, crypto)]);
}

/** The witness of one input: signature and key. */
export function signInput(
  tx: Transaction,
  input: number,
  { key, value, script }: SignedCoin,
  keys: KeyChain,
  crypto: CryptoBackend,
): readonly Uint8Array[] {
  const scriptCode = concatBytes(Uint8Array.of(0x76, 0xa9, 20), script.subarray(2), Uint8Array.of(0x88, 0xac));
  const hash = tx.hashForWitnessV0(input, scriptCode, value, Transaction.SIGHASH_ALL);
  const compact = crypto.sign(hash, keys.secret(key));
  return [signature.encode(compact, Transaction.SIGHASH_ALL), key.publicKey];
}
