import { type BlockHeight, type FeeratePerKw, type OutPointKey, outPointKey, type Sat } from '@boltwright/base';
import { dustThreshold, feeForWeight, outputWeight, transactionOverheadWeight } from '@boltwright/transactions';
import { deadlines } from '../deadlines.ts';
import type { Bid, MonitorState } from '../state/monitor-state.ts';
import { type Claim, claimOf } from './claimable.ts';
import type { ReactionEnv } from './reaction-env.ts';
import type { CloseView } from './tracked-output.ts';

/** The least that is relayed, and the least by which a replacement must pay more: satoshis per 1000 weight units. */
export const leastFeerate = 253;
/** So many inputs stay far below the weight that is relayed. */
const maxInputs = 100;

/** What a bid still claims: its outputs that nobody has spent, in its order. */
export function claimsOfBid(
  { crypto }: Pick<ReactionEnv, 'crypto'>,
  state: MonitorState,
  view: CloseView,
  bid: Bid,
  height: BlockHeight,
): readonly Claim[] {
  const outputs = new Map(view.outputs.map((output) => [outPointKey(output.outpoint), output]));
  return bid.outpoints.flatMap((outpoint) => {
    const output = outputs.get(outPointKey(outpoint));
    if (output === undefined || output.spent !== undefined) return [];
    const claim = claimOf(crypto, state, output, height);
    return claim === undefined ? [] : [claim];
  });
}

/** Of the transaction that makes these claims, with its one output. */
export const claimsWeight = (state: MonitorState, claims: readonly Claim[]): number =>
  claims.reduce(
    (sum, claim) => sum + claim.weight,
    transactionOverheadWeight + outputWeight(state.destinationScript.length),
  );

/**
 * What a bid pays, or undefined where no fee leaves an output: never more than is at stake (less what an output must
 * have), whatever was bid.
 */
export function feeOfClaims(state: MonitorState, claims: readonly Claim[], feerate: FeeratePerKw): Sat | undefined {
  const weight = claimsWeight(state, claims);
  const value = claims.reduce((sum, { output }) => sum + output.value, 0n);
  const most = value - dustThreshold(state.destinationScript);
  if (most < feeForWeight(leastFeerate as FeeratePerKw, weight)) return undefined;
  const fee = feeForWeight(feerate, weight);
  if (fee <= most) return fee;
  return most as Sat;
}

/**
 * The bids after a block: new ones for outputs that became ours to claim, and higher feerates for those that wait too
 * long or whose deadline is near. A bid once made keeps its outputs, so that a higher one replaces it (BIP 125).
 */
export function nextBids(state: MonitorState, view: CloseView, height: BlockHeight, env: ReactionEnv): readonly Bid[] {
  const estimate = Math.max(leastFeerate, env.feeEstimator.feerate('urgentOnChainSweep')) as FeeratePerKw;
  const inBids = new Set<OutPointKey>();
  for (const bid of state.bids) for (const outpoint of bid.outpoints) inBids.add(outPointKey(outpoint));

  let changed = false;
  const bids = state.bids.map((bid) => {
    const claims = claimsOfBid(env, state, view, bid, height);
    const feeratePerKw = claims.length === 0 ? bid.feeratePerKw : nextFeerate(bid, claims, height, estimate);
    if (feeratePerKw === bid.feeratePerKw) return bid;
    // One that already pays all it may stays as it is.
    if (feeOfClaims(state, claims, feeratePerKw) === feeOfClaims(state, claims, bid.feeratePerKw)) return bid;
    changed = true;
    return { ...bid, feeratePerKw, height };
  });

  const groups = new Map<string, Claim[]>();
  for (const output of view.outputs) {
    if (output.spent !== undefined || inBids.has(outPointKey(output.outpoint))) continue;
    const claim = claimOf(env.crypto, state, output, height);
    if (claim === undefined || (output.use.kind === 'holderHtlc' && !env.canAddFees)) continue;
    const group = groups.get(claim.group) ?? [];
    group.push(claim);
    groups.set(claim.group, group);
  }
  for (const claims of groups.values()) {
    for (let at = 0; at < claims.length; at += maxInputs) {
      const outpoints = claims.slice(at, at + maxInputs).map(({ output }) => output.outpoint);
      bids.push({ outpoints, feeratePerKw: estimate, height });
      changed = true;
    }
  }
  return changed ? bids : state.bids;
}

function nextFeerate(bid: Bid, claims: readonly Claim[], height: BlockHeight, estimate: FeeratePerKw): FeeratePerKw {
  const deadline = Math.min(...claims.map((claim) => claim.deadline));
  const patience = deadline - height <= deadlines.urgentBlocks ? 1 : deadlines.bumpBlocks;
  const raised = raisedFeerate(bid.feeratePerKw);
  if (height - bid.height >= patience) return Math.max(raised, estimate) as FeeratePerKw;
  return estimate >= raised ? estimate : bid.feeratePerKw;
}

/** A quarter more, and what BIP 125 asks for; up to what no market has come near, since a u32 holds no more forever. */
export const raisedFeerate = (feerate: FeeratePerKw): FeeratePerKw =>
  Math.min(Math.max(Math.ceil(feerate * 1.25), feerate + leastFeerate), 10_000_000) as FeeratePerKw;
