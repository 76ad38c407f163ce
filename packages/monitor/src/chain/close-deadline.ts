import { type BlockHeight, type PaymentHash, paymentHashOf } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { isTrimmed } from '@boltwright/transactions';
import { deadlines } from '../deadlines.ts';
import { isClosing } from '../state/apply-update.ts';
import type { MonitorState } from '../state/monitor-state.ts';
import { offeredByUs } from './live-htlcs.ts';

/** The preimages that a monitor knows, by their hashes. */
export const preimagesByHash = (crypto: CryptoBackend, state: MonitorState): ReadonlyMap<PaymentHash, Uint8Array> =>
  new Map(state.preimages.map((preimage) => [paymentHashOf(crypto.sha256(preimage)), preimage]));

/**
 * Why the channel must go on chain at this height, or undefined when nothing asks for it (BOLT 2, `cltv_expiry_delta`
 * Selection): an HTLC of ours that the peer neither fulfilled nor failed, or one to us whose preimage we know and which
 * the peer could soon take back. One to us that has no output on chain would gain nothing.
 */
export function closeReason(crypto: CryptoBackend, state: MonitorState, height: BlockHeight): string | undefined {
  if (isClosing(state)) return undefined;
  for (const { id, cltvExpiry } of offeredByUs(state)) {
    if (height >= cltvExpiry + deadlines.graceBlocks) {
      return `HTLC ${id} that we offered expired at ${cltvExpiry}, the tip is ${height}`;
    }
  }
  if (state.preimages.length === 0) return undefined;
  const known = preimagesByHash(crypto, state);
  const { commitmentFormat, holder } = state.parameters;
  const { feeratePerKw, htlcs } = state.holder.spec;
  for (const htlc of htlcs) {
    if (htlc.direction !== 'received' || height + deadlines.claimBlocks < htlc.cltvExpiry) continue;
    if (known.has(htlc.paymentHash) && !isTrimmed(commitmentFormat, htlc, feeratePerKw, holder.dustLimitSatoshis)) {
      return `HTLC ${htlc.id} whose preimage we know expires at ${htlc.cltvExpiry}, the tip is ${height}`;
    }
  }
  return undefined;
}
