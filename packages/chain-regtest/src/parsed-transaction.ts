import {
  copyBytes,
  err,
  type OutPoint,
  type OutPointKey,
  ok,
  outPointKey,
  type RawTransaction,
  type Result,
  type Sat,
  type Txid,
  type TxOut,
  toHex,
  txidOf,
} from '@boltwright/base';
import { Transaction } from 'bitcoinjs-lib/src/transaction';

export interface ParsedInput {
  readonly outpoint: OutPoint;
  readonly key: OutPointKey;
  readonly sequence: number;
  readonly scriptSig: Uint8Array;
  readonly witness: readonly Uint8Array[];
}

/** A transaction taken apart once, with the figures that are asked of it often. */
export interface ParsedTransaction {
  readonly raw: RawTransaction;
  readonly txid: Txid;
  /** The hash over everything, witnesses too, as hex: equal where nothing differs. */
  readonly wtxid: string;
  /** The same in the order of bytes that a block's merkle tree takes. */
  readonly witnessHash: Uint8Array;
  readonly version: number;
  readonly locktime: number;
  readonly inputs: readonly ParsedInput[];
  readonly outputs: readonly TxOut[];
  readonly weight: number;
  readonly vsize: number;
  readonly nonWitnessBytes: number;
  readonly coinbase: boolean;
}

/** What transactions from outside may be at most: as much as a block holds. */
const maxBytes = 4_000_000;

/** Takes a serialised transaction apart; the error says why it is none. */
export function parseTransaction(raw: RawTransaction): Result<ParsedTransaction, string> {
  if (raw.bytes.length > maxBytes) return err(`${raw.bytes.length} bytes are more than a block holds`);
  let tx: Transaction;
  try {
    tx = Transaction.fromBuffer(raw.bytes);
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
  const txid = txidOf(tx.getHash());
  if (txid !== raw.txid) return err(`its bytes have the txid ${txid}`);
  const witnessHash = tx.getHash(true);
  const weight = tx.weight();
  return ok({
    raw: { txid, bytes: copyBytes(raw.bytes) },
    txid,
    wtxid: toHex(witnessHash),
    witnessHash,
    version: tx.version >>> 0,
    locktime: tx.locktime,
    inputs: tx.ins.map((input) => {
      const outpoint = { txid: txidOf(input.hash), vout: input.index };
      return {
        outpoint,
        key: outPointKey(outpoint),
        sequence: input.sequence,
        scriptSig: input.script,
        witness: input.witness,
      };
    }),
    outputs: tx.outs.map((output) => ({ value: output.value as Sat, script: output.script })),
    weight,
    vsize: Math.ceil(weight / 4),
    nonWitnessBytes: tx.byteLength(false),
    coinbase: tx.ins.some((input) => input.index === 0xffff_ffff && input.hash.every((byte) => byte === 0)),
  });
}

/** A transaction's bytes with the id that they have. */
export function rawTransaction(bytes: Uint8Array): RawTransaction {
  return { txid: txidOf(Transaction.fromBuffer(bytes).getHash()), bytes };
}
