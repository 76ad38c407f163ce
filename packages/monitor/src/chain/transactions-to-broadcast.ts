import {
  type Answer,
  assertNever,
  type BlockHeight,
  pending,
  type RawTransaction,
  ready,
  type Sat,
} from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelSigner } from '@boltwright/interfaces';
import {
  buildCommitment,
  htlcExpiredWitness,
  htlcPreimageWitness,
  htlcTransaction,
  revokedDelayedWitness,
  revokedHtlcWitness,
  signedCommitment,
  signedHtlcTransaction,
  type Transaction,
  toRawTransaction,
  unsignedInput,
  withWitness,
} from '@boltwright/transactions';
import type { MonitorState } from '../state/monitor-state.ts';
import { claimsOfBid, feeOfClaims } from './bids.ts';
import type { Claim } from './claimable.ts';
import type { RevokedHtlcs } from './classify-spend.ts';
import { preimagesByHash } from './close-deadline.ts';
import { closeView } from './close-view.ts';
import type { CloseView } from './tracked-output.ts';

/** What making transactions takes. */
export interface BroadcastEnv {
  readonly crypto: CryptoBackend;
  readonly signer: ChannelSigner;
  readonly revokedHtlcs: RevokedHtlcs;
}

/**
 * All that should be on its way to the chain at this height, made and signed anew: equal states give equal bytes.
 * What the signer leaves pending is left out until the next time.
 *
 * Requirements: `state` is durable (ARCHITECTURE.md, rule 5).
 */
export function transactionsToBroadcast(
  state: MonitorState,
  height: BlockHeight,
  env: BroadcastEnv,
): readonly RawTransaction[] {
  if (state.resolved) return [];
  const view = closeView(env.crypto, state, env.revokedHtlcs);
  const made =
    view === undefined
      ? [holderCommitment(state, env)]
      : [...holderHtlcs(state, view, height, env), ...bidTransactions(state, view, height, env)];
  return made.flatMap((answer) => (answer?.kind === 'ready' ? [answer.value] : []));
}

function holderCommitment(state: MonitorState, { crypto, signer }: BroadcastEnv): Answer<RawTransaction> | undefined {
  if (state.decision?.broadcast !== true) return undefined;
  const { parameters, holder } = state;
  const answer = signer.signHolderCommitment({ parameters, ...holder });
  if (answer.kind === 'pending') return pending;
  const commitment = buildCommitment(crypto, parameters, 'holder', holder.spec);
  return ready(signedCommitment(commitment, answer.value, holder.counterpartySignatures.signature));
}

/** HTLC-timeout and HTLC-success transactions of our commitment, where they carry their fee (BOLT 3). */
function holderHtlcs(
  state: MonitorState,
  { commitment, outputs, spend }: CloseView,
  height: BlockHeight,
  { crypto, signer }: BroadcastEnv,
): readonly Answer<RawTransaction>[] {
  if (spend !== 'holder' || commitment === undefined || !commitment.rules.htlcTransactionsPayFees) return [];
  const preimages = preimagesByHash(crypto, state);
  return outputs.flatMap(({ use, spent }) => {
    if (use.kind !== 'holderHtlc' || spent !== undefined) return [];
    const { direction, cltvExpiry, paymentHash } = use.htlc;
    const preimage = direction === 'received' ? preimages.get(paymentHash) : undefined;
    if (direction === 'offered' ? height < cltvExpiry : preimage === undefined) return [];
    const countersignature = state.holder.counterpartySignatures.htlcSignatures[commitment.htlcs.indexOf(use.output)];
    if (countersignature === undefined) return [];
    const { witnessScript, value } = use.output;
    const answer = signer.signHolderHtlc(toRawTransaction(crypto, htlcTransaction(commitment, use.output)), 0, {
      parameters: state.parameters,
      perCommitmentPoint: commitment.spec.perCommitmentPoint,
      witnessScript,
      value,
    });
    if (answer.kind === 'pending') return [];
    return [ready(signedHtlcTransaction(crypto, commitment, use.output, countersignature, answer.value, preimage))];
  });
}

function bidTransactions(
  state: MonitorState,
  view: CloseView,
  height: BlockHeight,
  env: BroadcastEnv,
): readonly (Answer<RawTransaction> | undefined)[] {
  return state.bids.map((bid) => {
    const claims = claimsOfBid(env, state, view, bid, height);
    if (claims.length === 0) return undefined;
    const fee = feeOfClaims(state, claims, bid.feeratePerKw);
    return fee === undefined ? undefined : claimTransaction(state, claims, fee, env);
  });
}

/** One transaction that makes all these claims and pays to the destination script. */
function claimTransaction(
  state: MonitorState,
  claims: readonly Claim[],
  fee: Sat,
  { crypto, signer }: BroadcastEnv,
): Answer<RawTransaction> {
  const value = claims.reduce((sum, { output }) => sum + output.value, 0n);
  const unsigned: Transaction = {
    version: 2,
    inputs: claims.map(({ output, sequence }) => unsignedInput(output.outpoint, sequence)),
    outputs: [{ value: (value - fee) as Sat, script: state.destinationScript }],
    lockTime: Math.max(...claims.map((claim) => claim.lockTime)),
  };
  const raw = toRawTransaction(crypto, unsigned);
  let signed = unsigned;
  for (const [input, claim] of claims.entries()) {
    const witness = claimWitness(signer, raw, input, claim);
    if (witness.kind === 'pending') return pending;
    signed = withWitness(signed, input, witness.value);
  }
  return ready(toRawTransaction(crypto, signed));
}

function claimWitness(
  signer: ChannelSigner,
  raw: RawTransaction,
  input: number,
  { output: { use }, preimage }: Claim,
): Answer<readonly Uint8Array[]> {
  switch (use.kind) {
    case 'revokedDelayed': {
      const answer = signer.signJustice(raw, input, use.claim);
      return answer.kind === 'pending' ? answer : ready(revokedDelayedWitness(answer.value, use.claim.witnessScript));
    }
    case 'revokedHtlc': {
      const answer = signer.signJustice(raw, input, use.claim);
      if (answer.kind === 'pending') return answer;
      return ready(revokedHtlcWitness(answer.value, use.revocationPubkey, use.claim.witnessScript));
    }
    case 'theirHtlc': {
      const answer = signer.signCounterpartyHtlc(raw, input, use.claim);
      if (answer.kind === 'pending') return answer;
      const { witnessScript } = use.claim;
      return ready(
        preimage === undefined
          ? htlcExpiredWitness(answer.value, witnessScript)
          : htlcPreimageWitness(answer.value, preimage, witnessScript),
      );
    }
    case 'wallet':
    case 'sweep':
    case 'holderHtlc':
      throw new Error(`an output of use ${use.kind} is claimed in another way`);
    default:
      return assertNever(use);
  }
}
