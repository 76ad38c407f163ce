import type { RawTransaction, Sat, Script, Txid } from '@boltwright/base';
import type {
  BlockLocation,
  BroadcasterInterface,
  ChainListener,
  ChainWatchInterface,
  FeeEstimator,
} from '@boltwright/interfaces';

/** The chain that a story plays on: the embedded one or a real bitcoind. */
export interface StoryChain {
  readonly name: string;
  readonly fees: FeeEstimator;
  /** Queues; what was refused is told by `refusals`. */
  readonly broadcaster: BroadcasterInterface;
  /** Where funding outputs can be looked up at once. */
  readonly chainWatch?: ChainWatchInterface;
  /** In satoshis per 1000 weight. */
  setFeerate(feeratePerKw: number): void;
  tip(): BlockLocation;
  /** Milliseconds since 1970, by the best block: the only clock that all nodes of a story share. */
  now(): number;
  /** From now on hears of every block, until what is answered is called. */
  attach(listener: ChainListener): () => void;
  /** Mines what waits; every attached listener has heard of the blocks when it resolves. */
  mine(count: number): Promise<void>;
  /** A confirmed coin from nowhere. */
  fund(script: Script, value: Sat): Promise<void>;
  /** Transactions that the mempool holds. */
  mempool(): Promise<readonly Txid[]>;
  /** Number of confirmations; 0 where it is not in a block. */
  confirmations(txid: Txid): Promise<number>;
  transaction(txid: Txid): Promise<RawTransaction | undefined>;
  /** Transactions that were broadcast and refused for another reason than being known or mined already. */
  refusals(): Promise<readonly { readonly txid: Txid; readonly reason: string }[]>;
  stop(): Promise<void>;
}
