import type { ChannelId } from '@boltwright/base';
import type { EventId, MonitorEventId, RecordKey } from '@boltwright/interfaces';

/*
 * Every record of this package, by key:
 *
 * monitor/<channel>                   a whole monitor, written seldom
 * monitor_update/<channel>/<id>       an update that came after it; gone when the whole is written anew
 * monitor_revoked/<channel>/<id>      HTLCs of commitments revoked up to that update; written once
 * monitor_event/<number>              an event that the manager has not acknowledged yet
 * monitor_spendable/<number>          outputs of the user's, until he handled them
 * monitor_tip                         where all monitors stand on the chain, and the number of the next event
 */

/** Decimal digits of a u64, so that keys are in the order of their numbers. */
const padded = (number: bigint | number, digits: number): string => number.toString().padStart(digits, '0');

const key = (text: string): RecordKey => text as RecordKey;

export const monitorKey = (id: ChannelId): RecordKey => key(`monitor/${id}`);
export const updateKey = (id: ChannelId, updateId: bigint): RecordKey =>
  key(`monitor_update/${id}/${padded(updateId, 20)}`);
export const revokedKey = (id: ChannelId, updateId: bigint): RecordKey =>
  key(`monitor_revoked/${id}/${padded(updateId, 20)}`);
export const monitorEventKey = (id: MonitorEventId): RecordKey => key(`monitor_event/${id}`);
export const spendableKey = (id: EventId): RecordKey => key(`monitor_spendable/${id}`);
export const tipKey: RecordKey = key('monitor_tip');

/** Ten digits: ids of both kinds of event come of one counter. */
export const eventNumber = (number: number): string => padded(number, 10);
