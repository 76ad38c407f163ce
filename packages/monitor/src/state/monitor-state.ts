import type {
  BlockHeight,
  ChannelId,
  FeeratePerKw,
  NodeId,
  OutPoint,
  RawTransaction,
  Script,
  Txid,
} from '@boltwright/base';
import type {
  ChannelKeysId,
  ChannelTransactionParameters,
  CommitmentSignatures,
  CommitmentSpec,
  InitialMonitor,
} from '@boltwright/interfaces';
import { emptySecretStore, type SecretStore } from '@boltwright/transactions';

/** Our commitment with their signatures; the parameters are the monitor's. */
export interface HeldCommitment {
  readonly spec: CommitmentSpec;
  readonly counterpartySignatures: CommitmentSignatures;
}

/** That our commitment goes to the chain: durable before it is signed (ARCHITECTURE.md, rule 5). */
export interface CloseDecision {
  /** False for a state that may be stale: it is never signed, and the peer has to close. */
  readonly broadcast: boolean;
  readonly reason: string;
}

/** A transaction of a block that spends the funding output, or what comes of it. */
export interface ConfirmedTransaction extends RawTransaction {
  readonly height: BlockHeight;
}

/** One claiming transaction: what it was made for, and what it bids. */
export interface Bid {
  /** In the transaction's order; those spent by somebody else meanwhile drop out of it. */
  readonly outpoints: readonly OutPoint[];
  readonly feeratePerKw: FeeratePerKw;
  /** Of the block at which it last rose. */
  readonly height: BlockHeight;
}

/**
 * All that a monitor knows of its channel, but for the HTLCs of revoked commitments, which only ever grow and are kept
 * beside it ({@link RevokedHtlcs}). Plain data: functions of this package take it and give the next.
 */
export interface MonitorState {
  readonly channelId: ChannelId;
  readonly counterparty: NodeId;
  readonly channelKeysId: ChannelKeysId;
  readonly parameters: ChannelTransactionParameters;
  readonly fundingScript: Script;
  readonly destinationScript: Script;
  readonly birthHeight: BlockHeight;
  /** Of the {@link InitialMonitor}, 16 bytes. */
  readonly initialDigest: Uint8Array;
  readonly lastUpdateId: bigint;
  /** Of the last updates, newest last, 16 bytes each: an update offered again must be the same. */
  readonly digests: readonly Uint8Array[];
  readonly holder: HeldCommitment;
  /** Their commitments that are not revoked, oldest first. */
  readonly theirs: readonly CommitmentSpec[];
  readonly secrets: SecretStore;
  /** 32 bytes each, of HTLCs that stand in one of the commitments above. */
  readonly preimages: readonly Uint8Array[];
  readonly shutdownScript?: Script;
  /** Mutual closes that we signed. */
  readonly closingTxids: readonly Txid[];
  readonly decision?: CloseDecision;
  /** In the order of the chain; the first spends the funding output. A reorg takes from its end. */
  readonly confirmed: readonly ConfirmedTransaction[];
  readonly bids: readonly Bid[];
  /** What was told already: names of events, each told once. */
  readonly told: readonly string[];
  /** Everything is buried: blocks no longer concern it. */
  readonly resolved: boolean;
}

/** The state that update 0 makes. @param digest - 16 bytes. */
export const initialState = (initial: InitialMonitor, digest: Uint8Array): MonitorState => ({
  channelId: initial.channelId,
  counterparty: initial.counterparty,
  channelKeysId: initial.channelKeysId,
  parameters: initial.parameters,
  fundingScript: initial.fundingScript,
  destinationScript: initial.destinationScript,
  birthHeight: initial.birthHeight,
  initialDigest: digest,
  lastUpdateId: 0n,
  digests: [],
  holder: {
    spec: initial.holderCommitment.spec,
    counterpartySignatures: initial.holderCommitment.counterpartySignatures,
  },
  theirs: [initial.counterpartyCommitment],
  secrets: emptySecretStore,
  preimages: [],
  closingTxids: [],
  confirmed: [],
  bids: [],
  told: [],
  resolved: false,
});
