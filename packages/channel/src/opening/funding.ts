import { copyBytes, type OutPoint, ok, type Result } from '@boltwright/base';
import type { HolderCommitment } from '@boltwright/interfaces';
import { buildCommitment, verifyHolderCommitment } from '@boltwright/transactions';
import type { FundingCreated, FundingSigned } from '@boltwright/wire';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelError, ChannelRefusal } from '../channel-error.ts';
import type {
  FundedChannel,
  WaitForChannelReady,
  WaitForFundingCreated,
  WaitForFundingSigned,
  WaitForFundingTransaction,
} from '../channel-state.ts';
import { knownParts } from '../commitments/known-parts.ts';
import { refusal, sections, violation } from '../problem.ts';
import { answered } from '../signer-pending.ts';
import type { Step } from '../step.ts';
import { channelFundingScript, fundedBy, initialMonitor, localSpec, remoteSpec } from './first-commitments.ts';

/**
 * Opener: the funding outpoint is known; signs the fundee's first commitment (BOLT 2, `funding_created`).
 *
 * ```
 * opener |--funding_created-->| fundee: its monitor is durable
 *        |<--funding_signed---|
 *        | its monitor is durable, the funding transaction goes out
 * ```
 */
export function createFunding(
  state: WaitForFundingTransaction,
  outpoint: OutPoint,
  env: ChannelEnv,
): Result<Step, ChannelRefusal> {
  const channel = fundedBy(state, outpoint);
  const { transactions } = channel;
  const signed = env.signer.signCounterpartyCommitment({ parameters: transactions, spec: remoteSpec(channel) }, []);
  if (signed.kind === 'pending') {
    return refusal(state.channelId, 'signerPending', 'the signer has not signed the first commitment yet');
  }
  const next: WaitForFundingSigned = { ...channel, kind: 'waitForFundingSigned' };
  return ok({
    state: next,
    effects: [
      {
        kind: 'send',
        message: {
          type: 'funding_created',
          temporaryChannelId: state.channelId,
          fundingTxid: outpoint.txid,
          fundingOutputIndex: outpoint.vout,
          signature: signed.value.signature,
        },
      },
      { kind: 'channelIdAssigned', temporaryChannelId: state.channelId, channelId: channel.channelId },
    ],
  });
}

/** Our first commitment with their signature, or undefined where that is not valid. */
function firstCommitment(channel: FundedChannel, signature: Uint8Array, env: ChannelEnv): HolderCommitment | undefined {
  const spec = localSpec(channel);
  const parameters = channel.transactions;
  const counterpartySignatures = { signature: copyBytes(signature), htlcSignatures: [] };
  const built = buildCommitment(env.crypto, parameters, 'holder', spec, knownParts(env.crypto, parameters));
  if (!verifyHolderCommitment(env.crypto, built, counterpartySignatures).ok) return undefined;
  return { parameters, spec, counterpartySignatures };
}

/** Fundee: BOLT 2, `funding_created`. The first commitment is ours to broadcast from here. */
export function onFundingCreated(
  state: WaitForFundingCreated,
  message: FundingCreated,
  env: ChannelEnv,
): Result<Step, ChannelError> {
  const channel = fundedBy(state, { txid: message.fundingTxid, vout: message.fundingOutputIndex });
  const commitment = firstCommitment(channel, message.signature, env);
  if (commitment === undefined) {
    return violation(state.channelId, 'failChannel', {
      code: 'invalid_signature',
      section: sections.fundingCreated,
      field: 'signature',
      message: 'not valid for our first commitment',
    });
  }
  const { transactions, channelId } = channel;
  answered(env.signer.validateHolderCommitment(commitment, []));
  const { signature } = answered(
    env.signer.signCounterpartyCommitment({ parameters: transactions, spec: remoteSpec(channel) }, []),
  );
  const next: WaitForChannelReady = { ...channel, kind: 'waitForChannelReady' };
  return ok({
    state: next,
    effects: [
      { kind: 'channelIdAssigned', temporaryChannelId: state.channelId, channelId },
      { kind: 'watchChannel', initial: initialMonitor(channel, commitment, env) },
      {
        kind: 'watchFunding',
        outpoint: transactions.fundingOutpoint,
        script: channelFundingScript(channel, env),
      },
      { kind: 'send', message: { type: 'funding_signed', channelId, signature } },
    ],
  });
}

/** Opener: BOLT 2, `funding_signed`. Only now may the funding transaction leave. */
export function onFundingSigned(
  state: WaitForFundingSigned,
  message: FundingSigned,
  env: ChannelEnv,
): Result<Step, ChannelError> {
  const commitment = firstCommitment(state, message.signature, env);
  if (commitment === undefined) {
    return violation(state.channelId, 'failChannel', {
      code: 'invalid_signature',
      section: sections.fundingSigned,
      field: 'signature',
      message: 'not valid for our first commitment',
    });
  }
  answered(env.signer.validateHolderCommitment(commitment, []));
  const outpoint = state.transactions.fundingOutpoint;
  return ok({
    state: { ...state, kind: 'waitForChannelReady' },
    effects: [
      { kind: 'watchChannel', initial: initialMonitor(state, commitment, env) },
      { kind: 'watchFunding', outpoint, script: channelFundingScript(state, env) },
      { kind: 'broadcastFunding', outpoint },
    ],
  });
}
