import { invariant, ok, type Result, type Sat } from '@boltwright/base';
import type { ClosingTransaction } from '@boltwright/interfaces';
import { dustThreshold, signedClosing, verifyClosingSignature } from '@boltwright/transactions';
import type { ClosingSigned } from '@boltwright/wire';
import type { ChannelEffect } from '../channel-effect.ts';
import type { ChannelEnv } from '../channel-env.ts';
import type { ChannelError } from '../channel-error.ts';
import type { FeeRange, Negotiating } from '../channel-state.ts';
import { updateMonitor } from '../funded-channel.ts';
import { sections, violation } from '../problem.ts';
import { answered } from '../signer-pending.ts';
import { larger, smaller } from '../smaller-larger.ts';
import type { Step } from '../step.ts';
import { closingAt, closingTerms } from './closing-terms.ts';
import { signClosingAt } from './propose-closing.ts';

const isWithin = (fee: Sat, { minFeeSatoshis, maxFeeSatoshis }: FeeRange): boolean =>
  fee >= minFeeSatoshis && fee <= maxFeeSatoshis;

/** The transaction that their signature is for: with their dust limit or ours, or without their own output. */
function signedVariant(state: Negotiating, message: ClosingSigned, env: ChannelEnv): ClosingTransaction | undefined {
  const tried = new Set<string>();
  for (const [signer, omit] of [
    ['remote', undefined],
    ['local', undefined],
    ['remote', 'counterparty'],
  ] as const) {
    const variant = closingAt(state, message.feeSatoshis, signer, omit);
    if (!variant.ok) continue;
    const values = variant.value.outputs.map(({ value }) => value).join();
    if (tried.has(values)) continue;
    tried.add(values);
    if (verifyClosingSignature(env.crypto, variant.value, 'counterparty', message.signature)) return variant.value;
  }
  return undefined;
}

/** BOLT 2, `closing_signed`, Requirements of the receiver. */
export function onClosingSigned(
  state: Negotiating,
  message: ClosingSigned,
  env: ChannelEnv,
): Result<Step, ChannelError> {
  const { channelId, parameters, proposed } = state;
  const { feeSatoshis, feeRange } = message;
  const fault = (reaction: 'warn' | 'disconnect' | 'failChannel', code: string, field: string, text: string) =>
    violation(channelId, reaction, { code, section: sections.closingSigned, field, message: text });
  const { agreed } = state.closing;
  if (agreed !== undefined && proposed?.feeSatoshis === agreed.feeSatoshis) {
    // Both have said it on this connection: the transaction is out, the monitor knows it, there is nothing to add.
    if (feeSatoshis === agreed.feeSatoshis) return ok({ state, effects: [] });
    return fault('warn', 'agreed_already', 'fee_satoshis', `${feeSatoshis}, agreed on was ${agreed.feeSatoshis}`);
  }
  const variant = signedVariant(state, message, env);
  if (variant === undefined) {
    return fault('failChannel', 'invalid_signature', 'signature', 'valid for no variant of the closing transaction');
  }
  if (variant.outputs.some(({ value, script }) => value < dustThreshold(script))) {
    return fault('failChannel', 'dust_output', 'fee_satoshis', 'the closing transaction has an output that is dust');
  }
  if (parameters.isOpener && proposed === undefined) {
    return fault('failChannel', 'out_of_order', 'fee_satoshis', 'closing_signed before the opener proposed a fee');
  }
  const terms = closingTerms(state, env);
  const ours = proposed?.range ?? terms.range;
  if (feeSatoshis === proposed?.feeSatoshis) return ok(agree(state, message, variant, env, false));
  if (feeRange !== undefined) {
    const overlap: FeeRange = {
      minFeeSatoshis: larger(ours.minFeeSatoshis, feeRange.minFeeSatoshis),
      maxFeeSatoshis: smaller(ours.maxFeeSatoshis, feeRange.maxFeeSatoshis),
    };
    if (overlap.minFeeSatoshis > overlap.maxFeeSatoshis) {
      return fault(
        'warn',
        'no_fee_overlap',
        'fee_range',
        `${feeRange.minFeeSatoshis} to ${feeRange.maxFeeSatoshis}, ours is ${ours.minFeeSatoshis} to ${ours.maxFeeSatoshis}`,
      );
    }
    if (isWithin(feeSatoshis, overlap) && (parameters.isOpener || proposed === undefined)) {
      return ok(agree(state, message, variant, env, true));
    }
    if (parameters.isOpener || proposed !== undefined) {
      return fault('failChannel', 'fee_outside_range', 'fee_satoshis', `${feeSatoshis} is not in the agreed range`);
    }
    return propose(state, overlap.minFeeSatoshis, ours, env);
  }
  // Without ranges each proposal lies strictly between the two before it.
  if (isWithin(feeSatoshis, ours)) return ok(agree(state, message, variant, env, true));
  const previous = state.theirFeeSatoshis;
  if (proposed !== undefined && previous !== undefined) {
    const [low, high] =
      proposed.feeSatoshis < previous ? [proposed.feeSatoshis, previous] : [previous, proposed.feeSatoshis];
    if (feeSatoshis <= low || feeSatoshis >= high) {
      return fault('disconnect', 'no_progress', 'fee_satoshis', `${feeSatoshis} is not between ${low} and ${high}`);
    }
  }
  const mine = proposed?.feeSatoshis ?? terms.feeSatoshis;
  // Half-way, but never out of our range: the fee is the opener's money, whatever the peer insists on.
  const halfWay = larger(ours.minFeeSatoshis, smaller(ours.maxFeeSatoshis, ((mine + feeSatoshis) / 2n) as Sat));
  const between = proposed === undefined ? mine : halfWay;
  if (between === mine && proposed !== undefined) {
    return fault('disconnect', 'no_progress', 'fee_satoshis', `nothing lies between ${mine} and ${feeSatoshis}`);
  }
  return propose({ ...state, theirFeeSatoshis: feeSatoshis }, between, ours, env);
}

function propose(state: Negotiating, fee: Sat, range: FeeRange, env: ChannelEnv): Result<Step, ChannelError> {
  const step = answered(signClosingAt({ ...state, silentTicks: 0 }, fee, range, env));
  invariant(step !== undefined, 'a fee within our range can be paid');
  return ok(step);
}

/** Both sides signed: the transaction goes out. `reply`: they do not have our signature at this fee yet. */
function agree(
  state: Negotiating,
  message: ClosingSigned,
  variant: ClosingTransaction,
  env: ChannelEnv,
  reply: boolean,
): Step {
  const { feeSatoshis } = message;
  const signature = answered(env.signer.signClosing(variant));
  const transaction = signedClosing(env.crypto, variant, signature, message.signature);
  const range = state.proposed?.range ?? closingTerms(state, env).range;
  const agreed: Negotiating = {
    ...state,
    proposed: { feeSatoshis, range },
    closing: { ...state.closing, agreed: { feeSatoshis, transaction } },
  };
  const updated = updateMonitor(agreed, [{ kind: 'closingTransaction', txid: transaction.txid }]);
  const answer: ChannelEffect = {
    kind: 'send',
    message: { type: 'closing_signed', channelId: state.channelId, feeSatoshis, signature, feeRange: range },
  };
  return {
    state: updated.state,
    effects: [
      updated.effect,
      ...(reply ? [answer] : []),
      { kind: 'broadcast', transaction },
      ...(state.closing.agreed === undefined ? [{ kind: 'closed', reason: { kind: 'cooperative' } } as const] : []),
    ],
  };
}
