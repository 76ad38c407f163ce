import type { NodeId } from '@boltwright/base';
import type { ConnectionId, MessageSendEvent } from '@boltwright/interfaces';
import type { Message } from '@boltwright/wire';

/** One connected peer. */
export interface ConnectedPeer {
  readonly connection: ConnectionId;
  /** Its features, both vectors of its `init` together. */
  readonly features: Uint8Array;
}

/** Who is connected, and what is to be sent to whom. */
export class Peers {
  readonly #connected = new Map<NodeId, ConnectedPeer>();
  #events: MessageSendEvent[] = [];

  connected(peer: NodeId, connection: ConnectionId, features: Uint8Array): void {
    this.#connected.set(peer, { connection, features });
  }

  /** False where that connection was not, or no longer, the peer's. */
  disconnected(peer: NodeId, connection: ConnectionId): boolean {
    if (this.#connected.get(peer)?.connection !== connection) return false;
    this.#connected.delete(peer);
    this.#events = this.#events.filter((event) => event.peer !== peer || event.connection !== connection);
    return true;
  }

  get(peer: NodeId): ConnectedPeer | undefined {
    return this.#connected.get(peer);
  }

  isCurrent(peer: NodeId, connection: ConnectionId): boolean {
    return this.#connected.get(peer)?.connection === connection;
  }

  all(): readonly NodeId[] {
    return [...this.#connected.keys()];
  }

  send(peer: NodeId, connection: ConnectionId, message: Message): void {
    if (this.isCurrent(peer, connection)) this.#events.push({ kind: 'send', peer, connection, message });
  }

  disconnect(peer: NodeId, connection: ConnectionId, reason: string, message?: Message): void {
    if (!this.isCurrent(peer, connection)) return;
    this.#events.push({ kind: 'disconnect', peer, connection, reason, ...(message === undefined ? {} : { message }) });
  }

  take(): readonly MessageSendEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
