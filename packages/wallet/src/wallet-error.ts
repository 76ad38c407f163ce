import type { Sat } from '@boltwright/base';

/** Why a transaction cannot be built. */
export type WalletError =
  | {
      readonly kind: 'insufficientFunds';
      /** What the outputs and the fee come to; the fee is that of spending every coin there is. */
      readonly needed: Sat;
      /** What may be spent now: neither locked nor immature. */
      readonly available: Sat;
      readonly message: string;
    }
  | {
      readonly kind: 'dust';
      /** Which of the outputs. */
      readonly output: number;
      /** The least that is relayed for its script. */
      readonly limit: Sat;
      readonly message: string;
    };
