import type {
  BlockHeight,
  ChannelId,
  Msat,
  OutPoint,
  PaymentHash,
  RawTransaction,
  Sat,
  Script,
} from '@boltwright/base';
import type { ChannelMessage, ChannelMonitorUpdate, ClosureReason, InitialMonitor } from '@boltwright/interfaces';
import type { HtlcSource } from './htlc-source.ts';

/** An HTLC of the counterparty's, irrevocably committed on both sides. */
export interface ReceivedHtlc {
  readonly id: bigint;
  readonly amountMsat: Msat;
  readonly paymentHash: PaymentHash;
  readonly cltvExpiry: BlockHeight;
  readonly onionRoutingPacket: Uint8Array;
  readonly pathKey?: Uint8Array;
  /** Too much dust is pending (BOLT 2, Bounding exposure): fail it back, reveal no preimage for it. */
  readonly exceedsDustExposure?: true;
}

/** How an HTLC of ours failed, as its `update_fail_*` says. */
export type HtlcFailure =
  | { readonly kind: 'failed'; readonly reason: Uint8Array; readonly attributionData?: Uint8Array }
  | { readonly kind: 'malformed'; readonly sha256OfOnion: Uint8Array; readonly failureCode: number };

/** What the shell does about a step, in this order. Plain data. */
export type ChannelEffect =
  /** Before anything that follows leaves the node. */
  | { readonly kind: 'watchChannel'; readonly initial: InitialMonitor }
  | { readonly kind: 'updateMonitor'; readonly update: ChannelMonitorUpdate }
  | { readonly kind: 'send'; readonly message: ChannelMessage }
  /** The id that `addHtlc` got. */
  | { readonly kind: 'htlcOffered'; readonly id: bigint; readonly source: HtlcSource }
  /** Forward it, take it, or fail it. Told again after a restart for those without an outcome (`pendingReceivedHtlcs`). */
  | { readonly kind: 'htlcReceived'; readonly htlc: ReceivedHtlc }
  /** As soon as the preimage is known. */
  | {
      readonly kind: 'htlcFulfilled';
      readonly id: bigint;
      readonly source: HtlcSource;
      readonly paymentHash: PaymentHash;
      readonly amountMsat: Msat;
      readonly preimage: Uint8Array;
      readonly attributionData?: Uint8Array;
    }
  /** Only once its removal is irrevocable. */
  | {
      readonly kind: 'htlcFailed';
      readonly id: bigint;
      readonly source: HtlcSource;
      readonly paymentHash: PaymentHash;
      readonly failure: HtlcFailure;
    }
  /** An HTLC that we received is irrevocably gone: its settlement need not be kept. */
  | { readonly kind: 'htlcRemoved'; readonly id: bigint }
  /** The opener's user is to build the funding transaction. */
  | { readonly kind: 'fundingNeeded'; readonly value: Sat; readonly script: Script }
  /** The temporary id gives way to the channel's own. */
  | { readonly kind: 'channelIdAssigned'; readonly temporaryChannelId: ChannelId; readonly channelId: ChannelId }
  | { readonly kind: 'watchFunding'; readonly outpoint: OutPoint; readonly script: Script }
  /** The counterparty signed our first commitment: the funding transaction may go out, once all is durable. */
  | { readonly kind: 'broadcastFunding'; readonly outpoint: OutPoint }
  /** A mutual close, complete with witness. */
  | { readonly kind: 'broadcast'; readonly transaction: RawTransaction }
  | { readonly kind: 'ready' }
  | { readonly kind: 'closed'; readonly reason: ClosureReason }
  /** After what was sent: the connection ends. */
  | { readonly kind: 'disconnect'; readonly reason: string };
