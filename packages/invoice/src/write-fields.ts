import { cltvDelta, type Msat, nodeIdBytes, paymentHashBytes } from '@boltwright/base';
import { featuresOf, validateOwnFeatures } from '@boltwright/wire';
import { utf8 } from '@scure/base';
import { writeAmount } from './amount.ts';
import { firstUnknownVersion, writeFallbackAddress } from './fallback-address.ts';
import type { InvoiceDetails, InvoiceNetwork, RawInvoice } from './invoice.ts';
import { currencies } from './networks.ts';
import { writeRouteHint } from './route-hint.ts';
import type { TaggedField } from './tagged-field.ts';
import { maxFieldWords, tags } from './tags.ts';
import { bitFieldToWords, bytesToWords, numberToWords } from './words.ts';

const maxTimestamp = 2 ** 35 - 1;
/** What 1023 words hold. */
const maxFieldBytes = 639;

function bytesField(tag: number, bytes: Uint8Array, name: string): TaggedField {
  if (bytes.length > maxFieldBytes) {
    throw new RangeError(`the ${name} has ${bytes.length} bytes: at most ${maxFieldBytes} fit`);
  }
  return { tag, words: bytesToWords(bytes) };
}

function hashField(tag: number, bytes: Uint8Array, name: string): TaggedField {
  if (bytes.length !== 32) throw new RangeError(`the ${name} has ${bytes.length} bytes: 32 are expected`);
  return { tag, words: bytesToWords(bytes) };
}

function numberField(tag: number, value: number, name: string): TaggedField {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no ${name}: a whole number is`);
  return { tag, words: numberToWords(value) };
}

function textField(text: string): TaggedField {
  let bytes: Uint8Array;
  try {
    bytes = utf8.decode(text);
  } catch {
    throw new RangeError('the description has half a surrogate pair, which UTF-8 cannot say');
  }
  return bytesField(tags.description, bytes, 'description');
}

function descriptionField({ description }: InvoiceDetails): TaggedField {
  return description.kind === 'hash'
    ? hashField(tags.descriptionHash, description.hash, 'description hash')
    : textField(description.text);
}

function featuresField(details: InvoiceDetails): TaggedField | undefined {
  const features =
    details.features ??
    featuresOf({
      var_onion_optin: 'required',
      payment_secret: 'required',
      option_payment_metadata: details.paymentMetadata === undefined ? undefined : 'required',
    });
  // Bits that BOLT 9 does not know are the caller's own; the known ones have to follow its origin node's requirements.
  const problem = validateOwnFeatures(features, 'invoice').find(({ kind }) => kind !== 'unknown_required_bit');
  if (problem !== undefined && 'feature' in problem) {
    throw new RangeError(`the features do not suit an invoice: ${problem.kind} of ${problem.feature}`);
  }
  const words = bitFieldToWords(features);
  if (words.length > maxFieldWords) throw new RangeError(`${features.length} bytes of features do not fit a field`);
  // Without a bit set the field has to be left out.
  return words.length === 0 ? undefined : { tag: tags.features, words };
}

const known: ReadonlySet<number> = new Set<number>(Object.values(tags));

function customField(field: TaggedField): TaggedField {
  const { tag, words } = field;
  // BOLT #11 has most fields once, and no reader would take them twice; a fallback of a version to come is passed over.
  const isLaterFallback = tag === tags.fallbackAddress && (words[0] ?? 0) >= firstUnknownVersion;
  if (known.has(tag) && !isLaterFallback) throw new RangeError(`tag ${tag} has a property of its own`);
  if (!(Number.isInteger(tag) && tag >= 0 && tag < 32)) throw new RangeError(`${tag} is no tag: 0 to 31 are`);
  if (words.length > maxFieldWords) throw new RangeError(`a field has at most ${maxFieldWords} words`);
  if (words.some((word) => word > 31)) throw new RangeError('a word has five bits');
  return field;
}

function prefixOf(network: InvoiceNetwork, amount: Msat | undefined): string {
  if (amount !== undefined && amount <= 0n) throw new RangeError('an amount is above zero: leave it out for any');
  return `ln${currencies[network]}${amount === undefined ? '' : writeAmount(amount)}`;
}

/**
 * The fields of a new invoice, in the order of BOLT #11's examples.
 *
 * @throws RangeError for what no invoice can say: a wrong length, a number outside its field, a text too long.
 */
export function writeFields(details: InvoiceDetails): RawInvoice {
  const { timestamp } = details;
  if (!(Number.isInteger(timestamp) && timestamp >= 0 && timestamp <= maxTimestamp)) {
    throw new RangeError(`${timestamp} is no timestamp: whole seconds below 2^35 are`);
  }
  const features = featuresField(details);
  const { expirySeconds, minFinalCltvExpiryDelta, payee, paymentMetadata } = details;
  const fields: TaggedField[] = [
    hashField(tags.paymentSecret, details.paymentSecret, 'payment secret'),
    hashField(tags.paymentHash, paymentHashBytes(details.paymentHash), 'payment hash'),
    descriptionField(details),
  ];
  if (paymentMetadata !== undefined) fields.push(bytesField(tags.paymentMetadata, paymentMetadata, 'metadata'));
  if (expirySeconds !== undefined) fields.push(numberField(tags.expiry, expirySeconds, 'expiry'));
  if (minFinalCltvExpiryDelta !== undefined) {
    fields.push(numberField(tags.minFinalCltvExpiryDelta, cltvDelta(minFinalCltvExpiryDelta), 'final CLTV delta'));
  }
  if (payee !== undefined) fields.push({ tag: tags.payee, words: bytesToWords(nodeIdBytes(payee)) });
  for (const address of details.fallbackAddresses ?? []) fields.push(writeFallbackAddress(address));
  for (const hint of details.routeHints ?? []) fields.push(writeRouteHint(hint));
  if (features !== undefined) fields.push(features);
  for (const field of details.unknownFields ?? []) fields.push(customField(field));
  return { prefix: prefixOf(details.network, details.amountMsat), timestamp, fields };
}
