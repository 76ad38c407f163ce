import type { ChainHash } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChainWatchInterface, Logger } from '@boltwright/interfaces';
import type { GossipGraph } from './gossip-graph.ts';
import type { GossipLimits } from './gossip-limits.ts';
import type { GossipStore } from './gossip-store.ts';
import type { SignatureVerifier } from './signature-checks.ts';

/** What a `NetGraphMsgHandler` is made of. */
export interface NetGraphMsgHandlerParts {
  /** What verified gossip goes into: a `NetworkGraph`. */
  readonly graph: GossipGraph;
  readonly crypto: CryptoBackend;
  /** The one chain whose channels are kept. */
  readonly chainHash: ChainHash;
  /** Looks up funding outputs. Without it announcements are believed by their signatures alone. */
  readonly chainWatch?: ChainWatchInterface;
  readonly logger: Logger;
  /** Signed messages for others; in memory unless it is given. */
  readonly store?: GossipStore;
  /** Checks signatures; this thread, by `crypto`, unless it is given. */
  readonly verifier?: SignatureVerifier;
  readonly limits?: Partial<GossipLimits>;
  /** A secret number below 2^32: which peers are asked, and at which tick of the minute each gets its gossip. */
  readonly seed: number;
  /** Milliseconds since 1970, where it is known already; later ones come by `timerTick`. */
  readonly now?: number;
  /** Whether `gossip_queries` is offered to others: true unless told otherwise. */
  readonly offersQueries?: boolean;
}
