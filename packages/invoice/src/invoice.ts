import type { CltvDelta, Msat, NodeId, PaymentHash } from '@boltwright/base';
import type { RouteHintHop } from '@boltwright/interfaces';
import type { FallbackAddress } from './fallback-address.ts';
import type { TaggedField } from './tagged-field.ts';

/** The chain that an invoice asks to be paid on, by the currency in its prefix (`bc`, `tb`, `tbs`, `bcrt`). */
export type InvoiceNetwork = 'bitcoin' | 'testnet' | 'signet' | 'regtest';

/** Purpose of the payment: the text itself, or the SHA-256 (32 bytes) of one that is shown elsewhere. */
export type InvoiceDescription =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'hash'; readonly hash: Uint8Array };

/** A private way to the payee: its hops in order, the first one starting at a public node. */
export type RouteHint = readonly RouteHintHop[];

/** An invoice without its signature, with the fields in their order; written out it is the same text again. */
export interface RawInvoice {
  /** Human-readable part, lower case: `ln`, currency, amount. */
  readonly prefix: string;
  /** Seconds since 1970, 35 bits. */
  readonly timestamp: number;
  readonly fields: readonly TaggedField[];
}

/** A BOLT 11 invoice: read, checked, its signature good. */
export interface Invoice {
  /** The invoice in lower case, without a `lightning:` in front. */
  readonly text: string;
  readonly network: InvoiceNetwork;
  /** Undefined where the payer chooses. */
  readonly amountMsat: Msat | undefined;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly paymentHash: PaymentHash;
  /** 32 bytes. */
  readonly paymentSecret: Uint8Array;
  readonly description: InvoiceDescription;
  /** The node to be paid: from the `n` field, or recovered from the signature. */
  readonly payee: NodeId;
  /** Seconds after `timestamp`; 3600 where the invoice says nothing. */
  readonly expirySeconds: number;
  /** Blocks for the last HTLC; 18 where the invoice says nothing. */
  readonly minFinalCltvExpiryDelta: CltvDelta;
  /** To be handed to the payee in the onion as it is; at most 639 bytes. */
  readonly paymentMetadata: Uint8Array | undefined;
  /** Feature bits as in messages: big-endian, no zero byte in front; empty where there are none. */
  readonly features: Uint8Array;
  /** In the payee's order of preference; versions that nobody knows yet are left out. */
  readonly fallbackAddresses: readonly FallbackAddress[];
  /** In the payee's order of preference. */
  readonly routeHints: readonly RouteHint[];
  /** Fields that were passed over: unknown tags, unknown fallback versions, and known ones of the wrong length. */
  readonly unknownFields: readonly TaggedField[];
  /** 64 bytes, `r || s`. */
  readonly signature: Uint8Array;
  /** 0 to 3. */
  readonly recoveryId: number;
  /** Everything as it was written, for who needs it byte by byte. */
  readonly raw: RawInvoice;
}

/** What a new invoice says. Times and hashes are the caller's; nothing is made up here. */
export interface InvoiceDetails {
  readonly network: InvoiceNetwork;
  /** Above zero; left out, the payer chooses. */
  readonly amountMsat?: Msat | undefined;
  /** Seconds since 1970, a whole number below 2^35. */
  readonly timestamp: number;
  readonly paymentHash: PaymentHash;
  /** 32 bytes. */
  readonly paymentSecret: Uint8Array;
  /** At most 639 bytes as UTF-8. */
  readonly description: InvoiceDescription;
  /** Written as the `n` field, which spares the payer the recovery; must be the signer's. */
  readonly payee?: NodeId | undefined;
  /** Seconds; left out, payers take 3600. */
  readonly expirySeconds?: number | undefined;
  /** Blocks; left out, payers take 18. */
  readonly minFinalCltvExpiryDelta?: CltvDelta | undefined;
  /** At most 639 bytes; they come back with the payment. */
  readonly paymentMetadata?: Uint8Array | undefined;
  /**
   * Feature bits, big-endian. Left out: `var_onion_optin` and `payment_secret`, and `option_payment_metadata` where
   * there is metadata, all compulsory.
   */
  readonly features?: Uint8Array | undefined;
  /** Most preferred first. */
  readonly fallbackAddresses?: readonly FallbackAddress[] | undefined;
  /** Most preferred first, 1 to 12 hops each. */
  readonly routeHints?: readonly RouteHint[] | undefined;
  /** Fields of the caller's own, written last: of tags that BOLT 11 has not, or fallbacks of versions from 19 on. */
  readonly unknownFields?: readonly TaggedField[] | undefined;
}
