import {
  type BlockHeight,
  equalBytes,
  outPointKey,
  type PaymentHash,
  paymentHashBytes,
  paymentHashOf,
  type RawTransaction,
} from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { CommitmentHtlc, MonitorEvent, SpendableOutput } from '@boltwright/interfaces';
import { deadlines } from '../deadlines.ts';
import { decideToClose } from '../state/apply-update.ts';
import type { MonitorState } from '../state/monitor-state.ts';
import { nextBids } from './bids.ts';
import { canStillBeClaimed } from './claimable.ts';
import { withCloseBid } from './close-bid.ts';
import { closeReason } from './close-deadline.ts';
import { closeView } from './close-view.ts';
import { offeredByUs } from './live-htlcs.ts';
import type { ReactionEnv } from './reaction-env.ts';
import type { CloseView, TrackedOutput } from './tracked-output.ts';

/** What a block means for one channel: the next state, and what others must hear of. */
export interface Reaction {
  readonly state: MonitorState;
  readonly events: readonly MonitorEvent[];
  readonly spendable: readonly SpendableOutput[];
}

/**
 * The reaction to the tip's new height, once the block's transactions are in `state.confirmed`. What is to be
 * broadcast follows from the state (`transactionsToBroadcast`), once that is durable.
 */
export function onBlock(state: MonitorState, height: BlockHeight, env: ReactionEnv): Reaction {
  if (state.resolved) return { state, events: [], spendable: [] };
  const view = closeView(env.crypto, state, env.revokedHtlcs);
  if (view !== undefined) return onClose(state, view, height, env);
  const reason = closeReason(env.crypto, state, height);
  if (reason === undefined) return { state: withCloseBid(state, height, env), events: [], spendable: [] };
  return {
    state: withCloseBid(decideToClose(state, true, reason), height, env),
    events: [{ kind: 'closing', channelId: state.channelId, reason }],
    spendable: [],
  };
}

/** Confirmations of what is in a block of that height. */
const depth = (tip: BlockHeight, height: BlockHeight): number => tip - height + 1;

function onClose(state: MonitorState, view: CloseView, height: BlockHeight, env: ReactionEnv): Reaction {
  const { crypto } = env;
  const { channelId } = state;
  const told = new Set(state.told);
  const events: MonitorEvent[] = [];
  const tell = (name: string, event: MonitorEvent): void => {
    if (told.has(name)) return;
    told.add(name);
    events.push(event);
  };
  tell(fundingSpentName(view), {
    kind: 'fundingSpent',
    channelId,
    txid: view.txid,
    spend: view.spend,
    height: view.height,
  });

  const buried = (at: BlockHeight): boolean => depth(height, at) >= deadlines.burialBlocks;
  const shown = shownPreimages(crypto, view);
  // The manager settles by the first outcome it hears of: an HTLC has one.
  for (const htlc of offeredByUs(state)) {
    const { id: htlcId, paymentHash } = htlc;
    const name = `htlc:${htlcId}`;
    const preimage = shown.get(paymentHash);
    if (preimage !== undefined) {
      tell(name, { kind: 'htlcFulfilledOnChain', channelId, htlcId, paymentHash, preimage });
    } else if (view.spend !== 'unknown' && isBackWithUs(crypto, view, htlc, buried, height)) {
      tell(name, { kind: 'htlcTimedOutOnChain', channelId, htlcId, paymentHash });
    }
  }

  const spendable: SpendableOutput[] = [];
  for (const output of view.outputs) {
    const found = spendableOutput(state, output, depth(height, output.height));
    const name = `out:${outPointKey(output.outpoint)}`;
    if (found === undefined || told.has(name)) continue;
    told.add(name);
    spendable.push(found);
  }

  const next = {
    ...state,
    told: told.size === state.told.length ? state.told : [...told],
    bids: nextBids(state, view, height, env),
  };
  const settled = (output: TrackedOutput): boolean => {
    if (output.use.kind === 'wallet' || output.use.kind === 'sweep') {
      return told.has(`out:${outPointKey(output.outpoint)}`);
    }
    if (output.spent !== undefined) return buried(output.spent.height);
    return !canStillBeClaimed(crypto, state, output, height);
  };
  const htlcsSettled = view.spend === 'unknown' || offeredByUs(state).every((htlc) => told.has(`htlc:${htlc.id}`));
  if (!buried(view.height) || !htlcsSettled || !view.outputs.every(settled)) return { state: next, events, spendable };
  tell('resolved', { kind: 'resolved', channelId });
  return { state: { ...next, told: [...told], resolved: true }, events, spendable };
}

