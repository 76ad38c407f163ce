import { err, ok, type Result } from '@boltwright/base';
import type { Path, Route, RouteError } from '@boltwright/interfaces';
import { certaintyWorth } from '../flow/odds.ts';
import { planFlow } from '../flow/plan-flow.ts';
import { planValue } from '../flow/plan-value.ts';
import type { EdgeScorer } from '../scoring/edge-scorer.ts';
import { beginHunt, maxFeeOf } from './begin-hunt.ts';
import type { ExactPath } from './exact-path.ts';
import { findParts } from './find-parts.ts';
import { findPath, type Hunt } from './find-path.ts';
import { maxRoutableMsat, type RouteRequest } from './route-request.ts';
import type { SearchSpace } from './search-space.ts';
import { shadowOffset } from './shadow-offset.ts';

/**
 * A route from payer to payee: one path, or several parts where one cannot carry the amount.
 *
 * Every path is within the policies, minima, maxima and capacities that the graph, the first hops and the hints state,
 * leaves to what is in flight what it uses, and fits the onion. Fees are as BOLT 7, HTLC Fees, has them.
 *
 * @param space - Reused from call to call; its graph may change in between.
 */
export function getRoute(space: SearchSpace, scorer: EdgeScorer, request: RouteRequest): Result<Route, RouteError> {
  const begun = beginHunt(space, scorer, request);
  if (!begun.ok) return begun;
  const hunt = begun.value;
  const { payee, amountMsat, maxFeeMsat } = request.parameters;
  const maxFee = maxFeeOf(request);
  const single = findPath(hunt, amountMsat, maxFee);
  const heuristic = single !== undefined ? [single] : findParts(hunt, amountMsat, maxFee);
  const parts = request.plan === 'flow' ? betterByFlow(hunt, heuristic, maxFee) : heuristic;
  if (parts !== undefined) return ok({ paths: withShadow(hunt, parts) });
  if (hunt.feeLimited && findPath(hunt, amountMsat, maxRoutableMsat) !== undefined) {
    return err({ kind: 'feeLimitExceeded', message: `no route to ${payee} costs ${maxFeeMsat} msat or less` });
  }
  return err({ kind: 'noRoute', message: `there is no route to ${payee} for ${amountMsat} msat` });
}

/** A plan that succeeds this often is good enough to look for no other. */
const goodEnough = 0.95;
/** A flow's plan must be better by as much as this share of a factor of e in the chance is worth. */
const clearly = 0.02;

/** The flow's plan where it is clearly better than the heuristic's, or where that has none. */
function betterByFlow(
  hunt: Hunt,
  heuristic: readonly ExactPath[] | undefined,
  maxFee: number,
): readonly ExactPath[] | undefined {
  const { amountMsat, maxPaths } = hunt.request.parameters;
  if (maxPaths < 2) return heuristic;
  const value = heuristic === undefined ? undefined : planValue(hunt, heuristic);
  if (value !== undefined && value.probability >= goodEnough) return heuristic;
  const flow = planFlow(hunt, amountMsat, maxFee);
  if (flow === undefined || value === undefined) return flow ?? heuristic;
  const margin = clearly * certaintyWorth(hunt.scorer, Number(amountMsat));
  return planValue(hunt, flow).costMsat + margin < value.costMsat ? flow : heuristic;
}

function withShadow({ space, target, request }: Hunt, parts: readonly ExactPath[]): readonly Path[] {
  const { shadowSeed, parameters } = request;
  const paths = parts.map(({ path }) => path);
  if (shadowSeed === undefined) return paths;
  const room = parameters.maxTotalCltvDelta - Math.max(...parts.map(({ totalCltvDelta }) => totalCltvDelta));
  const offset = shadowOffset(space, target, shadowSeed, room);
  return paths.map(({ hops }) => {
    const last = hops.at(-1)!;
    return { hops: [...hops.slice(0, -1), { ...last, cltvExpiryDelta: last.cltvExpiryDelta + offset }] };
  });
}
