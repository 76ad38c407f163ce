import type { Result } from '@boltwright/base';
import type { BlockLocation, MonitorEvent, SpendableOutput, SweepClaim } from '@boltwright/interfaces';
import { type FieldType, t, tlv, tlvStream } from '@boltwright/wire';
import { parametersField } from './commitment-fields.ts';
import { hex32, listOf, nothing, oneOf, outpointField, record, scriptField, tagged, text } from './fields.ts';
import { type RecordError, versioned, versionedValue } from './versioned.ts';

type EventFields<K extends MonitorEvent['kind']> = Omit<Extract<MonitorEvent, { kind: K }>, 'kind'>;

const event = tagged<MonitorEvent>({
  htlcFulfilledOnChain: record<EventFields<'htlcFulfilledOnChain'>>({
    channelId: t.channelId,
    htlcId: t.u64,
    paymentHash: t.paymentHash,
    preimage: t.bytes(32),
  }),
  htlcTimedOutOnChain: record<EventFields<'htlcTimedOutOnChain'>>({
    channelId: t.channelId,
    htlcId: t.u64,
    paymentHash: t.paymentHash,
  }),
  closing: record<EventFields<'closing'>>({ channelId: t.channelId, reason: text }),
  fundingSpent: record<EventFields<'fundingSpent'>>({
    channelId: t.channelId,
    txid: t.txid,
    spend: oneOf<EventFields<'fundingSpent'>['spend']>(['cooperative', 'holder', 'counterparty', 'revoked', 'unknown']),
    height: t.blockHeight,
  }),
  resolved: record<EventFields<'resolved'>>({ channelId: t.channelId }),
});

const eventCodec = versionedValue('monitor_event', event);
export const encodeMonitorEvent = (value: MonitorEvent): Uint8Array => eventCodec.encode(value);
/** Never throws. */
export const decodeMonitorEvent = (bytes: Uint8Array): Result<MonitorEvent, RecordError> => eventCodec.decode(bytes);

type ClaimFields<K extends SweepClaim['kind']> = Omit<Extract<SweepClaim, { kind: K }>, 'kind'>;

const sweepClaim: FieldType<SweepClaim> = tagged<SweepClaim>({
  delayed: record<ClaimFields<'delayed'>>({
    parameters: parametersField,
    perCommitmentPoint: t.point,
    witnessScript: scriptField,
    value: t.sat,
  }),
  toRemote: record<ClaimFields<'toRemote'>>({ parameters: parametersField, value: t.sat }),
});

const output = record<SpendableOutput>({
  outpoint: outpointField,
  value: t.sat,
  script: scriptField,
  channelKeysId: hex32<SpendableOutput['channelKeysId']>(),
  claim: tagged<SpendableOutput['claim']>({
    wallet: nothing,
    sweep: record<{ readonly claim: SweepClaim; readonly delay: number }>({ claim: sweepClaim, delay: t.u16 }),
  }),
});

/** Outputs that are ours, as the user is told of them. */
export interface Spendable {
  readonly channelId: EventFields<'resolved'>['channelId'];
  readonly outputs: readonly SpendableOutput[];
}

const spendableCodec = versionedValue(
  'monitor_spendable',
  record<Spendable>({ channelId: t.channelId, outputs: listOf(output) }),
);
export const encodeSpendable = (value: Spendable): Uint8Array => spendableCodec.encode(value);
/** Never throws. */
export const decodeSpendable = (bytes: Uint8Array): Result<Spendable, RecordError> => spendableCodec.decode(bytes);

/** Where all monitors stand on the chain, and the number of the next event. */
export interface Progress {
  readonly tip: BlockLocation;
  readonly nextEvent: number;
}

const progressCodec = versioned(
  tlvStream('monitor_tip', {
    tip: tlv(0n, record<BlockLocation>({ hash: hex32<BlockLocation['hash']>(), height: t.blockHeight })),
    nextEvent: tlv(2n, t.u32),
  }),
);
export const encodeProgress = (value: Progress): Uint8Array => progressCodec.encode(value);
/** Never throws. */
export function decodeProgress(bytes: Uint8Array): Result<Progress, RecordError> {
  const decoded = progressCodec.decode(bytes);
  if (!decoded.ok) return decoded;
  const { tip, nextEvent } = decoded.value;
  return tip === undefined || nextEvent === undefined
    ? { ok: false, error: { kind: 'recordError', message: 'monitor_tip: a record is missing' } }
    : { ok: true, value: { tip, nextEvent } };
}
