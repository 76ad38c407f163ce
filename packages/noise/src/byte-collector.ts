/**
 * Gathers a known number of bytes from chunks of any size. Where one chunk holds them all, a view of it is handed on
 * and nothing is copied; else they are copied once, into a buffer of exactly the size.
 */
export class ByteCollector {
  #buffer: Uint8Array | undefined;
  #filled = 0;

  /** Bytes held now. */
  get held(): number {
    return this.#filled;
  }

  /**
   * Takes up to `wanted` bytes, what is held already counted, from `chunk` at `offset`.
   *
   * @param wanted - the same at each call until the bytes were handed out.
   * @returns how many bytes of the chunk were taken, and all `wanted` bytes once they are there (valid until the
   *   chunk is reused).
   */
  take(chunk: Uint8Array, offset: number, wanted: number): { readonly taken: number; readonly bytes?: Uint8Array } {
    const available = chunk.length - offset;
    if (this.#buffer === undefined) {
      if (available >= wanted) return { taken: wanted, bytes: chunk.subarray(offset, offset + wanted) };
      if (available === 0) return { taken: 0 };
      this.#buffer = new Uint8Array(wanted);
    }
    const taken = Math.min(available, wanted - this.#filled);
    this.#buffer.set(chunk.subarray(offset, offset + taken), this.#filled);
    this.#filled += taken;
    if (this.#filled < wanted) return { taken };
    const bytes = this.#buffer;
    this.clear();
    return { taken, bytes };
  }

  clear(): void {
    this.#buffer = undefined;
    this.#filled = 0;
  }
}
