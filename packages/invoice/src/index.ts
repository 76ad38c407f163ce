export { type DecodeInvoiceOptions, decodeInvoice } from './decode-invoice.ts';
export {
  createInvoice,
  encodeInvoice,
  type UnsignedInvoice,
  unsignedInvoice,
  withSignature,
} from './encode-invoice.ts';
export type { FallbackAddress } from './fallback-address.ts';
export type {
  Invoice,
  InvoiceDescription,
  InvoiceDetails,
  InvoiceNetwork,
  RawInvoice,
  RouteHint,
} from './invoice.ts';
export type {
  InvoiceError,
  InvoiceErrorKind,
  InvoiceErrorPlace,
  InvoiceFault,
  InvoiceFieldName,
} from './invoice-error.ts';
export { expiresAt, isDescribedBy, isExpired } from './questions.ts';
export { defaultExpirySeconds, defaultMinFinalCltvExpiryDelta } from './read-contents.ts';
export { maxInvoiceLength } from './read-text.ts';
export type { TaggedField } from './tagged-field.ts';
export { tags } from './tags.ts';
