import type { Msat, ShortChannelId } from '@boltwright/base';
import type { ChannelDetails } from '@boltwright/interfaces';
import type { ReceivedHtlc } from './channel-effect.ts';
import type { ChannelParameters } from './channel-parameters.ts';
import type { ChannelState, FundedState } from './channel-state.ts';
import type { ChannelHtlc, HtlcOutcome } from './commitments/channel-htlc.ts';
import { balanceOf, openerCostMsat, openerOf, reserveOf } from './commitments/limits.ts';
import { otherSide, type Side } from './commitments/update-stage.ts';
import { type CommitmentView, offerView, viewOf } from './commitments/view.ts';
import { canSend, isFunded } from './funded-channel.ts';
import type { HtlcSource } from './htlc-source.ts';
import { larger, smaller } from './smaller-larger.ts';

/** The last `ChannelMonitorUpdate`'s id; 0 where only the initial monitor was made, or none yet. */
export const latestUpdateId = (state: ChannelState): bigint => (isFunded(state) ? state.latestUpdateId : 0n);

/** An HTLC of theirs that is in both commitments for good and not irrevocably removed. The shell keeps its onion. */
export interface PendingReceivedHtlc extends Omit<ReceivedHtlc, 'onionRoutingPacket' | 'pathKey'> {
  /** Decided already, and signed or sent later by itself. */
  readonly outcome?: HtlcOutcome;
}

/** For the restart: what `htlcReceived` told of, and `htlcRemoved` did not yet. */
export const pendingReceivedHtlcs = (state: ChannelState): readonly PendingReceivedHtlc[] =>
  !isFunded(state)
    ? []
    : state.commitments.htlcs
        .filter((htlc) => htlc.offeredBy === 'remote' && htlc.stage === 'irrevocable')
        .map(({ id, amountMsat, paymentHash, cltvExpiry, removal }) => ({
          id,
          amountMsat,
          paymentHash,
          cltvExpiry,
          ...(removal === undefined ? {} : { outcome: removal.outcome }),
        }));

/** An HTLC that we offered and that is not irrevocably removed. */
export interface OfferedHtlc extends Pick<ChannelHtlc, 'id' | 'amountMsat' | 'paymentHash' | 'cltvExpiry'> {
  readonly source: HtlcSource;
  /** As far as the counterparty said. A failure may still be taken back, by a lost connection. */
  readonly outcome?: HtlcOutcome;
  /** Some commitment of theirs that we signed may have it: on chain it is resolved there. */
  readonly isCommitted: boolean;
}

/** For the restart and for what the chain decides. */
export const offeredHtlcs = (state: ChannelState): readonly OfferedHtlc[] =>
  !isFunded(state)
    ? []
    : state.commitments.htlcs.flatMap(
        ({ offeredBy, id, amountMsat, paymentHash, cltvExpiry, source, removal, stage }) =>
          offeredBy === 'remote' || source === undefined
            ? []
            : [
                {
                  id,
                  amountMsat,
                  paymentHash,
                  cltvExpiry,
                  source,
                  isCommitted: stage !== 'proposed',
                  ...(removal === undefined ? {} : { outcome: removal.outcome }),
                },
              ],
      );

/** What `side` could pay in one HTLC of a common size: balance above its reserve, less what the opener must keep for fees. */
function spendableMsat(parameters: ChannelParameters, view: CommitmentView, side: Side): bigint {
  const opener = openerOf(parameters);
  let free = balanceOf(view, side) - reserveOf(parameters, side);
  if (opener === side) {
    const feerate = (2 * view.feeratePerKw) as typeof view.feeratePerKw;
    const ours = openerCostMsat(parameters, 'local', view, feerate, 2);
    const theirs = openerCostMsat(parameters, 'remote', view, feerate, 2);
    free -= larger(ours, theirs);
  }
  return free > 0n ? free : 0n;
}

function limitMsat(parameters: ChannelParameters, view: CommitmentView, side: Side): bigint {
  const limits = parameters[otherSide(side)];
  const offered = view.htlcs.filter(({ offeredBy }) => offeredBy === side);
  if (offered.length >= limits.maxAcceptedHtlcs) return 0n;
  const inFlight = offered.reduce((sum, { amountMsat }) => sum + amountMsat, 0n);
  const room = limits.maxHtlcValueInFlightMsat - inFlight;
  const spendable = spendableMsat(parameters, view, side);
  return room < 0n ? 0n : smaller(room, spendable);
}

/** The channel as its user sees it. Undefined where nothing is agreed on yet, or the channel never came to be. */
export function channelDetails(state: ChannelState): ChannelDetails | undefined {
  if (state.kind === 'aborted') return undefined;
  const parameters = state.kind === 'waitForAcceptChannel' ? state.proposed : state.parameters;
  const zero = 0n as Msat;
  const common = {
    channelId: state.channelId,
    counterparty: parameters.counterparty,
    channelValueSatoshis: parameters.fundingSatoshis,
    isOutbound: parameters.isOpener,
    isAnnounced: parameters.announce,
    state: state.kind,
    nextOutboundHtlcMinimumMsat: zero,
  };
  if (!isFunded(state)) {
    const balance = parameters.isOpener
      ? parameters.fundingSatoshis * 1000n - parameters.pushMsat
      : parameters.pushMsat;
    return {
      ...common,
      isReady: false,
      isUsable: false,
      pendingHtlcs: 0,
      balanceMsat: balance as Msat,
      outboundCapacityMsat: zero,
      nextOutboundHtlcLimitMsat: zero,
      inboundCapacityMsat: zero,
    };
  }
  return { ...common, ...fundedDetails(state) };
}

function fundedDetails(state: FundedState) {
  const { parameters, commitments, confirmation } = state;
  const isReady = state.localReady && state.remoteReady;
  const isUsable = state.kind === 'normal' && canSend(state);
  const ours = viewOf(commitments, parameters.isOpener, 'remoteNext');
  const all = viewOf(commitments, parameters.isOpener, 'all');
  const least = (side: Side, measure: typeof spendableMsat): Msat => {
    const view = (name: 'remoteNext' | 'all') =>
      side === 'local' ? offerView(commitments, parameters.isOpener, name) : name === 'all' ? all : ours;
    const [a, b] = [measure(parameters, view('remoteNext'), side), measure(parameters, view('all'), side)];
    return smaller(a, b) as Msat;
  };
  const real: ShortChannelId | undefined = parameters.channelType.scidAlias ? undefined : confirmation?.shortChannelId;
  return {
    fundingOutpoint: state.transactions.fundingOutpoint,
    ...(confirmation === undefined
      ? {}
      : { shortChannelId: confirmation.shortChannelId, confirmedAt: confirmation.height }),
    ...(state.remoteAlias === undefined ? {} : { inboundScidAlias: state.remoteAlias }),
    outboundScid: real ?? parameters.localAlias,
    isReady,
    isUsable,
    pendingHtlcs: commitments.htlcs.length,
    balanceMsat: all.localMsat,
    outboundCapacityMsat: least('local', spendableMsat),
    nextOutboundHtlcLimitMsat: isUsable ? least('local', limitMsat) : (0n as Msat),
    nextOutboundHtlcMinimumMsat: parameters.remote.htlcMinimumMsat,
    inboundCapacityMsat: least('remote', spendableMsat),
  };
}
