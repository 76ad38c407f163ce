import type { BlockHeight, ChannelId, OutPoint, PaymentHash, Sat } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { buildCommitment } from '@boltwright/transactions';
import { deadlines } from '../deadlines.ts';
import type { MonitorState } from '../state/monitor-state.ts';
import type { RevokedHtlcs } from './classify-spend.ts';
import { preimagesByHash } from './close-deadline.ts';
import { closeView } from './close-view.ts';
import type { TrackedOutput } from './tracked-output.ts';

/** What a balance waits for; heights are those of the block with which it is over. */
export type BalanceWait =
  /** The channel is open: this is what a close right now would pay us, before what its claims cost. */
  | { readonly kind: 'channelOpen' }
  /** Until it is buried, or its delay is over. */
  | { readonly kind: 'confirmations'; readonly until: number }
  /** A claim of ours is on its way, or is made at `from`, when the HTLC expires. */
  | { readonly kind: 'claim'; readonly from: number }
  /** Another side may still take it: for an HTLC, by its preimage; for one to us, when we do not know it. */
  | {
      readonly kind: 'htlc';
      readonly paymentHash: PaymentHash;
      readonly expiry: number;
      readonly preimageKnown: boolean;
    };

/** An amount of a channel that is, or may become, ours. */
export interface Balance {
  readonly channelId: ChannelId;
  readonly value: Sat;
  /** Undefined while the channel is open. */
  readonly outpoint: OutPoint | undefined;
  readonly wait: BalanceWait;
}

/** Everything of a channel that may be ours and is not yet the user's, before the fees of claims. */
export function claimableBalances(
  crypto: CryptoBackend,
  state: MonitorState,
  height: BlockHeight,
  revokedHtlcs: RevokedHtlcs,
): readonly Balance[] {
  if (state.resolved) return [];
  const { channelId } = state;
  const view = closeView(crypto, state, revokedHtlcs);
  if (view === undefined) {
    const commitment = buildCommitment(crypto, state.parameters, 'holder', state.holder.spec);
    const toLocal = commitment.outputs.find((output) => output.kind === 'toLocal');
    const value = toLocal?.value ?? (0n as Sat);
    return [{ channelId, value, outpoint: undefined, wait: { kind: 'channelOpen' } }];
  }
  const told = new Set(state.told);
  return view.outputs.flatMap((output) => {
    if (output.spent !== undefined || told.has(`out:${output.outpoint.txid}:${output.outpoint.vout}`)) return [];
    const { value, outpoint } = output;
    return [{ channelId, value, outpoint, wait: waitOf(crypto, state, output, height) }];
  });
}

function waitOf(crypto: CryptoBackend, state: MonitorState, output: TrackedOutput, height: BlockHeight): BalanceWait {
  const { use } = output;
  switch (use.kind) {
    case 'wallet':
      return { kind: 'confirmations', until: output.height + deadlines.burialBlocks - 1 };
    case 'sweep':
      return {
        kind: 'confirmations',
        until: output.height + Math.max(deadlines.burialBlocks, use.delay) - 1,
      };
    case 'revokedDelayed':
    case 'revokedHtlc':
      return { kind: 'claim', from: output.height };
    default: {
      const { paymentHash, cltvExpiry: expiry, direction } = use.htlc;
      const offeredByUs = direction === (use.kind === 'holderHtlc' ? 'offered' : 'received');
      const preimageKnown = preimagesByHash(crypto, state).has(paymentHash);
      if (offeredByUs && height >= expiry) return { kind: 'claim', from: expiry };
      return { kind: 'htlc', paymentHash, expiry, preimageKnown };
    }
  }
}
