import { equalBytes, ok, type Result } from '@boltwright/base';
import type { ChannelReestablish } from '@boltwright/wire';
import type { ChannelEffect } from '../channel-effect.ts';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelError } from '../channel-error.ts';
import type { FundedState } from '../channel-state.ts';
import { shutdownAgain } from '../closing/shutdown.ts';
import { otherSide, type UpdateStage } from '../commitments/update-stage.ts';
import { isOperating, type OperatingState } from '../funded-channel.ts';
import { endChannel } from '../lifecycle/end-channel.ts';
import { addMessage } from '../normal/add-htlc.ts';
import { commitmentSignedAgain } from '../normal/commit.ts';
import { revokeAndAckAgain } from '../normal/on-commitment-signed.ts';
import { removalMessage } from '../normal/remove-htlc.ts';
import { feeMessage } from '../normal/update-fee.ts';
import { channelReadyAgain } from '../opening/channel-ready.ts';
import { sections, violation } from '../problem.ts';
import { answered } from '../signer-pending.ts';
import type { Step } from '../step.ts';
import { errorAgain } from './connection.ts';

/**
 * BOLT 2, Message Retransmission, Requirements of the receiver: works out from two numbers what was lost, and sends it
 * again in the order in which it went out.
 *
 * ```
 * us |--channel_reestablish--><--channel_reestablish--| them
 *    |--channel_ready-------->|  while no commitment was signed
 *    |--updates, commitment-->|  lost with the connection; before or after the revocation,
 *    |--revoke_and_ack------->|  as they were sent first
 *    |--updates-------------->|  not signed yet
 *    |--shutdown------------->|
 * ```
 */
export function onChannelReestablish(
  state: FundedState,
  message: ChannelReestablish,
  env: ChannelEnv,
): Result<Step, ChannelError> {
  if (state.kind === 'closed') return ok({ state, effects: errorAgain(state) });
  const { commitments, channelId } = state;
  const fault = (code: string, field: string, text: string) =>
    violation(channelId, 'failChannel', { code, section: sections.reestablish, field, message: text });
  if (state.connection !== 'reestablishing') {
    return violation(channelId, 'warn', {
      code: 'out_of_order',
      section: sections.reestablish,
      message: 'channel_reestablish in the middle of a connection',
    });
  }
  const { nextCommitmentNumber, nextRevocationNumber } = message;
  const sent = commitments.localIndex;
  if (nextRevocationNumber > sent && knowsOurFuture(state, message, env)) {
    // We lost data: to broadcast what we have would be punished. The peer is asked to close.
    return endChannel(state, {
      reason: { kind: 'staleState', message: `the peer has ${nextRevocationNumber} revocations, we know of ${sent}` },
      error: 'we lost data: please close the channel',
      monitor: 'hold',
    });
  }
  if (nextCommitmentNumber === 0n) return fault('zero_commitment_number', 'next_commitment_number', 'it is 0');
  const expected = commitments.remoteIndex + 1n;
  const lostCommitment =
    nextCommitmentNumber === commitments.remoteIndex && commitments.awaitedRevocation !== undefined;
  if (nextCommitmentNumber !== expected && !lostCommitment) {
    return fault('wrong_commitment_number', 'next_commitment_number', `${nextCommitmentNumber}, expected ${expected}`);
  }
  const lostRevocation = nextRevocationNumber === sent - 1n;
  if (nextRevocationNumber !== sent && !lostRevocation) {
    return fault('wrong_revocation_number', 'next_revocation_number', `${nextRevocationNumber}, expected ${sent}`);
  }
  const lastSecret =
    nextRevocationNumber === 0n
      ? new Uint8Array(32)
      : answered(env.signer.releaseCommitmentSecret(nextRevocationNumber - 1n));
  if (!equalBytes(message.yourLastPerCommitmentSecret, lastSecret)) {
    return fault(
      'wrong_secret',
      'your_last_per_commitment_secret',
      `not that of commitment ${nextRevocationNumber - 1n}`,
    );
  }
  const next: FundedState = { ...state, connection: 'connected' };
  const effects: ChannelEffect[] = [];
  if (nextCommitmentNumber === 1n && sent === 0n) effects.push(...channelReadyAgain(next));
  if (isOperating(next)) effects.push(...retransmit(next, lostCommitment, lostRevocation, env));
  effects.push(...shutdownAgain(next));
  return ok({ state: next, effects });
}

/** Data loss protection: the secret that they show is ours, of a commitment that we do not remember revoking. */
function knowsOurFuture(state: FundedState, message: ChannelReestablish, env: ChannelEnv): boolean {
  const index = message.nextRevocationNumber - 1n;
  if (index < state.commitments.localIndex || index >= 1n << 48n) return false;
  const secret = message.yourLastPerCommitmentSecret;
  if (!env.crypto.isSecretKey(secret)) return false;
  return equalBytes(env.crypto.publicKey(secret), answered(env.signer.perCommitmentPoint(index)));
}

function retransmit(
  state: OperatingState,
  lostCommitment: boolean,
  lostRevocation: boolean,
  env: ChannelEnv,
): readonly ChannelEffect[] {
  const { commitments } = state;
  const send = (message: Extract<ChannelEffect, { kind: 'send' }>['message']): ChannelEffect => ({
    kind: 'send',
    message,
  });
  const commitment = lostCommitment ? [...updatesAt(state, 'signed'), send(commitmentSignedAgain(state, env))] : [];
  const revocation = lostRevocation ? [send(revokeAndAckAgain(state, env))] : [];
  const revocationWasFirst = commitments.awaitedRevocation?.sentAtLocalIndex === commitments.localIndex;
  return [
    ...(revocationWasFirst ? [...revocation, ...commitment] : [...commitment, ...revocation]),
    ...updatesAt(state, 'proposed'),
  ];
}

/**
 * Our updates at a stage. Removals come first, then the feerate, then what is added: in this order each is affordable
 * if all together are.
 */
function updatesAt(state: OperatingState, stage: UpdateStage): readonly ChannelEffect[] {
  const { commitments, parameters, channelId } = state;
  const effects: ChannelEffect[] = [];
  for (const { id, offeredBy, removal } of commitments.htlcs) {
    if (otherSide(offeredBy) === 'local' && removal?.stage === stage) {
      effects.push({ kind: 'send', message: removalMessage(channelId, id, removal.outcome) });
    }
  }
  if (parameters.isOpener) {
    for (const update of commitments.feeUpdates) {
      if (update.stage === stage) effects.push({ kind: 'send', message: feeMessage(state, update.feeratePerKw) });
    }
  }
  for (const htlc of commitments.htlcs) {
    if (htlc.offeredBy === 'local' && htlc.stage === stage) {
      effects.push({ kind: 'send', message: addMessage(state, htlc) });
    }
  }
  return effects;
}
