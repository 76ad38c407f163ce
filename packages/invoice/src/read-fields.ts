import type { InvoiceFieldName } from './invoice-error.ts';
import { InvoiceFailure } from './invoice-error.ts';
import type { TaggedField } from './tagged-field.ts';
import { tags } from './tags.ts';

/** A field with the place of its first word in the text. */
export interface PlacedField extends TaggedField {
  readonly position: number;
}

const names: ReadonlyMap<number, InvoiceFieldName> = new Map<number, InvoiceFieldName>([
  [tags.paymentHash, 'payment_hash'],
  [tags.routeHint, 'route_hint'],
  [tags.features, 'features'],
  [tags.expiry, 'expiry'],
  [tags.fallbackAddress, 'fallback_address'],
  [tags.description, 'description'],
  [tags.paymentSecret, 'payment_secret'],
  [tags.payee, 'payee'],
  [tags.descriptionHash, 'description_hash'],
  [tags.minFinalCltvExpiryDelta, 'min_final_cltv_expiry_delta'],
  [tags.paymentMetadata, 'payment_metadata'],
]);

export const fieldName = (tag: number): InvoiceFieldName => names.get(tag) ?? 'unknown';

/**
 * Splits the words between timestamp and signature into tagged fields: type (5 bits), length (10 bits), data.
 *
 * @throws InvoiceFailure `truncated` where a field goes past the end.
 * @see BOLT #11, Tagged Fields
 */
export function readFields(words: Uint8Array, position: number): readonly PlacedField[] {
  const fields: PlacedField[] = [];
  let at = 0;
  while (at < words.length) {
    const tag = words[at]!;
    const available = words.length - at - 3;
    const fail = (needed: number): never => {
      throw new InvoiceFailure(fieldName(tag), position + at, {
        kind: 'truncated',
        needed,
        available: Math.max(available, 0),
      });
    };
    if (available < 0) fail(0);
    const length = words[at + 1]! * 32 + words[at + 2]!;
    if (length > available) fail(length);
    const data = at + 3;
    fields.push({ tag, words: words.subarray(data, data + length), position: position + data });
    at = data + length;
  }
  return fields;
}
