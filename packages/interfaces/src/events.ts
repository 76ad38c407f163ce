import type {
  Brand,
  ChannelId,
  Msat,
  NodeId,
  OutPoint,
  PaymentHash,
  RawTransaction,
  Sat,
  Script,
  ShortChannelId,
} from '@boltwright/base';
import type { SweepClaim } from './commitments.ts';
import type { ChannelKeysId } from './keys.ts';
import type { Path } from './routing.ts';

/** Names one event; stays the same when it comes again after a restart. */
export type EventId = Brand<string, 'EventId'>;
/** 64 hex digits, chosen by the user: the same id pays once, over restarts too. */
export type PaymentId = Brand<string, 'PaymentId'>;

/** Why a channel is over. `message` is for people. */
export type ClosureReason =
  | { readonly kind: 'cooperative' }
  | { readonly kind: 'counterpartyForceClosed'; readonly message: string }
  | { readonly kind: 'holderForceClosed'; readonly message: string }
  | { readonly kind: 'commitmentConfirmed' }
  | { readonly kind: 'deadline'; readonly message: string }
  | { readonly kind: 'protocolViolation'; readonly message: string }
  | { readonly kind: 'fundingTimedOut' }
  | { readonly kind: 'fundingAborted'; readonly message: string }
  | { readonly kind: 'disconnectedBeforeFunding' }
  | { readonly kind: 'staleState'; readonly message: string };

/** Why a payment of ours will not be tried again. */
export type PaymentFailureReason =
  | 'recipientRejected'
  | 'userAbandoned'
  | 'retriesExhausted'
  | 'routeNotFound'
  | 'paymentExpired'
  | 'unexpectedError';

/** An output that is ours, and how to sign for it. */
export interface SpendableOutput {
  readonly outpoint: OutPoint;
  readonly value: Sat;
  readonly script: Script;
  readonly channelKeysId: ChannelKeysId;
  readonly claim: /** Pays a script of the user's wallet already. */
    | { readonly kind: 'wallet' }
    | { readonly kind: 'sweep'; readonly claim: SweepClaim /** Blocks after confirmation. */; readonly delay: number };
}

/** What happened, and what the user must decide. Each repeats after a restart until it is handled; dedupe by its id. */
export type Event =
  /** Build a transaction that pays `value` to `script`, and hand it to `fundingTransactionGenerated`; do not broadcast it. */
  | {
      readonly kind: 'fundingGenerationReady';
      readonly temporaryChannelId: ChannelId;
      readonly counterparty: NodeId;
      readonly value: Sat;
      readonly script: Script;
    }
  /** Only with `manuallyAcceptInboundChannels`. */
  | {
      readonly kind: 'openChannelRequest';
      readonly temporaryChannelId: ChannelId;
      readonly counterparty: NodeId;
      readonly fundingSatoshis: Sat;
      readonly pushMsat: Msat;
    }
  | {
      readonly kind: 'channelPending';
      readonly channelId: ChannelId;
      readonly temporaryChannelId: ChannelId;
      readonly counterparty: NodeId;
      readonly fundingOutpoint: OutPoint;
    }
  | { readonly kind: 'channelReady'; readonly channelId: ChannelId; readonly counterparty: NodeId }
  | {
      readonly kind: 'channelClosed';
      readonly channelId: ChannelId;
      readonly counterparty: NodeId;
      readonly reason: ClosureReason;
    }
  /** A funding transaction that will not be broadcast: its coins are free again. */
  | { readonly kind: 'discardFunding'; readonly channelId: ChannelId; readonly transaction: RawTransaction }
  /** All parts of a payment to us are here: `claimFunds` or `failHtlcBackwards` it before `claimDeadline`. */
  | {
      readonly kind: 'paymentClaimable';
      readonly paymentHash: PaymentHash;
      readonly amountMsat: Msat;
      readonly claimDeadline: number;
      /** 32 bytes, where we know it: of an invoice of ours. */
      readonly preimage?: Uint8Array;
    }
  | { readonly kind: 'paymentClaimed'; readonly paymentHash: PaymentHash; readonly amountMsat: Msat }
  | {
      readonly kind: 'paymentSent';
      readonly paymentId: PaymentId;
      readonly paymentHash: PaymentHash;
      readonly preimage: Uint8Array;
      readonly feePaidMsat: Msat;
    }
  | {
      readonly kind: 'paymentFailed';
      readonly paymentId: PaymentId;
      readonly paymentHash: PaymentHash;
      readonly reason: PaymentFailureReason;
    }
  | {
      readonly kind: 'paymentPathFailed';
      readonly paymentId: PaymentId;
      readonly paymentHash: PaymentHash;
      readonly path: Path;
      /** Undefined where the failure could not be attributed. */
      readonly failedAt?: ShortChannelId;
      /** BOLT 4's name of the failure, e.g. `temporary_channel_failure`. */
      readonly failure: string;
    }
  | {
      readonly kind: 'paymentForwarded';
      readonly previousChannelId: ChannelId;
      readonly nextChannelId: ChannelId;
      readonly feeEarnedMsat: Msat;
    }
  | { readonly kind: 'spendableOutputs'; readonly channelId: ChannelId; readonly outputs: readonly SpendableOutput[] }
  /** Something that must not happen froze this channel; its monitor goes on guarding it. */
  | { readonly kind: 'channelFrozen'; readonly channelId: ChannelId; readonly message: string };

/**
 * Where events wait until the user has dealt with them.
 *
 * Order: as they happened. Failure: an event that was not reported to `eventHandled` comes again after a restart.
 */
export interface EventsProvider {
  pendingEvents(): readonly { readonly id: EventId; readonly event: Event }[];
  eventHandled(id: EventId): void;
}
