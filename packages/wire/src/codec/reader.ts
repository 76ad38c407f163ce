import { DecodeFailure } from './failure.ts';

const scratch = new DataView(new ArrayBuffer(8));
const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * A cursor over bytes. Every read checks the length first and throws {@link DecodeFailure} where bytes are missing.
 * Byte fields come out as views of the same memory.
 */
export class Reader {
  readonly bytes: Uint8Array;
  offset: number;
  /** First offset that may not be read: the end of the bytes, or of the TLV record being read. */
  end: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = bytes.length;
  }

  /** Bytes to the end of what is being read. */
  get remaining(): number {
    return this.end - this.offset;
  }

  /** Moves on by `length` bytes and returns where they began. */
  take(length: number): number {
    const start = this.offset;
    const next = start + length;
    if (next > this.end) {
      throw new DecodeFailure({ kind: 'truncated', needed: length, available: this.end - start }, start);
    }
    this.offset = next;
    return start;
  }

  /** The next byte. @throws DecodeFailure `truncated`, as all that read, where too few bytes are left. */
  u8(): number {
    return this.bytes[this.take(1)]!;
  }

  /** The next 2 bytes, big-endian. */
  u16(): number {
    const at = this.take(2);
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  /** The next 4 bytes, big-endian. */
  u32(): number {
    return this.#u32At(this.take(4));
  }

  /** The next 8 bytes, big-endian. */
  u64(): bigint {
    const at = this.take(8);
    scratch.setUint32(0, this.#u32At(at));
    scratch.setUint32(4, this.#u32At(at + 4));
    return scratch.getBigUint64(0);
  }

  /** The next 8 bytes, big-endian, in two’s complement. */
  s64(): bigint {
    return BigInt.asIntN(64, this.u64());
  }

  /** A view of the next `length` bytes. */
  view(length: number): Uint8Array {
    const start = this.take(length);
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + start, length);
  }

  /** A BigSize (BOLT 1, Appendix A), as a number where it is exact. */
  bigSize(): number | bigint {
    const start = this.offset;
    const first = this.u8();
    if (first < 0xfd) return first;
    if (first === 0xfd) {
      const value = this.u16();
      if (value < 0xfd) this.fail({ kind: 'not_minimal', value: BigInt(value) }, start);
      return value;
    }
    if (first === 0xfe) {
      const value = this.u32();
      if (value < 0x1_0000) this.fail({ kind: 'not_minimal', value: BigInt(value) }, start);
      return value;
    }
    const value = this.u64();
    if (value < 0x1_0000_0000n) this.fail({ kind: 'not_minimal', value }, start);
    return value <= maxSafe ? Number(value) : value;
  }

  /** All bytes that remain as a truncated integer of at most `max` bytes (BOLT 1, Fundamental Types). */
  truncated(max: number): bigint {
    const start = this.offset;
    const length = this.remaining;
    if (length > max) this.fail({ kind: 'trailing_bytes', extra: length - max }, start);
    let value = 0n;
    if (length > 4) {
      scratch.setUint32(0, 0);
      for (let i = 0; i < length; i++) scratch.setUint8(8 - length + i, this.bytes[start + i]!);
      value = scratch.getBigUint64(0);
    } else {
      let small = 0;
      for (let i = 0; i < length; i++) small = small * 256 + this.bytes[start + i]!;
      value = BigInt(small);
    }
    if (length > 0 && this.bytes[start] === 0) this.fail({ kind: 'not_minimal', value }, start);
    this.offset += length;
    return value;
  }

  /** Ends decoding with a fault at `offset`. */
  fail(fault: DecodeFailure['fault'], offset: number): never {
    throw new DecodeFailure(fault, offset);
  }

  #u32At(at: number): number {
    const { bytes } = this;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }
}
