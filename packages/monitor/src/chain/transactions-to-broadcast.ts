import {
  type Answer,
  assertNever,
  type BlockHeight,
  type FeeratePerKw,
  type OutPoint,
  pending,
  type RawTransaction,
  ready,
  type Sat,
} from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelSigner, HtlcClaim } from '@boltwright/interfaces';
import {
  type BuiltCommitment,
  type CommitmentOutput,
  commitmentWeight,
  feeForWeight,
  type HtlcOutput,
  htlcExpiredWitness,
  htlcPreimageWitness,
  htlcSuccessWitness,
  htlcTimeoutWitness,
  htlcTransaction,
  htlcTransactionWeight,
  inputWeight,
  revokedDelayedWitness,
  revokedHtlcWitness,
  signatureWitness,
  signedCommitment,
  signedHtlcTransaction,
  type Transaction,
  toRawTransaction,
  transactionOverheadWeight,
  unsignedInput,
  withWitness,
  witnessWeights,
} from '@boltwright/transactions';
import type { MonitorState } from '../state/monitor-state.ts';
import { feePurpose, signedWithFees, withFees } from './added-fees.ts';
import { claimsOfBid, feeOfClaims } from './bids.ts';
import type { Claim } from './claimable.ts';
import type { RevokedHtlcs } from './classify-spend.ts';
import { bidFor, closingCommitment } from './close-bid.ts';
import { preimagesByHash } from './close-deadline.ts';
import { closeView } from './close-view.ts';
import type { FeeWallet } from './fee-wallet.ts';
import type { CloseView } from './tracked-output.ts';

/** What making transactions takes. */
export interface BroadcastEnv {
  readonly crypto: CryptoBackend;
  readonly signer: ChannelSigner;
  readonly revokedHtlcs: RevokedHtlcs;
  /** Without it commitments and HTLC transactions of anchor channels go out with the fee they carry. */
  readonly feeWallet: FeeWallet | undefined;
}

/**
 * All that should be on its way to the chain at this height, made and signed anew: equal states give equal bytes.
 * Each is a package, parents first. What the signer leaves pending is left out until the next time.
 *
 * Requirements: `state` is durable (ARCHITECTURE.md, rule 5).
 */
export function transactionsToBroadcast(
  state: MonitorState,
  height: BlockHeight,
  env: BroadcastEnv,
): readonly Package[] {
  if (state.resolved) return [];
  const view = closeView(env.crypto, state, env.revokedHtlcs);
  const made =
    view === undefined
      ? [holderCommitment(state, env)]
      : [...holderHtlcs(state, view, height, env), ...bidTransactions(state, view, height, env)];
  return made.flatMap((answer) => (answer?.kind === 'ready' ? [answer.value] : []));
}

/** Parents first. */
export type Package = readonly RawTransaction[];

function holderCommitment(state: MonitorState, env: BroadcastEnv): Answer<Package> | undefined {
  if (state.decision?.broadcast !== true) return undefined;
  const { parameters, holder } = state;
  const answer = env.signer.signHolderCommitment({ parameters, ...holder });
  if (answer.kind === 'pending') return pending;
  const { commitment, anchor } = closingCommitment(env.crypto, state);
  const signed = signedCommitment(commitment, answer.value, holder.counterpartySignatures.signature);
  const child = anchor && anchorChild(state, commitment, anchor, env);
  return ready(child === undefined ? [signed] : [signed, child]);
}

/** The child that pays for our commitment, where it pays too little by itself and there are coins. */
function anchorChild(
  state: MonitorState,
  commitment: BuiltCommitment,
  anchor: OutPoint,
  { crypto, signer, feeWallet }: BroadcastEnv,
): RawTransaction | undefined {
  const bid = bidFor(state, anchor);
  if (bid === undefined || feeWallet === undefined) return undefined;
  const weight = commitmentWeight(commitment.rules.format, commitment.htlcs.length);
  if (feeForWeight(bid.feeratePerKw, weight) <= commitment.fee) return undefined;
  const { value, witnessScript } = commitment.outputs[anchor.vout] as Extract<CommitmentOutput, { kind: 'anchor' }>;
  const ours = commitment.outputs.filter(({ kind }) => kind === 'toLocal' || kind === 'htlc');
  const funded = withFees(feeWallet, {
    purpose: feePurpose(state, anchor),
    transaction: { version: 2, inputs: [unsignedInput(anchor, 0xfffffffd)], outputs: [], lockTime: 0 },
    weight: weight + transactionOverheadWeight + inputWeight + witnessWeights(commitment.rules.format).anchor,
    surplus: value + commitment.fee,
    feeratePerKw: bid.feeratePerKw,
    most: ours.reduce((sum, output) => sum + output.value, 0n),
  });
  if (funded === undefined) return undefined;
  const answer = signer.signAnchor(toRawTransaction(crypto, funded.transaction), 0);
  if (answer.kind === 'pending') return undefined;
  return signedWithFees(crypto, feeWallet, funded, signatureWitness(answer.value, witnessScript));
}

