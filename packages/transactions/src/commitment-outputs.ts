import type { Sat, Script } from '@boltwright/base';
import { compareBytes, paymentHashBytes } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { CommitmentHtlc, CommitmentSpec } from '@boltwright/interfaces';
import type { CommitmentKeys, CommitmentSides } from './commitment-keys.ts';
import { commitmentCost, trimThreshold } from './fees.ts';
import type { CommitmentRules } from './format/commitment-rules.ts';
import { type HtlcScripts, htlcScripts } from './scripts/htlc.ts';
import { p2wsh } from './scripts/templates.ts';
import { delayedWitnessScript } from './scripts/to-local.ts';
import { anchorWitnessScript } from './scripts/to-remote.ts';

interface OutputBase {
  /** The output's index in the transaction. */
  readonly vout: number;
  readonly value: Sat;
  readonly script: Script;
}

/** The HTLC's output, with what spends it. */
export interface HtlcOutput extends OutputBase {
  readonly kind: 'htlc';
  readonly witnessScript: Script;
  readonly htlc: CommitmentHtlc;
  /** Where the HTLC stands in `spec.htlcs`. */
  readonly htlcIndex: number;
}

/** An output of a commitment (BOLT 3, Commitment Transaction Outputs), seen from its broadcaster. */
export type CommitmentOutput =
  /** The broadcaster's own, delayed and revocable. */
  | (OutputBase & { readonly kind: 'toLocal'; readonly witnessScript: Script })
  /** The countersigner's. The script is undefined where the format pays to a key hash. */
  | (OutputBase & { readonly kind: 'toRemote'; readonly witnessScript: Script | undefined })
  | (OutputBase & {
      readonly kind: 'anchor';
      readonly owner: 'broadcaster' | 'countersigner';
      readonly witnessScript: Script;
    })
  | HtlcOutput;

type Unplaced = CommitmentOutput extends infer Output ? (Output extends unknown ? Omit<Output, 'vout'> : never) : never;

/** What a commitment pays, before it is a transaction. */
export interface CommitmentOutputs {
  /** In the transaction's order (BOLT 3, Transaction Output Ordering). */
  readonly outputs: readonly CommitmentOutput[];
  /** Where the HTLCs without an output stand in `spec.htlcs`, in that order. */
  readonly trimmed: readonly number[];
  /** The script of `to_local`, which the outputs of all HTLC transactions have as well, whether or not it is there. */
  readonly delayed: { readonly script: Script; readonly witnessScript: Script };
}

const zero = 0n as Sat;

function ordered(a: Unplaced, b: Unplaced): number {
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  const scripts = compareBytes(a.script, b.script);
  if (scripts !== 0) return scripts;
  return a.kind === 'htlc' && b.kind === 'htlc' ? a.htlc.cltvExpiry - b.htlc.cltvExpiry : 0;
}

const scriptsOf = (crypto: CryptoBackend, rules: CommitmentRules, keys: CommitmentKeys): HtlcScripts =>
  htlcScripts(
    {
      revocationPubkeyHash: crypto.hash160(keys.revocationPubkey),
      broadcasterHtlcPubkey: keys.broadcasterHtlcPubkey,
      countersignerHtlcPubkey: keys.countersignerHtlcPubkey,
    },
    rules.htlcSequence === 1,
  );

/** BOLT 3, Commitment Transaction Construction, steps 2 to 9. */
export function commitmentOutputs(
  crypto: CryptoBackend,
  rules: CommitmentRules,
  sides: CommitmentSides,
  keys: CommitmentKeys,
  spec: CommitmentSpec,
): CommitmentOutputs {
  const { format } = rules;
  const dustLimit = sides.broadcaster.dustLimitSatoshis;
  const thresholds = {
    offered: trimThreshold(format, 'offered', spec.feeratePerKw, dustLimit),
    received: trimThreshold(format, 'received', spec.feeratePerKw, dustLimit),
  };
  let scripts: HtlcScripts | undefined;
  const unplaced: Unplaced[] = [];
  const trimmed: number[] = [];
  for (const [htlcIndex, htlc] of spec.htlcs.entries()) {
    const value = (htlc.amountMsat / 1000n) as Sat;
    if (value < thresholds[htlc.direction]) {
      trimmed.push(htlcIndex);
      continue;
    }
    scripts ??= scriptsOf(crypto, rules, keys);
    const hash = crypto.ripemd160(paymentHashBytes(htlc.paymentHash));
    const witnessScript =
      htlc.direction === 'offered' ? scripts.offered(hash) : scripts.received(hash, htlc.cltvExpiry);
    unplaced.push({ kind: 'htlc', value, script: p2wsh(crypto, witnessScript), witnessScript, htlc, htlcIndex });
  }
  const htlcCount = unplaced.length;

  // The opener pays base fee and anchors; what it does not have, the fee lacks (BOLT 3's vectors do the same).
  const cost = commitmentCost(format, spec.feeratePerKw, htlcCount);
  const less = (amount: bigint, pays: boolean): Sat =>
    !pays ? (amount as Sat) : amount > cost ? ((amount - cost) as Sat) : zero;
  const toLocal = less(spec.toBroadcasterMsat / 1000n, sides.broadcasterIsOpener);
  const toRemote = less(spec.toCountersignerMsat / 1000n, !sides.broadcasterIsOpener);

  const delayedScript = delayedWitnessScript(
    keys.revocationPubkey,
    sides.countersigner.toSelfDelay,
    keys.broadcasterDelayedPubkey,
  );
  const delayed = { script: p2wsh(crypto, delayedScript), witnessScript: delayedScript };
  // An output of nothing is none, also for a broadcaster whose dust limit is 0.
  const hasToLocal = toLocal >= dustLimit && toLocal > 0n;
  const hasToRemote = toRemote >= dustLimit && toRemote > 0n;
  if (hasToLocal) unplaced.push({ kind: 'toLocal', value: toLocal, ...delayed });
  if (hasToRemote) {
    unplaced.push({ kind: 'toRemote', value: toRemote, ...rules.toRemote(crypto, keys.countersignerPaymentPubkey) });
  }
  const value = rules.anchorSatoshis;
  if (value !== undefined) {
    for (const owner of ['broadcaster', 'countersigner'] as const) {
      if (!(htlcCount > 0 || (owner === 'broadcaster' ? hasToLocal : hasToRemote))) continue;
      const witnessScript = anchorWitnessScript(sides[owner].pubkeys.fundingPubkey);
      unplaced.push({ kind: 'anchor', owner, value, script: p2wsh(crypto, witnessScript), witnessScript });
    }
  }
  unplaced.sort(ordered);
  return { outputs: unplaced.map((output, vout) => ({ ...output, vout })), trimmed, delayed };
}
