import { copyBytes, ok, type Result } from '@boltwright/base';
import type { HolderCommitment } from '@boltwright/interfaces';
import { buildCommitment, type CommitmentSignatureError, verifyHolderCommitment } from '@boltwright/transactions';
import type { CommitmentSigned, RevokeAndAck } from '@boltwright/wire';
import type { ChannelEffect } from '../channel-effect.ts';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelError } from '../channel-error.ts';
import type { FundedState } from '../channel-state.ts';
import { advance } from '../commitments/advance.ts';
import { commitmentSpec } from '../commitments/commitment-spec.ts';
import { knownParts } from '../commitments/known-parts.ts';
import { type OperatingState, updateMonitor } from '../funded-channel.ts';
import { type Problem, sections, violation } from '../problem.ts';
import { answered } from '../signer-pending.ts';
import type { Step } from '../step.ts';

/**
 * BOLT 2, `commitment_signed`, Requirements of the receiver: our new commitment is valid, so the one before is revoked.
 *
 * ```
 * them |--commitment_signed n+1-->| us: the monitor has n+1, then
 *      |<----revoke_and_ack n-----|
 * ```
 */
export function onCommitmentSigned(
  state: OperatingState,
  message: CommitmentSigned,
  env: ChannelEnv,
): Result<Step, ChannelError> {
  const { parameters, commitments, transactions, channelId } = state;
  const point = commitments.localNextPoint;
  if (point === undefined) {
    return violation(channelId, 'failChannel', {
      code: 'out_of_order',
      section: sections.commitment,
      message: 'commitment_signed before channel_ready',
    });
  }
  const localIndex = commitments.localIndex + 1n;
  const spec = commitmentSpec(commitments, parameters.isOpener, 'localNext', 'local', localIndex, point);
  const built = buildCommitment(env.crypto, transactions, 'holder', spec, knownParts(env.crypto, transactions));
  const { signature, htlcSignatures } = message;
  const verified = verifyHolderCommitment(env.crypto, built, { signature, htlcSignatures });
  if (!verified.ok) return violation(channelId, 'failChannel', problemOf(verified.error));
  const commitment: HolderCommitment = {
    parameters: transactions,
    spec,
    counterpartySignatures: { signature: copyBytes(signature), htlcSignatures: htlcSignatures.map(copyBytes) },
  };
  answered(env.signer.validateHolderCommitment(commitment, []));
  const nextPoint = answered(env.signer.perCommitmentPoint(localIndex + 1n));
  const secret = answered(env.signer.releaseCommitmentSecret(commitments.localIndex));
  const received = advance(commitments, parameters.isOpener, 'commitmentReceived').commitments;
  const revoked = advance(received, parameters.isOpener, 'revocationSent');
  const next: OperatingState = {
    ...state,
    commitments: { ...revoked.commitments, localIndex, localPoint: point, localNextPoint: nextPoint },
  };
  const updated = updateMonitor(next, [{ kind: 'holderCommitment', commitment }]);
  return ok({
    state: updated.state,
    effects: [
      updated.effect,
      { kind: 'send', message: revocationMessage(channelId, secret, nextPoint) },
      // BOLT 2: their HTLCs that we removed are irrevocably gone.
      ...revoked.removed.map(({ id }): ChannelEffect => ({ kind: 'htlcRemoved', id })),
    ],
  });
}

const revocationMessage = (
  channelId: FundedState['channelId'],
  perCommitmentSecret: Uint8Array,
  nextPerCommitmentPoint: Uint8Array,
): RevokeAndAck => ({ type: 'revoke_and_ack', channelId, perCommitmentSecret, nextPerCommitmentPoint });

/** The last `revoke_and_ack` once more (BOLT 2, Message Retransmission). */
export function revokeAndAckAgain(state: FundedState, env: ChannelEnv): RevokeAndAck {
  const { localIndex, localNextPoint } = state.commitments;
  const secret = answered(env.signer.releaseCommitmentSecret(localIndex - 1n));
  const point = localNextPoint ?? answered(env.signer.perCommitmentPoint(localIndex + 1n));
  return revocationMessage(state.channelId, secret, point);
}

function problemOf(error: CommitmentSignatureError): Problem {
  const section = sections.commitment;
  switch (error.kind) {
    case 'invalidCommitmentSignature':
      return {
        code: 'invalid_signature',
        section,
        field: 'signature',
        message: 'not valid for our next commitment, or a high S',
      };
    case 'wrongHtlcSignatureCount':
      return {
        code: 'wrong_signature_count',
        section,
        field: 'num_htlcs',
        message: `${error.actual} HTLC signatures, expected ${error.expected}`,
      };
    case 'invalidHtlcSignature':
      return {
        code: 'invalid_htlc_signature',
        section,
        field: 'htlc_signature',
        message: `number ${error.position}, of HTLC ${error.id}, is not valid, or has a high S`,
      };
  }
}
