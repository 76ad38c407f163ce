import { equalBytes } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { utf8 } from '@scure/base';
import type { Invoice } from './invoice.ts';

/** When the payee stops taking payments: seconds since 1970. */
export const expiresAt = (invoice: Pick<Invoice, 'timestamp' | 'expirySeconds'>): number =>
  invoice.timestamp + invoice.expirySeconds;

/** Whether the payee refuses payments at this time (seconds since 1970): after `timestamp` plus expiry. */
export const isExpired = (invoice: Pick<Invoice, 'timestamp' | 'expirySeconds'>, nowSeconds: number): boolean =>
  nowSeconds > expiresAt(invoice);

/**
 * Whether a description that was shown elsewhere is the one that the invoice stands for: its text, or what its hash is
 * of (BOLT #11, field `h`: a reader must check it).
 */
export function isDescribedBy(
  invoice: Pick<Invoice, 'description'>,
  text: string,
  crypto: Pick<CryptoBackend, 'sha256'>,
): boolean {
  const { description } = invoice;
  if (description.kind === 'text') return description.text === text;
  let bytes: Uint8Array;
  try {
    bytes = utf8.decode(text);
  } catch {
    return false;
  }
  return equalBytes(crypto.sha256(bytes), description.hash);
}
