import { type Msat, msat, ok, type Result } from '@boltwright/base';
import type { Path, RouteError } from '@boltwright/interfaces';
import type { EdgeScorer } from '../scoring/edge-scorer.ts';
import { beginHunt, maxFeeOf } from './begin-hunt.ts';
import type { ExactPath } from './exact-path.ts';
import { findPath, type Hunt } from './find-path.ts';
import type { RouteRequest } from './route-request.ts';
import type { SearchSpace } from './search-space.ts';

/** One of several paths for the whole amount. */
export interface RankedPath {
  readonly path: Path;
  readonly feeMsat: Msat;
  /** The fee and the scorer's penalties: what the paths are ranked by. */
  readonly cost: number;
}

interface Candidate {
  readonly found: ExactPath;
  readonly cost: number;
  readonly avoided: readonly number[];
}

/** Paths asked for at once: each takes as many searches as it has hops, or more where searches meet again. */
const maxAlternatives = 20;
const maxSearches = 1000;

/**
 * The best paths for the whole amount, best first; fewer than asked for where there are no more.
 *
 * A path other than the best one avoids at least one of its edges. So the next best is the best of what the searches
 * find that each avoid one of them, and so on within what those found.
 */
export function rankPaths(
  space: SearchSpace,
  scorer: EdgeScorer,
  request: RouteRequest,
  count: number,
): Result<readonly RankedPath[], RouteError> {
  const begun = beginHunt(space, scorer, request);
  if (!begun.ok) return begun;
  const hunt = begun.value;
  const seen = new Set<string>();
  let searches = 0;
  const waiting: Candidate[] = [];
  const search = (avoided: readonly number[]) => {
    const found = findAvoiding(hunt, avoided);
    searches++;
    if (found !== undefined) waiting.push({ found, cost: costOf(hunt, found), avoided });
  };
  search([]);
  const ranked: RankedPath[] = [];
  while (waiting.length > 0 && ranked.length < Math.min(count, maxAlternatives) && searches < maxSearches) {
    waiting.sort((a, b) => a.cost - b.cost);
    const { found, cost, avoided } = waiting.shift()!;
    const key = found.edges.join();
    const isNew = !seen.has(key);
    seen.add(key);
    if (isNew) ranked.push({ path: found.path, feeMsat: msat(found.feeMsat), cost });
    for (const edge of found.edges) search([...avoided, edge]);
  }
  return ok(ranked);
}

function findAvoiding(hunt: Hunt, avoided: readonly number[]): ExactPath | undefined {
  const { space, request } = hunt;
  const before = avoided.map((edge) => space.usedOn(edge));
  for (const edge of avoided) space.setUsed(edge, Number.POSITIVE_INFINITY);
  const found = findPath(hunt, request.parameters.amountMsat, maxFeeOf(request));
  avoided.forEach((edge, i) => {
    space.setUsed(edge, before[i]!);
  });
  return found;
}

function costOf({ space, scorer }: Hunt, { edges, amountsMsat, feeMsat }: ExactPath): number {
  const { capacity, htlcMaximum } = space.graph.channelTable;
  return edges.reduce((sum, edge, i) => {
    if (edge >= space.firstExtraEdge) return sum;
    const limit = capacity[edge >> 1]! * 1000 || htlcMaximum[edge]!;
    return sum + scorer.edgePenalty(edge, Number(amountsMsat[i]!), space.usedOn(edge), limit);
  }, Number(feeMsat));
}
