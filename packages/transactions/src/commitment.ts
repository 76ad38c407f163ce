import type { RawTransaction, Sat } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelTransactionParameters, CommitmentSpec } from '@boltwright/interfaces';
import { segwitSighash } from './chain/sighash.ts';
import {
  serializeTransaction,
  type Transaction,
  toRawTransaction,
  unsignedInput,
  withWitness,
} from './chain/transaction.ts';
import { type Broadcaster, type CommitmentKeys, commitmentSides, deriveCommitmentKeys } from './commitment-keys.ts';
import { obscuredFields, obscuringFactor } from './commitment-number.ts';
import { type CommitmentOutputs, commitmentOutputs, type HtlcOutput } from './commitment-outputs.ts';
import type { CommitmentRules } from './format/commitment-rules.ts';
import { commitmentRules } from './format/rules-of.ts';
import { channelWitnessScript, fundingWitness } from './scripts/funding.ts';

/** A commitment, worked out once: what its signatures, its HTLC transactions and its spends are made from. */
export interface BuiltCommitment extends CommitmentOutputs {
  readonly parameters: ChannelTransactionParameters;
  readonly rules: CommitmentRules;
  readonly broadcaster: Broadcaster;
  readonly spec: CommitmentSpec;
  readonly keys: CommitmentKeys;
  /** Without signatures; the txid is the final one. */
  readonly raw: RawTransaction;
  readonly transaction: Transaction;
  /** The HTLCs that have an output, in the order of `commitment_signed`'s signatures (BOLT 2): that of the outputs. */
  readonly htlcs: readonly HtlcOutput[];
  /** What miners get: base fee, trimmed outputs and rounding. */
  readonly fee: Sat;
}

/** What the caller may know already, so that it is not worked out twice. */
export interface KnownCommitmentParts {
  /** From {@link deriveCommitmentKeys} for the same parameters, broadcaster and point. */
  readonly keys?: CommitmentKeys;
  /** From {@link obscuringFactor} for the same parameters. */
  readonly obscuringFactor?: bigint;
}

/**
 * A side's commitment transaction (BOLT 3, Commitment Transaction Construction).
 *
 * The sums of `spec` must not exceed the channel's value: that is the channel's to keep.
 *
 * @param broadcaster - whose commitment: `spec` is seen from that side.
 * @throws RangeError when `spec.index` is outside of 48 bits.
 */
export function buildCommitment(
  crypto: CryptoBackend,
  parameters: ChannelTransactionParameters,
  broadcaster: Broadcaster,
  spec: CommitmentSpec,
  known: KnownCommitmentParts = {},
): BuiltCommitment {
  const rules = commitmentRules(parameters.commitmentFormat);
  const keys = known.keys ?? deriveCommitmentKeys(crypto, parameters, broadcaster, spec.perCommitmentPoint);
  const factor = known.obscuringFactor ?? obscuringFactor(crypto, parameters);
  const parts = commitmentOutputs(crypto, rules, commitmentSides(parameters, broadcaster), keys, spec);
  const { lockTime, sequence } = obscuredFields(factor, spec.index);
  const transaction: Transaction = {
    version: 2,
    inputs: [unsignedInput(parameters.fundingOutpoint, sequence)],
    outputs: parts.outputs,
    lockTime,
  };
  const paid = parts.outputs.reduce((sum, output) => sum + output.value, 0n);
  return {
    ...parts,
    parameters,
    rules,
    broadcaster,
    spec,
    keys,
    transaction,
    raw: toRawTransaction(crypto, transaction),
    htlcs: parts.outputs.filter((output) => output.kind === 'htlc'),
    fee: (parameters.fundingSatoshis - paid) as Sat,
  };
}

/** What both sides' `signature` on the commitment signs: 32 bytes. */
export const commitmentSighash = (crypto: CryptoBackend, commitment: BuiltCommitment): Uint8Array =>
  segwitSighash(
    crypto,
    commitment.transaction,
    0,
    channelWitnessScript(commitment.parameters),
    commitment.parameters.fundingSatoshis,
  );

/**
 * The commitment ready for broadcast.
 *
 * @param holder - 64 bytes, our signature; `counterparty` theirs.
 */
export const signedCommitment = (
  commitment: BuiltCommitment,
  holder: Uint8Array,
  counterparty: Uint8Array,
): RawTransaction => ({
  txid: commitment.raw.txid,
  bytes: serializeTransaction(
    withWitness(commitment.transaction, 0, fundingWitness(commitment.parameters, holder, counterparty)),
  ),
});
