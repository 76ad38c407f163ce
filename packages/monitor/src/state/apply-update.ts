import {
  assertNever,
  equalBytes,
  err,
  ok,
  outPointKey,
  type PaymentHash,
  paymentHashOf,
  type Result,
} from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelMonitorUpdate, CommitmentSpec, MonitorStep } from '@boltwright/interfaces';
import { insertSecret, type SecretError } from '@boltwright/transactions';
import { encodeUpdate } from '../codec/update-codec.ts';
import type { MonitorState } from './monitor-state.ts';
import { packRevoked, type RevokedCommitment } from './revoked-htlcs.ts';

/** Why an update was not taken; the state is as it was. */
export type UpdateError =
  /** Our commitment may be on its way to the chain, and this would replace it: answered `closing`. */
  | { readonly kind: 'closing' }
  | { readonly kind: 'otherChannel'; readonly expected: string; readonly actual: string }
  | { readonly kind: 'gap'; readonly expected: bigint; readonly actual: bigint }
  /** A known id with other content, or one so old that its content is no longer known. */
  | { readonly kind: 'otherContent'; readonly updateId: bigint }
  | { readonly kind: 'otherFunding'; readonly expected: string; readonly actual: string }
  | { readonly kind: 'wrongPreimage'; readonly paymentHash: PaymentHash }
  | { readonly kind: 'wrongSecret'; readonly error: SecretError }
  | { readonly kind: 'unexpectedCommitment'; readonly whose: 'holder' | 'counterparty'; readonly index: bigint }
  /** A field that has no stored form: outside its range. */
  | { readonly kind: 'unstorable'; readonly message: string };

/** What an update made of a monitor, and what is to be stored for it. */
export interface AppliedUpdate {
  readonly state: MonitorState;
  /** The commitments that it revoked and that have HTLC outputs. */
  readonly revoked: readonly RevokedCommitment[];
  /** The update as it is stored; undefined where it was known already and nothing changed. */
  readonly record: Uint8Array | undefined;
}

/** How many updates back the content of one offered again can be checked. */
export const rememberedUpdates = 32;

/** 16 bytes that tell contents apart. */
export const contentDigest = (crypto: CryptoBackend, bytes: Uint8Array): Uint8Array =>
  crypto.sha256(bytes).subarray(0, 16);

/**
 * The state after an update. Updates are taken in order of their ids; a known one changes nothing.
 *
 * Once the decision to close is made, an update with a new commitment of ours is refused whole and its id stays free;
 * everything else (their commitments, secrets, preimages, scripts) is taken as before: what they may publish matters
 * all the more.
 */
export function applyUpdate(
  crypto: CryptoBackend,
  state: MonitorState,
  update: ChannelMonitorUpdate,
): Result<AppliedUpdate, UpdateError> {
  if (update.channelId !== state.channelId) {
    return err({ kind: 'otherChannel', expected: state.channelId, actual: update.channelId });
  }
  for (const step of update.steps) {
    if (step.kind !== 'holderCommitment') continue;
    const actual = outPointKey(step.commitment.parameters.fundingOutpoint);
    const expected = outPointKey(state.parameters.fundingOutpoint);
    if (actual !== expected) return err({ kind: 'otherFunding', expected, actual });
  }
  let record: Uint8Array;
  try {
    record = encodeUpdate(update);
  } catch (error) {
    return err({ kind: 'unstorable', message: error instanceof Error ? error.message : String(error) });
  }
  const digest = contentDigest(crypto, record);
  if (update.updateId <= state.lastUpdateId) {
    const known = state.digests[state.digests.length - 1 - Number(state.lastUpdateId - update.updateId)];
    return known !== undefined && equalBytes(known, digest)
      ? ok({ state, revoked: [], record: undefined })
      : err({ kind: 'otherContent', updateId: update.updateId });
  }
  const expected = state.lastUpdateId + 1n;
  if (update.updateId !== expected) return err({ kind: 'gap', expected, actual: update.updateId });
  if (isClosing(state) && update.steps.some((step) => step.kind === 'holderCommitment')) {
    return err({ kind: 'closing' });
  }

  const revoked: RevokedCommitment[] = [];
  let next = state;
  for (const step of update.steps) {
    const applied = applyStep(crypto, next, step, revoked);
    if (!applied.ok) return applied;
    next = applied.value;
  }
  return ok({
    state: {
      ...withoutOldPreimages(crypto, next),
      lastUpdateId: update.updateId,
      digests: [...state.digests, digest].slice(-rememberedUpdates),
    },
    revoked,
    record,
  });
}

