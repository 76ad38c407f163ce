import type { Msat, Result, Sat, Script, TxOut } from '@boltwright/base';
import { err } from '@boltwright/base';
import type { ChannelTransactionParameters, ClosingTransaction } from '@boltwright/interfaces';
import { dustThreshold, isOpReturn } from '../scripts/script-kind.ts';
import { type ClosingError, closingOf } from './closing-transaction.ts';

/** Which outputs a signature in `closing_tlvs` is for (BOLT 2, `closing_complete`). */
export type ClosingVariant = 'closerOutputOnly' | 'closeeOutputOnly' | 'closerAndCloseeOutputs';

/** What one `closing_complete` proposes: the closer pays the fee. */
export interface SimpleClosing {
  readonly closerMsat: Msat;
  readonly closeeMsat: Msat;
  readonly closerScript: Script;
  readonly closeeScript: Script;
  readonly feeSatoshis: Sat;
  readonly lockTime: number;
}

const closerValue = (terms: SimpleClosing): bigint =>
  isOpReturn(terms.closerScript) ? 0n : terms.closerMsat / 1000n - terms.feeSatoshis;

const closeeValue = (terms: SimpleClosing): bigint => (isOpReturn(terms.closeeScript) ? 0n : terms.closeeMsat / 1000n);

/**
 * BOLT 3, Closing Transaction, with the outputs of `variant`: sequence 0xfffffffd, nothing in `OP_RETURN` outputs. Dust
 * is left in: which variants may be signed is {@link closingVariantsToOffer}'s and {@link closingVariantToAccept}'s.
 */
export function simpleClosing(
  parameters: ChannelTransactionParameters,
  terms: SimpleClosing,
  variant: ClosingVariant,
): Result<ClosingTransaction, ClosingError> {
  const balanceSatoshis = (terms.closerMsat / 1000n) as Sat;
  const { feeSatoshis } = terms;
  if (feeSatoshis > balanceSatoshis) return err({ kind: 'feeAboveBalance', feeSatoshis, balanceSatoshis });
  const outputs: TxOut[] = [];
  if (variant !== 'closeeOutputOnly') outputs.push({ value: closerValue(terms) as Sat, script: terms.closerScript });
  if (variant !== 'closerOutputOnly') outputs.push({ value: closeeValue(terms) as Sat, script: terms.closeeScript });
  return closingOf(parameters, outputs, terms.lockTime, 0xfffffffd);
}

/**
 * The variants that the closer signs (BOLT 2, the sender of `closing_complete`). Empty where each that it may sign would
 * carry dust and not be relayed: a lower fee or an `OP_RETURN` script is needed then.
 *
 * @param uneconomical - the closer does not want its own output; heeded where the BOLT lets it.
 */
export function closingVariantsToOffer(terms: SimpleClosing, uneconomical = false): readonly ClosingVariant[] {
  const closerIsDust = closerValue(terms) < dustThreshold(terms.closerScript);
  const closeeIsDust = closeeValue(terms) < dustThreshold(terms.closeeScript);
  if (terms.closerMsat < terms.closeeMsat) {
    if (closerIsDust) return closeeIsDust ? [] : ['closeeOutputOnly'];
    if (closeeIsDust) return [];
    return uneconomical && !isOpReturn(terms.closerScript) ? ['closeeOutputOnly'] : ['closerAndCloseeOutputs'];
  }
  if (closerIsDust) return [];
  return closeeIsDust ? ['closerOutputOnly'] : ['closerOutputOnly', 'closerAndCloseeOutputs'];
}

/**
 * The variant whose signature the closee checks, signs and broadcasts (BOLT 2, the receiver of `closing_complete`). It
 * may be one that the closer did not sign: then the channel fails.
 *
 * @param offered - the variants for which `closing_complete` has a signature.
 * @param uneconomical - the closee does not want its own output.
 */
export function closingVariantToAccept(
  terms: SimpleClosing,
  offered: readonly ClosingVariant[],
  uneconomical = false,
): ClosingVariant {
  if (closeeValue(terms) < dustThreshold(terms.closeeScript)) return 'closerOutputOnly';
  if (uneconomical && !isOpReturn(terms.closeeScript)) return 'closerOutputOnly';
  return offered.includes('closerAndCloseeOutputs') ? 'closerAndCloseeOutputs' : 'closeeOutputOnly';
}
