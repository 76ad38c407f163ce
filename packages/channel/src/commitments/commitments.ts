import type { FeeratePerKw, Msat } from '@boltwright/base';
import type { SecretStore } from '@boltwright/transactions';
import type { ChannelHtlc, FeeUpdate } from './channel-htlc.ts';

/** Where both sides' commitments stand: all accounting of a channel, without a message in sight. */
export interface Commitments {
  /** Our balance, as if no HTLC that is still here had been offered. */
  readonly localMsat: Msat;
  /** Their balance, likewise: both together are the channel's value. */
  readonly remoteMsat: Msat;
  /** Irrevocable on both sides. */
  readonly feeratePerKw: FeeratePerKw;
  /** The opener's, oldest first. */
  readonly feeUpdates: readonly FeeUpdate[];
  /** In the order in which they were offered. */
  readonly htlcs: readonly ChannelHtlc[];
  readonly nextLocalHtlcId: bigint;
  readonly nextRemoteHtlcId: bigint;
  /** Number of our latest commitment that they signed. */
  readonly localIndex: bigint;
  /** 33 bytes: our per-commitment point of number `localIndex`. */
  readonly localPoint: Uint8Array;
  /** 33 bytes: of number `localIndex + 1`; absent until `channel_ready` asked the signer for it. */
  readonly localNextPoint?: Uint8Array;
  /** Number of their latest commitment that we signed. */
  readonly remoteIndex: bigint;
  /** 33 bytes: their per-commitment point of number `remoteIndex`. */
  readonly remotePoint: Uint8Array;
  /** 33 bytes: of number `remoteIndex + 1`; absent until `channel_ready`, and while a revocation is awaited. */
  readonly remoteNextPoint?: Uint8Array;
  /** Since we signed number `remoteIndex`, number `remoteIndex - 1` has not been revoked yet. */
  readonly awaitedRevocation?: {
    /** 33 bytes: the point that the secret must belong to. */
    readonly remotePoint: Uint8Array;
    /** `localIndex` when we signed: tells in which order `commitment_signed` and `revoke_and_ack` went out. */
    readonly sentAtLocalIndex: bigint;
  };
  /** Secrets of their revoked commitments (BOLT 3, Efficient Per-commitment Secret Storage). */
  readonly remoteSecrets: SecretStore;
}
