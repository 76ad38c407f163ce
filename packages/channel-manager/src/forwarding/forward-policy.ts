import type { BlockHeight, Msat } from '@boltwright/base';
import type { ChannelConfig } from '@boltwright/interfaces';
import type { Failure } from '@boltwright/onion';
import { deadlines } from '../deadlines.ts';

/** An HTLC that asks to be forwarded. */
export interface ForwardRequest {
  readonly incomingAmountMsat: Msat;
  readonly incomingCltvExpiry: BlockHeight;
  readonly amtToForward: Msat;
  readonly outgoingCltvValue: BlockHeight;
}

export interface ForwardPolicy
  extends Pick<ChannelConfig, 'forwardingFeeBaseMsat' | 'forwardingFeeProportionalMillionths' | 'cltvExpiryDelta'> {
  readonly htlcMinimumMsat: Msat;
}

/** BOLT 7, HTLC Fees: the base, and the share of what goes out, rounded down. */
export const forwardingFee = (
  policy: Pick<ChannelConfig, 'forwardingFeeBaseMsat' | 'forwardingFeeProportionalMillionths'>,
  amountMsat: Msat,
): Msat =>
  (BigInt(policy.forwardingFeeBaseMsat) +
    (amountMsat * BigInt(policy.forwardingFeeProportionalMillionths)) / 1_000_000n) as Msat;

/**
 * What is wrong with a forward, by the outgoing channel's policy: the first in BOLT 4's list of failures.
 *
 * The failures carry no `channel_update`: BOLT 4 wants nodes to leave it out.
 */
export function forwardProblem(
  request: ForwardRequest,
  policy: ForwardPolicy,
  height: BlockHeight,
): Failure | undefined {
  const { incomingAmountMsat, incomingCltvExpiry, amtToForward, outgoingCltvValue } = request;
  if (amtToForward < policy.htlcMinimumMsat) return { kind: 'amount_below_minimum', htlcMsat: amtToForward };
  if (incomingAmountMsat < amtToForward + forwardingFee(policy, amtToForward)) {
    return { kind: 'fee_insufficient', htlcMsat: incomingAmountMsat };
  }
  if (incomingCltvExpiry < outgoingCltvValue + policy.cltvExpiryDelta) {
    return { kind: 'incorrect_cltv_expiry', cltvExpiry: outgoingCltvValue };
  }
  if (
    incomingCltvExpiry <= height + deadlines.failBackBlocks ||
    outgoingCltvValue <= height + deadlines.leastOutgoingBlocks
  ) {
    return { kind: 'expiry_too_soon' };
  }
  return incomingCltvExpiry > height + deadlines.maxHtlcCltv ? { kind: 'expiry_too_far' } : undefined;
}
