import { err, ok, type Result } from '@boltwright/base';
import { type WireError, wireError } from '../wire-error.ts';
import { DecodeFailure } from './failure.ts';
import { Reader } from './reader.ts';
import { bigSizeLength, Writer } from './writer.ts';

/**
 * The 1, 3, 5 or 9 bytes of a BigSize (BOLT 1, Appendix A).
 *
 * @throws RangeError outside a u64.
 */
export function encodeBigSize(value: bigint): Uint8Array {
  if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw new RangeError(`${value} is outside a u64`);
  const writer = new Writer(bigSizeLength(value));
  writer.bigSize(value);
  return writer.bytes;
}

/** A BigSize read from the front of longer bytes. */
export interface BigSizePrefix {
  readonly value: bigint;
  /** Bytes it took: 1, 3, 5 or 9. */
  readonly length: number;
}

/** A BigSize from the front of the bytes; what follows it is left alone (BOLT 1, Appendix A). */
export function readBigSize(bytes: Uint8Array, offset = 0): Result<BigSizePrefix, WireError> {
  const reader = new Reader(bytes, offset);
  try {
    const value = BigInt(reader.bigSize());
    return ok({ value, length: reader.offset - offset });
  } catch (failure) {
    if (!(failure instanceof DecodeFailure)) throw failure;
    return err(bigSizeError(failure));
  }
}

/** A BigSize that is all of the bytes (BOLT 1, Appendix A). */
export function decodeBigSize(bytes: Uint8Array): Result<bigint, WireError> {
  const read = readBigSize(bytes);
  if (!read.ok) return read;
  const { value, length } = read.value;
  if (length < bytes.length) {
    return err(bigSizeError(new DecodeFailure({ kind: 'trailing_bytes', extra: bytes.length - length }, length)));
  }
  return ok(value);
}

function bigSizeError({ fault, offset }: DecodeFailure): WireError {
  return wireError(fault, { messageName: 'bigsize', field: '', offset, spec: 'BOLT #1: Appendix A: BigSize' });
}
