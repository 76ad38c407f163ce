import { err, type NodeId, nodeIdOf, ok, type Result } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { FeatureTable } from '@boltwright/wire';
import type { Invoice } from './invoice.ts';
import { type InvoiceError, InvoiceFailure } from './invoice-error.ts';
import { isHighS } from './is-high-s.ts';
import { readContents } from './read-contents.ts';
import { readFields } from './read-fields.ts';
import { readText } from './read-text.ts';
import { signingHash } from './signing-hash.ts';
import { payeeWords, signatureWords, tags, timestampWords } from './tags.ts';
import { wordsToBytes, wordsToNumber } from './words.ts';

/** What `decodeInvoice` needs, and its choices. */
export interface DecodeInvoiceOptions {
  readonly crypto: Pick<CryptoBackend, 'sha256' | 'verify' | 'recover' | 'isPoint'>;
  /**
   * Refuse a `p`, `h`, `s` or `n` field of the wrong length even where a right one stands beside it, as the reader's
   * requirements of BOLT #11 ask; without it such a field is passed over, as its examples have it.
   */
  readonly strictFieldLengths?: boolean | undefined;
  /** The features that the reader knows: BOLT 9's when left out. */
  readonly featureTable?: FeatureTable | undefined;
}

interface Signature {
  readonly bytes: Uint8Array;
  readonly recoveryId: number;
  readonly position: number;
}

function readSignature(words: Uint8Array, position: number): Signature {
  // 104 words are 65 bytes without a rest.
  const all = wordsToBytes(words)!;
  const recoveryId = all[64]!;
  if (recoveryId > 3) {
    throw new InvoiceFailure('signature', position + 102, { kind: 'invalid_recovery_id', recoveryId });
  }
  return { bytes: all.subarray(0, 64), recoveryId, position };
}

/** The node that signed: the `n` field's, where there is one, or the recovered. */
function checkSignature(
  signature: Signature,
  hash: Uint8Array,
  payee: { readonly nodeId: NodeId; readonly point: Uint8Array } | undefined,
  crypto: DecodeInvoiceOptions['crypto'],
): NodeId {
  if (payee !== undefined && crypto.verify(signature.bytes, hash, payee.point)) return payee.nodeId;
  // Without `n` a high S is taken, too: recovery does not care.
  const recovered = payee === undefined ? crypto.recover(signature.bytes, signature.recoveryId, hash) : undefined;
  if (recovered === undefined) {
    throw new InvoiceFailure('signature', signature.position, { kind: 'invalid_signature' });
  }
  return nodeIdOf(recovered);
}

function read(given: string, options: DecodeInvoiceOptions): Invoice {
  const { text, prefix, network, amountMsat, words, wordsPosition } = readText(given);
  const signed = words.subarray(0, words.length - signatureWords);
  const end = wordsPosition + signed.length;
  // 35 bits are always below the limit.
  const timestamp = wordsToNumber(signed.subarray(0, timestampWords), Number.MAX_SAFE_INTEGER)!;
  const fields = readFields(signed.subarray(timestampWords), wordsPosition + timestampWords);
  const signature = readSignature(words.subarray(signed.length), end);
  // Where `n` names the signer, only the low S is taken (BOLT #11, Tagged Fields).
  const hasPayee = fields.some((field) => field.tag === tags.payee && field.words.length === payeeWords);
  if (hasPayee && isHighS(signature.bytes)) throw new InvoiceFailure('signature', end, { kind: 'high_s' });
  const { payee, ...contents } = readContents(fields, end, {
    crypto: options.crypto,
    strictFieldLengths: options.strictFieldLengths === true,
    featureTable: options.featureTable,
  });
  return {
    text,
    network,
    amountMsat,
    timestamp,
    ...contents,
    payee: checkSignature(signature, signingHash(prefix, signed, options.crypto), payee, options.crypto),
    signature: signature.bytes,
    recoveryId: signature.recoveryId,
    raw: { prefix, timestamp, fields: fields.map((field) => ({ tag: field.tag, words: field.words })) },
  };
}

/**
 * Reads and checks a BOLT 11 invoice: in either case, with or without `lightning:` in front.
 *
 * Nothing a text can hold makes it throw, and texts above 16384 characters are not read. Whether the invoice has expired
 * is for the caller to say: see `isExpired`.
 *
 * @returns the invoice with its signature checked, or an error that names the field and the character.
 * @see BOLT #11
 */
export function decodeInvoice(text: string, options: DecodeInvoiceOptions): Result<Invoice, InvoiceError> {
  try {
    return ok(read(text, options));
  } catch (failure) {
    if (failure instanceof InvoiceFailure) return err(failure.error);
    throw failure;
  }
}
