import { equalBytes, type OutPointKey, outPointKey } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { commitmentRules, type Transaction } from '@boltwright/transactions';
import type { ConfirmedTransaction, MonitorState } from '../state/monitor-state.ts';
import { type Classified, classifySpend, type RevokedHtlcs, toRemoteScript } from './classify-spend.ts';
import { parsed } from './parsed.ts';
import type { CloseView, OutputUse, TrackedOutput } from './tracked-output.ts';

interface Known {
  readonly holder: MonitorState['holder'];
  readonly theirs: MonitorState['theirs'];
  readonly view: CloseView | undefined;
}
const views = new WeakMap<MonitorState['confirmed'], Known>();

/**
 * What became of the funding output and of all that came out of it, from the confirmed transactions: nothing is
 * remembered between blocks that a reorg would have to take back. Undefined while it is unspent.
 */
export function closeView(
  crypto: CryptoBackend,
  state: MonitorState,
  revokedHtlcs: RevokedHtlcs,
): CloseView | undefined {
  const before = views.get(state.confirmed);
  if (before !== undefined && before.holder === state.holder && before.theirs === state.theirs) return before.view;
  const view = workOut(crypto, state, revokedHtlcs);
  views.set(state.confirmed, { holder: state.holder, theirs: state.theirs, view });
  return view;
}

function workOut(crypto: CryptoBackend, state: MonitorState, revokedHtlcs: RevokedHtlcs): CloseView | undefined {
  const [first, ...later] = state.confirmed;
  const transaction = first && parsed(first);
  if (first === undefined || transaction === undefined) return undefined;
  const classified = classifySpend(crypto, state, first.txid, transaction, revokedHtlcs);
  const outputs = new Map<OutPointKey, TrackedOutput>();
  addOutputs(outputs, first, transaction, (output, vout) => firstUse(crypto, state, classified, output, vout));
  for (const confirmed of later) {
    const spender = parsed(confirmed);
    if (spender === undefined) continue;
    let tookClaim = false;
    for (const { outpoint, witness } of spender.inputs) {
      const key = outPointKey(outpoint);
      const output = outputs.get(key);
      if (output === undefined) continue;
      outputs.set(key, { ...output, spent: { txid: confirmed.txid, height: confirmed.height, witness } });
      tookClaim ||= output.use.kind !== 'wallet' && output.use.kind !== 'sweep';
    }
    if (tookClaim) {
      addOutputs(outputs, confirmed, spender, (output) => laterUse(state, classified, output));
    }
  }
  return {
    spend: classified.spend,
    txid: first.txid,
    height: first.height,
    outputs: [...outputs.values()],
    commitment: 'commitment' in classified ? classified.commitment : undefined,
  };
}

type Output = Transaction['outputs'][number];

function addOutputs(
  outputs: Map<OutPointKey, TrackedOutput>,
  { txid, height }: ConfirmedTransaction,
  transaction: Transaction,
  useOf: (output: Output, vout: number) => OutputUse | undefined,
): void {
  for (const [vout, output] of transaction.outputs.entries()) {
    const use = useOf(output, vout);
    if (use === undefined) continue;
    const outpoint = { txid, vout };
    outputs.set(outPointKey(outpoint), { outpoint, ...output, height, use, spent: undefined });
  }
}

/** Of the transaction that spends the funding output. */
function firstUse(
  crypto: CryptoBackend,
  state: MonitorState,
  classified: Classified,
  output: Output,
  vout: number,
): OutputUse | undefined {
  const { parameters } = state;
  const { value } = output;
  const rules = commitmentRules(parameters.commitmentFormat);
  const toRemote: OutputUse = {
    kind: 'sweep',
    claim: { kind: 'toRemote', parameters, value },
    delay: rules.toRemoteSequence === 1 ? 1 : 0,
  };
  switch (classified.spend) {
    case 'cooperative':
      return paysUs(state, output) ? { kind: 'wallet' } : undefined;
    case 'unknown':
      // All that BOLT 5 leaves us of a commitment that we know nothing of: `to_remote` has a key of ours, untweaked.
      return equalBytes(output.script, toRemoteScript(crypto, state).script) ? toRemote : undefined;
    case 'holder': {
      const ours = classified.commitment.outputs[vout];
      if (ours?.kind === 'toLocal') return delayed(state, classified, output);
      return ours?.kind === 'htlc' ? { kind: 'holderHtlc', htlc: ours.htlc, output: ours } : undefined;
    }
    case 'counterparty': {
      const theirs = classified.commitment.outputs[vout];
      if (theirs?.kind === 'toRemote') return toRemote;
      if (theirs?.kind !== 'htlc') return undefined;
      const { witnessScript, htlc } = theirs;
      const { perCommitmentPoint } = classified.commitment.spec;
      return { kind: 'theirHtlc', htlc, claim: { parameters, perCommitmentPoint, witnessScript, value } };
    }
    default: {
      if (equalBytes(output.script, toRemoteScript(crypto, state).script)) return toRemote;
      const { scripts } = classified;
      const htlc = scripts.htlcs.find(({ script }) => equalBytes(script, output.script));
      if (htlc === undefined) return revokedDelayed(state, classified, output);
      const { perCommitmentSecret } = scripts;
      return {
        kind: 'revokedHtlc',
        claim: { parameters, perCommitmentSecret, witnessScript: htlc.witnessScript, value },
        revocationPubkey: scripts.keys.revocationPubkey,
        direction: htlc.htlc.direction,
        paymentHash160: htlc.htlc.paymentHash160,
      };
    }
  }
}

/** Of a transaction that spends an output which was, or still might have been, claimed. */
function laterUse(state: MonitorState, classified: Classified, output: Output): OutputUse | undefined {
  if (equalBytes(output.script, state.destinationScript)) return { kind: 'wallet' };
  if (classified.spend === 'holder') return delayed(state, classified, output);
  // The cheater's HTLC transactions pay to a script that the revocation key opens as well.
  return classified.spend === 'revoked' ? revokedDelayed(state, classified, output) : undefined;
}

const paysUs = (state: MonitorState, { script }: Output): boolean =>
  equalBytes(script, state.destinationScript) ||
  (state.shutdownScript !== undefined && equalBytes(script, state.shutdownScript));

function delayed(
  { parameters }: MonitorState,
  { commitment }: Extract<Classified, { readonly spend: 'holder' | 'counterparty' }>,
  { script, value }: Output,
): OutputUse | undefined {
  if (!equalBytes(script, commitment.delayed.script)) return undefined;
  const { perCommitmentPoint } = commitment.spec;
  const { witnessScript } = commitment.delayed;
  return {
    kind: 'sweep',
    claim: { kind: 'delayed', parameters, perCommitmentPoint, witnessScript, value },
    delay: parameters.counterparty.toSelfDelay,
  };
}

function revokedDelayed(
  { parameters }: MonitorState,
  { scripts }: Extract<Classified, { readonly spend: 'revoked' }>,
  { script, value }: Output,
): OutputUse | undefined {
  if (!equalBytes(script, scripts.delayed.script)) return undefined;
  const { perCommitmentSecret } = scripts;
  const { witnessScript } = scripts.delayed;
  return { kind: 'revokedDelayed', claim: { parameters, perCommitmentSecret, witnessScript, value } };
}
