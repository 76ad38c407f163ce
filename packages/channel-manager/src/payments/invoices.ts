import { cltvDelta, err, type Msat, ok, type PaymentHash, type Result, zeroMsat } from '@boltwright/base';
import type { RouteHintHop } from '@boltwright/interfaces';
import { createInvoice } from '@boltwright/invoice';
import { type ApiError, apiError } from '../api-error.ts';
import type { Core } from '../core/core.ts';
import { deadlines } from '../deadlines.ts';
import { invoiceFeatures } from '../node-features.ts';
import { makeInboundSecret } from './inbound-secret.ts';

/** What an invoice is to say. */
export interface InvoiceRequest {
  /** Left out, the payer chooses. */
  readonly amountMsat?: Msat;
  /** At most 639 bytes as UTF-8. */
  readonly description: string;
  /** Seconds; 3600 where left out. */
  readonly expirySeconds?: number;
  /** Milliseconds since 1970: the invoice's date. */
  readonly now: number;
}

/** An invoice of ours, and what its payment is known by. */
export interface CreatedInvoice {
  readonly invoice: string;
  readonly paymentHash: PaymentHash;
  /** 32 bytes. */
  readonly paymentSecret: Uint8Array;
}

/** Private channels named in one invoice: more would make it unwieldy. */
const maxHints = 3;

/** Makes an invoice. Nothing is kept for it: see `inbound-secret.ts`. */
export function makeInvoice(
  core: Core,
  request: InvoiceRequest,
  hints: readonly RouteHintHop[],
): Result<CreatedInvoice, ApiError> {
  const { crypto, keys, network } = core.parts;
  const { amountMsat, description, expirySeconds = 3600, now } = request;
  if (amountMsat !== undefined && amountMsat <= 0n) return err(apiError('invalidAmount', 'an amount is above 0'));
  if (!Number.isInteger(expirySeconds) || expirySeconds <= 0 || expirySeconds > 0xffff_ffff) {
    return err(apiError('refused', `${expirySeconds} is no expiry: whole seconds above 0 are`));
  }
  const timestamp = Math.floor(now / 1000);
  if (!(timestamp >= 0 && timestamp < 2 ** 35)) return err(apiError('refused', `${now} is no time an invoice can say`));
  const secret = makeInboundSecret(crypto, keys.inboundPaymentKey(), keys.secureRandomBytes(16), {
    amountMsat: amountMsat ?? zeroMsat,
    expiresAt: timestamp + expirySeconds,
  });
  const { paymentHash, paymentSecret } = secret;
  try {
    const text = createInvoice(
      {
        network,
        ...(amountMsat === undefined ? {} : { amountMsat }),
        timestamp,
        paymentHash,
        paymentSecret,
        description: { kind: 'text', text: description },
        expirySeconds,
        minFinalCltvExpiryDelta: cltvDelta(deadlines.minFinalCltvExpiryDelta),
        features: invoiceFeatures(),
        routeHints: hints.slice(0, maxHints).map((hop) => [hop]),
      },
      keys,
      crypto,
    );
    if (text.kind === 'pending') return err(apiError('signerPending', 'ask again once the signer is unblocked'));
    return ok({ invoice: text.value, paymentHash, paymentSecret });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return err(apiError('refused', error.message));
  }
}
