import { type ChannelId, err, ok, type Result } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { EventId, MonitorEvent, MonitorEventId, RecordKey } from '@boltwright/interfaces';
import {
  decodeMonitorEvent,
  decodeProgress,
  decodeSpendable,
  type Progress,
  type Spendable,
} from '../codec/event-codec.ts';
import { decodeMonitor, decodeRevoked } from '../codec/state-codec.ts';
import { decodeUpdate } from '../codec/update-codec.ts';
import { applyUpdate } from '../state/apply-update.ts';
import { LiveMonitor } from './live-monitor.ts';
import { tipKey } from './record-keys.ts';

/** A record that cannot be read: nothing was restored, since half the monitors would guard half the money. */
export interface RestoreError {
  readonly kind: 'unreadableRecord';
  readonly key: RecordKey;
  readonly message: string;
}

/** What the records of this package say. */
export interface Restored {
  readonly monitors: ReadonlyMap<ChannelId, LiveMonitor>;
  readonly events: ReadonlyMap<MonitorEventId, MonitorEvent>;
  readonly spendable: ReadonlyMap<EventId, Spendable>;
  readonly progress: Progress | undefined;
}

/** Reads the records of this package, in any order; those of others are passed over. */
export function readRecords(
  crypto: CryptoBackend,
  records: Iterable<readonly [RecordKey, Uint8Array]>,
): Result<Restored, RestoreError> {
  const monitors = new Map<ChannelId, LiveMonitor>();
  const events = new Map<MonitorEventId, MonitorEvent>();
  const spendable = new Map<EventId, Spendable>();
  const logs: (readonly [RecordKey, Uint8Array])[] = [];
  let progress: Progress | undefined;
  const fail = (key: RecordKey, message: string) => err<RestoreError>({ kind: 'unreadableRecord', key, message });

  for (const [key, bytes] of records) {
    const [kind, name] = key.split('/');
    if (key === tipKey) {
      const read = decodeProgress(bytes);
      if (!read.ok) return fail(key, read.error.message);
      progress = read.value;
    } else if (kind === 'monitor') {
      const read = decodeMonitor(bytes);
      if (!read.ok) return fail(key, read.error.message);
      if (read.value.channelId !== name) return fail(key, `the record is of channel ${read.value.channelId}`);
      monitors.set(read.value.channelId, new LiveMonitor(read.value));
    } else if (kind === 'monitor_event') {
      const read = decodeMonitorEvent(bytes);
      if (!read.ok) return fail(key, read.error.message);
      events.set(name as MonitorEventId, read.value);
    } else if (kind === 'monitor_spendable') {
      const read = decodeSpendable(bytes);
      if (!read.ok) return fail(key, read.error.message);
      spendable.set(name as EventId, read.value);
    } else if (kind === 'monitor_update' || kind === 'monitor_revoked') {
      logs.push([key, bytes]);
    }
  }

  // The keys' order is that of the update ids.
  logs.sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, bytes] of logs) {
    const [kind, id, number] = key.split('/');
    const monitor = monitors.get(id as ChannelId);
    if (monitor === undefined) return fail(key, 'there is no monitor of this channel');
    if (kind === 'monitor_revoked') {
      const read = decodeRevoked(bytes);
      if (!read.ok) return fail(key, read.error.message);
      monitor.addRevoked(read.value);
      monitor.revokedRecords.push(BigInt(number ?? 0));
      continue;
    }
    const read = decodeUpdate(bytes, monitor.state.parameters);
    if (!read.ok) return fail(key, read.error.message);
    if (read.value.updateId < monitor.firstLogged) continue;
    const applied = applyUpdate(crypto, monitor.state, read.value);
    if (!applied.ok) return fail(key, `the update cannot be applied: ${applied.error.kind}`);
    monitor.state = applied.value.state;
    monitor.addRevoked(applied.value.revoked);
    monitor.unwritten.push(...applied.value.revoked);
  }
  return ok({ monitors, events: inOrder(events), spendable: inOrder(spendable), progress });
}

/** By their numbers: the order in which they were told. */
const inOrder = <K extends string, V>(events: ReadonlyMap<K, V>): ReadonlyMap<K, V> =>
  new Map([...events].sort(([a], [b]) => (a < b ? -1 : 1)));
