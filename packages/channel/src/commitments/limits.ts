import type { FeeratePerKw, Msat } from '@boltwright/base';
import { commitmentCost, isTrimmed, trimThreshold } from '@boltwright/transactions';
import type { ChannelParameters, SideParameters } from '../channel-parameters.ts';
import { type Problem, sections } from '../problem.ts';
import type { ChannelHtlc } from './channel-htlc.ts';
import type { Commitments } from './commitments.ts';
import { otherSide, type Side } from './update-stage.ts';
import { type CommitmentView, offerView, viewOf } from './view.ts';

/** BOLT 2, Adding an HTLC: above it, `cltv_expiry` would be a time. */
export const cltvExpiryLimit = 500_000_000;

export const openerOf = (parameters: ChannelParameters): Side => (parameters.isOpener ? 'local' : 'remote');

export const balanceOf = (view: CommitmentView, side: Side): bigint =>
  side === 'local' ? view.localMsat : view.remoteMsat;

/** What `side` must keep: the other side asked for it. */
export const reserveOf = (parameters: ChannelParameters, side: Side): bigint =>
  parameters[otherSide(side)].channelReserveSatoshis * 1000n;

/** Whether the HTLC has no output in the commitment of `broadcaster` (BOLT 3, Trimmed Outputs). */
export const isDust = (
  parameters: ChannelParameters,
  broadcaster: Side,
  feerate: FeeratePerKw,
  htlc: Pick<ChannelHtlc, 'offeredBy' | 'amountMsat'>,
): boolean =>
  isTrimmed(
    parameters.channelType.commitmentFormat,
    { direction: htlc.offeredBy === broadcaster ? 'offered' : 'received', amountMsat: htlc.amountMsat },
    feerate,
    parameters[broadcaster].dustLimitSatoshis,
  );

/** {@link isDust} for many HTLCs: both thresholds are worked out once. */
function dustTest(
  parameters: ChannelParameters,
  broadcaster: Side,
  feerate: FeeratePerKw,
): (htlc: Pick<ChannelHtlc, 'offeredBy' | 'amountMsat'>) => boolean {
  const { commitmentFormat } = parameters.channelType;
  const { dustLimitSatoshis } = parameters[broadcaster];
  // An amount is below so many whole satoshis exactly where it is below their millisatoshis.
  const offered = 1000n * trimThreshold(commitmentFormat, 'offered', feerate, dustLimitSatoshis);
  const received = 1000n * trimThreshold(commitmentFormat, 'received', feerate, dustLimitSatoshis);
  return ({ offeredBy, amountMsat }) => amountMsat < (offeredBy === broadcaster ? offered : received);
}

/** What the commitment of `broadcaster` takes from the opener, in msat: base fee and anchors. */
export function openerCostMsat(
  parameters: ChannelParameters,
  broadcaster: Side,
  view: CommitmentView,
  feerate: FeeratePerKw = view.feeratePerKw,
  furtherHtlcs = 0,
): bigint {
  let count = furtherHtlcs;
  const isTooSmall = dustTest(parameters, broadcaster, feerate);
  for (const htlc of view.htlcs) if (!isTooSmall(htlc)) count++;
  return commitmentCost(parameters.channelType.commitmentFormat, feerate, count) * 1000n;
}

/** Amounts without an output in the commitment of `broadcaster`, both directions (BOLT 2, Bounding exposure). */
export function dustExposureMsat(
  parameters: ChannelParameters,
  broadcaster: Side,
  view: CommitmentView,
  feerate: FeeratePerKw = view.feeratePerKw,
): bigint {
  let sum = 0n;
  const isTooSmall = dustTest(parameters, broadcaster, feerate);
  for (const htlc of view.htlcs) if (isTooSmall(htlc)) sum += htlc.amountMsat;
  return sum;
}

/** The view with one more HTLC. */
export function withHtlc(view: CommitmentView, offeredBy: Side, htlc: ChannelHtlc): CommitmentView {
  const { amountMsat } = htlc;
  return {
    ...view,
    localMsat: (offeredBy === 'local' ? view.localMsat - amountMsat : view.localMsat) as Msat,
    remoteMsat: (offeredBy === 'remote' ? view.remoteMsat - amountMsat : view.remoteMsat) as Msat,
    htlcs: [...view.htlcs, htlc],
  };
}

/** The opener's balance less what the commitment costs, or the other side's balance: what may stand against a reserve. */
export const netBalance = (
  parameters: ChannelParameters,
  side: Side,
  broadcaster: Side,
  view: CommitmentView,
): bigint =>
  balanceOf(view, side) - (openerOf(parameters) === side ? openerCostMsat(parameters, broadcaster, view) : 0n);

