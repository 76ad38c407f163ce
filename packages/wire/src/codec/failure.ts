import type { WireFault } from '../wire-error.ts';

/**
 * Thrown by field readers and caught by the outermost `decode`, which turns it into a `WireError`.
 * No `Error`, so that hostile bytes cost no stack trace.
 */
export class DecodeFailure {
  readonly fault: WireFault;
  readonly offset: number;
  /** Path below the message's field, innermost first; filled while unwinding. */
  readonly path: string[] = [];

  constructor(fault: WireFault, offset: number) {
    this.fault = fault;
    this.offset = offset;
  }
}
