import type { Sat, Script } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { CommitmentFormat } from '@boltwright/interfaces';
import type { SighashType } from '../chain/sighash.ts';

/** An output's script, with what spends it where it is a script hash. */
export interface ScriptPair {
  readonly script: Script;
  /** Undefined for P2WPKH. */
  readonly witnessScript: Script | undefined;
}

/**
 * All in which commitment formats differ (BOLT 3). One object per format, in a module of its own; the rest of this
 * package asks these questions and knows no format by name.
 */
export interface CommitmentRules {
  readonly format: CommitmentFormat;
  /** Expected weight of a commitment without HTLCs (BOLT 3, Fee Calculation). */
  readonly commitmentWeight: number;
  /** Expected weight that each untrimmed HTLC output adds. */
  readonly htlcOutputWeight: number;
  readonly htlcTimeoutWeight: number;
  readonly htlcSuccessWeight: number;
  /** Whether HTLC transactions pay `feerate_per_kw` by themselves; if not, they pay nothing, and fees are added later. */
  readonly htlcTransactionsPayFees: boolean;
  /** Each anchor's amount, or undefined for a format without anchors. The opener pays for two. */
  readonly anchorSatoshis: Sat | undefined;
  /** A block's delay in the HTLC outputs' other branches; also the `nSequence` of what spends those. */
  readonly htlcSequence: 0 | 1;
  /** The `nSequence` of what spends `to_remote`. */
  readonly toRemoteSequence: number;
  /** How the countersigner signs HTLC transactions. The broadcaster's own signature is always SIGHASH_ALL. */
  readonly htlcSighashType: SighashType;
  toRemote(crypto: CryptoBackend, paymentPubkey: Uint8Array): ScriptPair;
}
