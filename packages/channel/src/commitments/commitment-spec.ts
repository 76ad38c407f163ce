import type { CommitmentHtlc, CommitmentSpec } from '@boltwright/interfaces';
import type { Commitments } from './commitments.ts';
import type { Side } from './update-stage.ts';
import { type ViewName, viewOf } from './view.ts';

/** A view as the content of a side's commitment. @param perCommitmentPoint - 33 bytes, the broadcaster's of `index`. */
export function commitmentSpec(
  commitments: Commitments,
  isOpener: boolean,
  name: ViewName,
  broadcaster: Side,
  index: bigint,
  perCommitmentPoint: Uint8Array,
): CommitmentSpec {
  const view = viewOf(commitments, isOpener, name);
  const ours = broadcaster === 'local';
  return {
    index,
    perCommitmentPoint,
    feeratePerKw: view.feeratePerKw,
    toBroadcasterMsat: ours ? view.localMsat : view.remoteMsat,
    toCountersignerMsat: ours ? view.remoteMsat : view.localMsat,
    htlcs: view.htlcs.map(
      ({ offeredBy, id, amountMsat, cltvExpiry, paymentHash }): CommitmentHtlc => ({
        direction: offeredBy === broadcaster ? 'offered' : 'received',
        id,
        amountMsat,
        cltvExpiry,
        paymentHash,
      }),
    ),
  };
}
