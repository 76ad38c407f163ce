import type { BlockHeight, OutPoint, Sat, Script, Txid } from '@boltwright/base';
import type { CommitmentHtlc, FundingSpend, HtlcClaim, JusticeClaim, SweepClaim } from '@boltwright/interfaces';
import type { BuiltCommitment, HtlcOutput } from '@boltwright/transactions';

/** How an output of a close comes to us. */
export type OutputUse =
  /** It pays a script of the user's already. */
  | { readonly kind: 'wallet' }
  /** Ours alone, after `delay` blocks. */
  | { readonly kind: 'sweep'; readonly claim: SweepClaim; readonly delay: number }
  /** Of a revoked commitment: `to_local` and the outputs of its HTLC transactions. */
  | { readonly kind: 'revokedDelayed'; readonly claim: JusticeClaim }
  /** Of a revoked commitment: an HTLC's output, which the cheater may take by an HTLC transaction. */
  | {
      readonly kind: 'revokedHtlc';
      readonly claim: JusticeClaim;
      /** 33 bytes. */
      readonly revocationPubkey: Uint8Array;
      readonly direction: CommitmentHtlc['direction'];
      readonly paymentHash160: Uint8Array;
    }
  /** Of our commitment: taken by our HTLC transaction. */
  | { readonly kind: 'holderHtlc'; readonly htlc: CommitmentHtlc; readonly output: HtlcOutput }
  /** Of theirs: taken by our HTLC key, with the preimage or after the expiry. */
  | { readonly kind: 'theirHtlc'; readonly htlc: CommitmentHtlc; readonly claim: HtlcClaim };

/** The transaction that spent an output. */
export interface Spend {
  readonly txid: Txid;
  readonly height: BlockHeight;
  /** Of the input that spent it. */
  readonly witness: readonly Uint8Array[];
}

/** An output of a close that may be ours. */
export interface TrackedOutput {
  readonly outpoint: OutPoint;
  readonly value: Sat;
  readonly script: Script;
  /** At which its transaction confirmed. */
  readonly height: BlockHeight;
  readonly use: OutputUse;
  readonly spent: Spend | undefined;
}

/** What became of a channel's funding output, worked out from the confirmed transactions alone. */
export interface CloseView {
  readonly spend: FundingSpend;
  readonly txid: Txid;
  readonly height: BlockHeight;
  readonly outputs: readonly TrackedOutput[];
  /** The commitment that confirmed, where all of it is known. */
  readonly commitment: BuiltCommitment | undefined;
}
