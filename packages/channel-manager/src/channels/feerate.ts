import type { FeeratePerKw } from '@boltwright/base';
import type { FeeEstimator } from '@boltwright/interfaces';
import { fundedState, type LiveChannel } from './live-channel.ts';

/**
 * The feerate that the opener should move a channel to, if any: what is too low gets stuck, and is raised soon; what
 * is too high costs only in a close, and is lowered when it has halved. A quiet `update_fee` is the best one.
 */
export function feerateToSet(fees: FeeEstimator, channel: LiveChannel): FeeratePerKw | undefined {
  const state = fundedState(channel.state);
  if (state?.kind !== 'normal' || !state.parameters.isOpener || state.connection !== 'connected') return undefined;
  if (state.commitments.feeUpdates.length > 0) return undefined;
  const { commitmentFormat } = state.transactions;
  const wanted = fees.feerate(commitmentFormat === 'anchors' ? 'anchorChannel' : 'nonAnchorChannel');
  const current = state.commitments.feeratePerKw;
  return wanted * 10 >= current * 11 || wanted * 2 <= current ? wanted : undefined;
}
