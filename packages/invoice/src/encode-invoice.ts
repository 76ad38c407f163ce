import type { Answer } from '@boltwright/base';
import { pending, ready } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { NodeSigner, RecoverableSignature } from '@boltwright/interfaces';
import { bech32 } from '@scure/base';
import type { Invoice, InvoiceDetails, RawInvoice } from './invoice.ts';
import { maxInvoiceLength } from './read-text.ts';
import { signingHash } from './signing-hash.ts';
import { timestampWords } from './tags.ts';
import { bytesToWords, numberToWords } from './words.ts';
import { writeFields } from './write-fields.ts';

/** An invoice that waits for its signature: plain data, so that it can wait as long as the signer needs. */
export interface UnsignedInvoice extends RawInvoice {
  /** 32 bytes, for `NodeSigner.signInvoice`. */
  readonly hash: Uint8Array;
}

/** Everything that is signed behind the human-readable part. */
function wordsOf(raw: RawInvoice): Uint8Array {
  const length = raw.fields.reduce((sum, field) => sum + 3 + field.words.length, timestampWords);
  const words = new Uint8Array(length);
  words.set(numberToWords(raw.timestamp, timestampWords));
  let at = timestampWords;
  for (const field of raw.fields) {
    words[at] = field.tag;
    words.set(numberToWords(field.words.length, 2), at + 1);
    words.set(field.words, at + 3);
    at += 3 + field.words.length;
  }
  return words;
}

function textOf(raw: RawInvoice, signature: RecoverableSignature): string {
  const all = new Uint8Array(65);
  all.set(signature.signature);
  all[64] = signature.recoveryId;
  return bech32.encode(raw.prefix, [...wordsOf(raw), ...bytesToWords(all)], false);
}

/**
 * A new invoice, ready to be signed: hand its `hash` to `NodeSigner.signInvoice`, and what comes back to
 * {@link withSignature}.
 *
 * @throws RangeError where the details do not fit an invoice, or make it longer than a reader takes (16384 characters).
 * @see BOLT #11
 */
export function unsignedInvoice(details: InvoiceDetails, crypto: Pick<CryptoBackend, 'sha256'>): UnsignedInvoice {
  const raw = writeFields(details);
  const words = wordsOf(raw);
  const length = raw.prefix.length + 1 + words.length + 104 + 6;
  if (length > maxInvoiceLength) {
    throw new RangeError(`the invoice would have ${length} characters: at most ${maxInvoiceLength} are read`);
  }
  return { ...raw, hash: signingHash(raw.prefix, words, crypto) };
}

/**
 * The text of an invoice with its signature, lower case; in upper case it makes a smaller QR code.
 *
 * @throws RangeError for a signature that is not 64 bytes or a recovery id that is not 0 to 3.
 */
export function withSignature(invoice: RawInvoice, signature: RecoverableSignature): string {
  if (signature.signature.length !== 64) {
    throw new RangeError(`the signature has ${signature.signature.length} bytes: 64 are expected`);
  }
  const { recoveryId } = signature;
  if (!(Number.isInteger(recoveryId) && recoveryId >= 0 && recoveryId <= 3)) {
    throw new RangeError(`${recoveryId} is no recovery id: 0 to 3 are`);
  }
  return textOf(invoice, signature);
}

/**
 * Builds and signs in one go. Where the signer answers `pending`, so does this: keep the details and call again once the
 * signer is ready, or keep {@link unsignedInvoice} and finish with {@link withSignature}.
 *
 * @throws RangeError as {@link unsignedInvoice} does.
 */
export function createInvoice(
  details: InvoiceDetails,
  signer: Pick<NodeSigner, 'signInvoice'>,
  crypto: Pick<CryptoBackend, 'sha256'>,
): Answer<string> {
  const unsigned = unsignedInvoice(details, crypto);
  const signed = signer.signInvoice(unsigned.hash);
  return signed.kind === 'ready' ? ready(withSignature(unsigned, signed.value)) : pending;
}

/** The text of an invoice that was read, from its parts: the same, character for character. */
export const encodeInvoice = (invoice: Pick<Invoice, 'raw' | 'signature' | 'recoveryId'>): string =>
  textOf(invoice.raw, invoice);
