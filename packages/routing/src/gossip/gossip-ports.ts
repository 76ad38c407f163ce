import type { ChainHash, ShortChannelId } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChainWatchInterface, ConnectionId, Logger } from '@boltwright/interfaces';
import type { GossipGraph } from './gossip-graph.ts';
import type { GossipLimits } from './gossip-limits.ts';
import type { GossipProblem } from './gossip-problem.ts';
import type { GossipRecords } from './gossip-records.ts';
import type { GossipKey } from './gossip-store.ts';
import type { GossipOrigin } from './pending-channels.ts';
import type { SignatureVerifier } from './signature-checks.ts';

/** What `ChainWatchInterface.getChainUtxo` answers. */
export type UtxoAnswer = Extract<ReturnType<ChainWatchInterface['getChainUtxo']>, { kind: 'ready' }>['value'];

/** What time it is, as far as anybody said. */
export interface GossipClock {
  /** Seconds since 1970. */
  now: number | undefined;
  /** Of the best block. */
  height: number | undefined;
}

/** A message that was verified and taken in. */
export interface AcceptedGossip {
  readonly key: GossipKey;
  /** Of a channel's announcement, which has none: 0. */
  readonly timestamp: number;
  readonly origins: ReadonlySet<GossipOrigin>;
  /** False for what serves us alone: not kept, not passed on. */
  readonly relay: boolean;
}

export interface GossipIntakePorts {
  readonly graph: GossipGraph;
  readonly records: GossipRecords;
  readonly crypto: CryptoBackend;
  readonly verifier: SignatureVerifier;
  readonly chainHash: ChainHash;
  readonly chainWatch: ChainWatchInterface | undefined;
  readonly limits: GossipLimits;
  readonly logger: Logger;
  readonly clock: GossipClock;
  isSpent(id: ShortChannelId): boolean;
  accepted(gossip: AcceptedGossip): void;
  /** A peer brought what we have: it need not be told. */
  seen(origin: GossipOrigin, key: GossipKey, timestamp: number): void;
  /** An update of a channel that nobody announced to us. */
  stray(origin: GossipOrigin, id: ShortChannelId): void;
  punish(connection: ConnectionId, problem: GossipProblem): void;
}
