import type { NodeId } from '@boltwright/base';

/** How far the graph's sync is: plain data to be shown. */
export interface SyncProgress {
  /** `idle`: no peer to ask. `listing`: a peer lists its channels. `fetching`: they are asked for. `synced`: all is in. */
  readonly phase: 'idle' | 'listing' | 'fetching' | 'synced';
  /** Of the whole, 0 to 1; lists count a tenth. 1 in `synced` alone. */
  readonly fraction: number;
  /** Lists that were gone through to the end, of those that a first sync wants. */
  readonly listsDone: number;
  readonly listsWanted: number;
  /** Of the list under way: the block that it has reached. */
  readonly listedToBlock: number;
  /** Channels that the peers listed in this round and that we lacked or had older. */
  readonly channelsFound: number;
  /** Of these: still to be asked for, asked for, and what no peer gave. */
  readonly channelsWaiting: number;
  readonly channelsAsked: number;
  readonly channelsUnavailable: number;
  /** Messages whose signatures or outputs are being checked. */
  readonly messagesPending: number;
  readonly channelsKnown: number;
  readonly nodesKnown: number;
  readonly peers: readonly SyncPeerProgress[];
}

/** How far the sync with one peer has come. */
export interface SyncPeerProgress {
  readonly peer: NodeId;
  readonly task: 'idle' | 'listing' | 'fetching' | 'retired';
  /** Channels that it was asked for and that it gave. */
  readonly asked: number;
  readonly given: number;
}
