import type { Commitments } from './commitments.ts';
import { otherSide, type Side } from './update-stage.ts';

/** The stage of an update that the next `commitment_signed` of ours would move on, by who proposed it. */
const unsignedByUs = { local: 'proposed', remote: 'acked' } as const;

function anyUpdate(commitments: Commitments, isOpener: boolean, test: (stage: string, proposer: Side) => boolean) {
  const opener: Side = isOpener ? 'local' : 'remote';
  return (
    commitments.feeUpdates.some(({ stage }) => test(stage, opener)) ||
    commitments.htlcs.some(
      ({ stage, offeredBy, removal }) =>
        test(stage, offeredBy) || (removal !== undefined && test(removal.stage, otherSide(offeredBy))),
    )
  );
}

/** Whether a `commitment_signed` of ours would include an update (one that does not must not be sent, BOLT 2). */
export const hasUnsignedUpdates = (commitments: Commitments, isOpener: boolean): boolean =>
  anyUpdate(commitments, isOpener, (stage, proposer) => stage === unsignedByUs[proposer]);

/** Whether updates of ours are not in a `commitment_signed` yet: until then no `shutdown` may go out. */
export const hasUnsignedLocalUpdates = (commitments: Commitments, isOpener: boolean): boolean =>
  anyUpdate(
    commitments,
    isOpener,
    (stage, proposer) => proposer === 'local' && (stage === 'proposed' || stage === 'held'),
  );

/** No HTLC, no update on its way and no revocation owed on either side: closing can be negotiated. */
export const isQuiet = (commitments: Commitments): boolean =>
  commitments.htlcs.length === 0 && commitments.feeUpdates.length === 0 && commitments.awaitedRevocation === undefined;
