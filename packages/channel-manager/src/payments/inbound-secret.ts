import { concatBytes, equalBytesConstantTime, type Msat, type PaymentHash, paymentHashOf } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';

/** What an invoice of ours promised, as its payment secret carries it. */
export interface InvoiceTerms {
  /** 0: the payer chooses. */
  readonly amountMsat: Msat;
  /** Seconds since 1970 after which it is not paid any more. */
  readonly expiresAt: number;
}

export interface InboundSecret {
  /** 32 bytes, for the invoice. */
  readonly paymentSecret: Uint8Array;
  readonly paymentHash: PaymentHash;
  readonly preimage: Uint8Array;
}

const ivLength = 16;

/*
 * Receiving without a record, so that an unpaid invoice costs nothing: the payment secret
 * is 16 random bytes and 16 bytes of terms under a key of ours; the preimage follows from both by an HMAC of ours. Whoever
 * pays brings the secret back; if its preimage has the HTLC's payment hash, we made it, and the terms are ours.
 */

/** @param iv - 16 fresh random bytes. @param key - 32 bytes: `inboundPaymentKey()`. */
export function makeInboundSecret(
  crypto: CryptoBackend,
  key: Uint8Array,
  iv: Uint8Array,
  terms: InvoiceTerms,
): InboundSecret {
  const paymentSecret = concatBytes(iv, applyStream(crypto, key, iv, encodeTerms(terms)));
  const preimage = preimageOf(crypto, key, paymentSecret);
  return { paymentSecret, preimage, paymentHash: paymentHashOf(crypto.sha256(preimage)) };
}

/** The terms of an invoice of ours that has this hash and secret; undefined where there is no such invoice. */
export function readInboundSecret(
  crypto: CryptoBackend,
  key: Uint8Array,
  paymentHash: Uint8Array,
  paymentSecret: Uint8Array,
): { readonly terms: InvoiceTerms; readonly preimage: Uint8Array } | undefined {
  const preimage = preimageOf(crypto, key, paymentSecret);
  if (!equalBytesConstantTime(crypto.sha256(preimage), paymentHash)) return undefined;
  const iv = paymentSecret.subarray(0, ivLength);
  return { preimage, terms: decodeTerms(applyStream(crypto, key, iv, paymentSecret.subarray(ivLength))) };
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const preimageLabel = ascii('preimage');
const termsLabel = ascii('terms');

const preimageOf = (crypto: CryptoBackend, key: Uint8Array, paymentSecret: Uint8Array): Uint8Array =>
  crypto.hmacSha256(key, concatBytes(preimageLabel, paymentSecret));

/** A stream of its own for each iv: the stream's key is derived from it. */
const applyStream = (crypto: CryptoBackend, key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array =>
  crypto.chacha20(crypto.hmacSha256(key, concatBytes(termsLabel, iv)), new Uint8Array(12), data);

function encodeTerms({ amountMsat, expiresAt }: InvoiceTerms): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, amountMsat);
  view.setBigUint64(8, BigInt(expiresAt));
  return bytes;
}

function decodeTerms(bytes: Uint8Array): InvoiceTerms {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { amountMsat: view.getBigUint64(0) as Msat, expiresAt: Number(view.getBigUint64(8)) };
}
