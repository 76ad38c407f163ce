import type { OutPoint, RawTransaction, Txid, TxOut } from '@boltwright/base';
import { txidBytes, txidOf } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';

/** A transaction taken apart, as plain data. */
export interface Transaction {
  /** A u32; ours are 2. */
  readonly version: number;
  readonly inputs: readonly TxIn[];
  readonly outputs: readonly TxOut[];
  /** A u32 (`nLockTime`). */
  readonly lockTime: number;
}

/** An input of a transaction. */
export interface TxIn {
  readonly outpoint: OutPoint;
  /** A u32 (`nSequence`). */
  readonly sequence: number;
  /** Empty for native segwit inputs, as all of ours are. */
  readonly scriptSig: Uint8Array;
  /** Bottom of the stack first; empty where unsigned. */
  readonly witness: readonly Uint8Array[];
}

const noBytes = new Uint8Array(0);

/** An input without signatures. */
export const unsignedInput = (outpoint: OutPoint, sequence: number): TxIn => ({
  outpoint,
  sequence,
  scriptSig: noBytes,
  witness: [],
});

/** The transaction with `witness` on input `index`. @throws RangeError when there is no such input. */
export function withWitness(transaction: Transaction, index: number, witness: readonly Uint8Array[]): Transaction {
  const input = transaction.inputs[index];
  if (input === undefined) throw new RangeError(`no input ${index} of ${transaction.inputs.length}`);
  const inputs = transaction.inputs.map((other, i) => (i === index ? { ...input, witness } : other));
  return { ...transaction, inputs };
}

const compactSizeLength = (value: number): number => (value < 0xfd ? 1 : value <= 0xffff ? 3 : 5);
const sliceLength = (bytes: Uint8Array): number => compactSizeLength(bytes.length) + bytes.length;

/** Bytes of the serialisation without witnesses: what the txid hashes, four weight units each. */
export function strippedLength(transaction: Transaction): number {
  let length = 8 + compactSizeLength(transaction.inputs.length) + compactSizeLength(transaction.outputs.length);
  for (const input of transaction.inputs) length += 40 + sliceLength(input.scriptSig);
  for (const output of transaction.outputs) length += 8 + sliceLength(output.script);
  return length;
}

const hasWitness = (transaction: Transaction): boolean => transaction.inputs.some((input) => input.witness.length > 0);

/** Bytes of one input's witness: the count, and each item with its length. */
export function witnessLength(witness: readonly Uint8Array[]): number {
  let length = compactSizeLength(witness.length);
  for (const item of witness) length += sliceLength(item);
  return length;
}

const witnessesLength = (transaction: Transaction): number =>
  transaction.inputs.reduce((sum, input) => sum + witnessLength(input.witness), 2);

/** BIP 141's weight: four for each byte outside of witnesses, one for each inside. */
export const transactionWeight = (transaction: Transaction): number =>
  4 * strippedLength(transaction) + (hasWitness(transaction) ? witnessesLength(transaction) : 0);

/** Writes little-endian into bytes of a known length. */
class Writer {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  u32(value: number): void {
    this.#view.setUint32(this.#offset, value, true);
    this.#offset += 4;
  }

  u64(value: bigint): void {
    this.#view.setBigUint64(this.#offset, value, true);
    this.#offset += 8;
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#offset);
    this.#offset += bytes.length;
  }

  compactSize(value: number): void {
    if (value < 0xfd) {
      this.bytes[this.#offset++] = value;
    } else if (value <= 0xffff) {
      this.bytes[this.#offset] = 0xfd;
      this.#view.setUint16(this.#offset + 1, value, true);
      this.#offset += 3;
    } else {
      this.bytes[this.#offset++] = 0xfe;
      this.u32(value);
    }
  }

  slice(bytes: Uint8Array): void {
    this.compactSize(bytes.length);
    this.raw(bytes);
  }

  outPoint(outpoint: OutPoint): void {
    this.raw(txidBytes(outpoint.txid));
    this.u32(outpoint.vout);
  }

  output(output: TxOut): void {
    this.u64(output.value);
    this.slice(output.script);
  }
}

function serialize(transaction: Transaction, witnesses: boolean): Uint8Array {
  const writer = new Writer(strippedLength(transaction) + (witnesses ? witnessesLength(transaction) : 0));
  writer.u32(transaction.version);
  if (witnesses) writer.raw(Uint8Array.of(0, 1));
  writer.compactSize(transaction.inputs.length);
  for (const input of transaction.inputs) {
    writer.outPoint(input.outpoint);
    writer.slice(input.scriptSig);
    writer.u32(input.sequence);
  }
  writer.compactSize(transaction.outputs.length);
  for (const output of transaction.outputs) writer.output(output);
  if (witnesses) {
    for (const input of transaction.inputs) {
      writer.compactSize(input.witness.length);
      for (const item of input.witness) writer.slice(item);
    }
  }
  writer.u32(transaction.lockTime);
  return writer.bytes;
}

/** The transaction's bytes, with its witnesses where it has any (BIP 144). */
export const serializeTransaction = (transaction: Transaction): Uint8Array =>
  serialize(transaction, hasWitness(transaction));

/** The hash of the bytes without witnesses, as displayed. */
export const transactionId = (crypto: CryptoBackend, transaction: Transaction): Txid =>
  txidOf(crypto.hash256(serialize(transaction, false)));

/** The transaction as it crosses seams. One double hash. */
export function toRawTransaction(crypto: CryptoBackend, transaction: Transaction): RawTransaction {
  const stripped = serialize(transaction, false);
  return {
    txid: txidOf(crypto.hash256(stripped)),
    bytes: hasWitness(transaction) ? serialize(transaction, true) : stripped,
  };
}

/** All outpoints in a row, as BIP 143's `hashPrevouts` has them. */
export function serializeOutPoints(inputs: readonly TxIn[]): Uint8Array {
  const writer = new Writer(36 * inputs.length);
  for (const input of inputs) writer.outPoint(input.outpoint);
  return writer.bytes;
}

/** All sequences in a row, as BIP 143's `hashSequence` has them. */
export function serializeSequences(inputs: readonly TxIn[]): Uint8Array {
  const writer = new Writer(4 * inputs.length);
  for (const input of inputs) writer.u32(input.sequence);
  return writer.bytes;
}

/** All outputs in a row, as BIP 143's `hashOutputs` has them. */
export function serializeOutputs(outputs: readonly TxOut[]): Uint8Array {
  const writer = new Writer(outputs.reduce((sum, output) => sum + 8 + sliceLength(output.script), 0));
  for (const output of outputs) writer.output(output);
  return writer.bytes;
}

/** BIP 143's preimage of the signature hash. */
export function serializeSighashPreimage(
  transaction: Transaction,
  input: TxIn,
  hashes: {
    readonly prevouts: Uint8Array;
    readonly sequences: Uint8Array;
    readonly outputs: Uint8Array;
  },
  scriptCode: Uint8Array,
  value: bigint,
  sighashType: number,
): Uint8Array {
  const writer = new Writer(4 + 32 + 32 + 36 + sliceLength(scriptCode) + 8 + 4 + 32 + 4 + 4);
  writer.u32(transaction.version);
  writer.raw(hashes.prevouts);
  writer.raw(hashes.sequences);
  writer.outPoint(input.outpoint);
  writer.slice(scriptCode);
  writer.u64(value);
  writer.u32(input.sequence);
  writer.raw(hashes.outputs);
  writer.u32(transaction.lockTime);
  writer.u32(sighashType);
  return writer.bytes;
}
