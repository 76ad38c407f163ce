const scratch = new DataView(new ArrayBuffer(8));
const maxU64 = 0xffff_ffff_ffff_ffffn;

function wholeNumber(value: number, max: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value <= max)) {
    throw new RangeError(`${value} is no whole number from 0 to ${max}`);
  }
}

/** A cursor over bytes of the exact size. Values that do not fit are the caller's mistake and throw `RangeError`. */
export class Writer {
  readonly bytes: Uint8Array;
  offset = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  /** One byte. @throws RangeError, as all that write, for a value that does not fit. */
  u8(value: number): void {
    wholeNumber(value, 0xff);
    this.bytes[this.offset++] = value;
  }

  /** 2 bytes, big-endian. */
  u16(value: number): void {
    wholeNumber(value, 0xffff);
    this.bytes[this.offset++] = value >>> 8;
    this.bytes[this.offset++] = value & 0xff;
  }

  /** 4 bytes, big-endian. */
  u32(value: number): void {
    wholeNumber(value, 0xffff_ffff);
    this.#u32(value);
  }

  /** 8 bytes, big-endian. */
  u64(value: bigint): void {
    if (value < 0n || value > maxU64) throw new RangeError(`${value} is outside a u64`);
    scratch.setBigUint64(0, value);
    this.#u32(scratch.getUint32(0));
    this.#u32(scratch.getUint32(4));
  }

  /** 8 bytes, big-endian, in two’s complement. */
  s64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} is outside an s64`);
    this.u64(BigInt.asUintN(64, value));
  }

  /** All the bytes, with no length before them. */
  raw(value: Uint8Array): void {
    this.bytes.set(value, this.offset);
    this.offset += value.length;
  }

  /** 1, 3, 5 or 9 bytes, as few as will do (BOLT 1, Fundamental Types). */
  bigSize(value: number | bigint): void {
    if (value < 0xfd) {
      this.u8(Number(value));
    } else if (value <= 0xffff) {
      this.bytes[this.offset++] = 0xfd;
      this.u16(Number(value));
    } else if (value <= 0xffff_ffff) {
      this.bytes[this.offset++] = 0xfe;
      this.u32(Number(value));
    } else {
      this.bytes[this.offset++] = 0xff;
      this.u64(BigInt(value));
    }
  }

  /** The value in `length` bytes, as `truncatedSize` gave it. */
  truncated(value: bigint, length: number): void {
    for (let shift = BigInt(8 * (length - 1)); shift >= 0n; shift -= 8n) {
      this.bytes[this.offset++] = Number((value >> shift) & 0xffn);
    }
  }

  #u32(value: number): void {
    const { bytes } = this;
    bytes[this.offset] = value >>> 24;
    bytes[this.offset + 1] = value >>> 16;
    bytes[this.offset + 2] = value >>> 8;
    bytes[this.offset + 3] = value;
    this.offset += 4;
  }
}

/**
 * Ends an encoding: what a field type wrote beyond the room that its `size` asked for is lost without a word, and what it
 * left is zeros.
 *
 * @throws Error where the bytes are not filled to their last: a bug of a field type.
 */
export function requireFull(writer: Writer, name: string): void {
  const { bytes, offset } = writer;
  if (offset === bytes.length) return;
  throw new Error(`${name}: field types wrote ${offset} bytes, their size was ${bytes.length}`);
}

/** Bytes of a BigSize: 1, 3, 5 or 9. */
export function bigSizeLength(value: number | bigint): number {
  if (value < 0xfd) return 1;
  if (value <= 0xffff) return 3;
  return value <= 0xffff_ffff ? 5 : 9;
}

/** Bytes of a truncated integer: 0 for 0, at most 8. */
export function truncatedLength(value: number | bigint): number {
  if (typeof value === 'number') {
    let length = 0;
    for (let rest = value; rest >= 1; rest = Math.floor(rest / 256)) length++;
    return length;
  }
  let length = 0;
  for (let rest = value; rest > 0n; rest >>= 8n) length++;
  return length;
}
