import { type BlockHeight, blockHeight } from '@boltwright/base';
import type { BlockLocation, Event, EventId } from '@boltwright/interfaces';
import { ChannelRegistry } from '../channels/channel-registry.ts';
import type { LiveChannel } from '../channels/live-channel.ts';
import type { ChannelManagerParts } from '../manager-parts.ts';
import { Peers } from '../peers/peers.ts';
import { tipCodec, tipKey } from '../records.ts';
import { EventQueue } from './event-queue.ts';
import type { Gate } from './gate.ts';
import type { Outgoing } from './outbox.ts';
import { TurnClock } from './turn.ts';

/** Where a manager stands when it starts. */
export interface StartingPoint {
  readonly tip: BlockLocation;
  /** Seconds: the largest block time seen. */
  readonly time: number;
  readonly run: number;
}

/** Something to be done before the turn ends. */
export interface Work {
  readonly run: () => void;
  readonly channel: LiveChannel | undefined;
}

/** What all parts of a manager share. */
export class Core {
  readonly parts: ChannelManagerParts;
  readonly clock: TurnClock;
  readonly registry = new ChannelRegistry();
  readonly peers = new Peers();
  readonly events: EventQueue;
  /** Those with something in their outbox, be they gone otherwise: a turn looks at no other. */
  readonly speaking = new Set<LiveChannel>();
  /** Channels whose state changed in this turn. */
  readonly dirty = new Set<LiveChannel>();
  /** Channels that may have something to sign. */
  readonly uncommitted = new Set<LiveChannel>();
  /** What came up in this turn, to be done before it ends: nothing calls back into what called it. */
  readonly #work: Work[] = [];
  readonly #run: number;
  #tip: BlockLocation;
  #blockTime: number;
  #toldTime: number | undefined;
  #tickedAt: number | undefined;

  constructor(parts: ChannelManagerParts, start: StartingPoint) {
    this.parts = parts;
    this.clock = new TurnClock(parts.turns);
    this.events = new EventQueue(parts.turns, start.run);
    this.#tip = start.tip;
    this.#blockTime = start.time;
    this.#run = start.run;
  }

  get tip(): BlockLocation {
    return this.#tip;
  }

  get height(): BlockHeight {
    return blockHeight(this.#tip.height);
  }

  /**
   * Seconds since 1970: what we were told last, or the latest block's time until we are told any. Blocks may be two hours
   * ahead of the world. It serves expiries and hold times, never safety (rule 1).
   */
  get now(): number {
    return this.#toldTime ?? this.#blockTime;
  }

  /** @param now - milliseconds since 1970; one that no message could say is passed over. */
  tellTime(now: number | undefined): void {
    if (now === undefined) return;
    const seconds = Math.floor(now / 1000);
    if (seconds >= 0 && seconds <= 0xffff_ffff) this.#toldTime = seconds;
  }

  /**
   * Time passes: to `now`, or a minute where nobody says what time it is.
   *
   * @param now - milliseconds since 1970.
   * @returns seconds since the last tick; 0 for the first that says the time.
   */
  tick(now: number | undefined): number {
    const last = this.#tickedAt;
    if (now === undefined) {
      if (this.#toldTime !== undefined) this.#toldTime += 60;
      if (last !== undefined) this.#tickedAt = last + 60;
      return 60;
    }
    this.tellTime(now);
    this.#tickedAt = this.#toldTime;
    return last === undefined || this.#tickedAt === undefined ? 0 : Math.max(0, this.#tickedAt - last);
  }

  moveTip(tip: BlockLocation, time: number): void {
    this.#tip = tip;
    this.#blockTime = Math.max(this.#blockTime, time);
    this.saveTip();
  }

  saveTip(): void {
    this.parts.turns.put(tipKey, tipCodec.encode({ ...this.#tip, time: this.#blockTime, run: this.#run }));
  }

  /** Something that a channel has to say once this turn is durable and the gates are open. */
  say(channel: LiveChannel, outgoing: Outgoing, gates: readonly (readonly Gate[])[]): void {
    channel.outbox.push(outgoing, this.clock.marker, gates);
    this.speaking.add(channel);
  }

  /** @param channel - whose step brought it up. */
  later(run: () => void, channel?: LiveChannel): void {
    this.#work.push({ run, channel });
  }

  takeWork(): Work | undefined {
    return this.#work.shift();
  }

  raise(event: Event, gate?: Gate, id?: EventId): void {
    this.events.add(event, this.clock.marker, gate, id);
  }

  /** Whether the watch has what this gate stands for. */
  isOpen(gate: Gate): boolean {
    return this.registry.funded(gate.channelId)?.outstanding.has(gate.updateId) !== true;
  }
}
