import type { Sat } from '@boltwright/base';
import { commitmentCost } from '@boltwright/transactions';
import type { ProposedParameters } from '../channel-parameters.ts';
import type { Problem } from '../problem.ts';

/** BOLT 2, `open_channel`: the opener can pay the first fee, and one side at least is above its reserve. */
export function initialBalanceProblem(
  proposed: Pick<ProposedParameters, 'fundingSatoshis' | 'pushMsat' | 'feeratePerKw' | 'channelType'>,
  reserve: Sat,
  section: string,
): Problem | undefined {
  const cost = commitmentCost(proposed.channelType.commitmentFormat, proposed.feeratePerKw, 0) * 1000n;
  const openers = proposed.fundingSatoshis * 1000n - proposed.pushMsat;
  if (openers < cost) {
    return {
      code: 'cannot_pay_fee',
      section,
      field: 'funding_satoshis',
      message: `${openers} msat do not pay the first commitment's ${cost} msat`,
    };
  }
  if (openers - cost <= reserve * 1000n && proposed.pushMsat <= reserve * 1000n) {
    return {
      code: 'both_below_reserve',
      section,
      field: 'channel_reserve_satoshis',
      message: `neither side's first balance is above the reserve of ${reserve} sat`,
    };
  }
  return undefined;
}
