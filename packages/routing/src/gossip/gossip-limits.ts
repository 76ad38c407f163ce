/** Every bound of `NetGraphMsgHandler`. A tick is a call of `timerTick`: every 10 seconds is what the defaults expect. */
export interface GossipLimits {
  /** Messages whose signatures are checked in one batch. */
  readonly batchSize: number;
  /** Messages that wait for their signatures to be checked. One more is dropped. */
  readonly maxInFlight: number;
  /** Ticks after which a batch that the verifier did not answer is given up: its messages are as if they had not come. */
  readonly verifierTicks: number;
  /** Channels whose signatures or funding output are being looked at. One more is dropped. */
  readonly maxPendingChannels: number;
  /** Messages that wait for one channel, of all peers and of one. */
  readonly maxHeldPerChannel: number;
  readonly maxHeldPerPeerAndChannel: number;
  /** Messages that wait for channels, all together. */
  readonly maxHeld: number;
  /** Ticks after which a funding output that nobody looked up is given up. */
  readonly utxoTicks: number;
  /** Announcements known to be worthless that are remembered. */
  readonly maxRejected: number;
  /** Ticks after which half of them are forgotten: a look-up that failed may succeed later. */
  readonly rejectedTicks: number;
  /** Nodes that are distrusted for announcing one output twice. */
  readonly maxBlacklisted: number;
  /** New messages of a peer that nobody asked for, a tick; what it was asked for comes on top. One more is dropped. */
  readonly unsolicitedPerTick: number;
  /** Messages above its allowance, a tick, at which a peer is taken to flood us: it is disconnected. */
  readonly floodPerTick: number;
  /** Breaches that are warned of but do not disconnect at once: one more does. */
  readonly maxWarnings: number;
  /** Seconds that a timestamp may be ahead of us. */
  readonly maxFutureSeconds: number;
  /** Seconds after which an update is ignored and a channel pruned (BOLT 7, Pruning: two weeks). */
  readonly staleSeconds: number;
  /** Confirmations fewer than six that are let pass: our last block may be late. */
  readonly confirmationSlack: number;
  /** Longer messages serve our own graph but are neither kept nor relayed. */
  readonly maxRelayBytes: number;
  /** Ticks between two flushes of relayed gossip to a peer (BOLT 7, Rebroadcasting: 60 seconds). */
  readonly relayTicks: number;
  /** Messages waiting to be relayed to one peer. The oldest is dropped for one more: who misses it can ask. */
  readonly maxRelayQueue: number;
  /** Bytes of gossip for one peer before it shows that it reads, or a tick passes. Below PeerManager's gossip bound. */
  readonly sendWindowBytes: number;
  /** Channels looked through in a tick for one peer's timestamp filter. */
  readonly maxBacklogScan: number;
  /** Queries of one peer that are answered in a tick; what is above waits for the next. */
  readonly queriesPerTick: number;
  /** Bytes of answers to one peer in a tick; what is above waits for the next. */
  readonly answerBytesPerTick: number;
  /** Peers that are asked to stream gossip to us; others are told to keep silent. */
  readonly streamingPeers: number;
  /** Seconds of the past that we ask a streaming peer for. */
  readonly streamBackSeconds: number;
  /** Channels in one `query_short_channel_ids`, so that its answer fits the window of a peer like us. */
  readonly queryChannels: number;
  /** Peers that are asked for their whole list in a first sync: what one withholds another has. */
  readonly listingPeers: number;
  /** Peers that are asked for channels at the same time. */
  readonly fetchingPeers: number;
  /** Channels that are to be asked for, all together. More of a list is left out. */
  readonly maxWanted: number;
  /** `reply_channel_range`s to one query. */
  readonly maxRangeReplies: number;
  /** Ticks without a word from a peer that was asked, after which another is asked. */
  readonly queryTicks: number;
  /** Ticks between two searches for channels that were not updated for two weeks. */
  readonly pruneTicks: number;
  /** Ticks between two lists of a peer chosen by lot, once all is in. */
  readonly resyncTicks: number;
  /** Unknown channels of updates that are asked for, a tick. */
  readonly strayQueriesPerTick: number;
}

/** For mainnet’s size, on a node that has other things to do. */
export const defaultGossipLimits: GossipLimits = {
  batchSize: 32,
  maxInFlight: 4096,
  verifierTicks: 30,
  maxPendingChannels: 4096,
  maxHeldPerChannel: 12,
  maxHeldPerPeerAndChannel: 4,
  maxHeld: 16_384,
  utxoTicks: 30,
  maxRejected: 20_000,
  rejectedTicks: 360,
  maxBlacklisted: 10_000,
  unsolicitedPerTick: 2000,
  floodPerTick: 50_000,
  maxWarnings: 5,
  maxFutureSeconds: 86_400,
  staleSeconds: 1_209_600,
  confirmationSlack: 2,
  maxRelayBytes: 2048,
  relayTicks: 6,
  maxRelayQueue: 5000,
  sendWindowBytes: 384 * 1024,
  maxBacklogScan: 20_000,
  queriesPerTick: 100,
  answerBytesPerTick: 16 * 1024 * 1024,
  streamingPeers: 5,
  streamBackSeconds: 3600,
  queryChannels: 300,
  listingPeers: 3,
  fetchingPeers: 4,
  maxWanted: 500_000,
  maxRangeReplies: 4000,
  queryTicks: 6,
  pruneTicks: 360,
  resyncTicks: 360,
  strayQueriesPerTick: 100,
};
