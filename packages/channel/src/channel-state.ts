import type {
  BlockHeight,
  ChannelId,
  FeeratePerKw,
  RawTransaction,
  Sat,
  Script,
  ShortChannelId,
} from '@boltwright/base';
import type { ChannelMessage, ChannelTransactionParameters, ClosureReason } from '@boltwright/interfaces';
import type { ChannelParameters, ProposedParameters } from './channel-parameters.ts';
import type { Commitments } from './commitments/commitments.ts';

/** Opener: `open_channel` is sent. */
export interface WaitForAcceptChannel {
  readonly kind: 'waitForAcceptChannel';
  readonly channelId: ChannelId;
  readonly proposed: ProposedParameters;
  /** 33 bytes: our per-commitment point number 0. */
  readonly localPoint: Uint8Array;
}

/** Both sides have spoken; the funding transaction is not known yet. */
interface BeforeFunding {
  readonly channelId: ChannelId;
  readonly parameters: ChannelParameters;
  /** 33 bytes each: per-commitment points number 0. */
  readonly localPoint: Uint8Array;
  readonly remotePoint: Uint8Array;
}

/** Opener: the user is building the funding transaction (command `fundingCreated`). */
export interface WaitForFundingTransaction extends BeforeFunding {
  readonly kind: 'waitForFundingTransaction';
}

/** Fundee: `accept_channel` is sent. */
export interface WaitForFundingCreated extends BeforeFunding {
  readonly kind: 'waitForFundingCreated';
  readonly blocked?: Blocked;
}

/** A request to the signer is outstanding: what follows waits, so that it is asked again with equal arguments. */
export interface Blocked {
  /** A `commit` is to be made again. */
  readonly commit: boolean;
  /** Messages not yet handled, oldest first; the first is the one that needs the signer, where `commit` is false. Gone with the connection. */
  readonly messages: readonly ChannelMessage[];
}

/** What every channel has once the funding outpoint is known. */
export interface FundedChannel {
  /** Of the outpoint (BOLT 2, Definition of `channel_id`). */
  readonly channelId: ChannelId;
  readonly parameters: ChannelParameters;
  readonly transactions: ChannelTransactionParameters;
  readonly commitments: Commitments;
  /** The last `ChannelMonitorUpdate`'s; 0 for the initial monitor. */
  readonly latestUpdateId: bigint;
  /** `reestablishing`: until their `channel_reestablish` came. After a restart give the input `disconnected`. */
  readonly connection: 'disconnected' | 'reestablishing' | 'connected';
  readonly confirmation?: { readonly height: BlockHeight; readonly shortChannelId: ShortChannelId };
  readonly localReady: boolean;
  readonly remoteReady: boolean;
  /** The counterparty's name for the channel, for route hints of ours. */
  readonly remoteAlias?: ShortChannelId;
  readonly blocked?: Blocked;
}

/** Opener: `funding_created` is sent. */
export interface WaitForFundingSigned extends FundedChannel {
  readonly kind: 'waitForFundingSigned';
}

/** Both first commitments are signed; until `channel_ready` went both ways. */
export interface WaitForChannelReady extends FundedChannel {
  readonly kind: 'waitForChannelReady';
}

/** `channel_ready` went both ways: HTLCs may be added (BOLT 2, Normal Operation). */
export interface Normal extends FundedChannel {
  readonly kind: 'normal';
}

/** A mutual close that both sides signed. */
export interface AgreedClose {
  readonly feeSatoshis: Sat;
  readonly transaction: RawTransaction;
}

/** What a mutual close knows (BOLT 2, Channel Close). */
export interface Closing {
  /** Where we want to be paid. */
  readonly localScript: Script;
  /** `shutdown` went out, on this connection or an earlier one; until then it waits for updates to be signed. */
  readonly localSent: boolean;
  /** From their `shutdown` on this connection. */
  readonly remoteScript?: Script;
  /** Asked for by our user; else the estimator's. */
  readonly feeratePerKw?: FeeratePerKw;
  /** Broadcast; the connection may have been lost before they heard of it. */
  readonly agreed?: AgreedClose;
}

/** A mutual close is wanted by one side or both, or HTLCs are still pending. */
export interface ShuttingDown extends FundedChannel {
  readonly kind: 'shuttingDown';
  readonly closing: Closing;
}

/** Fees of a mutual close that a side accepts, both ends included (BOLT 2, `fee_range` of `closing_signed`). */
export interface FeeRange {
  readonly minFeeSatoshis: Sat;
  readonly maxFeeSatoshis: Sat;
}

/** `shutdown` went both ways and nothing is pending: the fee of the closing transaction is being agreed on. */
export interface Negotiating extends FundedChannel {
  readonly kind: 'negotiating';
  readonly closing: Closing & { readonly remoteScript: Script };
  /** Our last `closing_signed` on this connection. */
  readonly proposed?: { readonly feeSatoshis: Sat; readonly range: FeeRange };
  /** The fee of their last one. */
  readonly theirFeeSatoshis?: Sat;
  /** `timerTick`s of this connection since the peer last brought the negotiation on. */
  readonly silentTicks?: number;
}

/** Nothing can be done any more but on chain. */
export interface ClosedChannel extends FundedChannel {
  readonly kind: 'closed';
  readonly reason: ClosureReason;
  /** What our `error` said, told again on every connection; empty where it was the peer who ended the channel. */
  readonly errorMessage: string;
}

/** Ended before there was a funding outpoint: forget it. */
export interface AbortedChannel {
  readonly kind: 'aborted';
  readonly channelId: ChannelId;
  readonly reason: ClosureReason;
}

/** A channel as it stands: `kind` says where in its life, from the opening to the end. Plain data. */
export type ChannelState =
  | WaitForAcceptChannel
  | WaitForFundingTransaction
  | WaitForFundingCreated
  | WaitForFundingSigned
  | WaitForChannelReady
  | Normal
  | ShuttingDown
  | Negotiating
  | ClosedChannel
  | AbortedChannel;

/** The states with a funding transaction, and so with commitments. */
export type FundedState = Extract<ChannelState, FundedChannel>;
