import type { EdgeScorer } from '../scoring/edge-scorer.ts';
import { type ExactPath, exactPath } from './exact-path.ts';
import type { RouteRequest } from './route-request.ts';
import { searchPath } from './search-path.ts';
import { byCltv, byFee, byHops, byScore, type Metric } from './search-request.ts';
import type { SearchSpace } from './search-space.ts';

/** What stays the same from one search of a request to the next. */
export interface Hunt {
  readonly space: SearchSpace;
  readonly scorer: EdgeScorer;
  readonly request: RouteRequest;
  readonly source: number;
  readonly target: number;
  readonly maxHops: number;
  /** Edges for which the user's amounts in flight were asked and entered. */
  readonly asked: Set<number>;
  /** Some search turned away from a path because of its fee. */
  feeLimited: boolean;
}

/** Each search learns of at least one amount in flight: with more than this many in its way, a request is given up. */
const maxSearches = 100;

/**
 * The cheapest path for an amount, exact, within every limit.
 *
 * Amounts in flight are asked for only where a found path would use an edge: they can but make an edge dearer, so the
 * first path of which none is new is the cheapest.
 */
export function findPath(hunt: Hunt, amount: bigint, maxFee: number): ExactPath | undefined {
  let shorter = 0;
  for (let round = 0; round < maxSearches; round++) {
    const edges = searchWithFallbacks(hunt, Number(amount), maxFee, hunt.maxHops - shorter);
    if (edges === undefined) return undefined;
    if (enterInFlight(hunt, edges)) continue;
    const { space, request } = hunt;
    const { finalCltvDelta } = request.parameters;
    const path = exactPath(space, edges, amount, finalCltvDelta, request.paymentMetadataLength);
    if (path !== undefined) return path;
    // within every policy, as the search is exact: it is the onion that has no room
    shorter = hunt.maxHops - edges.length + 1;
    if (shorter >= hunt.maxHops) return undefined;
  }
  return undefined;
}

function searchWithFallbacks(
  hunt: Hunt,
  amount: number,
  maxFee: number,
  maxHops: number,
): readonly number[] | undefined {
  const { space, scorer, source, target } = hunt;
  const { finalCltvDelta, maxTotalCltvDelta } = hunt.request.parameters;
  const search = (metric: Metric) =>
    searchPath(space, {
      source,
      target,
      amount,
      maxFee,
      maxCltv: maxTotalCltvDelta - finalCltvDelta,
      maxHops,
      scorer,
      metric,
      ownFirstHops: hunt.request.firstHops !== undefined,
    });
  const best = search(byScore);
  if (best.edges !== undefined) return best.edges;
  hunt.feeLimited ||= best.feeLimited;
  if (best.feeLimited) {
    const { edges } = search(byFee);
    if (edges !== undefined) return edges;
  }
  if (best.cltvLimited) {
    const { edges } = search(byCltv);
    if (edges !== undefined) return edges;
  }
  return best.hopLimited ? search(byHops).edges : undefined;
}

/** True where an amount in flight on one of the edges was news. */
export function enterInFlight({ space, request, source, asked }: Hunt, edges: readonly number[]): boolean {
  const { inFlight } = request;
  if (inFlight === undefined) return false;
  let news = false;
  let from = source;
  for (const edge of edges) {
    const extra = space.extraEdges[edge - space.firstExtraEdge];
    const to = extra?.to ?? space.graph.channelTable.ends[edge ^ 1]!;
    if (!asked.has(edge) && extra?.isOwn !== true) {
      asked.add(edge);
      const id = extra?.shortChannelId ?? space.graph.channelTable.id(edge >> 1);
      const used = Number(inFlight.usedMsat(id, space.idOf(from)));
      if (used > 0) {
        space.use(edge, used);
        news = true;
      }
    }
    from = to;
  }
  return news;
}
