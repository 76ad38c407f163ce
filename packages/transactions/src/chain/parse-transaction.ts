import type { RawTransaction, Result, Sat, Txid } from '@boltwright/base';
import { copyBytes, err, ok, txidOf } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { Transaction as BitcoinTransaction } from 'bitcoinjs-lib/src/transaction';
import { type Transaction, transactionId } from './transaction.ts';

/** A block's weight limit: no transaction has more bytes. */
export const maxTransactionBytes = 4_000_000;

/** Why bytes are no transaction; lengths are in bytes. */
export type TransactionParseError =
  | { readonly kind: 'transactionTooLong'; readonly length: number; readonly limit: number }
  /** Truncated, followed by other bytes, or against BIP 144. */
  | { readonly kind: 'malformedTransaction'; readonly length: number; readonly detail: string };

/**
 * The bytes of a transaction, with witnesses or without, taken apart.
 *
 * Bounded by {@link maxTransactionBytes}; what is answered is in bytes of its own.
 */
export function parseTransaction(bytes: Uint8Array): Result<Transaction, TransactionParseError> {
  if (bytes.length > maxTransactionBytes) {
    return err({ kind: 'transactionTooLong', length: bytes.length, limit: maxTransactionBytes });
  }
  try {
    const parsed = BitcoinTransaction.fromBuffer(bytes);
    return ok({
      version: parsed.version >>> 0,
      inputs: parsed.ins.map((input) => ({
        outpoint: { txid: txidOf(input.hash), vout: input.index },
        sequence: input.sequence,
        scriptSig: copyBytes(input.script),
        witness: input.witness.map(copyBytes),
      })),
      outputs: parsed.outs.map((output) => ({
        value: BigInt.asUintN(64, output.value) as Sat,
        script: copyBytes(output.script),
      })),
      lockTime: parsed.locktime,
    });
  } catch (error) {
    return err({
      kind: 'malformedTransaction',
      length: bytes.length,
      detail: error instanceof Error ? error.message : String(error),
    });
  }
}

/** The txid of a transaction's bytes, with witnesses or without. */
export function txidOfBytes(crypto: CryptoBackend, bytes: Uint8Array): Result<Txid, TransactionParseError> {
  const parsed = parseTransaction(bytes);
  return parsed.ok ? ok(transactionId(crypto, parsed.value)) : parsed;
}

/** Bytes with the txid computed from them, so that the two agree. */
export function rawTransactionOf(
  crypto: CryptoBackend,
  bytes: Uint8Array,
): Result<RawTransaction, TransactionParseError> {
  const txid = txidOfBytes(crypto, bytes);
  return txid.ok ? ok({ txid: txid.value, bytes }) : txid;
}
