import type { Event } from '@boltwright/interfaces';
import { bigintOf, blob, field, numberOf, oneOf, optional, record, type Stored, text, variant } from './stored.ts';
import {
  storedChannelId,
  storedHash,
  storedMsat,
  storedNodeId,
  storedOutPoint,
  storedPath,
  storedPaymentId,
  storedScid,
  storedTransaction,
} from './types.ts';

const withMessage = record({ message: field(0, text) });

/** Why a channel ended. */
const closureReason = variant({
  cooperative: [0, record({})],
  counterpartyForceClosed: [1, withMessage],
  holderForceClosed: [2, withMessage],
  commitmentConfirmed: [3, record({})],
  deadline: [4, withMessage],
  protocolViolation: [5, withMessage],
  fundingTimedOut: [6, record({})],
  fundingAborted: [7, withMessage],
  disconnectedBeforeFunding: [8, record({})],
  staleState: [9, withMessage],
});

/**
 * The events that outlive a restart. The others ask for something about a channel that has no funding yet, and such
 * a channel does not outlive its connection.
 */
export type DurableEvent = Exclude<
  Event,
  { readonly kind: 'fundingGenerationReady' | 'openChannelRequest' | 'spendableOutputs' }
>;

export const isDurableEvent = (event: Event): event is DurableEvent =>
  event.kind !== 'fundingGenerationReady' && event.kind !== 'openChannelRequest' && event.kind !== 'spendableOutputs';

const storedEvent: Stored<DurableEvent> = variant({
  channelPending: [
    0,
    record({
      channelId: field(0, storedChannelId),
      temporaryChannelId: field(2, storedChannelId),
      counterparty: field(4, storedNodeId),
      fundingOutpoint: field(6, storedOutPoint),
    }),
  ],
  channelReady: [1, record({ channelId: field(0, storedChannelId), counterparty: field(2, storedNodeId) })],
  channelClosed: [
    2,
    record({
      channelId: field(0, storedChannelId),
      counterparty: field(2, storedNodeId),
      reason: field(4, closureReason),
    }),
  ],
  discardFunding: [3, record({ channelId: field(0, storedChannelId), transaction: field(2, storedTransaction) })],
  paymentClaimable: [
    4,
    record({
      paymentHash: field(0, storedHash),
      amountMsat: field(2, storedMsat),
      claimDeadline: field(4, numberOf()),
      preimage: optional(6, blob),
    }),
  ],
  paymentClaimed: [5, record({ paymentHash: field(0, storedHash), amountMsat: field(2, storedMsat) })],
  paymentSent: [
    6,
    record({
      paymentId: field(0, storedPaymentId),
      paymentHash: field(2, storedHash),
      preimage: field(4, blob),
      feePaidMsat: field(6, storedMsat),
    }),
  ],
  paymentFailed: [
    7,
    record({
      paymentId: field(0, storedPaymentId),
      paymentHash: field(2, storedHash),
      reason: field(
        4,
        oneOf(
          'recipientRejected',
          'userAbandoned',
          'retriesExhausted',
          'routeNotFound',
          'paymentExpired',
          'unexpectedError',
        ),
      ),
    }),
  ],
  paymentPathFailed: [
    8,
    record({
      paymentId: field(0, storedPaymentId),
      paymentHash: field(2, storedHash),
      path: field(4, storedPath),
      failedAt: optional(6, storedScid),
      failure: field(8, text),
    }),
  ],
  paymentForwarded: [
    9,
    record({
      previousChannelId: field(0, storedChannelId),
      nextChannelId: field(2, storedChannelId),
      feeEarnedMsat: field(4, storedMsat),
    }),
  ],
  channelFrozen: [10, record({ channelId: field(0, storedChannelId), message: field(2, text) })],
});

/** An update of a channel's monitor: what waits for it waits until the watch has it. */
export const storedGate: Stored<{
  readonly channelId: import('@boltwright/base').ChannelId;
  readonly updateId: bigint;
}> = record({ channelId: field(0, storedChannelId), updateId: field(2, bigintOf()) });

export const storedEventRecord = record({ event: field(0, storedEvent), after: optional(1, storedGate) });
