import { fundingWitnessScriptLength } from './funding-script.ts';

/** Reads on while bytes remain; what is cut off reads as the end. */
class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;
  ended = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  skip(length: number): void {
    this.#at += length;
    if (this.#at > this.#bytes.length) this.ended = true;
  }

  u8(): number {
    const value = this.#bytes[this.#at] ?? 0;
    this.skip(1);
    return value;
  }

  /** A count as transactions have it; 64 bits are more than any transaction holds. */
  count(): number {
    const first = this.u8();
    if (first < 0xfd) return first;
    const width = first === 0xfd ? 2 : 4;
    if (first === 0xff) this.ended = true;
    let value = 0;
    for (let i = 0; i < width; i++) value += this.u8() * 256 ** i;
    return value;
  }

  view(length: number): Uint8Array {
    const view = this.#bytes.subarray(this.#at, this.#at + length);
    this.skip(length);
    return view;
  }
}

/**
 * The last items of a transaction's witnesses that are as long as a funding output's witness script: a channel shows it
 * when it closes, however it closes (BOLT 3, Funding Transaction Output). Bytes that are no transaction give none.
 *
 * @param transaction - With its witnesses.
 */
export function witnessScripts(transaction: Uint8Array): readonly Uint8Array[] {
  const cursor = new Cursor(transaction);
  cursor.skip(4);
  // marker and flag: without them there are no witnesses
  if (cursor.u8() !== 0 || cursor.u8() !== 1) return [];
  const inputs = cursor.count();
  for (let i = 0; i < inputs && !cursor.ended; i++) {
    cursor.skip(36);
    cursor.skip(cursor.count());
    cursor.skip(4);
  }
  const outputs = cursor.count();
  for (let i = 0; i < outputs && !cursor.ended; i++) {
    cursor.skip(8);
    cursor.skip(cursor.count());
  }
  const scripts: Uint8Array[] = [];
  for (let i = 0; i < inputs && !cursor.ended; i++) {
    const items = cursor.count();
    let last: Uint8Array | undefined;
    for (let item = 0; item < items && !cursor.ended; item++) last = cursor.view(cursor.count());
    if (!cursor.ended && last?.length === fundingWitnessScriptLength) scripts.push(last);
  }
  return scripts;
}