/**
 * What both sides check of an HTLC (BOLT 2, Adding an HTLC): the receiver's own commitment as it would be signed next.
 * A sender sees the very same as `remoteNext` that the receiver sees as `localNext`, since messages keep their order.
 */
export function problemOfAdd(
  parameters: ChannelParameters,
  commitments: Commitments,
  htlc: ChannelHtlc,
): Problem | undefined {
  const sender = htlc.offeredBy;
  const receiver = otherSide(sender);
  const limits: SideParameters = parameters[receiver];
  const fault = (code: string, field: string, message: string): Problem => ({
    code,
    section: sections.add,
    field,
    message,
  });
  if (htlc.amountMsat === 0n) return fault('zero_amount', 'amount_msat', 'an HTLC of 0 msat');
  if (htlc.amountMsat < limits.htlcMinimumMsat) {
    return fault('below_minimum', 'amount_msat', `${htlc.amountMsat} msat, the minimum is ${limits.htlcMinimumMsat}`);
  }
  if (htlc.cltvExpiry >= cltvExpiryLimit) {
    return fault('expiry_too_large', 'cltv_expiry', `${htlc.cltvExpiry} is not below ${cltvExpiryLimit}`);
  }
  const view = withHtlc(
    viewOf(commitments, parameters.isOpener, sender === 'local' ? 'remoteNext' : 'localNext'),
    sender,
    htlc,
  );
  let count = 0;
  let inFlight = 0n;
  for (const other of view.htlcs) {
    if (other.offeredBy !== sender) continue;
    count++;
    inFlight += other.amountMsat;
  }
  if (count > limits.maxAcceptedHtlcs) {
    return fault('too_many_htlcs', 'id', `${count} HTLCs, max_accepted_htlcs is ${limits.maxAcceptedHtlcs}`);
  }
  if (inFlight > limits.maxHtlcValueInFlightMsat) {
    return fault(
      'too_much_in_flight',
      'amount_msat',
      `${inFlight} msat, max_htlc_value_in_flight_msat is ${limits.maxHtlcValueInFlightMsat}`,
    );
  }
  const left = netBalance(parameters, sender, receiver, view);
  const reserve = reserveOf(parameters, sender);
  if (left < reserve) {
    return fault('cannot_afford', 'amount_msat', `${left} msat would be left after fees, the reserve is ${reserve}`);
  }
  return undefined;
}

/**
 * What only a sender checks, so that neither side gets stuck: the opener's fee spike buffer on both commitments, the
 * opener's means when the other side sends, and the dust on both commitments (BOLT 2, Adding an HTLC; Bounding exposure).
 */
export function problemOfOffer(
  parameters: ChannelParameters,
  commitments: Commitments,
  htlc: ChannelHtlc,
  maxDustHtlcExposureMsat: Msat,
): Problem | undefined {
  const fault = (code: string, message: string): Problem => ({
    code,
    section: sections.add,
    field: 'amount_msat',
    message,
  });
  const opener = openerOf(parameters);
  const reserve = reserveOf(parameters, opener);
  const { isOpener } = parameters;
  const all = withHtlc(offerView(commitments, isOpener, 'all'), 'local', htlc);
  for (const view of [withHtlc(offerView(commitments, isOpener, 'remoteNext'), 'local', htlc), all]) {
    if (balanceOf(view, 'local') < reserveOf(parameters, 'local')) {
      return fault('cannot_afford', `${view.localMsat} msat would be left, below the reserve`);
    }
    for (const broadcaster of ['local', 'remote'] as const) {
      if (!isOpener && isDust(parameters, broadcaster, view.feeratePerKw, htlc)) continue;
      const feerate = (isOpener ? 2 * view.feeratePerKw : view.feeratePerKw) as FeeratePerKw;
      const cost = openerCostMsat(parameters, broadcaster, view, feerate, isOpener ? 1 : 0);
      const left = balanceOf(view, opener) - cost;
      if (left < reserve) return fault('fee_buffer', `the opener keeps ${left} msat after fees, less than ${reserve}`);
    }
  }
  for (const broadcaster of ['local', 'remote'] as const) {
    if (!isDust(parameters, broadcaster, all.feeratePerKw, htlc)) continue;
    const exposure = dustExposureMsat(parameters, broadcaster, all);
    if (exposure > maxDustHtlcExposureMsat) {
      return fault('dust_exposure', `${exposure} msat of dust, at most ${maxDustHtlcExposureMsat}`);
    }
  }
  return undefined;
}
