import type { BlockHeight, Msat, ShortChannelId } from '@boltwright/base';
import type { TlvRecord } from '@boltwright/wire';

/** Records with a type from 65536 on, in the order of their types: what applications agree on (BOLT #4). */
interface WithCustomRecords {
  readonly customRecords?: readonly TlvRecord[];
}

interface Amounts {
  /** For the next hop; at the final node, of this HTLC. */
  readonly amtToForward: Msat;
  readonly outgoingCltvValue: BlockHeight;
}

interface Blinded {
  /** For this hop, by the creator of the blinded path. */
  readonly encryptedRecipientData: Uint8Array;
  /** 33 bytes: for the first hop of a blinded path alone. */
  readonly currentPathKey?: Uint8Array;
}

/** To a node that forwards, outside of a blinded path. */
export interface ForwardPayload extends Amounts, WithCustomRecords {
  readonly kind: 'forward';
  /** The outgoing channel. */
  readonly shortChannelId: ShortChannelId;
}

/** To a node that forwards, within a blinded path: what it forwards stands in the encrypted data. */
export interface BlindedForwardPayload extends Blinded {
  readonly kind: 'blindedForward';
}

/** BOLT #4, `payload` format: `payment_data`. */
export interface PaymentData {
  /** 32 bytes, from the invoice. */
  readonly paymentSecret: Uint8Array;
  /** Of all parts of the payment together. */
  readonly totalMsat: Msat;
}

/** To the final node, outside of a blinded path. */
export interface FinalPayload extends Amounts, WithCustomRecords {
  readonly kind: 'final';
  readonly paymentData?: PaymentData;
  /** As the invoice gave it. */
  readonly paymentMetadata?: Uint8Array;
  /** 32 bytes: a spontaneous payment (`keysend`, type 5482373484). */
  readonly keysendPreimage?: Uint8Array;
}

/** To the final node, within a blinded path. */
export interface BlindedFinalPayload extends Amounts, Blinded {
  readonly kind: 'blindedFinal';
  /** Of all parts of the payment together. */
  readonly totalAmountMsat: Msat;
}

/** BOLT #4, `payload` format: what a hop of a payment is told, in the four forms that the BOLT allows. */
export type HopPayload = ForwardPayload | BlindedForwardPayload | FinalPayload | BlindedFinalPayload;

/** The total that a final payload promises; without a total it is this HTLC's amount (BOLT #4, `payload` format). */
export function totalMsatOf(payload: FinalPayload | BlindedFinalPayload): Msat {
  if (payload.kind === 'blindedFinal') return payload.totalAmountMsat;
  return payload.paymentData?.totalMsat ?? payload.amtToForward;
}
