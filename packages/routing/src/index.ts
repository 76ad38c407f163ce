export { DefaultRouter, type DefaultRouterParts } from './default-router.ts';
export { exactForwardingFee, forwardingFee } from './fees.ts';
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
export { type EdgeScorer, FixedPenalty } from './scoring/edge-scorer.ts';
export type { ScorerStateError } from './scoring/liquidity-bytes.ts';
export {
  defaultScoringParameters,
  ProbabilisticScorer,
  type ProbabilisticScoringParameters,
} from './scoring/probabilistic-scorer.ts';
export { getRoute } from './search/get-route.ts';
export { maxPathHops, maxRoutableMsat, type RouteRequest } from './search/route-request.ts';
export { SearchSpace } from './search/search-space.ts';
