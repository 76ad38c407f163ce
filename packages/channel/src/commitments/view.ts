import type { FeeratePerKw, Msat } from '@boltwright/base';
import type { ChannelHtlc } from './channel-htlc.ts';
import type { Commitments } from './commitments.ts';
import { isAtLeast, otherSide, type Side, type UpdateStage } from './update-stage.ts';

/**
 * - `local`: our latest commitment that they signed. `localNext`: what they would sign for us next.
 * - `remote`: their latest commitment that we signed. `remoteNext`: what we would sign for them next.
 * - `all`: as if every update that either side made were in.
 */
export const viewNames = ['local', 'localNext', 'remote', 'remoteNext', 'all'] as const;

export type ViewName = (typeof viewNames)[number];

/** The least stage at which an update of each side is in a view. */
const least: Readonly<Record<ViewName, Readonly<Record<Side, UpdateStage>>>> = {
  local: { local: 'countersigned', remote: 'signed' },
  localNext: { local: 'acked', remote: 'proposed' },
  remote: { local: 'signed', remote: 'countersigned' },
  remoteNext: { local: 'proposed', remote: 'acked' },
  all: { local: 'held', remote: 'proposed' },
};

/** A commitment's content: balances before the fee, and HTLCs. */
export interface CommitmentView {
  readonly localMsat: Msat;
  readonly remoteMsat: Msat;
  readonly feeratePerKw: FeeratePerKw;
  readonly htlcs: readonly ChannelHtlc[];
}

/** The opener's feerate in a view. */
export function feerateIn(commitments: Commitments, isOpener: boolean, name: ViewName): FeeratePerKw {
  const needed = least[name][isOpener ? 'local' : 'remote'];
  let feerate = commitments.feeratePerKw;
  for (const update of commitments.feeUpdates) if (isAtLeast(update.stage, needed)) feerate = update.feeratePerKw;
  return feerate;
}

/** One pass over the HTLCs. */
export function viewOf(commitments: Commitments, isOpener: boolean, name: ViewName): CommitmentView {
  const needed = least[name];
  const balance: Record<Side, bigint> = { local: commitments.localMsat, remote: commitments.remoteMsat };
  const htlcs: ChannelHtlc[] = [];
  for (const htlc of commitments.htlcs) {
    const { offeredBy, amountMsat, removal } = htlc;
    if (!isAtLeast(htlc.stage, needed[offeredBy])) continue;
    const receiver = otherSide(offeredBy);
    if (removal === undefined || !isAtLeast(removal.stage, needed[receiver])) {
      balance[offeredBy] -= amountMsat;
      htlcs.push(htlc);
    } else if (removal.outcome.kind === 'fulfilled') {
      balance[offeredBy] -= amountMsat;
      balance[receiver] += amountMsat;
    }
  }
  return {
    localMsat: balance.local as Msat,
    remoteMsat: balance.remote as Msat,
    feeratePerKw: feerateIn(commitments, isOpener, name),
    htlcs,
  };
}

/**
 * A view for what we may offer. BOLT 2 would let us spend what a fulfilment gives us in the commitment that has both; LDK
 * counts it once that fulfilment is signed for, and closes the channel where we spend it before. So we wait for that.
 */
export function offerView(commitments: Commitments, isOpener: boolean, name: 'remoteNext' | 'all'): CommitmentView {
  const view = viewOf(commitments, isOpener, name);
  let unsigned = 0n;
  for (const { offeredBy, amountMsat, removal } of commitments.htlcs) {
    if (offeredBy === 'remote' && removal?.outcome.kind === 'fulfilled' && !isAtLeast(removal.stage, 'signed')) {
      unsigned += amountMsat;
    }
  }
  return unsigned === 0n ? view : { ...view, localMsat: (view.localMsat - unsigned) as Msat };
}
