import type { Answer, BlockHeight, Brand, ChannelId, NodeId, PaymentHash, Script, Txid } from '@boltwright/base';
import type { ChannelTransactionParameters, CommitmentSpec, HolderCommitment } from './commitments.ts';
import type { ChannelKeysId } from './keys.ts';

/** What a monitor starts with: update 0. */
export interface InitialMonitor {
  readonly channelId: ChannelId;
  readonly counterparty: NodeId;
  readonly channelKeysId: ChannelKeysId;
  readonly parameters: ChannelTransactionParameters;
  /** The P2WSH script of the funding output. */
  readonly fundingScript: Script;
  readonly holderCommitment: HolderCommitment;
  /** Their commitment number 0, as we signed it. */
  readonly counterpartyCommitment: CommitmentSpec;
  /** Where claimed coins go. */
  readonly destinationScript: Script;
  /** The tip when the channel was made: nothing of it is on chain before. */
  readonly birthHeight: BlockHeight;
}

/** One thing that a monitor learns. */
export type MonitorStep =
  /** Our new commitment is signed by them: from now on this is what we would broadcast. */
  | { readonly kind: 'holderCommitment'; readonly commitment: HolderCommitment }
  /** We are about to sign this commitment of theirs. */
  | { readonly kind: 'counterpartyCommitment'; readonly commitment: CommitmentSpec }
  /** They revoked commitment number `index`. 32 bytes. */
  | { readonly kind: 'commitmentSecret'; readonly index: bigint; readonly secret: Uint8Array }
  /** 32 bytes. */
  | { readonly kind: 'paymentPreimage'; readonly paymentHash: PaymentHash; readonly preimage: Uint8Array }
  /** Close with our latest commitment. `broadcast` is false where it must not leave the node (a stale state). */
  | { readonly kind: 'forceClose'; readonly broadcast: boolean; readonly reason: string }
  /** The script that a mutual close will pay us at. */
  | { readonly kind: 'shutdownScript'; readonly script: Script }
  /** A mutual close that we signed: known, therefore, when it spends the funding output. */
  | { readonly kind: 'closingTransaction'; readonly txid: Txid };

/** What a watchtower needs to follow a channel, and no more. */
export interface ChannelMonitorUpdate {
  readonly channelId: ChannelId;
  /** Counts up by one from 1 (the initial monitor is 0); goes on after the channel's end. */
  readonly updateId: bigint;
  readonly steps: readonly MonitorStep[];
  /** Updates of other channels that must be durable first. */
  readonly dependsOn?: readonly { readonly channelId: ChannelId; readonly updateId: bigint }[];
}

/**
 * - `completed`: durable, or staged in the turn under way and durable with it.
 * - `inProgress`: `ChannelManager.updateCompleted(channelId, updateId)` follows.
 * - `closing`: our commitment may be on its way to the chain: this update of it is refused, drop the step.
 * - `failed`: nothing is durable: freeze the channel; its monitor guards it from the last durable state.
 */
export type WatchAnswer = 'completed' | 'inProgress' | 'closing' | 'failed';

/** Names one monitor event; stays the same when it comes again after a restart. */
export type MonitorEventId = Brand<string, 'MonitorEventId'>;

/** How the funding output was spent. */
export type FundingSpend = 'cooperative' | 'holder' | 'counterparty' | 'revoked' | 'unknown';

/** What a monitor tells of a channel on chain. It comes again until it is acknowledged: its hearer is idempotent. */
export type MonitorEvent =
  /** The counterparty revealed the preimage of an HTLC that we offered. Told at once, whatever the depth. */
  | {
      readonly kind: 'htlcFulfilledOnChain';
      readonly channelId: ChannelId;
      readonly htlcId: bigint;
      readonly paymentHash: PaymentHash;
      readonly preimage: Uint8Array;
    }
  /** An HTLC that we offered came back to us, or never made it into the commitment, and that is buried. */
  | {
      readonly kind: 'htlcTimedOutOnChain';
      readonly channelId: ChannelId;
      readonly htlcId: bigint;
      readonly paymentHash: PaymentHash;
    }
  /** The monitor decided to broadcast our commitment (a deadline); the manager's channel is over. */
  | { readonly kind: 'closing'; readonly channelId: ChannelId; readonly reason: string }
  | {
      readonly kind: 'fundingSpent';
      readonly channelId: ChannelId;
      readonly txid: Txid;
      readonly spend: FundingSpend;
      readonly height: BlockHeight;
    }
  /** Everything of this channel on chain is ours and buried, or lost and buried. */
  | { readonly kind: 'resolved'; readonly channelId: ChannelId };

/**
 * `ManyChannelMonitor`, or the user's watchtower.
 *
 * Order: updates of one channel come in order of their ids. The same id with the same content gets the same answer.
 * Failure: other content under a known id, or a gap, is answered `failed`.
 */
export interface ChannelWatch {
  watchChannel(initial: InitialMonitor): WatchAnswer;
  updateChannel(update: ChannelMonitorUpdate): WatchAnswer;
  /** For the restart; undefined where the channel is unknown. */
  lastUpdateId(id: ChannelId): Answer<bigint | undefined>;
  /** Kept, with stable ids over restarts, until acknowledged. */
  monitorEvents(): readonly { readonly id: MonitorEventId; readonly event: MonitorEvent }[];
  /** Called in the turn that makes durable what follows from them. */
  acknowledgeMonitorEvents(ids: readonly MonitorEventId[]): void;
}
