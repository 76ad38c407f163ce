import type { Script } from '@boltwright/base';
import { compareBytes } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelTransactionParameters } from '@boltwright/interfaces';
import { OPS } from 'bitcoinjs-lib/src/ops';
import { witnessSignature } from '../chain/signature.ts';
import { p2wsh, push, scriptOf } from './templates.ts';

/** `2 <pubkey1> <pubkey2> 2 OP_CHECKMULTISIG`, the lesser key first (BOLT 3, Funding Transaction Output). 71 bytes. */
export function fundingWitnessScript(a: Uint8Array, b: Uint8Array): Script {
  const [first, second] = compareBytes(a, b) <= 0 ? [a, b] : [b, a];
  return scriptOf(OPS.OP_2, push(first), push(second), OPS.OP_2, OPS.OP_CHECKMULTISIG);
}

/** The funding output's script, 34 bytes. @param a - 33 bytes, either side's `funding_pubkey`; `b` the other's. */
export const fundingScript = (crypto: CryptoBackend, a: Uint8Array, b: Uint8Array): Script =>
  p2wsh(crypto, fundingWitnessScript(a, b));

/** Of a channel: the script that commitments and closing transactions sign. */
export const channelWitnessScript = (parameters: ChannelTransactionParameters): Script =>
  fundingWitnessScript(parameters.holder.pubkeys.fundingPubkey, parameters.counterparty.pubkeys.fundingPubkey);

/**
 * `0 <signature_for_pubkey1> <signature_for_pubkey2>` and the script: spends the funding output.
 *
 * @param holder - 64 bytes, our signature (SIGHASH_ALL); `counterparty` theirs.
 */
export function fundingWitness(
  parameters: ChannelTransactionParameters,
  holder: Uint8Array,
  counterparty: Uint8Array,
): readonly Uint8Array[] {
  const ours = parameters.holder.pubkeys.fundingPubkey;
  const theirs = parameters.counterparty.pubkeys.fundingPubkey;
  const signatures = compareBytes(ours, theirs) <= 0 ? [holder, counterparty] : [counterparty, holder];
  return [
    new Uint8Array(0),
    ...signatures.map((signature) => witnessSignature(signature)),
    fundingWitnessScript(ours, theirs),
  ];
}
