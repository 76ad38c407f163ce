import { type Answer, type NodeId, type Result, ready } from '@boltwright/base';
import type {
  ChannelDetails,
  EntropySource,
  InFlightHtlcs,
  Route,
  RouteError,
  RouteParameters,
  RouteRequestId,
  Router,
} from '@boltwright/interfaces';
import type { NetworkGraph } from './graph/network-graph.ts';
import type { EdgeScorer } from './scoring/edge-scorer.ts';
import { FixedPenalty } from './scoring/edge-scorer.ts';
import { getRoute } from './search/get-route.ts';
import type { RoutePlan } from './search/route-request.ts';
import { SearchSpace } from './search/search-space.ts';

/** What a {@link DefaultRouter} is made of. */
export interface DefaultRouterParts {
  readonly graph: NetworkGraph;
  /** Without one, the cheapest path wins, and among equals the shorter. */
  readonly scorer?: EdgeScorer;
  /** Where given, each route's final delta gets a random addition (BOLT 7, Recommendations for Routing). */
  readonly entropy?: EntropySource;
  /** How several parts are planned; see `RouteRequest.plan`. */
  readonly plan?: RoutePlan;
}

/** The {@link Router} over a graph in this process: it always answers at once. */
export class DefaultRouter implements Router {
  readonly #space: SearchSpace;
  readonly #scorer: EdgeScorer;
  readonly #entropy: EntropySource | undefined;
  readonly #plan: RoutePlan;

  constructor({ graph, scorer = new FixedPenalty(1), entropy, plan = 'heuristic' }: DefaultRouterParts) {
    this.#space = new SearchSpace(graph);
    this.#scorer = scorer;
    this.#entropy = entropy;
    this.#plan = plan;
  }

  findRoute(
    _request: RouteRequestId,
    payer: NodeId,
    parameters: RouteParameters,
    firstHops: readonly ChannelDetails[],
    inFlight: InFlightHtlcs,
  ): Answer<Result<Route, RouteError>> {
    const seed = this.#entropy?.secureRandomBytes(4);
    const shadow = seed === undefined ? {} : { shadowSeed: seed.reduce((sum, byte) => sum * 256 + byte, 0) };
    const request = { payer, parameters, firstHops, inFlight, plan: this.#plan, ...shadow };
    return ready(getRoute(this.#space, this.#scorer, request));
  }
}
