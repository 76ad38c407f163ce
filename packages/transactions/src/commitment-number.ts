import { concatBytes } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelTransactionParameters } from '@boltwright/interfaces';
import type { Transaction } from './chain/transaction.ts';

/** The last commitment number, counting up from 0: 2^48 - 1. */
export const maxCommitmentNumber = (1n << 48n) - 1n;

/**
 * What commitment numbers are XORed with (BOLT 3, Commitment Transaction): the lower 48 bits of the hash of the
 * opener's and the accepter's payment basepoint. One hash per channel.
 */
export function obscuringFactor(crypto: CryptoBackend, parameters: ChannelTransactionParameters): bigint {
  const ours = parameters.holder.pubkeys.paymentBasepoint;
  const theirs = parameters.counterparty.pubkeys.paymentBasepoint;
  const hash = crypto.sha256(parameters.holderIsOpener ? concatBytes(ours, theirs) : concatBytes(theirs, ours));
  let factor = 0n;
  for (const byte of hash.subarray(26)) factor = (factor << 8n) | BigInt(byte);
  return factor;
}

/** The fields of a commitment that hide its number. @throws RangeError outside of 48 bits. */
export function obscuredFields(
  factor: bigint,
  index: bigint,
): { readonly lockTime: number; readonly sequence: number } {
  if (index < 0n || index > maxCommitmentNumber) throw new RangeError(`${index} is no commitment number: 48 bits`);
  const obscured = index ^ factor;
  return {
    lockTime: 0x2000_0000 + Number(obscured & 0xff_ffffn),
    sequence: 0x8000_0000 + Number(obscured >> 24n),
  };
}

/**
 * The number of a commitment seen on chain, counting up from 0, or undefined when the transaction is none: more than
 * one input, or other marks in its lock time and sequence. That it spends the funding output is the caller's to know.
 */
export function commitmentNumber(factor: bigint, transaction: Transaction): bigint | undefined {
  const [input, ...others] = transaction.inputs;
  if (input === undefined || others.length > 0) return undefined;
  if (transaction.lockTime >>> 24 !== 0x20 || input.sequence >>> 24 !== 0x80) return undefined;
  const obscured = (BigInt(input.sequence & 0xff_ffff) << 24n) | BigInt(transaction.lockTime & 0xff_ffff);
  return obscured ^ factor;
}
