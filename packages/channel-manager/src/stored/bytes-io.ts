import { concatBytes, copyBytes } from '@boltwright/base';

/** Collects the bytes of a record. */
export class ByteSink {
  readonly #parts: Uint8Array[] = [];

  raw(bytes: Uint8Array): void {
    this.#parts.push(bytes);
  }

  /** A non-negative integer, seven bits a byte, the lowest first. */
  varint(value: bigint): void {
    if (value < 0n) throw new RangeError(`${value} is negative: a stored integer is not`);
    const bytes: number[] = [];
    let rest = value;
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.#parts.push(Uint8Array.from(bytes));
  }

  finish(): Uint8Array {
    return concatBytes(...this.#parts);
  }
}

/** Bytes of a record that are not what they should be; caught by {@link decodeRecord}, never seen outside. */
export class BadRecord extends Error {}

/** Reads the bytes of a record. */
export class ByteSource {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** @throws BadRecord when fewer remain. */
  raw(length: number): Uint8Array {
    if (length > this.remaining) throw new BadRecord(`${length} bytes are due, ${this.remaining} remain`);
    const bytes = copyBytes(this.#bytes.subarray(this.#offset, this.#offset + length));
    this.#offset += length;
    return bytes;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 140n; shift += 7n) {
      const byte = BigInt(this.raw(1)[0]!);
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return value;
    }
    throw new BadRecord('an integer is too long');
  }

  /** @throws BadRecord above 2^53. */
  length(): number {
    const value = this.varint();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new BadRecord(`${value} is too large a number`);
    return Number(value);
  }
}
