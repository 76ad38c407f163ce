export { DefaultRouter, type DefaultRouterParts } from './default-router.ts';
export { exactForwardingFee, forwardingFee } from './fees.ts';
export { fundingOutputScript, fundingWitnessScript } from './gossip/funding-script.ts';
export type {
  GossipGraph,
  GossipGraphChannel,
  GossipGraphError,
  GossipGraphNode,
  GossipPolicy,
} from './gossip/gossip-graph.ts';
export { defaultGossipLimits, type GossipLimits } from './gossip/gossip-limits.ts';
export type { UtxoAnswer } from './gossip/gossip-ports.ts';
export type { GossipProblem, GossipProblemKind, GossipReaction } from './gossip/gossip-problem.ts';
export { type GossipKey, type GossipStore, memoryGossipStore } from './gossip/gossip-store.ts';
export { NetGraphMsgHandler } from './gossip/net-graph-msg-handler.ts';
export type { NetGraphMsgHandlerParts } from './gossip/net-graph-msg-handler-parts.ts';
export { applyRapidGossipSync, type RapidGossipOutcome } from './gossip/rapid-gossip-apply.ts';
export type { RapidGossipError } from './gossip/rapid-gossip-bytes.ts';
export {
  defaultRapidGossipLimits,
  type RapidGossipChannel,
  type RapidGossipLimits,
  type RapidGossipNode,
  type RapidGossipSnapshot,
  type RapidGossipUpdate,
  readRapidGossipSync,
} from './gossip/rapid-gossip-sync.ts';
export { type RapidGossipWriteOptions, writeRapidGossipSync } from './gossip/rapid-gossip-writer.ts';
export {
  backendVerifier,
  checkSignatures,
  type SignatureBatchId,
  type SignatureCheck,
  type SignatureVerifier,
} from './gossip/signature-checks.ts';
export type { SyncPeerProgress, SyncProgress } from './gossip/sync-progress.ts';
export type { GraphError } from './graph/graph-error.ts';
export {
  type ChannelPolicy,
  type GraphChannel,
  type GraphNode,
  NetworkGraph,
  type NetworkGraphOptions,
  type NewChannel,
} from './graph/network-graph.ts';
export type { NodeAnnouncementInfo } from './graph/node-table.ts';
export { readSnapshot, type SnapshotError, type SnapshotOptions, writeSnapshot } from './graph/snapshot.ts';
export { type EdgeScorer, FixedPenalty } from './scoring/edge-scorer.ts';
export type { ScorerStateError } from './scoring/liquidity-bytes.ts';
export { ManualScorer } from './scoring/manual-scorer.ts';
export {
  defaultScoringParameters,
  ProbabilisticScorer,
  type ProbabilisticScoringParameters,
} from './scoring/probabilistic-scorer.ts';
export { SeamScorer } from './scoring/seam-scorer.ts';
export { getRoute } from './search/get-route.ts';
export { type RankedPath, rankPaths } from './search/rank-paths.ts';
export { maxPathHops, maxRoutableMsat, type RoutePlan, type RouteRequest } from './search/route-request.ts';
export { SearchSpace } from './search/search-space.ts';