function applyStep(
  crypto: CryptoBackend,
  state: MonitorState,
  step: MonitorStep,
  revoked: RevokedCommitment[],
): Result<MonitorState, UpdateError> {
  switch (step.kind) {
    case 'holderCommitment': {
      const { spec, counterpartySignatures } = step.commitment;
      if (spec.index < state.holder.spec.index) {
        return err({ kind: 'unexpectedCommitment', whose: 'holder', index: spec.index });
      }
      return ok({ ...state, holder: { spec, counterpartySignatures } });
    }
    case 'counterpartyCommitment':
      return addTheirs(state, step.commitment);
    case 'commitmentSecret': {
      const inserted = insertSecret(crypto, state.secrets, step.index, step.secret);
      if (!inserted.ok) return err({ kind: 'wrongSecret', error: inserted.error });
      for (const spec of state.theirs) {
        if (spec.index !== step.index) continue;
        const htlcs = packRevoked(crypto, state.parameters, spec);
        if (htlcs.length > 0) revoked.push({ index: step.index, htlcs });
      }
      return ok({
        ...state,
        secrets: inserted.value,
        theirs: state.theirs.filter((spec) => spec.index > step.index),
      });
    }
    case 'paymentPreimage': {
      if (step.preimage.length !== 32 || paymentHashOf(crypto.sha256(step.preimage)) !== step.paymentHash) {
        return err({ kind: 'wrongPreimage', paymentHash: step.paymentHash });
      }
      if (state.preimages.some((known) => equalBytes(known, step.preimage))) return ok(state);
      return ok({ ...state, preimages: [...state.preimages, step.preimage] });
    }
    case 'forceClose':
      return ok(decideToClose(state, step.broadcast, step.reason));
    case 'shutdownScript':
      return ok({ ...state, shutdownScript: step.script });
    case 'closingTransaction':
      return ok(
        state.closingTxids.includes(step.txid)
          ? state
          : { ...state, closingTxids: [...state.closingTxids, step.txid].slice(-maxClosings) },
      );
    default:
      return assertNever(step);
  }
}

/** A fee negotiation gives a few; without this bound a peer could make them many. */
const maxClosings = 100;
/** The standing one and the next; each signed anew with other content at most once more. */
const maxTheirs = 4;

function addTheirs(state: MonitorState, spec: CommitmentSpec): Result<MonitorState, UpdateError> {
  const first = state.theirs[0];
  if (spec.index < state.secrets.count || (first !== undefined && spec.index > first.index + 1n)) {
    return err({ kind: 'unexpectedCommitment', whose: 'counterparty', index: spec.index });
  }
  if (state.theirs.length >= maxTheirs) {
    return err({ kind: 'unexpectedCommitment', whose: 'counterparty', index: spec.index });
  }
  return ok({ ...state, theirs: [...state.theirs, spec] });
}

/** The decision, taken once; that a state must not be broadcast stands for good. */
export function decideToClose(state: MonitorState, broadcast: boolean, reason: string): MonitorState {
  const { decision } = state;
  if (decision !== undefined && (broadcast || !decision.broadcast)) return state;
  return { ...state, decision: { broadcast, reason } };
}

/** A preimage is needed while its HTLC stands in a commitment that may be published. */
function withoutOldPreimages(crypto: CryptoBackend, state: MonitorState): MonitorState {
  if (state.preimages.length === 0) return state;
  const live = new Set<string>();
  for (const spec of [state.holder.spec, ...state.theirs]) for (const htlc of spec.htlcs) live.add(htlc.paymentHash);
  const preimages = state.preimages.filter((preimage) => live.has(paymentHashOf(crypto.sha256(preimage))));
  return preimages.length === state.preimages.length ? state : { ...state, preimages };
}

/** Whether our commitment may be on its way to the chain, or the funding output is spent: ours stays as it is. */
export const isClosing = (state: MonitorState): boolean => state.decision !== undefined || state.confirmed.length > 0;
