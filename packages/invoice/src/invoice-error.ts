/** The part of an invoice that an error is about: BOLT 11's names. */
export type InvoiceFieldName =
  | 'invoice'
  | 'prefix'
  | 'amount'
  | 'timestamp'
  | 'payment_hash'
  | 'payment_secret'
  | 'description'
  | 'description_hash'
  | 'payment_metadata'
  | 'payee'
  | 'expiry'
  | 'min_final_cltv_expiry_delta'
  | 'fallback_address'
  | 'route_hint'
  | 'features'
  | 'unknown'
  | 'signature'
  | 'checksum';

/** Where reading stopped: part of every {@link InvoiceError}. */
export interface InvoiceErrorPlace {
  readonly field: InvoiceFieldName;
  /** Index of the first character to blame, in the text as it was given. */
  readonly position: number;
  /** The section that was broken. */
  readonly spec: string;
  /** One line for a log. */
  readonly message: string;
}

/** What a text can get wrong, with the values that did. Lengths of fields are 5-bit words. */
export type InvoiceFault =
  /** More characters than this package reads. */
  | { readonly kind: 'too_long'; readonly length: number; readonly max: number }
  /** No room for timestamp, signature and checksum. */
  | { readonly kind: 'too_short'; readonly length: number; readonly min: number }
  | { readonly kind: 'mixed_case' }
  /** No `1` between human-readable part and data. */
  | { readonly kind: 'no_separator' }
  | { readonly kind: 'invalid_character'; readonly character: string }
  | { readonly kind: 'invalid_checksum' }
  /** No `ln` in front, or a currency that nobody knows. */
  | { readonly kind: 'unknown_prefix'; readonly prefix: string }
  | {
      readonly kind: 'invalid_amount';
      readonly amount: string;
      readonly reason: 'multiplier' | 'digits' | 'zero' | 'leading_zero' | 'sub_millisatoshi' | 'too_large';
    }
  /** A field's length goes past the signature. */
  | { readonly kind: 'truncated'; readonly needed: number; readonly available: number }
  | { readonly kind: 'wrong_length'; readonly length: number; readonly expected: number }
  /** Bits behind the last byte that are not zero, or five of them and more. */
  | { readonly kind: 'invalid_padding' }
  /** A number or bit field that starts with a zero word. */
  | { readonly kind: 'not_minimal' }
  | { readonly kind: 'out_of_range'; readonly max: number }
  | { readonly kind: 'invalid_utf8' }
  /** 33 bytes that are no point of the curve. */
  | { readonly kind: 'invalid_point' }
  /** A program that its version does not have. */
  | { readonly kind: 'invalid_fallback'; readonly version: number; readonly length: number }
  | { readonly kind: 'missing_field' }
  | { readonly kind: 'duplicate_field' }
  /** Both `d` and `h`. */
  | { readonly kind: 'two_descriptions' }
  /** A compulsory feature that the reader does not know, or that BOLT 9 has not in invoices. */
  | { readonly kind: 'unknown_feature'; readonly bit: number }
  /** A feature without the one that it stands on. */
  | { readonly kind: 'missing_feature_dependency'; readonly feature: string; readonly dependency: string }
  | { readonly kind: 'invalid_recovery_id'; readonly recoveryId: number }
  /** Beside an `n` field, `s` must be in the lower half. */
  | { readonly kind: 'high_s' }
  /** No key, or not the one of the `n` field, made the signature. */
  | { readonly kind: 'invalid_signature' };

/** Why a text is no valid invoice: plain data, never thrown. */
export type InvoiceError = InvoiceErrorPlace & InvoiceFault;

/** The names of what a text can get wrong, to switch on. */
export type InvoiceErrorKind = InvoiceFault['kind'];

const specOf = (field: InvoiceFieldName): string => {
  switch (field) {
    case 'invoice':
    case 'checksum':
      return 'BOLT #11: Encoding Overview';
    case 'prefix':
    case 'amount':
      return 'BOLT #11: Human-Readable Part';
    case 'timestamp':
    case 'signature':
      return 'BOLT #11: Data Part';
    case 'features':
      return 'BOLT #11: Feature Bits';
    default:
      return 'BOLT #11: Tagged Fields';
  }
};

/** A hostile text can have thousands of characters where a log wants a few. */
const brief = (text: string): string => (text.length <= 32 ? text : `${text.substring(0, 32)}…`);

function describe(fault: InvoiceFault): string {
  switch (fault.kind) {
    case 'too_long':
      return `${fault.length} characters, at most ${fault.max} are read`;
    case 'too_short':
      return `${fault.length} characters of data, ${fault.min} are the least`;
    case 'mixed_case':
      return 'upper and lower case are mixed';
    case 'no_separator':
      return "no '1' ends a human-readable part";
    case 'invalid_character':
      return `${JSON.stringify(fault.character)} is no bech32 character`;
    case 'invalid_checksum':
      return 'the checksum is wrong';
    case 'unknown_prefix':
      return `${JSON.stringify(brief(fault.prefix))} is no prefix of an invoice`;
    case 'invalid_amount':
      return `the amount '${brief(fault.amount)}' is not valid (${fault.reason})`;
    case 'truncated':
      return `${fault.needed} words are announced, ${fault.available} are left`;
    case 'wrong_length':
      return `${fault.length} words where ${fault.expected} are expected`;
    case 'invalid_padding':
      return 'the padding is longer than needed or not zero';
    case 'not_minimal':
      return 'starts with a zero word';
    case 'out_of_range':
      return `is above ${fault.max}`;
    case 'invalid_utf8':
      return 'is no UTF-8';
    case 'invalid_point':
      return 'is no point of the curve';
    case 'invalid_fallback':
      return `version ${fault.version} has no address of ${fault.length} words`;
    case 'missing_field':
      return 'is missing';
    case 'duplicate_field':
      return 'stands twice';
    case 'two_descriptions':
      return 'stands beside a description';
    case 'unknown_feature':
      return `bit ${fault.bit} is compulsory and unknown`;
    case 'missing_feature_dependency':
      return `${fault.feature} without ${fault.dependency}`;
    case 'invalid_recovery_id':
      return `${fault.recoveryId} is no recovery id`;
    case 'high_s':
      return 's is in the upper half';
    case 'invalid_signature':
      return 'the signature does not match';
  }
}

/** An error with its section and message filled in. */
export const invoiceError = (field: InvoiceFieldName, position: number, fault: InvoiceFault): InvoiceError => ({
  ...fault,
  field,
  position,
  spec: specOf(field),
  message: `${field} at ${position}: ${describe(fault)}`,
});

/**
 * Thrown by the readers inside and caught by `decodeInvoice`, which answers its error. No `Error`, so that a bad text
 * costs no stack trace.
 */
export class InvoiceFailure {
  readonly error: InvoiceError;

  constructor(field: InvoiceFieldName, position: number, fault: InvoiceFault) {
    this.error = invoiceError(field, position, fault);
  }
}
