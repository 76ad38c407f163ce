import { copyBytes, invariant, type Msat, ok, type PaymentHash, type Result } from '@boltwright/base';
import type { UpdateAddHtlc } from '@boltwright/wire';
import type { ChannelCommand } from '../channel-command.ts';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelError, ChannelRefusal } from '../channel-error.ts';
import type { ChannelState } from '../channel-state.ts';
import type { ChannelHtlc } from '../commitments/channel-htlc.ts';
import { problemOfAdd, problemOfOffer } from '../commitments/limits.ts';
import { canSend, type OperatingState } from '../funded-channel.ts';
import { refusal, sections, violation } from '../problem.ts';
import type { Step } from '../step.ts';

type AddHtlc = Extract<ChannelCommand, { kind: 'addHtlc' }>;

/** The message of an HTLC that they have not acknowledged yet. */
export function addMessage(state: OperatingState, htlc: ChannelHtlc): UpdateAddHtlc {
  const { onionRoutingPacket } = htlc;
  invariant(onionRoutingPacket !== undefined, 'an onion is kept until they have acknowledged it');
  return {
    type: 'update_add_htlc',
    channelId: state.channelId,
    id: htlc.id,
    amountMsat: htlc.amountMsat,
    paymentHash: htlc.paymentHash,
    cltvExpiry: htlc.cltvExpiry,
    onionRoutingPacket,
    ...(htlc.pathKey === undefined ? {} : { pathKey: htlc.pathKey }),
  };
}

/** Whether an HTLC could be offered now; a refusal says why not (BOLT 2, Adding an HTLC, Requirements of the sender). */
export function checkOffer(
  state: ChannelState,
  htlc: Pick<ChannelHtlc, 'amountMsat' | 'cltvExpiry' | 'paymentHash'>,
  env: ChannelEnv,
): Result<{ readonly state: OperatingState; readonly htlc: ChannelHtlc }, ChannelRefusal> {
  if (state.kind !== 'normal') return refusal(state.channelId, 'notUsable', `the channel is in state ${state.kind}`);
  if (!canSend(state)) return refusal(state.channelId, 'notConnected', 'the peer or the signer is away');
  const { parameters, commitments } = state;
  const added: ChannelHtlc = { ...htlc, offeredBy: 'local', id: commitments.nextLocalHtlcId, stage: 'proposed' };
  const problem =
    problemOfAdd(parameters, commitments, added) ??
    problemOfOffer(parameters, commitments, added, env.channelConfig.maxDustHtlcExposureMsat);
  if (problem !== undefined) return refusal(state.channelId, problem.code, problem.message);
  return ok({ state, htlc: added });
}

export function addHtlc(state: ChannelState, command: AddHtlc, env: ChannelEnv): Result<Step, ChannelRefusal> {
  const { amountMsat, paymentHash, cltvExpiry, source, pathKey } = command;
  const checked = checkOffer(state, { amountMsat, paymentHash, cltvExpiry }, env);
  if (!checked.ok) return checked;
  const { state: operating } = checked.value;
  const htlc: ChannelHtlc = {
    ...checked.value.htlc,
    onionRoutingPacket: copyBytes(command.onionRoutingPacket),
    ...(pathKey === undefined ? {} : { pathKey: copyBytes(pathKey) }),
    source,
  };
  const { commitments } = operating;
  return ok({
    state: {
      ...operating,
      commitments: {
        ...commitments,
        htlcs: [...commitments.htlcs, htlc],
        nextLocalHtlcId: commitments.nextLocalHtlcId + 1n,
      },
    },
    effects: [
      { kind: 'send', message: addMessage(operating, htlc) },
      { kind: 'htlcOffered', id: htlc.id, source },
    ],
  });
}

/** BOLT 2, Adding an HTLC, Requirements of the receiver. */
export function onUpdateAddHtlc(state: OperatingState, message: UpdateAddHtlc): Result<Step, ChannelError> {
  const { commitments, parameters, channelId } = state;
  const fault = (code: string, field: string, text: string) =>
    violation(channelId, 'failChannel', { code, section: sections.add, field, message: text });
  if (state.kind === 'shuttingDown' && state.closing.remoteScript !== undefined) {
    return violation(channelId, 'failChannel', {
      code: 'add_after_shutdown',
      section: sections.shutdown,
      message: 'update_add_htlc after their shutdown',
    });
  }
  if (message.id !== commitments.nextRemoteHtlcId) {
    return fault('unexpected_htlc_id', 'id', `${message.id}, expected ${commitments.nextRemoteHtlcId}`);
  }
  const htlc: ChannelHtlc = {
    offeredBy: 'remote',
    id: message.id,
    amountMsat: message.amountMsat,
    paymentHash: message.paymentHash,
    cltvExpiry: message.cltvExpiry,
    stage: 'proposed',
    onionRoutingPacket: copyBytes(message.onionRoutingPacket),
    ...(message.pathKey === undefined ? {} : { pathKey: copyBytes(message.pathKey) }),
  };
  const problem = problemOfAdd(parameters, commitments, htlc);
  if (problem !== undefined) return violation(channelId, 'failChannel', problem);
  return ok({
    state: {
      ...state,
      commitments: {
        ...commitments,
        htlcs: [...commitments.htlcs, htlc],
        nextRemoteHtlcId: commitments.nextRemoteHtlcId + 1n,
      },
    },
    effects: [],
  });
}

/** Whether an HTLC of this amount could be offered now; the refusal says why not. Nothing is changed or reserved. */
export function canAddHtlc(state: ChannelState, amountMsat: Msat, env: ChannelEnv): Result<void, ChannelRefusal> {
  const checked = checkOffer(state, { amountMsat, cltvExpiry: env.height, paymentHash: zeroHash }, env);
  return checked.ok ? ok(undefined) : checked;
}

const zeroHash = '00'.repeat(32) as PaymentHash;
