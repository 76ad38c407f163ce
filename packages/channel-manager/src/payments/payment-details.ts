import type { Msat, PaymentHash } from '@boltwright/base';
import type { PaymentFailureReason, PaymentId } from '@boltwright/interfaces';
import type { PaymentRecord } from '../records.ts';

/** A payment of ours, as its user sees it. */
export interface PaymentDetails {
  readonly paymentId: PaymentId;
  readonly paymentHash: PaymentHash;
  readonly state: PaymentRecord['state'];
  readonly amountMsat: Msat;
  readonly partsInFlight: number;
  readonly feePaidMsat?: Msat;
  readonly preimage?: Uint8Array;
  readonly failureReason?: PaymentFailureReason;
}

/** What a payment's record shows its user. */
export const paymentDetails = (payment: PaymentRecord): PaymentDetails => {
  const { paymentId, paymentHash, state, amountMsat, parts, feePaidMsat, preimage, failureReason } = payment;
  return {
    paymentId,
    paymentHash,
    state,
    amountMsat,
    partsInFlight: parts.length,
    ...(feePaidMsat === undefined ? {} : { feePaidMsat }),
    ...(preimage === undefined ? {} : { preimage }),
    ...(failureReason === undefined ? {} : { failureReason }),
  };
};
