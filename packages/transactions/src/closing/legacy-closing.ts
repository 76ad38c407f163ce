import type { Msat, Result, Sat, Script, TxOut } from '@boltwright/base';
import { err } from '@boltwright/base';
import type { ChannelTransactionParameters, ClosingTransaction } from '@boltwright/interfaces';
import type { Broadcaster } from '../commitment-keys.ts';
import { type ClosingError, closingOf } from './closing-transaction.ts';

/** What a legacy close pays out. */
export interface LegacyClosing {
  readonly holderMsat: Msat;
  readonly counterpartyMsat: Msat;
  /** As each side's `shutdown` says. */
  readonly holderScript: Script;
  readonly counterpartyScript: Script;
  /** From `closing_signed`; the opener pays it. */
  readonly feeSatoshis: Sat;
  /** Of the side that signs: outputs below it are left out. */
  readonly dustLimitSatoshis: Sat;
  /** The side that leaves its own output out, as it may. */
  readonly omit?: Broadcaster;
}

/**
 * BOLT 3, Legacy Closing Transaction: lock time 0, sequence 0xffffffff.
 *
 * @returns an error where the opener cannot pay the fee, or no output is left.
 */
export function legacyClosing(
  parameters: ChannelTransactionParameters,
  terms: LegacyClosing,
): Result<ClosingTransaction, ClosingError> {
  let holder = terms.holderMsat / 1000n;
  let counterparty = terms.counterpartyMsat / 1000n;
  const balance = parameters.holderIsOpener ? holder : counterparty;
  const { feeSatoshis, dustLimitSatoshis, omit } = terms;
  if (feeSatoshis > balance) return err({ kind: 'feeAboveBalance', feeSatoshis, balanceSatoshis: balance as Sat });
  if (parameters.holderIsOpener) holder -= feeSatoshis;
  else counterparty -= feeSatoshis;
  const outputs: TxOut[] = [];
  const keeps = (value: bigint): boolean => value >= dustLimitSatoshis && value > 0n;
  if (omit !== 'holder' && keeps(holder)) outputs.push({ value: holder as Sat, script: terms.holderScript });
  if (omit !== 'counterparty' && keeps(counterparty)) {
    outputs.push({ value: counterparty as Sat, script: terms.counterpartyScript });
  }
  return closingOf(parameters, outputs, 0, 0xffffffff);
}
