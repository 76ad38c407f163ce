/** Thrown inside the snapshot's reader, and caught there. */
export class StreamFailure {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Writes whole numbers of any size up to 2^53 - 1 in seven-bit groups, the lowest first. */
export class ByteSink {
  #bytes: Uint8Array;
  length = 0;

  constructor(expected: number) {
    this.#bytes = new Uint8Array(Math.max(64, expected));
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.length++] = value;
  }

  number(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.length++] = rest;
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  sized(bytes: Uint8Array): void {
    this.number(bytes.length);
    this.raw(bytes);
  }

  written(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  #room(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.length + more, this.#bytes.length + (this.#bytes.length >>> 1)));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

export class ByteSource {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  byte(): number {
    if (this.at >= this.#bytes.length) throw new StreamFailure(`cut off after ${this.at} bytes`);
    return this.#bytes[this.at++]!;
  }

  /** @param max - At most 2^53 - 1. */
  number(max: number): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const next = this.byte();
      value += (next & 0x7f) * scale;
      if (value > max) throw new StreamFailure(`number above ${max} before byte ${this.at}`);
      if (next < 0x80) return value;
      scale *= 0x80;
      if (scale > 2 ** 50) throw new StreamFailure(`number too long before byte ${this.at}`);
    }
  }

  /** A view, not a copy. */
  raw(length: number): Uint8Array {
    if (length > this.left) throw new StreamFailure(`cut off after ${this.at} bytes`);
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  sized(max: number): Uint8Array {
    return this.raw(this.number(max));
  }
}
