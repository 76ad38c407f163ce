import type { NodeId } from '@boltwright/base';
import type { ConnectionId, SocketDescriptor } from '@boltwright/interfaces';
import type { Connection } from './connection.ts';

/** Every connection, by its socket, its id and its peer. */
export class ConnectionTable {
  readonly #bySocket = new Map<SocketDescriptor, Connection>();
  /** Connections that the handlers know. */
  readonly #byPeer = new Map<NodeId, Connection>();
  readonly #byId = new Map<ConnectionId, Connection>();
  /** Over, and only waiting for their last bytes to leave. */
  readonly #ending = new Set<Connection>();
  #nextId = 1;

  /** All of them as they are now, also those that are over and linger. */
  all(): readonly Connection[] {
    return [...this.#bySocket.values()];
  }

  /** Those that the handlers know, in the order in which they came. */
  peers(): readonly Connection[] {
    return [...this.#byPeer.values()];
  }

  /** Those that are over and linger. */
  ending(): readonly Connection[] {
    return [...this.#ending];
  }

  at(socket: SocketDescriptor): Connection | undefined {
    return this.#bySocket.get(socket);
  }

  /** The connection to a peer, where the handlers know one. */
  ofPeer(peer: NodeId): Connection | undefined {
    return this.#byPeer.get(peer);
  }

  /** The connection of that id, where the handlers know it. */
  byId(id: ConnectionId): Connection | undefined {
    return this.#byId.get(id);
  }

  /** @param make - is given the new connection's id; ids count up. */
  add(make: (id: ConnectionId) => Connection): void {
    const connection = make(this.#nextId as ConnectionId);
    this.#nextId += 1;
    this.#bySocket.set(connection.socket, connection);
  }

  /** The handlers know it from now on, as the one of its peer. */
  announce(connection: Connection): void {
    connection.announced = true;
    connection.announcedBefore = this.#nextId;
    this.#byPeer.set(connection.peer!, connection);
    this.#byId.set(connection.id, connection);
  }

  /** It is over. Returns whether the handlers know it, and must hear so. */
  end(connection: Connection): boolean {
    this.#ending.add(connection);
    const { announced, peer } = connection;
    if (!announced || peer === undefined) return false;
    connection.announced = false;
    this.#byId.delete(connection.id);
    if (this.#byPeer.get(peer) === connection) this.#byPeer.delete(peer);
    return true;
  }

  forget(connection: Connection): void {
    this.#bySocket.delete(connection.socket);
    this.#ending.delete(connection);
  }
}

/**
 * Which connection of a peer stays: true for `connection`, which just got through, false for the older one. There is one
 * (BOLT 1, Connection Handling).
 *
 * The newer one: the peer has proved that it is there, while the older one may hang since the peer restarted or moved.
 * Where the two sides connected to each other at the same time, newer is not the same for both, and each would end what
 * the other keeps: it is the one opened by the lesser node id.
 *
 * @param self - our node id.
 */
export function outdoes(connection: Connection, older: Connection, self: NodeId): boolean {
  const crossed = connection.id < older.announcedBefore;
  if (!crossed) return true;
  if (connection.inbound === older.inbound) return connection.id > older.id;
  const isPeerLesser = connection.peer! < self;
  return connection.inbound === isPeerLesser;
}
