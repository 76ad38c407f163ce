import type { Brand } from './brand.ts';

/** Thousandths of a satoshi, a u64. */
export type Msat = Brand<bigint, 'Msat'>;
/** Satoshis, a u64. */
export type Sat = Brand<bigint, 'Sat'>;
/** Satoshis per 1000 weight units, a u32. */
export type FeeratePerKw = Brand<number, 'FeeratePerKw'>;
/** A block's height above genesis, a u32. */
export type BlockHeight = Brand<number, 'BlockHeight'>;
/** A number of blocks between two deadlines, a u16. */
export type CltvDelta = Brand<number, 'CltvDelta'>;

const maxU64 = (1n << 64n) - 1n;
const maxU32 = 0xffff_ffff;

function checkedBigint(value: bigint, unit: string): bigint {
  if (value < 0n || value > maxU64) throw new RangeError(`${value} ${unit} is outside a u64`);
  return value;
}

function checkedNumber(value: number, unit: string, max: number): number {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`${value} is no ${unit}: a whole number from 0 to ${max} is`);
  }
  return value;
}

/** @throws RangeError outside a u64. */
export const msat = (value: bigint): Msat => checkedBigint(value, 'msat') as Msat;
/** @throws RangeError outside a u64. */
export const sat = (value: bigint): Sat => checkedBigint(value, 'sat') as Sat;
/** @throws RangeError outside a u32. */
export const feeratePerKw = (value: number): FeeratePerKw => checkedNumber(value, 'feerate', maxU32) as FeeratePerKw;
/** @throws RangeError outside a u32. */
export const blockHeight = (value: number): BlockHeight => checkedNumber(value, 'block height', maxU32) as BlockHeight;
/** @throws RangeError outside a u16. */
export const cltvDelta = (value: number): CltvDelta => checkedNumber(value, 'cltv delta', 0xffff) as CltvDelta;

/** @throws RangeError when the sum leaves a u64. */
export const addMsat = (a: Msat, b: Msat): Msat => msat(a + b);
/** @throws RangeError when the difference is negative. */
export const subtractMsat = (a: Msat, b: Msat): Msat => msat(a - b);
/** @throws RangeError when the sum leaves a u64. */
export const addSat = (a: Sat, b: Sat): Sat => sat(a + b);
/** @throws RangeError when the difference is negative. */
export const subtractSat = (a: Sat, b: Sat): Sat => sat(a - b);
/** Whole satoshis, rounded down. */
export const toSat = (amount: Msat): Sat => (amount / 1000n) as Sat;
/** @throws RangeError when the product leaves a u64. */
export const toMsat = (amount: Sat): Msat => msat(amount * 1000n);

/** No millisatoshis. */
export const zeroMsat = 0n as Msat;
/** No satoshis. */
export const zeroSat = 0n as Sat;
