import {
  type Answer,
  type FeeratePerKw,
  pending,
  type RawTransaction,
  ready,
  type Sat,
  type Script,
} from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelSigner, SpendableOutput, SweepClaim } from '@boltwright/interfaces';
import {
  delayedWitness,
  dustThreshold,
  feeForWeight,
  inputWeight,
  outputWeight,
  p2wpkhWitness,
  signatureWitness,
  type Transaction,
  toRawTransaction,
  toRemoteAnchorsWitnessScript,
  transactionOverheadWeight,
  unsignedInput,
  withWitness,
  witnessWeights,
} from '@boltwright/transactions';

/** An output that waits to be swept. */
export type SweepOutput = SpendableOutput & {
  readonly claim: Extract<SpendableOutput['claim'], { readonly kind: 'sweep' }>;
};

/** Below this nothing is relayed: satoshis per 1000 weight units. */
export const leastFeerate = 253 as FeeratePerKw;

/** Weight of the input that spends such an output, its signature taken at its longest. */
export function sweepInputWeight({ kind, parameters }: SweepClaim): number {
  const { toLocalDelayed, toRemote } = witnessWeights(parameters.commitmentFormat);
  return inputWeight + (kind === 'delayed' ? toLocalDelayed : toRemote);
}

/** The outputs that are worth more than it costs to spend them. */
export const worthSweeping = (outputs: readonly SweepOutput[], feerate: FeeratePerKw): readonly SweepOutput[] =>
  outputs.filter(({ value, claim }) => value > feeForWeight(feerate, sweepInputWeight(claim.claim)));

/**
 * One transaction from all these outputs to `script`, not signed.
 *
 * @returns undefined where the fee leaves less than what is relayed.
 */
export function sweepTransaction(
  outputs: readonly SweepOutput[],
  script: Script,
  feerate: FeeratePerKw,
): Transaction | undefined {
  const weight = outputs.reduce(
    (sum, { claim }) => sum + sweepInputWeight(claim.claim),
    transactionOverheadWeight + outputWeight(script.length),
  );
  const total = outputs.reduce((sum, output) => sum + output.value, 0n);
  const value = total - feeForWeight(feerate, weight) - 1n; // rounded up: at the least feerate that is what is relayed
  if (outputs.length === 0 || value < dustThreshold(script)) return undefined;
  return {
    version: 2,
    // BIP 68: blocks since the output's own; 0xfffffffd asks for none and may be replaced (BIP 125).
    inputs: outputs.map(({ outpoint, claim }) =>
      unsignedInput(outpoint, claim.delay === 0 ? 0xffff_fffd : claim.delay),
    ),
    outputs: [{ value: value as Sat, script }],
    lockTime: 0,
  };
}

/** Signs every input, each by the signer of its output's channel, in the outputs' order. */
export function signSweep(
  crypto: CryptoBackend,
  unsigned: Transaction,
  outputs: readonly SweepOutput[],
  signerOf: (output: SweepOutput) => ChannelSigner,
): Answer<RawTransaction> {
  const raw = toRawTransaction(crypto, unsigned);
  let signed = unsigned;
  for (const [input, output] of outputs.entries()) {
    const signer = signerOf(output);
    const { claim } = output.claim;
    const answer = signer.signSweep(raw, input, claim);
    if (answer.kind === 'pending') return pending;
    signed = withWitness(signed, input, sweepWitness(signer, claim, answer.value));
  }
  return ready(toRawTransaction(crypto, signed));
}

/** BOLT 3: `to_local` and HTLC outputs by the delayed branch; `to_remote` by its format. */
function sweepWitness({ pubkeys }: ChannelSigner, claim: SweepClaim, signature: Uint8Array): readonly Uint8Array[] {
  if (claim.kind === 'delayed') return delayedWitness(signature, claim.witnessScript);
  return claim.parameters.commitmentFormat === 'anchors'
    ? signatureWitness(signature, toRemoteAnchorsWitnessScript(pubkeys.paymentBasepoint))
    : p2wpkhWitness(signature, pubkeys.paymentBasepoint);
}
