import type { CryptoBackend } from '@boltwright/crypto';
import type { FeeEstimator } from '@boltwright/interfaces';
import type { RevokedHtlcs } from './classify-spend.ts';

/** What a reaction to a block may ask. */
export interface ReactionEnv {
  readonly crypto: CryptoBackend;
  readonly feeEstimator: FeeEstimator;
  readonly revokedHtlcs: RevokedHtlcs;
}
