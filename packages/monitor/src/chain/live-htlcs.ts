import type { CommitmentHtlc } from '@boltwright/interfaces';
import type { MonitorState } from '../state/monitor-state.ts';

/** Every HTLC that we offered and that stands in a commitment which may still confirm, by its id. */
export function offeredByUs(state: MonitorState): readonly CommitmentHtlc[] {
  const byId = new Map<bigint, CommitmentHtlc>();
  for (const htlc of state.holder.spec.htlcs) if (htlc.direction === 'offered') byId.set(htlc.id, htlc);
  for (const spec of state.theirs) {
    for (const htlc of spec.htlcs) if (htlc.direction === 'received') byId.set(htlc.id, htlc);
  }
  return [...byId.values()];
}

/** Every HTLC offered to us, likewise. */
export function offeredToUs(state: MonitorState): readonly CommitmentHtlc[] {
  const byId = new Map<bigint, CommitmentHtlc>();
  for (const htlc of state.holder.spec.htlcs) if (htlc.direction === 'received') byId.set(htlc.id, htlc);
  for (const spec of state.theirs) {
    for (const htlc of spec.htlcs) if (htlc.direction === 'offered') byId.set(htlc.id, htlc);
  }
  return [...byId.values()];
}