/** HTLC-timeout and HTLC-success transactions of our commitment, where they carry their fee (BOLT 3). */
function holderHtlcs(
  state: MonitorState,
  { commitment, outputs, spend }: CloseView,
  height: BlockHeight,
  { crypto, signer }: BroadcastEnv,
): readonly Answer<Package>[] {
  if (spend !== 'holder' || commitment === undefined || !commitment.rules.htlcTransactionsPayFees) return [];
  const preimages = preimagesByHash(crypto, state);
  return outputs.flatMap(({ use, spent }) => {
    if (use.kind !== 'holderHtlc' || spent !== undefined) return [];
    const { direction, cltvExpiry, paymentHash } = use.htlc;
    const preimage = direction === 'received' ? preimages.get(paymentHash) : undefined;
    if (direction === 'offered' ? height < cltvExpiry : preimage === undefined) return [];
    const countersignature = countersignatureOf(state, commitment, use.output);
    if (countersignature === undefined) return [];
    const raw = toRawTransaction(crypto, htlcTransaction(commitment, use.output));
    const answer = signer.signHolderHtlc(raw, 0, htlcClaim(state, commitment, use.output));
    if (answer.kind === 'pending') return [];
    return [ready([signedHtlcTransaction(crypto, commitment, use.output, countersignature, answer.value, preimage)])];
  });
}

const countersignatureOf = (state: MonitorState, commitment: BuiltCommitment, output: HtlcOutput) =>
  state.holder.counterpartySignatures.htlcSignatures[commitment.htlcs.findIndex(({ vout }) => vout === output.vout)];

const htlcClaim = ({ parameters }: MonitorState, { spec }: BuiltCommitment, output: HtlcOutput): HtlcClaim => ({
  parameters,
  perCommitmentPoint: spec.perCommitmentPoint,
  witnessScript: output.witnessScript,
  value: output.value,
});

/** The HTLC transaction of an anchor channel, with inputs of the wallet's that pay for it. */
function fundedHtlc(
  state: MonitorState,
  commitment: BuiltCommitment,
  output: HtlcOutput,
  feeratePerKw: FeeratePerKw,
  preimage: Uint8Array | undefined,
  { crypto, signer, feeWallet }: BroadcastEnv,
): Answer<RawTransaction> | undefined {
  const countersignature = countersignatureOf(state, commitment, output);
  if (feeWallet === undefined || countersignature === undefined) return undefined;
  const transaction = htlcTransaction(commitment, output);
  const funded = withFees(feeWallet, {
    purpose: feePurpose(state, { txid: commitment.raw.txid, vout: output.vout }),
    transaction,
    weight: htlcTransactionWeight(commitment.rules.format, output.htlc.direction),
    surplus: 0n,
    feeratePerKw,
    most: output.value,
  });
  if (funded === undefined) return undefined;
  const raw = toRawTransaction(crypto, funded.transaction);
  const answer = signer.signHolderHtlc(raw, 0, htlcClaim(state, commitment, output));
  if (answer.kind === 'pending') return pending;
  const { htlcSighashType } = commitment.rules;
  const witness =
    preimage === undefined
      ? htlcTimeoutWitness(countersignature, answer.value, output.witnessScript, htlcSighashType)
      : htlcSuccessWitness(countersignature, answer.value, preimage, output.witnessScript, htlcSighashType);
  return ready(signedWithFees(crypto, feeWallet, funded, witness));
}

function bidTransactions(
  state: MonitorState,
  view: CloseView,
  height: BlockHeight,
  env: BroadcastEnv,
): readonly (Answer<Package> | undefined)[] {
  return state.bids.map((bid) => {
    const claims = claimsOfBid(env, state, view, bid, height);
    const [first] = claims;
    if (first === undefined) return undefined;
    const { use } = first.output;
    const made =
      use.kind === 'holderHtlc'
        ? view.commitment && fundedHtlc(state, view.commitment, use.output, bid.feeratePerKw, first.preimage, env)
        : claimTransaction(state, claims, feeOfClaims(state, claims, bid.feeratePerKw), env);
    return made?.kind === 'ready' ? ready([made.value]) : made;
  });
}

/** One transaction that makes all these claims and pays to the destination script. */
function claimTransaction(
  state: MonitorState,
  claims: readonly Claim[],
  fee: Sat | undefined,
  { crypto, signer }: BroadcastEnv,
): Answer<RawTransaction> | undefined {
  if (fee === undefined) return undefined;
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
