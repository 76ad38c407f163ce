import type { ChannelId } from '@boltwright/base';
import type { EventId, PaymentId, RecordKey } from '@boltwright/interfaces';
import { storedEventRecord, storedGate } from './stored/event-record.ts';
import { storedUnacknowledged } from './stored/monitor-record.ts';
import { recordCodec } from './stored/record-codec.ts';
import {
  bigintOf,
  blob,
  field,
  flag,
  list,
  numberOf,
  oneOf,
  optional,
  record,
  type StoredValue,
  text,
  variant,
} from './stored/stored.ts';
import {
  storedBlockHash,
  storedChannelId,
  storedCltvDelta,
  storedHash,
  storedHeight,
  storedMsat,
  storedNodeId,
  storedPath,
  storedPaymentId,
  storedScid,
  storedTransaction,
} from './stored/types.ts';

/*
 * Every record that the manager keeps, by key:
 *
 * channel/<channel>              the channel's state, as `encodeChannelState` writes it
 * funding/<channel>              the funding transaction that we made, until the channel is confirmed
 * watch/<channel>-<update>       an update (0: the initial monitor) that the watch has not completed yet
 * inbound/<channel>-<htlc>       an HTLC that we received: its onion, then what was in it; until its removal is irrevocable
 * settlement/<channel>-<htlc>    how an HTLC that we received ends, until its removal is irrevocable
 * payment/<payment>              a payment of ours: its parts, then its outcome
 * peer-policy/<channel>          the counterparty's forwarding policy, for the hints in our invoices
 * event/<event>                  an event that the user has not handled yet
 * tip                            where we stand on the chain
 *
 * Invoices need no record: what we must know when one is paid is within its payment secret (`inbound-secret.ts`).
 * The link from a received HTLC to the one that we offered for it is the offered one's `HtlcSource`, in its channel.
 */

const key = (text: string): RecordKey => text as RecordKey;

export const channelKey = (id: ChannelId): RecordKey => key(`channel/${id}`);
export const fundingKey = (id: ChannelId): RecordKey => key(`funding/${id}`);
export const watchKey = (id: ChannelId, updateId: bigint): RecordKey => key(`watch/${id}-${updateId}`);
export const inboundKey = (id: ChannelId, htlcId: bigint): RecordKey => key(`inbound/${id}-${htlcId}`);
export const settlementKey = (id: ChannelId, htlcId: bigint): RecordKey => key(`settlement/${id}-${htlcId}`);
export const paymentKey = (id: PaymentId): RecordKey => key(`payment/${id}`);
export const peerPolicyKey = (id: ChannelId): RecordKey => key(`peer-policy/${id}`);
export const eventKey = (id: EventId): RecordKey => key(`event/${id}`);
export const tipKey: RecordKey = key('tip');

const inbound = record({
  channelId: field(0, storedChannelId),
  htlcId: field(2, bigintOf()),
  amountMsat: field(4, storedMsat),
  paymentHash: field(6, storedHash),
  cltvExpiry: field(8, storedHeight),
  /** Until it is peeled. */
  onion: optional(10, blob),
  pathKey: optional(12, blob),
  /** 32 bytes, shared with the payer: wraps a failure. */
  sharedSecret: optional(14, blob),
  /** Until it is forwarded or, for one that ends here, settled. */
  payload: optional(16, blob),
  /** There is one where the HTLC goes on. */
  nextPacket: optional(18, blob),
  /** It is more dust than we bear: to be failed, its preimage never shown (BOLT 2, Bounding exposure). */
  exceedsDustExposure: optional(20, flag),
});
/** An HTLC that we received, irrevocably committed. */
export type InboundHtlc = StoredValue<typeof inbound>;
export const inboundCodec = recordCodec(1, inbound);

/** How a received HTLC ends. `relay` and `relayMalformed` are the next hop's words, not yet wrapped for upstream. */
const outcome = variant({
  fulfill: [0, record({ preimage: field(0, blob) })],
  fail: [1, record({ failure: field(0, blob) })],
  malformed: [2, record({ sha256OfOnion: field(0, blob), failureCode: field(2, numberOf()) })],
  relay: [3, record({ reason: field(0, blob) })],
});
export type SettlementOutcome = StoredValue<typeof outcome>;

const settlement = record({
  channelId: field(2, storedChannelId),
  htlcId: field(4, bigintOf()),
  outcome: field(0, outcome),
  after: optional(1, storedGate),
});
export type Settlement = StoredValue<typeof settlement>;
export const settlementCodec = recordCodec(1, settlement);

const part = record({
  part: field(0, numberOf()),
  /** What the payee gets by this part. */
  amountMsat: field(2, storedMsat),
  feeMsat: field(4, storedMsat),
  path: field(6, storedPath),
  /** 32 bytes: from it come the secrets that decode a failure. */
  sessionKey: field(8, blob),
});
export type PaymentPart = StoredValue<typeof part>;

const paymentState = oneOf('pending', 'abandoned', 'succeeded', 'failed');

const payment = record({
  paymentId: field(0, storedPaymentId),
  paymentHash: field(2, storedHash),
  state: field(4, paymentState),
  payee: field(6, storedNodeId),
  /** What the payee is to get. */
  amountMsat: field(8, storedMsat),
  /** While it is pending. */
  invoice: optional(10, text),
  maxFeeMsat: field(12, storedMsat),
  attemptsLeft: field(14, numberOf()),
  nextPart: field(16, numberOf()),
  /** In flight. */
  parts: field(18, list(part)),
  excludedChannels: field(20, list(storedScid)),
  excludedNodes: field(22, list(storedNodeId)),
  /** The payee took a part with a preimage: what follows is how the other parts end. */
  preimage: optional(24, blob),
  feePaidMsat: optional(26, storedMsat),
  failureReason: optional(
    28,
    oneOf(
      'recipientRejected',
      'userAbandoned',
      'retriesExhausted',
      'routeNotFound',
      'paymentExpired',
      'unexpectedError',
    ),
  ),
  expiresAt: optional(30, numberOf()),
});
export type PaymentRecord = StoredValue<typeof payment>;
export const paymentCodec = recordCodec(1, payment);

const funding = record({
  channelId: field(4, storedChannelId),
  transaction: field(0, storedTransaction),
  /** True once the counterparty signed our first commitment: the transaction may go out. */
  release: field(2, flag),
});
export type FundingRecord = StoredValue<typeof funding>;
export const fundingCodec = recordCodec(1, funding);

const peerPolicy = record({
  channelId: field(12, storedChannelId),
  feeBaseMsat: field(0, numberOf()),
  feeProportionalMillionths: field(2, numberOf()),
  cltvExpiryDelta: field(4, storedCltvDelta),
  htlcMinimumMsat: field(6, storedMsat),
  htlcMaximumMsat: field(8, storedMsat),
  timestamp: field(10, numberOf()),
});
export type PeerPolicy = StoredValue<typeof peerPolicy>;
export const peerPolicyCodec = recordCodec(1, peerPolicy);

const tip = record({
  hash: field(0, storedBlockHash),
  height: field(2, storedHeight),
  /** Seconds: the largest block time seen. */
  time: field(4, numberOf()),
  /** Counts the starts of this manager: event ids of different runs differ. */
  run: field(6, numberOf()),
});
export const tipCodec = recordCodec(1, tip);

export const eventCodec = recordCodec(1, storedEventRecord);
export const watchCodec = recordCodec(1, storedUnacknowledged);
/** What was told to the watch and not completed. */
export type WatchOffer = StoredValue<typeof storedUnacknowledged>;
