import type { BlockHeight, Sat } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { commitmentRules, inputWeight, witnessWeights } from '@boltwright/transactions';
import { deadlines } from '../deadlines.ts';
import type { MonitorState } from '../state/monitor-state.ts';
import { preimagesByHash } from './close-deadline.ts';
import type { TrackedOutput } from './tracked-output.ts';

/** How an output is claimed by a transaction of our own making. */
export interface Claim {
  readonly output: TrackedOutput;
  /** Claims of one group may share a transaction: what a cheater or the peer may take first stays apart from the rest. */
  readonly group: string;
  readonly lockTime: number;
  readonly sequence: number;
  /** Of the input, its witness included. */
  readonly weight: number;
  /** Somebody else may take the output from this height on. */
  readonly deadline: number;
  /** For an HTLC by its preimage. */
  readonly preimage: Uint8Array | undefined;
}

/** `nSequence` for inputs without a delay of their own: the lock time counts, the fee can be replaced. */
const replaceable = 0xfffffffd;

/** How this output is claimed now; undefined where it is not ours to claim by such a transaction, or not yet. */
export function claimOf(
  crypto: CryptoBackend,
  state: MonitorState,
  output: TrackedOutput,
  height: BlockHeight,
): Claim | undefined {
  const { parameters } = state;
  const weights = witnessWeights(parameters.commitmentFormat);
  const { use } = output;
  const common = { output, lockTime: 0, sequence: replaceable, preimage: undefined };
  const revokedUntil = output.height + parameters.holder.toSelfDelay;
  switch (use.kind) {
    case 'revokedDelayed':
      return { ...common, group: 'revoked', weight: inputWeight + weights.toLocalRevoked, deadline: revokedUntil };
    case 'revokedHtlc': {
      const weight = use.direction === 'offered' ? weights.offeredHtlcRevoked : weights.receivedHtlcRevoked;
      return { ...common, group: 'revokedHtlc', weight: inputWeight + weight, deadline: revokedUntil };
    }
    case 'theirHtlc': {
      const { cltvExpiry, direction, paymentHash } = use.htlc;
      const { htlcSequence } = commitmentRules(parameters.commitmentFormat);
      const sequence = htlcSequence === 1 ? 1 : replaceable;
      if (direction === 'received') {
        if (height < cltvExpiry) return undefined;
        return {
          ...common,
          sequence,
          lockTime: cltvExpiry,
          group: `expired:${cltvExpiry}`,
          weight: inputWeight + weights.receivedHtlcTimeout,
          deadline: cltvExpiry + deadlines.claimBlocks,
        };
      }
      const preimage = preimagesByHash(crypto, state).get(paymentHash);
      if (preimage === undefined) return undefined;
      return {
        ...common,
        sequence,
        preimage,
        group: 'preimage',
        weight: inputWeight + weights.offeredHtlcPreimage,
        deadline: cltvExpiry,
      };
    }
    case 'holderHtlc': {
      // Without anchors the HTLC transaction carries its fee and needs no bid.
      const { htlcTransactionsPayFees, htlcSequence } = commitmentRules(parameters.commitmentFormat);
      if (htlcTransactionsPayFees) return undefined;
      const { cltvExpiry, direction, paymentHash } = use.htlc;
      const offered = direction === 'offered';
      const preimage = offered ? undefined : preimagesByHash(crypto, state).get(paymentHash);
      if (offered ? height < cltvExpiry : preimage === undefined) return undefined;
      return {
        ...common,
        sequence: htlcSequence,
        lockTime: offered ? cltvExpiry : 0,
        preimage,
        group: `htlc:${output.outpoint.vout}`,
        weight: inputWeight + (offered ? weights.htlcTimeout : weights.htlcSuccess),
        deadline: offered ? cltvExpiry + deadlines.claimBlocks : cltvExpiry,
      };
    }
    default:
      return undefined;
  }
}

/** Whether we may still get this output: else it is lost, or worth less than its fee, and nothing waits for it. */
export function canStillBeClaimed(
  crypto: CryptoBackend,
  state: MonitorState,
  { use, value }: TrackedOutput,
  height: BlockHeight,
): boolean {
  if (use.kind === 'holderHtlc' || use.kind === 'theirHtlc') {
    const toUs = use.htlc.direction === (use.kind === 'holderHtlc' ? 'received' : 'offered');
    const long = height >= use.htlc.cltvExpiry + deadlines.burialBlocks;
    if (toUs && long && !preimagesByHash(crypto, state).has(use.htlc.paymentHash)) return false;
    return !(long && value < leastWorth);
  }
  return !((use.kind === 'revokedDelayed' || use.kind === 'revokedHtlc') && value < leastWorth);
}

/** Dust and the least fee of one claim: what has less is not claimed alone. */
export const leastWorth = 500n as Sat;
