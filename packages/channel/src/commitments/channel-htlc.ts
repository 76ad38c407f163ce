import type { BlockHeight, FeeratePerKw, Msat, PaymentHash } from '@boltwright/base';
import type { HtlcSource } from '../htlc-source.ts';
import type { Side, UpdateStage } from './update-stage.ts';

/** How an HTLC was taken out, as its `update_fulfill_htlc`, `update_fail_htlc` or `update_fail_malformed_htlc` says. */
export type HtlcOutcome =
  | { readonly kind: 'fulfilled'; readonly preimage: Uint8Array; readonly attributionData?: Uint8Array }
  | { readonly kind: 'failed'; readonly reason: Uint8Array; readonly attributionData?: Uint8Array }
  | { readonly kind: 'malformed'; readonly sha256OfOnion: Uint8Array; readonly failureCode: number };

/** The removal of an HTLC, by the side that received it. */
export interface HtlcRemoval {
  readonly stage: UpdateStage;
  readonly outcome: HtlcOutcome;
}

/** An HTLC that is in a commitment, on its way in, or on its way out. It has one record, whatever commitments hold it. */
export interface ChannelHtlc {
  readonly offeredBy: Side;
  /** Counts up by one for each that a side offers, over reconnects too. */
  readonly id: bigint;
  readonly amountMsat: Msat;
  readonly paymentHash: PaymentHash;
  readonly cltvExpiry: BlockHeight;
  readonly stage: UpdateStage;
  readonly removal?: HtlcRemoval;
  /** Ours: until they have revoked the commitment without it. Theirs: until handed out. */
  readonly onionRoutingPacket?: Uint8Array;
  readonly pathKey?: Uint8Array;
  /** Ours alone. */
  readonly source?: HtlcSource;
}

/** A new feerate, proposed by the opener. */
export interface FeeUpdate {
  readonly feeratePerKw: FeeratePerKw;
  readonly stage: UpdateStage;
}
