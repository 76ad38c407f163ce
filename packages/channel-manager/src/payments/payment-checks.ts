import {
  addMsat,
  err,
  type Msat,
  msat,
  type NodeId,
  nodeIdBytes,
  ok,
  type Result,
  subtractMsat,
  zeroMsat,
} from '@boltwright/base';
import type { Route } from '@boltwright/interfaces';
import type { Invoice } from '@boltwright/invoice';
import { type ApiError, apiError } from '../api-error.ts';
import { deadlines } from '../deadlines.ts';
import type { PaymentRecord } from '../records.ts';

/** What one payment may be split into: bounds the record and the HTLC slots that it takes. */
export const maxPaths = 10;
/** Hops of a path: more do not fit an onion. */
const maxHops = 20;

/** A router may live elsewhere: what it answers is checked before money follows it. */
export function routeProblem(payment: PaymentRecord, { paths }: Route): string | undefined {
  const left = subtractMsat(
    payment.maxFeeMsat,
    payment.parts.reduce((sum, { feeMsat }) => addMsat(sum, feeMsat), zeroMsat),
  );
  if (paths.length === 0 || paths.length > maxPaths) return `${paths.length} paths`;
  let delivered = 0n;
  let fees = 0n;
  for (const { hops } of paths) {
    const last = hops.at(-1);
    if (last === undefined || hops.length > maxHops) return `${hops.length} hops`;
    if (last.nodeId !== payment.payee) return 'a path ends elsewhere';
    if (last.feeMsat <= 0n) return 'a path delivers nothing';
    delivered += last.feeMsat;
    for (const hop of hops.slice(0, -1)) fees += hop.feeMsat;
    const delta = hops.reduce((sum, hop) => sum + hop.cltvExpiryDelta, 0);
    if (delta > deadlines.maxHtlcCltv) return `a lock of ${delta} blocks`;
  }
  if (delivered < missingMsat(payment)) return 'the paths deliver too little';
  if (delivered > 2n * missingMsat(payment)) return 'the paths deliver too much';
  return fees > left ? `${fees} msat of fees` : undefined;
}

/** What a finished payment need not keep. */
export function finished(payment: PaymentRecord): PaymentRecord {
  const { invoice: _invoice, expiresAt: _expiresAt, ...rest } = payment;
  return { ...rest, excludedChannels: [], excludedNodes: [] };
}

export const missingMsat = (payment: PaymentRecord): Msat => {
  const inFlight = payment.parts.reduce((sum, { amountMsat }) => sum + amountMsat, 0n);
  return msat(inFlight >= payment.amountMsat ? 0n : payment.amountMsat - inFlight);
};

export const withOne = <T>(list: readonly T[], item: T | undefined): readonly T[] =>
  item === undefined || list.includes(item) ? list : [...list, item];

export const defaultMaxFee = (amountMsat: Msat): Msat => msat(amountMsat / 100n > 5000n ? amountMsat / 100n : 5000n);

/** BOLT 4, Basic Multi-Part Payments: at least the invoice's amount, and at most twice of it. */
export function amountToPay(invoice: Invoice, wanted: Msat | undefined): Result<Msat, ApiError> {
  const asked = invoice.amountMsat;
  const amount = wanted ?? asked;
  if (amount === undefined)
    return err(apiError('invalidAmount', 'the invoice leaves the amount open: give amountMsat'));
  if (amount <= 0n) return err(apiError('invalidAmount', 'an amount is above 0'));
  if (asked !== undefined && (amount < asked || amount > 2n * asked)) {
    return err(apiError('invalidAmount', `the invoice asks for ${asked} msat; at most twice of it is paid`));
  }
  return ok(amount);
}

export function freshSecret(
  keys: { secureRandomBytes(length: number): Uint8Array },
  crypto: { isSecretKey(secret: Uint8Array): boolean },
): Uint8Array {
  for (let tries = 0; tries < 100; tries++) {
    const secret = keys.secureRandomBytes(32);
    if (crypto.isSecretKey(secret)) return secret;
  }
  throw new Error('the entropy source gives no secret key');
}

export function isPoint(crypto: { isPoint(point: Uint8Array): boolean }, id: NodeId): boolean {
  return crypto.isPoint(nodeIdBytes(id));
}