/** The name under which it is remembered that the spend was told. */
export const fundingSpentName = (view: Pick<CloseView, 'txid'>): string => `spent:${view.txid}`;

/** Every preimage that a witness shows, whoever showed it, by its hash. */
function shownPreimages(crypto: CryptoBackend, view: CloseView): ReadonlyMap<PaymentHash, Uint8Array> {
  const shown = new Map<PaymentHash, Uint8Array>();
  for (const { spent } of view.outputs) {
    for (const item of spent?.witness ?? []) {
      if (item.length === 32) shown.set(paymentHashOf(crypto.sha256(item)), item);
    }
  }
  return shown;
}

/**
 * Whether an HTLC that we offered is ours again for good (BOLT 5, HTLC Output Handling): its output was spent without
 * its preimage, by us therefore, or there is no output of it in the commitment that confirmed; either of it buried.
 */
function isBackWithUs(
  crypto: CryptoBackend,
  view: CloseView,
  htlc: CommitmentHtlc,
  buried: (height: BlockHeight) => boolean,
  height: BlockHeight,
): boolean {
  if (!buried(view.height)) return false;
  const hash160 = crypto.ripemd160(paymentHashBytes(htlc.paymentHash));
  for (const { use, spent, value } of view.outputs) {
    const isIts =
      use.kind === 'revokedHtlc'
        ? equalBytes(use.paymentHash160, hash160)
        : (use.kind === 'holderHtlc' || use.kind === 'theirHtlc') &&
          use.htlc.id === htlc.id &&
          use.htlc.direction === (use.kind === 'holderHtlc' ? 'offered' : 'received');
    if (!isIts) continue;
    if (spent === undefined ? !isForgone(value, htlc, height) : !buried(spent.height)) return false;
  }
  return true;
}

/** An output not worth its own claim, long after its expiry: it is treated as one that was trimmed. */
const isForgone = (value: bigint, htlc: CommitmentHtlc, height: BlockHeight): boolean =>
  value < forgoneBelow && height >= htlc.cltvExpiry + forgoneAfter;
const forgoneBelow = 1000n;
const forgoneAfter = 144;

function spendableOutput(
  { channelKeysId }: MonitorState,
  { outpoint, value, script, use }: TrackedOutput,
  confirmations: number,
): SpendableOutput | undefined {
  const common = { outpoint, value, script, channelKeysId };
  if (use.kind === 'wallet') {
    return confirmations >= deadlines.burialBlocks ? { ...common, claim: { kind: 'wallet' } } : undefined;
  }
  if (use.kind !== 'sweep' || confirmations < Math.max(deadlines.burialBlocks, use.delay)) return undefined;
  return { ...common, claim: { kind: 'sweep', claim: use.claim, delay: use.delay } };
}

/** The state with a transaction of a block that spends something of it. */
export const withConfirmed = (state: MonitorState, raw: RawTransaction, height: BlockHeight): MonitorState =>
  state.confirmed.some((known) => known.txid === raw.txid)
    ? state
    : { ...state, confirmed: [...state.confirmed, { txid: raw.txid, bytes: raw.bytes, height }] };

/** The state once the blocks above `height` are gone; the same object where it had nothing of them. */
export function withoutAbove(state: MonitorState, height: BlockHeight): MonitorState {
  const kept = state.confirmed.filter((confirmed) => confirmed.height <= height);
  if (kept.length === state.confirmed.length) return state;
  const first = state.confirmed[0];
  const spent = first !== undefined && kept.length === 0 ? fundingSpentName(first) : undefined;
  return { ...state, confirmed: kept, told: state.told.filter((name) => name !== spent) };
}
