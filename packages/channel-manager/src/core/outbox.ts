import type { ChannelId, RawTransaction } from '@boltwright/base';
import type { ConnectionId } from '@boltwright/interfaces';
import type { Message } from '@boltwright/wire';
import type { Gate } from './gate.ts';
import type { TurnMarker } from './turn.ts';

/** What leaves the node, once all that it promises is durable. */
export type Outgoing =
  | { readonly kind: 'send'; readonly connection: ConnectionId; readonly message: Message }
  | { readonly kind: 'disconnect'; readonly connection: ConnectionId; readonly reason: string }
  | { readonly kind: 'broadcast'; readonly transaction: RawTransaction }
  | { readonly kind: 'broadcastFunding'; readonly channelId: ChannelId };

interface Entry {
  readonly outgoing: Outgoing;
  readonly turn: TurnMarker;
  /** May grow until the turn ends: the gates of one claim are shared by all its parts. */
  readonly gates: readonly (readonly Gate[])[];
}

/**
 * What one channel has to say, first in, first out (ARCHITECTURE.md, rule 3): an entry waits for its turn to be durable, for
 * its gates to open, and for every entry before it.
 */
export class Outbox {
  #entries: Entry[] = [];

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  push(outgoing: Outgoing, turn: TurnMarker, gates: readonly (readonly Gate[])[]): void {
    this.#entries.push({ outgoing, turn, gates });
  }

  /** The connection is gone: only what would have been sent on it goes with it. */
  disconnected(): void {
    this.#entries = this.#entries.filter(({ outgoing }) => outgoing.kind !== 'send' && outgoing.kind !== 'disconnect');
  }

  /** Takes out what may leave now, in order. */
  release(isReady: (turn: TurnMarker, gates: readonly (readonly Gate[])[]) => boolean): readonly Outgoing[] {
    let count = 0;
    while (count < this.#entries.length && isReady(this.#entries[count]!.turn, this.#entries[count]!.gates)) count++;
    return count === 0 ? [] : this.#entries.splice(0, count).map(({ outgoing }) => outgoing);
  }
}
