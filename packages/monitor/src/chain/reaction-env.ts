import type { CryptoBackend } from '@boltwright/crypto';
import type { FeeEstimator } from '@boltwright/interfaces';
import type { RevokedHtlcs } from './classify-spend.ts';

/** What a reaction to a block may ask. */
export interface ReactionEnv {
  readonly crypto: CryptoBackend;
  readonly feeEstimator: FeeEstimator;
  readonly revokedHtlcs: RevokedHtlcs;
  /** Whether there is a wallet whose coins pay fees that transactions of anchor channels do not carry. */
  readonly canAddFees: boolean;
}
