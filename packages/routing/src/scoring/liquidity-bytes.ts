import { err, ok, type Result } from '@boltwright/base';
import { crc32c } from '@boltwright/wire';
import type { LiquidityTable } from './liquidity-table.ts';

/** Why bytes are no state of a scorer; nothing was changed. */
export interface ScorerStateError {
  readonly kind: 'not_a_scorer' | 'unknown_version' | 'bad_checksum' | 'wrong_length' | 'too_many' | 'bad_bounds';
  readonly message: string;
}

export interface LiquidityEntry {
  readonly high: number;
  readonly low: number;
  readonly lower: number;
  readonly upper: number;
  /** Seconds since it was learnt. */
  readonly age: number;
}

const magic = 0x42575343; // 'BWSC'
const version = 1;
const headLength = 12;
const entryLength = 28;
const maxAge = 0xffff_ffff;

/** Magic, version and count (u32 each); entries of short channel id, bounds (f64) and age (u32); CRC32C. */
export function writeLiquidity(table: LiquidityTable, now: number): Uint8Array {
  const bytes = new Uint8Array(headLength + table.length * entryLength + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic);
  view.setUint32(4, version);
  view.setUint32(8, table.length);
  let at = headLength;
  for (let row = 0; row < table.length; row++) {
    view.setUint32(at, table.scidHigh[row]!);
    view.setUint32(at + 4, table.scidLow[row]!);
    view.setFloat64(at + 8, table.lower[row]!);
    view.setFloat64(at + 16, table.upper[row]!);
    view.setUint32(at + 24, Math.min(Math.floor(now - table.learntAt[row]!), maxAge));
    at += entryLength;
  }
  view.setUint32(at, crc32c(bytes.subarray(0, at)));
  return bytes;
}

const bad = (kind: ScorerStateError['kind'], message: string) => err({ kind, message });

export function readLiquidity(bytes: Uint8Array, limit: number): Result<readonly LiquidityEntry[], ScorerStateError> {
  if (bytes.length < headLength + 4) return bad('wrong_length', `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0) !== magic) return bad('not_a_scorer', 'these bytes begin otherwise');
  if (view.getUint32(4) !== version) return bad('unknown_version', `version ${view.getUint32(4)}`);
  const count = view.getUint32(8);
  if (count > limit) return bad('too_many', `${count} channels, ${limit} are allowed`);
  const end = headLength + count * entryLength;
  if (bytes.length !== end + 4) return bad('wrong_length', `${bytes.length} bytes for ${count} channels`);
  if (view.getUint32(end) !== crc32c(bytes.subarray(0, end))) return bad('bad_checksum', 'the bytes were altered');
  const entries: LiquidityEntry[] = [];
  for (let at = headLength; at < end; at += entryLength) {
    const lower = view.getFloat64(at + 8);
    const upper = view.getFloat64(at + 16);
    if (!(lower >= 0 && upper >= lower && upper <= Number.MAX_SAFE_INTEGER)) {
      return bad('bad_bounds', `bounds of ${lower} to ${upper} msat`);
    }
    entries.push({
      high: view.getUint32(at),
      low: view.getUint32(at + 4),
      lower,
      upper,
      age: view.getUint32(at + 24),
    });
  }
  return ok(entries);
}
