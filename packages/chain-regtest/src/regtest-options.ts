import type { FeeratePerKw, RawTransaction, Script } from '@boltwright/base';
import type { ConfirmationTarget } from '@boltwright/interfaces';

/** How a chain begins; what is left out has a default. */
export interface RegtestOptions {
  /** Blocks mined at the start; 101 by default, so that the faucet has one coinbase to spend. */
  readonly initialBlocks?: number;
  /** Whom coinbases pay; the faucet by default, which can then give them away. */
  readonly minerScript?: Script;
  /** What the fee estimator says at first; {@link defaultFeerates} for those left out. */
  readonly feerates?: Partial<Readonly<Record<ConfirmationTarget, number>>>;
  /** Hears of every transaction that the mempool takes, and of those mined without it: to replay it elsewhere. */
  readonly onAccepted?: (tx: RawTransaction) => void;
}

/** Satoshis per 1000 weight units: 4 sat/vB, and the limits of what a peer may ask for far from it. */
export const defaultFeerates: Readonly<Record<ConfirmationTarget, FeeratePerKw>> = {
  onChainSweep: 1000 as FeeratePerKw,
  urgentOnChainSweep: 2000 as FeeratePerKw,
  minAllowedAnchorRemote: 253 as FeeratePerKw,
  minAllowedNonAnchorRemote: 253 as FeeratePerKw,
  maxAllowedRemote: 25_000 as FeeratePerKw,
  anchorChannel: 1000 as FeeratePerKw,
  nonAnchorChannel: 1000 as FeeratePerKw,
  channelClose: 1000 as FeeratePerKw,
  outputSpending: 1000 as FeeratePerKw,
};
