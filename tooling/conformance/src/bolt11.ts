import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { formatShortChannelId, fromHex, toHex, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { decodeInvoice, encodeInvoice, type FallbackAddress, isDescribedBy, withSignature } from '@boltwright/invoice';
import { featureBits } from '@boltwright/wire';
import { fixture } from './fixture.ts';
import type { Suite } from './suite.ts';

interface ValidVector {
  readonly name: string;
  readonly text: string;
  readonly network: string;
  readonly timestamp: number;
  readonly paymentHash: string;
  readonly paymentSecret: string;
  readonly amountMsat: string | null;
  readonly description: { readonly kind: string; readonly text?: string; readonly hash?: string };
  readonly expirySeconds: number;
  readonly minFinalCltvExpiryDelta: number;
  readonly paymentMetadata: string | null;
  readonly featureBits: readonly number[];
  readonly payee: string;
  readonly highS: boolean;
  readonly signature: string;
  readonly recoveryId: number;
  readonly hash: string;
  readonly tags: readonly string[];
  readonly unknown: readonly (readonly [string, number])[];
  readonly fallback?: { readonly kind: string; readonly hash: string };
  readonly routeHints?: readonly (readonly Record<string, string | number>[])[];
  readonly describedText?: string;
}

const charset = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const options = { crypto: noble };
const fallbackBytes = (address: FallbackAddress): Uint8Array =>
  'hash' in address ? address.hash : address.kind === 'p2tr' ? address.outputKey : address.program;

function valid(vector: ValidVector, privateKey: Uint8Array): void {
  const invoice = unwrap(decodeInvoice(vector.text, options));
  const { description } = invoice;
  const seen = {
    network: invoice.network,
    timestamp: invoice.timestamp,
    paymentHash: invoice.paymentHash,
    paymentSecret: toHex(invoice.paymentSecret),
    amountMsat: invoice.amountMsat?.toString() ?? null,
    description:
      description.kind === 'text'
        ? { kind: description.kind, text: description.text }
        : { kind: description.kind, hash: toHex(description.hash) },
    expirySeconds: invoice.expirySeconds,
    minFinalCltvExpiryDelta: invoice.minFinalCltvExpiryDelta,
    paymentMetadata: invoice.paymentMetadata === undefined ? null : toHex(invoice.paymentMetadata),
    featureBits: featureBits(invoice.features),
    payee: invoice.payee,
    signature: toHex(invoice.signature),
    recoveryId: invoice.recoveryId,
    tags: invoice.raw.fields.map(({ tag }) => charset[tag]),
    unknown: invoice.unknownFields.map(({ tag, words }) => [charset[tag], words.length]),
    fallback: invoice.fallbackAddresses.map((address) => [address.kind, toHex(fallbackBytes(address))]),
    routeHints: invoice.routeHints.map((hint) =>
      hint.map((hop) => ({ ...hop, shortChannelId: formatShortChannelId(hop.shortChannelId) })),
    ),
  };
  const { name, text, highS, hash, describedText, fallback, routeHints, ...rest } = vector;
  deepStrictEqual(seen, {
    ...rest,
    fallback: fallback === undefined ? [] : [[fallback.kind, fallback.hash]],
    routeHints: routeHints ?? [],
  });
  if (describedText !== undefined) ok(isDescribedBy(invoice, describedText, noble), 'the description differs');
  equal(encodeInvoice(invoice), text.toLowerCase());
  // A signature of high S is one that no signer of ours makes.
  if (!highS) equal(withSignature(invoice.raw, noble.signRecoverable(fromHex(hash), privateKey)), text.toLowerCase());
}

export function bolt11(): Suite[] {
  const vectors = fixture<{
    readonly privateKey: string;
    readonly valid: readonly ValidVector[];
    readonly invalid: readonly {
      readonly name: string;
      readonly text: string;
      readonly error: Record<string, string | number>;
    }[];
  }>('invoice', 'bolt11');
  const privateKey = fromHex(vectors.privateKey);
  return [
    {
      bolt: 11,
      file: 'bolt11-invalid-invoices',
      published: 10,
      vectors: vectors.invalid.map(({ name, text, error }) => ({
        name,
        run: () => {
          const result = decodeInvoice(text, options);
          ok(!result.ok, 'the invoice was taken');
          const { message, spec, ...rest } = result.error;
          deepStrictEqual({ ...rest }, error);
        },
      })),
    },
    {
      bolt: 11,
      file: 'bolt11-valid-invoices',
      published: 16,
      vectors: vectors.valid.map((vector) => ({ name: vector.name, run: () => valid(vector, privateKey) })),
    },
  ];
}
