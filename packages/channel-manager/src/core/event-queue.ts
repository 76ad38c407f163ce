import type { Event, EventId, TurnWriter } from '@boltwright/interfaces';
import { eventCodec, eventKey } from '../records.ts';
import { isDurableEvent } from '../stored/event-record.ts';
import type { Gate } from './gate.ts';
import type { TurnMarker } from './turn.ts';

interface Entry {
  readonly event: Event;
  /** Undefined after a restart: its record was read from the store. */
  readonly turn: TurnMarker | undefined;
  readonly gate: Gate | undefined;
}

/** Events, kept with their records until the user has handled them. */
export class EventQueue {
  readonly #turns: TurnWriter;
  readonly #entries = new Map<EventId, Entry>();
  readonly #run: number;
  #next = 0;

  /** @param run - a number of this start of the manager: ids of different runs differ. */
  constructor(turns: TurnWriter, run: number) {
    this.#turns = turns;
    this.#run = run;
  }

  /** @param id - where the same event may be raised again after a restart: it is kept once. */
  add(event: Event, turn: TurnMarker, gate?: Gate, id: EventId = this.#newId()): void {
    if (this.#entries.has(id)) return;
    this.#entries.set(id, { event, turn, gate });
    if (!isDurableEvent(event)) return;
    this.#turns.put(eventKey(id), eventCodec.encode(gate === undefined ? { event } : { event, after: gate }));
  }

  restore(id: EventId, event: Event, gate: Gate | undefined): void {
    this.#entries.set(id, { event, turn: undefined, gate });
  }

  /** Forgets what asked for something about a channel that is gone. */
  dropVolatile(isGone: (event: Event) => boolean): void {
    for (const [id, { event }] of this.#entries) if (!isDurableEvent(event) && isGone(event)) this.#entries.delete(id);
  }

  visible(isReady: (turn: TurnMarker | undefined, gate: Gate | undefined) => boolean): { id: EventId; event: Event }[] {
    const found: { id: EventId; event: Event }[] = [];
    for (const [id, { event, turn, gate }] of this.#entries) if (isReady(turn, gate)) found.push({ id, event });
    return found;
  }

  handled(id: EventId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    if (isDurableEvent(entry.event)) this.#turns.delete(eventKey(id));
  }

  /** Ids sort as they were raised: the store hands records back in key order. */
  #newId(): EventId {
    const pad = (value: number) => value.toString().padStart(12, '0');
    return `${pad(this.#run)}-${pad(this.#next++)}` as EventId;
  }
}
