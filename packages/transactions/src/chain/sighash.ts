import type { Sat, Script } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import {
  serializeOutPoints,
  serializeOutputs,
  serializeSequences,
  serializeSighashPreimage,
  type Transaction,
} from './transaction.ts';

/** All inputs and all outputs are signed. */
export const sighashAll = 0x01;
/** The input signed and the output of its index, so that others may be added (BOLT 5, Generation of HTLC Transactions). */
export const sighashSingleAnyoneCanPay = 0x83;

/** The two kinds of signature that BOLT 3 and BOLT 5 use; the byte stands behind the signature in a witness. */
export type SighashType = typeof sighashAll | typeof sighashSingleAnyoneCanPay;

const zeroHash = new Uint8Array(32);

/** What the `SIGHASH_ALL` signature hashes of a transaction's inputs share (BIP 143): computed once per transaction. */
export interface SighashMidstate {
  readonly prevouts: Uint8Array;
  readonly sequences: Uint8Array;
  readonly outputs: Uint8Array;
}

/** Three double hashes. Its use for a transaction changed in anything but witnesses is a mistake. */
export const sighashMidstate = (crypto: CryptoBackend, transaction: Transaction): SighashMidstate => ({
  prevouts: crypto.hash256(serializeOutPoints(transaction.inputs)),
  sequences: crypto.hash256(serializeSequences(transaction.inputs)),
  outputs: crypto.hash256(serializeOutputs(transaction.outputs)),
});

/**
 * BIP 143's signature hash, 32 bytes.
 *
 * @param scriptCode - the witness script; for P2WPKH {@link p2wpkhScriptCode}.
 * @param midstate - of this transaction, where more than one input is signed; made here when left out.
 * @throws RangeError when there is no such input, or for `SIGHASH_SINGLE` no output of that index.
 */
export function segwitSighash(
  crypto: CryptoBackend,
  transaction: Transaction,
  index: number,
  scriptCode: Script,
  value: Sat,
  sighashType: SighashType = sighashAll,
  midstate?: SighashMidstate,
): Uint8Array {
  const input = transaction.inputs[index];
  if (input === undefined) throw new RangeError(`no input ${index} of ${transaction.inputs.length}`);
  let hashes: SighashMidstate;
  if (sighashType === sighashAll) {
    hashes = midstate ?? sighashMidstate(crypto, transaction);
  } else {
    const output = transaction.outputs[index];
    if (output === undefined) throw new RangeError(`no output ${index} for SIGHASH_SINGLE`);
    hashes = { prevouts: zeroHash, sequences: zeroHash, outputs: crypto.hash256(serializeOutputs([output])) };
  }
  return crypto.hash256(serializeSighashPreimage(transaction, input, hashes, scriptCode, value, sighashType));
}
