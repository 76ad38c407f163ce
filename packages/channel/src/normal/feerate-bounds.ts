import type { FeeratePerKw } from '@boltwright/base';
import type { CommitmentFormat } from '@boltwright/interfaces';
import type { ChannelEnv } from '../channel-env.ts';
import type { Problem } from '../problem.ts';

/**
 * BOLT 2: a feerate of the opener's must be neither too low for timely processing nor unreasonably large.
 *
 * @param current - the channel's: a higher one is an improvement, be it below our least. To fail the channel for it would
 * put the lower one on chain (rust-lightning does likewise).
 */
export function feerateProblem(
  feerate: FeeratePerKw,
  format: CommitmentFormat,
  section: string,
  env: ChannelEnv,
  current?: FeeratePerKw,
): Problem | undefined {
  const target = format === 'anchors' ? 'minAllowedAnchorRemote' : 'minAllowedNonAnchorRemote';
  const least = Math.max(env.feerate(target), env.config.minFeeratePerKw);
  const most = Math.max(env.feerate('maxAllowedRemote'), least);
  const isBetter = current !== undefined && feerate > current;
  if ((feerate >= least || isBetter) && feerate <= most) return undefined;
  return {
    code: feerate < least ? 'feerate_too_low' : 'feerate_too_high',
    section,
    field: 'feerate_per_kw',
    message: `${feerate}, from ${least} to ${most} is accepted`,
  };
}
