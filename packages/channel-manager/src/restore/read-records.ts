import { err, ok, type Result } from '@boltwright/base';
import type { EventId, RecordKey } from '@boltwright/interfaces';
import type { StartingPoint } from '../core/core.ts';
import {
  eventCodec,
  type FundingRecord,
  fundingCodec,
  type InboundHtlc,
  inboundCodec,
  type PaymentRecord,
  type PeerPolicy,
  paymentCodec,
  peerPolicyCodec,
  type Settlement,
  settlementCodec,
  tipCodec,
  type WatchOffer,
  watchCodec,
} from '../records.ts';
import type { storedEventRecord } from '../stored/event-record.ts';
import type { RecordCodec, RecordError } from '../stored/record-codec.ts';
import type { StoredValue } from '../stored/stored.ts';

/** A restart that cannot be made: what the store holds is not what this version can read. Nothing was changed. */
export type RestoreError = RecordError;

/** The records of a manager, read. */
export interface StoredRecords {
  /** Undefined where there are none. */
  readonly start: StartingPoint | undefined;
  readonly channels: (readonly [key: string, bytes: Uint8Array])[];
  readonly fundings: FundingRecord[];
  readonly watch: WatchOffer[];
  readonly inbound: InboundHtlc[];
  readonly settlements: Settlement[];
  readonly payments: PaymentRecord[];
  readonly policies: PeerPolicy[];
  readonly events: (readonly [id: EventId, value: StoredValue<typeof storedEventRecord>])[];
}

/** Sorts out the records of a manager from all that a store holds, and decodes them. */
export function readRecords(records: Iterable<readonly [RecordKey, Uint8Array]>): Result<StoredRecords, RestoreError> {
  let start: StartingPoint | undefined;
  const read: Omit<StoredRecords, 'start'> = {
    channels: [],
    fundings: [],
    watch: [],
    inbound: [],
    settlements: [],
    payments: [],
    policies: [],
    events: [],
  };
  let problem: RestoreError | undefined;
  const take = <T>(codec: RecordCodec<T>, key: string, bytes: Uint8Array, into: T[]): void => {
    const decoded = codec.decode(key, bytes);
    if (decoded.ok) into.push(decoded.value);
    else problem ??= decoded.error;
  };
  for (const [key, bytes] of records) {
    const slash = key.indexOf('/');
    switch (slash < 0 ? key : key.slice(0, slash)) {
      case 'tip': {
        const decoded = tipCodec.decode(key, bytes);
        if (!decoded.ok) return decoded;
        const { hash, height, time, run } = decoded.value;
        start = { tip: { hash, height }, time, run };
        break;
      }
      case 'channel':
        read.channels.push([key, bytes]);
        break;
      case 'funding':
        take(fundingCodec, key, bytes, read.fundings);
        break;
      case 'watch':
        take(watchCodec, key, bytes, read.watch);
        break;
      case 'inbound':
        take(inboundCodec, key, bytes, read.inbound);
        break;
      case 'settlement':
        take(settlementCodec, key, bytes, read.settlements);
        break;
      case 'payment':
        take(paymentCodec, key, bytes, read.payments);
        break;
      case 'peer-policy':
        take(peerPolicyCodec, key, bytes, read.policies);
        break;
      case 'event': {
        const decoded = eventCodec.decode(key, bytes);
        if (!decoded.ok) return decoded;
        read.events.push([key.slice(slash + 1) as EventId, decoded.value]);
        break;
      }
      default:
      // Another part's record in the same store.
    }
    if (problem !== undefined) return err(problem);
  }
  return ok({ ...read, start });
}
