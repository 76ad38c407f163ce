import { type ExactPath, exactPath } from '../search/exact-path.ts';
import { addPart, fillParts, release } from '../search/find-parts.ts';
import { enterInFlight, type Hunt } from '../search/find-path.ts';
import { ArcCosts } from './arc-costs.ts';
import type { FlowProblem } from './flow-problem.ts';
import { flowSpaceOf } from './flow-space.ts';
import { minCostFlow } from './min-cost-flow.ts';
import { splitFlow } from './split-flow.ts';

/** Bounds on the work of the first solve: shortest paths, and edges that they look at. Each further one has half. */
const maxAugmentations = 80;
const maxEdges = 2_000_000;
/** Solves of one request: again where an amount in flight was news, or fees were too high. */
const maxSolves = 4;
/** Where fees were above the limit, they count this many times as much in the next solve. */
const dearer = 6;

/**
 * Parts by a flow of the least cost over the scorer's chances and fees, computed again exactly: each part keeps every
 * policy, and fits beside the others.
 *
 * @returns Undefined where there is no such flow, it did not come apart into parts within the limits, or the work was
 *   too much. The space is left without reservations.
 */
export function planFlow(hunt: Hunt, amountMsat: bigint, maxFee: number): readonly ExactPath[] | undefined {
  const { space, scorer, request, source, target } = hunt;
  const flowSpace = flowSpaceOf(space);
  let feeWeight = 1;
  for (let solves = 0; solves < maxSolves; solves++) {
    const costs = new ArcCosts({
      space,
      scorer,
      source,
      amount: Number(amountMsat),
      maxFee,
      ownFirstHops: request.firstHops !== undefined,
      feeWeight,
    });
    const solve = flowSpace.begin(space);
    const units = Math.ceil(Number(amountMsat) / costs.unit);
    const work = { maxAugmentations: maxAugmentations >> solves, maxEdges: maxEdges >> solves };
    const problem: FlowProblem = { space, flowSpace, solve, costs, source, target, units, ...work };
    if (!minCostFlow(problem)) return undefined;
    const paths = splitFlow(problem, request.parameters.maxPaths);
    let isNews = false;
    for (const { edges } of paths) if (enterInFlight(hunt, edges)) isNews = true;
    if (isNews) continue;
    const outcome = exactParts(hunt, costs, paths, amountMsat, maxFee);
    if (outcome !== 'tooDear') return outcome;
    feeWeight *= dearer;
  }
  return undefined;
}

function exactParts(
  hunt: Hunt,
  costs: ArcCosts,
  paths: ReturnType<typeof splitFlow>,
  amountMsat: bigint,
  maxFee: number,
): readonly ExactPath[] | 'tooDear' | undefined {
  const { maxPaths } = hunt.request.parameters;
  const parts: ExactPath[] = [];
  let remaining = amountMsat;
  for (const { edges, units } of paths) {
    const wanted = BigInt(units) * BigInt(costs.unit);
    const amount = wanted < remaining ? wanted : remaining;
    if (amount <= 0n) break;
    const part = checkedPart(hunt, edges, amount);
    if (part !== undefined && addPart(hunt, parts, part, maxPaths)) remaining -= amount;
  }
  const fees = () => parts.reduce((sum, { feeMsat }) => sum + Number(feeMsat), 0);
  const isDear = fees() > maxFee;
  if (!isDear && remaining > 0n && !growOne(hunt, parts, remaining)) {
    remaining = fillParts(hunt, parts, remaining, maxFee);
  } else if (!isDear) remaining = 0n;
  release(hunt, parts);
  if (isDear) return 'tooDear';
  if (remaining > 0n) return undefined;
  return fees() > maxFee ? 'tooDear' : parts;
}

/** Lets one of the parts carry what is left over. */
function growOne(hunt: Hunt, parts: ExactPath[], extra: bigint): boolean {
  for (const [i, part] of parts.entries()) {
    release(hunt, [part]);
    const grown = checkedPart(hunt, part.edges, part.amountsMsat.at(-1)! + extra);
    addPart(hunt, [], grown ?? part, 1);
    if (grown === undefined) continue;
    parts[i] = grown;
    return true;
  }
  return false;
}

/** An exact path within the limits that a search would have kept. */
function checkedPart(hunt: Hunt, edges: readonly number[], amount: bigint): ExactPath | undefined {
  const { space, scorer, request, maxHops } = hunt;
  const { finalCltvDelta, maxTotalCltvDelta } = request.parameters;
  if (edges.length > maxHops) return undefined;
  const part = exactPath(space, edges, amount, finalCltvDelta, request.paymentMetadataLength);
  if (part === undefined || part.totalCltvDelta > maxTotalCltvDelta) return undefined;
  const { capacity, htlcMaximum } = space.graph.channelTable;
  const isForbidden = edges.some((edge, i) => {
    if (edge >= space.firstExtraEdge) return false;
    const whole = capacity[edge >> 1]! * 1000 || htlcMaximum[edge]!;
    const sent = Number(part.amountsMsat[i]!);
    return scorer.edgePenalty(edge, sent, space.usedOn(edge), whole) === Number.POSITIVE_INFINITY;
  });
  return isForbidden ? undefined : part;
}
