import type { RegtestChain } from '@boltwright/chain-regtest';
import type {
  BlockLocation,
  BroadcasterInterface,
  ChainListener,
  ChainWatchInterface,
  FeeEstimator,
} from '@boltwright/interfaces';

/** The chain as a node takes it: every listener is brought to the tip and hears of each block from then on. */
export interface NodeChain {
  readonly feeEstimator: FeeEstimator;
  readonly broadcaster: BroadcasterInterface;
  readonly chainWatch?: ChainWatchInterface;
  tip(): BlockLocation;
  /** @returns what takes the listener off again. */
  attach(listener: ChainListener): () => void;
}

/** The embedded chain, as a node takes it. */
export const embeddedChain = (chain: RegtestChain): NodeChain => ({
  feeEstimator: chain,
  broadcaster: chain,
  chainWatch: chain,
  tip: () => chain.tip,
  attach: (listener) => chain.attach(listener),
});
