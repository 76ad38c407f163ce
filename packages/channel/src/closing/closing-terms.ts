import type { Result, Sat } from '@boltwright/base';
import type { ClosingTransaction } from '@boltwright/interfaces';
import {
  type ClosingError,
  closingWeight,
  feeForWeight,
  type LegacyClosing,
  legacyClosing,
} from '@boltwright/transactions';
import type { ChannelEnv } from '../channel-env.ts';
import type { FeeRange, Negotiating } from '../channel-state.ts';
import { larger, smaller } from '../smaller-larger.ts';

/** Below it no node relays a transaction (BOLT 3, `feerate_per_kw` rounding). */
const relayFeeratePerKw = 253;

/** The closing transaction at a fee, as the side that signs it makes it. */
export function closingAt(
  state: Negotiating,
  feeSatoshis: Sat,
  signer: 'local' | 'remote',
  omit?: LegacyClosing['omit'],
): Result<ClosingTransaction, ClosingError> {
  const { commitments, closing, parameters, transactions } = state;
  return legacyClosing(transactions, {
    holderMsat: commitments.localMsat,
    counterpartyMsat: commitments.remoteMsat,
    holderScript: closing.localScript,
    counterpartyScript: closing.remoteScript,
    feeSatoshis,
    dustLimitSatoshis: parameters[signer].dustLimitSatoshis,
    ...(omit === undefined ? {} : { omit }),
  });
}

/** What we would propose, and what we would take (BOLT 2, `closing_signed`, Requirements of the sender). */
export function closingTerms(
  state: Negotiating,
  env: ChannelEnv,
): { readonly feeSatoshis: Sat; readonly range: FeeRange } {
  const { closing, commitments, parameters } = state;
  // The opener, who proposes, comes back to what was agreed on.
  if (closing.agreed !== undefined && parameters.isOpener) {
    const { feeSatoshis } = closing.agreed;
    return { feeSatoshis, range: { minFeeSatoshis: feeSatoshis, maxFeeSatoshis: feeSatoshis } };
  }
  const weight = closingWeight([closing.localScript, closing.remoteScript]);
  const feerate = closing.feeratePerKw ?? env.feerate('channelClose');
  const openersMsat = parameters.isOpener ? commitments.localMsat : commitments.remoteMsat;
  const balance = (openersMsat / 1000n) as Sat;
  const least = smaller(feeForWeight(relayFeeratePerKw as typeof feerate, weight), balance);
  const wanted = feeForWeight(feerate, weight);
  const feeSatoshis = smaller(larger(wanted, least), balance);
  // Who does not pay has no reason for a maximum.
  const most = parameters.isOpener
    ? smaller((feeSatoshis * 2n + env.channelConfig.forceCloseAvoidanceMaxFeeSatoshis) as Sat, balance)
    : balance;
  return { feeSatoshis, range: { minFeeSatoshis: least, maxFeeSatoshis: most } };
}
