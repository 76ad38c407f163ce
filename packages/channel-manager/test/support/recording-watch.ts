import { type Answer, type ChannelId, type PaymentHash, ready, toHex } from '@boltwright/base';
import type {
  ChannelMonitorUpdate,
  ChannelWatch,
  InitialMonitor,
  MonitorEvent,
  MonitorEventId,
  RecordKey,
  TurnId,
  TurnWriter,
  WatchAnswer,
} from '@boltwright/interfaces';

/** What a watch holds of one channel. */
interface Watched {
  readonly content: string[];
  durable: number;
  readonly preimages: Set<PaymentHash>;
  closing: boolean;
}

interface Told {
  readonly channelId: ChannelId;
  readonly updateId: bigint;
  readonly dependsOn: ChannelMonitorUpdate['dependsOn'];
}

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_key, part) =>
    typeof part === 'bigint' ? `${part}n` : part instanceof Uint8Array ? toHex(part) : part,
  );

/**
 * A `ChannelWatch` that keeps and checks what it is given, and guards nothing: no gap, no other content under a known
 * id, no update before those that it depends on.
 *
 * In this process (`staged`) its records go into the turn; elsewhere (`remote`) it keeps them itself, answers
 * `inProgress`, and outlives the node.
 */
export class RecordingWatch implements ChannelWatch {
  readonly #channels = new Map<ChannelId, Watched>();
  readonly #events: { readonly id: MonitorEventId; readonly event: MonitorEvent }[] = [];
  readonly #turns: TurnWriter | undefined;
  /** What the next updates are answered, where not what is due. */
  nextAnswer: WatchAnswer | undefined;
  /** Remote: on their way to the tower, in order: the turn that they were told in is durable (rule 7). */
  pending: Told[] = [];
  #thisTurn: Told[] = [];
  #uncommitted: { readonly turn: TurnId; readonly told: Told[] }[] = [];
  #nextEvent = 0;

  /** @param turns - undefined for a remote one. */
  constructor(turns: TurnWriter | undefined) {
    this.#turns = turns;
  }

  /** Takes up the records of a staged one. */
  restore(records: Iterable<readonly [RecordKey, Uint8Array]>): void {
    for (const [key, bytes] of records) {
      const match = /^monitor\/([0-9a-f]{64})$/.exec(key);
      if (match === null) continue;
      const id = match[1] as ChannelId;
      const stored = JSON.parse(new TextDecoder().decode(bytes)) as { content: string[]; preimages: PaymentHash[] };
      this.#channels.set(id, {
        content: stored.content,
        durable: stored.content.length - 1,
        preimages: new Set(stored.preimages),
        closing: false,
      });
    }
  }

  watchChannel(initial: InitialMonitor): WatchAnswer {
    if (!this.#channels.has(initial.channelId)) {
      this.#channels.set(initial.channelId, { content: [], durable: -1, preimages: new Set(), closing: false });
    }
    return this.#take(initial.channelId, 0n, initial, undefined, []);
  }

  updateChannel(update: ChannelMonitorUpdate): WatchAnswer {
    const preimages = update.steps.flatMap((step) => (step.kind === 'paymentPreimage' ? [step.paymentHash] : []));
    return this.#take(update.channelId, update.updateId, update, update.dependsOn, preimages);
  }

  lastUpdateId(id: ChannelId): Answer<bigint | undefined> {
    const channel = this.#channels.get(id);
    return ready(channel === undefined ? undefined : BigInt(channel.durable));
  }

  monitorEvents() {
    return [...this.#events];
  }

  acknowledgeMonitorEvents(ids: readonly MonitorEventId[]): void {
    for (const id of ids) {
      const index = this.#events.findIndex((event) => event.id === id);
      if (index >= 0) this.#events.splice(index, 1);
    }
  }

  /** As if seen on chain. */
  see(event: MonitorEvent): void {
    this.#events.push({ id: `seen-${this.#nextEvent++}` as MonitorEventId, event });
  }

  /** From now on our commitment may be on its way. */
  close(id: ChannelId): void {
    this.#channels.get(id)!.closing = true;
  }

  knows(id: ChannelId, hash: PaymentHash): boolean {
    return this.#channels.get(id)?.preimages.has(hash) === true;
  }

  updates(id: ChannelId): number {
    return this.#channels.get(id)?.content.length ?? 0;
  }

  /** Remote: makes the oldest update durable; undefined where none waits. */
  completeNext(): { readonly channelId: ChannelId; readonly updateId: bigint } | undefined {
    const next = this.pending.shift();
    if (next === undefined) return undefined;
    const channel = this.#channels.get(next.channelId)!;
    for (const { channelId, updateId } of next.dependsOn ?? []) {
      if ((this.#channels.get(channelId)?.durable ?? -1) < Number(updateId)) {
        throw new Error(`update ${next.updateId} is durable before ${updateId} of ${channelId}, which it depends on`);
      }
    }
    channel.durable = Math.max(channel.durable, Number(next.updateId));
    return next;
  }

  turnEnded(turn: TurnId | undefined): void {
    if (turn !== undefined) this.#uncommitted.push({ turn, told: this.#thisTurn });
    else if (this.#thisTurn.length > 0) throw new Error('an update was told in a turn without records');
    this.#thisTurn = [];
  }

  turnCommitted(turn: TurnId): void {
    while (this.#uncommitted[0] !== undefined && this.#uncommitted[0].turn <= turn) {
      this.pending.push(...this.#uncommitted.shift()!.told);
    }
  }

  /** Remote: the node died: what was not durable here was never told. */
  loseConnection(): void {
    const lost = [...this.pending, ...this.#uncommitted.flatMap(({ told }) => told), ...this.#thisTurn];
    this.pending = [];
    this.#uncommitted = [];
    this.#thisTurn = [];
    for (const { channelId } of lost) {
      const channel = this.#channels.get(channelId);
      if (channel === undefined) continue;
      channel.content.length = channel.durable + 1;
      if (channel.durable < 0) this.#channels.delete(channelId);
    }
  }

  #take(
    channelId: ChannelId,
    updateId: bigint,
    content: unknown,
    dependsOn: ChannelMonitorUpdate['dependsOn'],
    preimages: readonly PaymentHash[],
  ): WatchAnswer {
    const channel = this.#channels.get(channelId);
    if (channel === undefined) return 'failed';
    const told = this.nextAnswer;
    if (told !== undefined) {
      this.nextAnswer = undefined;
      return told;
    }
    const commitments = /"kind":"(holderCommitment|counterpartyCommitment|commitmentSecret)"/.test(textOf(content));
    if (channel.closing && commitments) return 'closing';
    const at = Number(updateId);
    if (at < channel.content.length) {
      if (channel.content[at] !== textOf(content)) throw new Error(`other content under update ${updateId}`);
      return at <= channel.durable ? 'completed' : 'inProgress';
    }
    if (at > channel.content.length) throw new Error(`update ${updateId} after ${channel.content.length - 1}`);
    channel.content.push(textOf(content));
    for (const hash of preimages) channel.preimages.add(hash);
    if (this.#turns === undefined) {
      this.#thisTurn.push({ channelId, updateId, dependsOn });
      return 'inProgress';
    }
    if (dependsOn !== undefined) throw new Error('in one batch nothing depends on another batch');
    channel.durable = at;
    const stored = { content: channel.content, preimages: [...channel.preimages] };
    this.#turns.put(`monitor/${channelId}` as RecordKey, new TextEncoder().encode(JSON.stringify(stored)));
    return 'completed';
  }
}
