import { fromHex } from '@boltwright/base';

/** `LDK`, the version behind it. */
export const rapidGossipPrefix = Uint8Array.of(76, 68, 75);

/** Why bytes are no rapid gossip sync snapshot that can be taken. */
export interface RapidGossipError {
  readonly kind:
    | 'unknown_prefix'
    | 'unknown_version'
    | 'other_chain'
    | 'stale'
    | 'truncated'
    | 'too_many'
    | 'not_minimal'
    | 'invalid_value'
    | 'trailing_bytes';
  /** Of the format's description. */
  readonly field: string;
  /** In bytes from the start. */
  readonly offset: number;
  readonly message: string;
}

/** What the cursor ends reading with; it never leaves this part. */
export class RapidGossipFailure extends Error {
  readonly error: RapidGossipError;

  constructor(error: RapidGossipError) {
    super(error.message);
    this.error = error;
  }
}

/** Reads the format's big-endian numbers and BigSizes. */
export class RapidGossipCursor {
  readonly #bytes: Uint8Array;
  offset = 0;
  /** What is being read, for errors. */
  field = '';

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.offset;
  }

  fail(kind: RapidGossipError['kind'], reason: string): never {
    const { field, offset } = this;
    throw new RapidGossipFailure({ kind, field, offset, message: `${field} at byte ${offset}: ${reason}` });
  }

  /** Shares memory with the snapshot. */
  view(length: number): Uint8Array {
    if (length > this.remaining) this.fail('truncated', `needs ${length} bytes, ${this.remaining} remain`);
    const view = this.#bytes.subarray(this.offset, this.offset + length);
    this.offset += length;
    return view;
  }

  u8(): number {
    return this.view(1)[0]!;
  }

  u16(): number {
    const view = this.view(2);
    return (view[0]! << 8) | view[1]!;
  }

  u32(): number {
    const view = this.view(4);
    return ((view[0]! << 24) | (view[1]! << 16) | (view[2]! << 8) | view[3]!) >>> 0;
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  bigSize(): bigint {
    const first = this.u8();
    if (first < 0xfd) return BigInt(first);
    const value = first === 0xfd ? BigInt(this.u16()) : first === 0xfe ? BigInt(this.u32()) : this.u64();
    const least = first === 0xfd ? 0xfdn : first === 0xfe ? 0x1_0000n : 0x1_0000_0000n;
    if (value < least) this.fail('not_minimal', `${value} is not minimally encoded`);
    return value;
  }

  /** Bytes behind their u16 length. */
  bytesU16(): Uint8Array {
    return this.view(this.u16());
  }

  /** Bytes behind a u16 length that goes on in a u64 where it is full. */
  additionalData(): Uint8Array {
    const short = this.u16();
    if (short < 0xffff) return this.view(short);
    const more = this.u64();
    if (more > BigInt(this.remaining)) this.fail('truncated', `needs ${more} bytes more, ${this.remaining} remain`);
    return this.view(0xffff + Number(more));
  }

  /** A u32 of things that take at least `least` bytes each. */
  count(limit: number, least: number): number {
    const count = this.u32();
    if (count > limit) this.fail('too_many', `${count} are above ${limit}`);
    if (count * least > this.remaining) this.fail('truncated', `${count} do not fit ${this.remaining} bytes`);
    return count;
  }
}

/** Writes what {@link RapidGossipCursor} reads, in amortised steps. */
export class RapidGossipSink {
  #bytes = new Uint8Array(4096);
  #length = 0;

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  hex(text: string): void {
    this.raw(fromHex(text));
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  u16(value: number): void {
    this.u8(value >>> 8);
    this.u8(value & 0xff);
  }

  u32(value: number): void {
    this.u16(value >>> 16);
    this.u16(value & 0xffff);
  }

  u64(value: bigint): void {
    this.u32(Number(value >> 32n));
    this.u32(Number(value & 0xffff_ffffn));
  }

  bigSize(value: bigint): void {
    if (value < 0xfdn) this.u8(Number(value));
    else if (value < 0x1_0000n) {
      this.u8(0xfd);
      this.u16(Number(value));
    } else if (value < 0x1_0000_0000n) {
      this.u8(0xfe);
      this.u32(Number(value));
    } else {
      this.u8(0xff);
      this.u64(value);
    }
  }

  bytesU16(bytes: Uint8Array): void {
    this.u16(bytes.length);
    this.raw(bytes);
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
