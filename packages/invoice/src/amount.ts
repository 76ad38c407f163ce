import { type Msat, msat } from '@boltwright/base';
import { InvoiceFailure } from './invoice-error.ts';

/** Millisatoshis of one unit with each multiplier; `p` is a tenth of one. */
const multipliers: Readonly<Record<string, bigint>> = {
  '': 100_000_000_000n,
  m: 100_000_000n,
  u: 100_000n,
  n: 100n,
};

const maxU64 = (1n << 64n) - 1n;
// A u64 in pico-bitcoin has 21 digits.
const maxDigits = 21;

/**
 * The amount behind the currency: digits and perhaps a multiplier, exact to the millisatoshi.
 *
 * @throws InvoiceFailure `invalid_amount`, at the character that is wrong.
 * @see BOLT #11, Human-Readable Part
 */
export function readAmount(text: string, position: number): Msat {
  const fail = (
    reason: 'multiplier' | 'digits' | 'zero' | 'leading_zero' | 'sub_millisatoshi' | 'too_large',
    at: number,
  ): never => {
    throw new InvoiceFailure('amount', position + at, { kind: 'invalid_amount', amount: text, reason });
  };
  let count = 0;
  while (count < text.length && text[count]! >= '0' && text[count]! <= '9') count++;
  if (count < text.length - 1) fail('digits', count);
  const multiplier = text.substring(count);
  const isPico = multiplier === 'p';
  const unit = isPico ? 1n : multipliers[multiplier];
  if (unit === undefined) return fail('multiplier', count);
  if (text[0] === '0') fail(count === 1 ? 'zero' : 'leading_zero', 0);
  if (count > maxDigits) fail('too_large', 0);
  const value = BigInt(text.substring(0, count)) * unit;
  // A reader refuses what is no whole number of millisatoshis, which no channel can carry.
  if (isPico && value % 10n !== 0n) fail('sub_millisatoshi', count - 1);
  const amount = isPico ? value / 10n : value;
  return amount > maxU64 ? fail('too_large', 0) : msat(amount);
}

/** The shortest form: the largest multiplier that leaves a whole number. */
export function writeAmount(amount: Msat): string {
  for (const [multiplier, unit] of Object.entries(multipliers)) {
    if (amount % unit === 0n) return `${amount / unit}${multiplier}`;
  }
  return `${amount * 10n}p`;
}
