import type { BlockHeight, FeeratePerKw, Msat, OutPoint, PaymentHash, Sat, Script } from '@boltwright/base';

/** 33 bytes each, as exchanged in `open_channel` and `accept_channel`. */
export interface ChannelPublicKeys {
  readonly fundingPubkey: Uint8Array;
  readonly revocationBasepoint: Uint8Array;
  readonly paymentBasepoint: Uint8Array;
  readonly delayedPaymentBasepoint: Uint8Array;
  readonly htlcBasepoint: Uint8Array;
}

/** How commitment and HTLC transactions look (BOLT 3); one module each in `transactions`. */
export type CommitmentFormat = 'static_remotekey' | 'anchors';

/** What one side said of itself in `open_channel` or `accept_channel`. */
export interface ChannelSide {
  readonly pubkeys: ChannelPublicKeys;
  /** Outputs below it do not appear in this side's own commitment. */
  readonly dustLimitSatoshis: Sat;
  /** The delay, in blocks, that this side asks for on the *other* side's outputs to itself (BOLT 2). */
  readonly toSelfDelay: number;
}

/** All that is fixed about a channel's transactions once the funding outpoint is known. */
export interface ChannelTransactionParameters {
  readonly commitmentFormat: CommitmentFormat;
  /** We sent `open_channel`: we pay the commitment's fee, our payment basepoint comes first in the obscuring hash. */
  readonly holderIsOpener: boolean;
  readonly holder: ChannelSide;
  readonly counterparty: ChannelSide;
  readonly fundingOutpoint: OutPoint;
  readonly fundingSatoshis: Sat;
}

/** An HTLC as it stands in one commitment. */
export interface CommitmentHtlc {
  /** By the commitment's broadcaster: `offered` if the broadcaster pays it. */
  readonly direction: 'offered' | 'received';
  /** The id in `update_add_htlc`; ids of the two directions overlap. */
  readonly id: bigint;
  readonly amountMsat: Msat;
  readonly cltvExpiry: BlockHeight;
  readonly paymentHash: PaymentHash;
}

/** The content of one commitment, seen from its broadcaster. The sums are exact: msat, fee not yet taken off. */
export interface CommitmentSpec {
  /** Commitment number, counting up from 0. */
  readonly index: bigint;
  /** 33 bytes: the broadcaster's per-commitment point of this number. */
  readonly perCommitmentPoint: Uint8Array;
  readonly feeratePerKw: FeeratePerKw;
  readonly toBroadcasterMsat: Msat;
  readonly toCountersignerMsat: Msat;
  readonly htlcs: readonly CommitmentHtlc[];
}

/** What `commitment_signed` carries: one signature for the commitment, one for each HTLC transaction. */
export interface CommitmentSignatures {
  /** 64 bytes. */
  readonly signature: Uint8Array;
  /** 64 bytes each, in the order of the HTLC outputs that are not trimmed (BOLT 2, `commitment_signed`). */
  readonly htlcSignatures: readonly Uint8Array[];
}

/** Our commitment, with the counterparty's signatures on it. */
export interface HolderCommitment {
  readonly parameters: ChannelTransactionParameters;
  readonly spec: CommitmentSpec;
  readonly counterpartySignatures: CommitmentSignatures;
}

/** Their commitment, to be signed by us. */
export interface CounterpartyCommitment {
  readonly parameters: ChannelTransactionParameters;
  readonly spec: CommitmentSpec;
}

/** A mutual close (BOLT 3, Closing Transaction): outputs as they stand, in their order. */
export interface ClosingTransaction {
  readonly parameters: ChannelTransactionParameters;
  readonly lockTime: number;
  /** 0xffffffff for the legacy close, 0xfffffffd for `option_simple_close`. */
  readonly sequence: number;
  readonly outputs: readonly { readonly value: Sat; readonly script: Script }[];
}

/** A revoked output. The secret and the point together give the revocation key. */
export interface JusticeClaim {
  readonly parameters: ChannelTransactionParameters;
  /** 32 bytes: the revoked commitment's secret. */
  readonly perCommitmentSecret: Uint8Array;
  readonly witnessScript: Script;
  readonly value: Sat;
}

/** An HTLC output, claimed with our HTLC key tweaked by the point of the commitment that holds it. */
export interface HtlcClaim {
  readonly parameters: ChannelTransactionParameters;
  /** 33 bytes. */
  readonly perCommitmentPoint: Uint8Array;
  readonly witnessScript: Script;
  readonly value: Sat;
}

/** An output that is ours alone. */
export type SweepClaim =
  /** `to_local` of our commitment, or the output of our HTLC transaction, after its delay. */
  | {
      readonly kind: 'delayed';
      readonly parameters: ChannelTransactionParameters;
      readonly perCommitmentPoint: Uint8Array;
      readonly witnessScript: Script;
      readonly value: Sat;
    }
  /** `to_remote` of the counterparty's commitment. */
  | { readonly kind: 'toRemote'; readonly parameters: ChannelTransactionParameters; readonly value: Sat };
