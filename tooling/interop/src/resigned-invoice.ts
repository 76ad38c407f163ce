import { ready, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type { NodeSigner } from '@boltwright/interfaces';
import { createInvoice, decodeInvoice, type InvoiceDetails } from '@boltwright/invoice';

/**
 * A payee's invoice, changed and signed again with the payee's own key: honest to its payer, and at odds with what the
 * payee knows.
 */
export function resignedInvoice(
  text: string,
  changes: Partial<InvoiceDetails>,
  signer: Pick<NodeSigner, 'signInvoice'>,
): string {
  const { network, amountMsat, timestamp, paymentHash, paymentSecret, description, features, routeHints, ...rest } =
    unwrap(decodeInvoice(text, { crypto: noble }));
  const { expirySeconds, minFinalCltvExpiryDelta, paymentMetadata } = rest;
  const details: InvoiceDetails = {
    network,
    amountMsat,
    timestamp,
    paymentHash,
    paymentSecret,
    description,
    features,
    routeHints,
    expirySeconds,
    minFinalCltvExpiryDelta,
    paymentMetadata,
    ...changes,
  };
  const signed = createInvoice(details, signer, noble);
  if (signed.kind === 'pending') throw new Error('a signer in this process is never pending');
  return signed.value;
}

/** @param secret - 32 bytes. */
export const signerWith = (secret: Uint8Array): Pick<NodeSigner, 'signInvoice'> => ({
  signInvoice: (hash) => ready(noble.signRecoverable(hash, secret)),
});
