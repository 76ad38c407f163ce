import type { Msat } from '@boltwright/base';
import { bech32 } from '@scure/base';
import { readAmount } from './amount.ts';
import type { InvoiceNetwork } from './invoice.ts';
import { InvoiceFailure } from './invoice-error.ts';
import { networkOf } from './networks.ts';
import { signatureWords, timestampWords } from './tags.ts';

/** The longest text that is read: a QR code holds 4296 such characters, and a bound there must be. */
export const maxInvoiceLength = 16_384;

const uriScheme = 'lightning:';
const charset = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const checksumLength = 6;
const minDataLength = timestampWords + signatureWords + checksumLength;

export interface InvoiceText {
  /** Lower case, without the scheme. */
  readonly text: string;
  readonly prefix: string;
  readonly network: InvoiceNetwork;
  readonly amountMsat: Msat | undefined;
  /** The data part, 5 bits each, without the checksum. */
  readonly words: Uint8Array;
  /** Where the first word stands in the text as it was given. */
  readonly wordsPosition: number;
}

const isUpper = (code: number): boolean => code >= 65 && code <= 90;
const isLower = (code: number): boolean => code >= 97 && code <= 122;

/** BIP 173: characters 33 to 126, and one case only. */
function checkCharacters(text: string, start: number): void {
  let hasUpper = false;
  let hasLower = false;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 33 || code > 126) {
      throw new InvoiceFailure('invoice', i, { kind: 'invalid_character', character: text[i]! });
    }
    hasUpper ||= isUpper(code);
    hasLower ||= isLower(code);
    if (hasUpper && hasLower) throw new InvoiceFailure('invoice', i, { kind: 'mixed_case' });
  }
}

/** Currency and amount of a human-readable part. */
function readPrefix(prefix: string, position: number): Pick<InvoiceText, 'network' | 'amountMsat'> {
  const digit = prefix.search(/[0-9]/);
  const end = digit === -1 ? prefix.length : digit;
  const network = prefix.startsWith('ln') ? networkOf(prefix.substring(2, end)) : undefined;
  if (network === undefined) throw new InvoiceFailure('prefix', position, { kind: 'unknown_prefix', prefix });
  const amountMsat = digit === -1 ? undefined : readAmount(prefix.substring(end), position + end);
  return { network, amountMsat };
}

/**
 * Takes the text apart into human-readable part and data.
 *
 * @throws InvoiceFailure for what bech32 or the human-readable part does not allow.
 * @see BOLT #11, Encoding Overview; BIP 173
 */
export function readText(given: string): InvoiceText {
  if (given.length > maxInvoiceLength) {
    const fault = { kind: 'too_long', length: given.length, max: maxInvoiceLength } as const;
    throw new InvoiceFailure('invoice', maxInvoiceLength, fault);
  }
  const hasScheme = given.substring(0, uriScheme.length).toLowerCase() === uriScheme;
  const start = hasScheme ? uriScheme.length : 0;
  checkCharacters(given, start);
  const text = given.substring(start).toLowerCase();
  const separator = text.lastIndexOf('1');
  if (separator === -1) throw new InvoiceFailure('prefix', start, { kind: 'no_separator' });
  const prefix = text.substring(0, separator);
  if (!prefix.startsWith('ln')) throw new InvoiceFailure('prefix', start, { kind: 'unknown_prefix', prefix });
  const wordsPosition = start + separator + 1;
  const length = text.length - separator - 1;
  for (let i = separator + 1; i < text.length; i++) {
    if (!charset.includes(text[i]!)) {
      throw new InvoiceFailure('invoice', start + i, { kind: 'invalid_character', character: text[i]! });
    }
  }
  if (length < minDataLength) {
    throw new InvoiceFailure('invoice', given.length, { kind: 'too_short', length, min: minDataLength });
  }
  const decoded = bech32.decodeUnsafe(text, false);
  if (decoded === undefined) {
    throw new InvoiceFailure('checksum', given.length - checksumLength, { kind: 'invalid_checksum' });
  }
  return { text, prefix, ...readPrefix(prefix, start), words: Uint8Array.from(decoded.words), wordsPosition };
}
