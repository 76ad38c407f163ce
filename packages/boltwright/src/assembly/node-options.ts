import type { CryptoBackend } from '@boltwright/crypto';
import type { Event, KeyValueStore, Logger, Router, Scorer, UserConfig } from '@boltwright/interfaces';
import type { NodeChain } from './node-chain.ts';

/** What a node is made of. Every part that is left out has a default. */
export interface NodeOptions {
  /** 32 bytes: identity, channels and coins follow from it. */
  readonly seed: Uint8Array;
  readonly chain: NodeChain;
  /**
   * A block before the node's first coin. Left out, the one that the store says, or the chain's tip, which is right for a
   * new seed.
   */
  readonly birthday?: ReturnType<NodeChain['tip']>;
  /** `MemoryStore` where left out: then nothing survives the process. */
  readonly store?: KeyValueStore;
  readonly storeName?: string;
  readonly crypto?: CryptoBackend;
  readonly config?: UserConfig;
  /** Finds routes; over the node's own graph, our channels and the hints of invoices where left out. */
  readonly router?: Router;
  /** Prices channels for the default router, and hears what became of payments; a probabilistic one where left out. */
  readonly scorer?: Scorer;
  readonly logger?: Logger;
  /** `claim` (the default) takes every payment to an invoice of ours; with `ask` the user's listener decides. */
  readonly payments?: 'claim' | 'ask';
  /** Hears of each event after the node has done its own part; a listener that throws is logged. */
  readonly onEvent?: (event: Event) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** From a cryptographic source. */
  readonly entropy?: (length: number) => Uint8Array;
}
