import type { Script } from '@boltwright/base';
import { equalBytes, type Txid } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import {
  type BuiltCommitment,
  buildCommitment,
  type CommitmentKeys,
  commitmentNumber,
  commitmentRules,
  commitmentSides,
  delayedWitnessScript,
  deriveCommitmentKeys,
  htlcScripts,
  obscuringFactor,
  p2wsh,
  secretAt,
  type Transaction,
} from '@boltwright/transactions';
import type { MonitorState } from '../state/monitor-state.ts';
import { type RevokedHtlc, unpackRevoked } from '../state/revoked-htlcs.ts';

/** The packed HTLCs of a revoked commitment of theirs; empty where it had none. */
export type RevokedHtlcs = (index: bigint) => Uint8Array;

/** A revoked commitment as far as punishing needs it. */
export interface RevokedScripts {
  readonly perCommitmentSecret: Uint8Array;
  readonly keys: CommitmentKeys;
  readonly delayed: { readonly script: Script; readonly witnessScript: Script };
  readonly htlcs: readonly { readonly htlc: RevokedHtlc; readonly script: Script; readonly witnessScript: Script }[];
}

/** Whose transaction spent the funding output (BOLT 5, the five ways a channel ends). */
export type Classified =
  | { readonly spend: 'cooperative' }
  | { readonly spend: 'holder' | 'counterparty'; readonly commitment: BuiltCommitment }
  | { readonly spend: 'revoked'; readonly scripts: RevokedScripts }
  /** A commitment that we do not know: one of theirs that is newer than our data, or an old one of ours. */
  | { readonly spend: 'unknown' };

/** @param transaction - spends the channel's funding output. */
export function classifySpend(
  crypto: CryptoBackend,
  state: MonitorState,
  txid: Txid,
  transaction: Transaction,
  revokedHtlcs: RevokedHtlcs,
): Classified {
  if (state.closingTxids.includes(txid)) return { spend: 'cooperative' };
  const factor = obscuringFactor(crypto, state.parameters);
  const number = commitmentNumber(factor, transaction);
  // Whatever else spends it carries our signature, and besides commitments we sign mutual closes alone.
  if (number === undefined) return { spend: 'cooperative' };

  const known = { obscuringFactor: factor };
  if (number === state.holder.spec.index) {
    const commitment = buildCommitment(crypto, state.parameters, 'holder', state.holder.spec, known);
    if (commitment.raw.txid === txid) return { spend: 'holder', commitment };
  }
  for (const spec of state.theirs) {
    if (number !== spec.index) continue;
    const commitment = buildCommitment(crypto, state.parameters, 'counterparty', spec, known);
    if (commitment.raw.txid === txid) return { spend: 'counterparty', commitment };
  }
  const secret = secretAt(crypto, state.secrets, number);
  if (secret === undefined) return { spend: 'unknown' };
  const scripts = revokedScripts(crypto, state, secret, unpackRevoked(revokedHtlcs(number)));
  // Our own old commitments have numbers too: theirs pays to keys that come of the secret, or to us.
  const theirs = [scripts.delayed, ...scripts.htlcs, { script: toRemoteScript(crypto, state).script }];
  const isTheirs = transaction.outputs.some((output) => theirs.some(({ script }) => equalBytes(script, output.script)));
  return isTheirs ? { spend: 'revoked', scripts } : { spend: 'unknown' };
}

/** Where every commitment of theirs pays us: its script needs nothing but our payment key. */
export const toRemoteScript = (crypto: CryptoBackend, state: MonitorState) =>
  commitmentRules(state.parameters.commitmentFormat).toRemote(crypto, state.parameters.holder.pubkeys.paymentBasepoint);

function revokedScripts(
  crypto: CryptoBackend,
  { parameters }: MonitorState,
  perCommitmentSecret: Uint8Array,
  htlcs: readonly RevokedHtlc[],
): RevokedScripts {
  const keys = deriveCommitmentKeys(crypto, parameters, 'counterparty', crypto.publicKey(perCommitmentSecret));
  const { countersigner } = commitmentSides(parameters, 'counterparty');
  const witnessScript = delayedWitnessScript(
    keys.revocationPubkey,
    countersigner.toSelfDelay,
    keys.broadcasterDelayedPubkey,
  );
  const scripts = htlcScripts(
    {
      revocationPubkeyHash: crypto.hash160(keys.revocationPubkey),
      broadcasterHtlcPubkey: keys.broadcasterHtlcPubkey,
      countersignerHtlcPubkey: keys.countersignerHtlcPubkey,
    },
    commitmentRules(parameters.commitmentFormat).htlcSequence === 1,
  );
  return {
    perCommitmentSecret,
    keys,
    delayed: { script: p2wsh(crypto, witnessScript), witnessScript },
    htlcs: htlcs.map((htlc) => {
      const htlcScript =
        htlc.direction === 'offered'
          ? scripts.offered(htlc.paymentHash160)
          : scripts.received(htlc.paymentHash160, htlc.cltvExpiry);
      return { htlc, script: p2wsh(crypto, htlcScript), witnessScript: htlcScript };
    }),
  };
}
