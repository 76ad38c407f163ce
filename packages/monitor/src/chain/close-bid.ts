import { type BlockHeight, type FeeratePerKw, type OutPoint, outPointKey } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { type BuiltCommitment, buildCommitment } from '@boltwright/transactions';
import { deadlines } from '../deadlines.ts';
import type { Bid, MonitorState } from '../state/monitor-state.ts';
import { leastFeerate, raisedFeerate } from './bids.ts';
import type { ReactionEnv } from './reaction-env.ts';

/** Our commitment as it goes to the chain, with its anchor where there is one. */
export function closingCommitment(
  crypto: CryptoBackend,
  state: MonitorState,
): { readonly commitment: BuiltCommitment; readonly anchor: OutPoint | undefined } {
  const commitment = buildCommitment(crypto, state.parameters, 'holder', state.holder.spec);
  const ours = commitment.outputs.find((output) => output.kind === 'anchor' && output.owner === 'broadcaster');
  return { commitment, anchor: ours && { txid: commitment.raw.txid, vout: ours.vout } };
}

/**
 * The bid for our commitment while it waits for a block: what it and the child of its anchor pay together, in satoshis
 * per 1000 weight units. Only where the format has anchors and there are coins to pay by.
 */
export function withCloseBid(state: MonitorState, height: BlockHeight, env: ReactionEnv): MonitorState {
  if (state.decision?.broadcast !== true || !env.canAddFees) return state;
  if (state.parameters.commitmentFormat !== 'anchors') return state;
  const estimate = Math.max(leastFeerate, env.feeEstimator.feerate('urgentOnChainSweep')) as FeeratePerKw;
  const { anchor } = closingCommitment(env.crypto, state);
  if (anchor === undefined) return state;
  const bid = bidFor(state, anchor);
  if (bid === undefined) {
    return { ...state, bids: [...state.bids, { outpoints: [anchor], feeratePerKw: estimate, height }] };
  }
  const raised = raisedFeerate(bid.feeratePerKw);
  const due = height - bid.height >= deadlines.bumpBlocks;
  if (!due && estimate < raised) return state;
  const next: Bid = { ...bid, feeratePerKw: Math.max(raised, estimate) as FeeratePerKw, height };
  return { ...state, bids: state.bids.map((other) => (other === bid ? next : other)) };
}

/** The bid that an output's claim was given. */
export function bidFor(state: MonitorState, outpoint: OutPoint): Bid | undefined {
  const key = outPointKey(outpoint);
  return state.bids.find(({ outpoints }) => outpoints.some((other) => outPointKey(other) === key));
}
