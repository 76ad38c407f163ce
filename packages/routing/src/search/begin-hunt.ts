import { err, ok, type Result } from '@boltwright/base';
import type { RouteError } from '@boltwright/interfaces';
import type { EdgeScorer } from '../scoring/edge-scorer.ts';
import { fillSpace } from './fill-space.ts';
import type { Hunt } from './find-path.ts';
import { maxPathHops, maxRoutableMsat, type RouteRequest } from './route-request.ts';
import type { SearchSpace } from './search-space.ts';

const invalid = (message: string): Result<never, RouteError> => err({ kind: 'invalidParameters', message });

/** Checks a request, and makes the space ready for it. */
export function beginHunt(space: SearchSpace, scorer: EdgeScorer, request: RouteRequest): Result<Hunt, RouteError> {
  const { payer, parameters } = request;
  const { payee, amountMsat, finalCltvDelta, maxTotalCltvDelta, maxPaths } = parameters;
  if (payer === payee) return invalid('payer and payee are the same node');
  if (amountMsat <= 0n) return invalid('the amount is 0');
  if (amountMsat > BigInt(maxRoutableMsat)) return invalid(`${amountMsat} msat is more than is ever routed`);
  if (!(maxPaths >= 1)) return invalid(`${maxPaths} paths are allowed`);
  if (finalCltvDelta > maxTotalCltvDelta) return invalid('the final delta is above the limit');

  fillSpace(space, request);
  return ok({
    space,
    scorer,
    request,
    source: space.nodeOf(payer),
    target: space.nodeOf(payee),
    maxHops: Math.min(request.maxHops ?? maxPathHops, maxPathHops),
    asked: new Set(),
    feeLimited: false,
  });
}

/** The fee limit in the search's numbers. */
export const maxFeeOf = ({ parameters }: RouteRequest): number =>
  parameters.maxFeeMsat > BigInt(maxRoutableMsat) ? maxRoutableMsat : Number(parameters.maxFeeMsat);
