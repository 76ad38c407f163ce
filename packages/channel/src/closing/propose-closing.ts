import { type Answer, pending, ready, type Sat } from '@boltwright/base';
import { closingTransaction, transactionId } from '@boltwright/transactions';
import type { ClosingSigned } from '@boltwright/wire';
import type { ChannelEnv } from '../channel-env.ts';
import type { FeeRange, Negotiating } from '../channel-state.ts';
import { updateMonitor } from '../funded-channel.ts';
import type { Step } from '../step.ts';
import { closingAt, closingTerms } from './closing-terms.ts';

/** `closing_signed` at a fee, after the monitor knows the transaction; undefined where no transaction can pay that fee. */
export function signClosingAt(
  state: Negotiating,
  feeSatoshis: Sat,
  range: FeeRange,
  env: ChannelEnv,
): Answer<Step | undefined> {
  const closing = closingAt(state, feeSatoshis, 'local');
  if (!closing.ok) return ready(undefined);
  const signature = env.signer.signClosing(closing.value);
  if (signature.kind === 'pending') return pending;
  const txid = transactionId(env.crypto, closingTransaction(closing.value));
  const updated = updateMonitor<Negotiating>({ ...state, proposed: { feeSatoshis, range } }, [
    { kind: 'closingTransaction', txid },
  ]);
  const message: ClosingSigned = {
    type: 'closing_signed',
    channelId: state.channelId,
    feeSatoshis,
    signature: signature.value,
    feeRange: range,
  };
  return ready({ state: updated.state, effects: [updated.effect, { kind: 'send', message }] });
}

/** Opener: the first `closing_signed` of a connection (BOLT 2, `closing_signed`). */
export function proposeClosing(state: Negotiating, env: ChannelEnv): Step {
  if (!state.parameters.isOpener || state.proposed !== undefined) return { state, effects: [] };
  const { feeSatoshis, range } = closingTerms(state, env);
  const answer = signClosingAt(state, feeSatoshis, range, env);
  return answer.kind === 'ready' && answer.value !== undefined ? answer.value : { state, effects: [] };
}
