import { readFileSync } from 'node:fs';
import { formatShortChannelId, fromHex, toHex } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { featureBits } from '@boltwright/wire';
import { describe, expect, test } from '@jest/globals';
import {
  createInvoice,
  decodeInvoice,
  encodeInvoice,
  type FallbackAddress,
  type Invoice,
  isDescribedBy,
  tags,
  unsignedInvoice,
  withSignature,
} from '../src/index.ts';

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

interface InvalidVector {
  readonly name: string;
  readonly text: string;
  readonly error: Record<string, string | number>;
}

const file = new URL('./vectors/bolt11.json', import.meta.url);
const vectors: {
  readonly privateKey: string;
  readonly valid: readonly ValidVector[];
  readonly invalid: readonly InvalidVector[];
} = JSON.parse(readFileSync(file, 'utf8'));

const options = { crypto: noble };
const charset = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const nodeSigner = {
  signInvoice: (hash: Uint8Array) => ({
    kind: 'ready' as const,
    value: noble.signRecoverable(hash, fromHex(vectors.privateKey)),
  }),
};

function decoded(text: string): Invoice {
  const result = decodeInvoice(text, options);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

const fallbackBytes = (address: FallbackAddress): Uint8Array =>
  'hash' in address ? address.hash : address.kind === 'p2tr' ? address.outputKey : address.program;

describe('the valid examples of BOLT 11', () => {
  test.each(vectors.valid)('$name', (vector) => {
    const invoice = decoded(vector.text);
    expect(invoice.network).toBe(vector.network);
    expect(invoice.amountMsat?.toString() ?? null).toBe(vector.amountMsat);
    expect(invoice.timestamp).toBe(vector.timestamp);
    expect(invoice.paymentHash).toBe(vector.paymentHash);
    expect(toHex(invoice.paymentSecret)).toBe(vector.paymentSecret);
    const { description } = invoice;
    expect(description.kind === 'text' ? description : { kind: 'hash', hash: toHex(description.hash) }).toEqual(
      vector.description,
    );
    expect(invoice.expirySeconds).toBe(vector.expirySeconds);
    expect(invoice.minFinalCltvExpiryDelta).toBe(vector.minFinalCltvExpiryDelta);
    expect(invoice.paymentMetadata === undefined ? null : toHex(invoice.paymentMetadata)).toBe(vector.paymentMetadata);
    expect(featureBits(invoice.features)).toEqual(vector.featureBits);
    expect(invoice.payee).toBe(vector.payee);
    expect(toHex(invoice.signature)).toBe(vector.signature);
    expect(invoice.recoveryId).toBe(vector.recoveryId);
    expect(invoice.raw.fields.map(({ tag }) => charset[tag])).toEqual(vector.tags);
    expect(invoice.unknownFields.map(({ tag, words }) => [charset[tag], words.length])).toEqual(vector.unknown);
    expect(invoice.fallbackAddresses.map((address) => [address.kind, toHex(fallbackBytes(address))])).toEqual(
      vector.fallback === undefined ? [] : [[vector.fallback.kind, vector.fallback.hash]],
    );
    expect(
      invoice.routeHints.map((hint) =>
        hint.map((hop) => ({ ...hop, shortChannelId: formatShortChannelId(hop.shortChannelId) })),
      ),
    ).toEqual(vector.routeHints ?? []);
    if (vector.describedText !== undefined) {
      expect(isDescribedBy(invoice, vector.describedText, noble)).toBe(true);
      expect(isDescribedBy(invoice, `${vector.describedText}.`, noble)).toBe(false);
    }
    expect(encodeInvoice(invoice)).toBe(vector.text.toLowerCase());
    expect(decoded(`lightning:${vector.text}`)).toEqual(invoice);
    expect(decoded(`LIGHTNING:${vector.text.toUpperCase()}`)).toEqual(invoice);
  });

  test.each(vectors.valid.filter(({ highS }) => !highS))('signed again: $name', (vector) => {
    const invoice = decoded(vector.text);
    const signature = noble.signRecoverable(fromHex(vector.hash), fromHex(vectors.privateKey));
    expect(withSignature(invoice.raw, signature)).toBe(vector.text.toLowerCase());
  });

  test.each(vectors.valid.filter(({ highS, unknown }) => !highS && unknown.length === 0))(
    'built from its details: $name',
    (vector) => {
      const expected = decoded(vector.text);
      const names = new Set(expected.raw.fields.map(({ tag }) => tag));
      const details = {
        ...expected,
        payee: undefined,
        expirySeconds: names.has(tags.expiry) ? expected.expirySeconds : undefined,
        minFinalCltvExpiryDelta: names.has(tags.minFinalCltvExpiryDelta) ? expected.minFinalCltvExpiryDelta : undefined,
      };
      const built = createInvoice(details, nodeSigner, noble);
      if (built.kind === 'pending') throw new Error('the signer was ready');
      const again = decoded(built.value);
      // The fields' order is the writer's choice; what they say is the same.
      const { text, raw, signature, recoveryId, ...contents } = expected;
      expect(again).toMatchObject(contents);
      expect(again.raw.prefix).toBe(raw.prefix);
      const sorted = (invoice: Invoice) => [...invoice.raw.fields].sort((a, b) => a.tag - b.tag);
      expect(sorted(again)).toEqual(sorted(expected));
      if (names.has(tags.features) && vector.tags.join('') === 'spd9') expect(built.value).toBe(text);
      expect(unsignedInvoice(details, noble).hash).toHaveLength(32);
    },
  );

  test('fields of the wrong length are passed over, or refused where the reader is to be strict', () => {
    const vector = vectors.valid.find(({ unknown }) => unknown.length > 0)!;
    const strict = decodeInvoice(vector.text, { ...options, strictFieldLengths: true });
    expect(strict).toMatchObject({
      ok: false,
      error: { kind: 'wrong_length', field: 'payment_hash', length: 51, expected: 52 },
    });
  });
});

describe('the invalid examples of BOLT 11', () => {
  test.each(vectors.invalid)('$name', ({ text, error }) => {
    const result = decodeInvoice(text, options);
    if (result.ok) throw new Error('the invoice was taken');
    const { message, spec, ...rest } = result.error;
    expect(rest).toEqual(error);
    expect(message).toContain(` at ${error['position']}: `);
    expect(spec).toMatch(/^BOLT #11: /);
    const later = decodeInvoice(`lightning:${text}`, options);
    expect(later).toMatchObject({ ok: false, error: { kind: error['kind'] } });
  });
});
