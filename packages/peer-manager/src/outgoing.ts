import { boltMessages, encodeMessage, type MessageRegistry, type WireMessage } from '@boltwright/wire';
import type { Connection } from './connection.ts';
import type { ConnectionTable } from './connection-table.ts';
import type { Priority } from './message-queue.ts';
import { type PeerError, peerError } from './peer-error.ts';
import type { PeerHandlers } from './peer-handlers.ts';

/** Bytes that one peer may send in its turn before the next one gets its own. */
const turnBytes = 64 * 1024;

export interface OutgoingPorts {
  readonly connections: ConnectionTable;
  readonly handlers: PeerHandlers;
  /** The user's own messages. */
  readonly messages: MessageRegistry<WireMessage>;
  end(connection: Connection, error: PeerError): void;
}

/** Messages on their way out: encoded, queued, and handed to the sockets in fair turns. */
export class Outgoing {
  readonly #ports: OutgoingPorts;
  #firstTurn = 0;

  constructor(ports: OutgoingPorts) {
    this.#ports = ports;
  }

  /** Queues a message. Ends the connection where it does not encode, or does not fit. */
  send(connection: Connection, message: WireMessage, priority: Priority = 'channel'): void {
    if (connection.failure !== undefined) return;
    const encoded = this.encode(connection, message);
    // The peer would miss a message that counts: better it connects anew and hears what the channels then say.
    if (encoded === undefined) {
      this.#ports.end(connection, peerError('handler_failed', `our ${message.type} does not encode`));
    } else if (!connection.enqueue(encoded, priority)) {
      const text = `${connection.queuedBytes} bytes wait for the peer, which does not read`;
      this.#ports.end(connection, peerError('outbound_queue_full', text));
    }
  }

  /** The message's bytes; undefined where it has none, which is logged. */
  encode(connection: Connection, message: WireMessage): Uint8Array | undefined {
    let encoded: Uint8Array | undefined;
    this.#ports.handlers.guard(`encoding ${message.type}`, connection.peer, () => {
      // The BOLTs' messages are theirs, whatever else the user's registry holds.
      const isBolt = boltMessages.byName.has(message.type);
      encoded = encodeMessage(message, isBolt ? boltMessages : this.#ports.messages);
    });
    return encoded;
  }

  /**
   * Hands what waits to the socket.
   *
   * @returns whether there is more for another turn.
   */
  flush(connection: Connection, budget?: number): boolean {
    let more = false;
    const returned = this.#ports.handlers.guard('sendData', connection.peer, () => {
      more = connection.flush(budget) === 'more';
    });
    if (returned) return more;
    this.#ports.end(connection, peerError('handler_failed', 'the socket threw in sendData'));
    connection.abandon();
    return false;
  }

  /** A turn for each peer, then the next one, until all have sent what their sockets take. */
  flushAll(): void {
    let waiting = this.#ports.connections.all();
    // Another peer is the first each time.
    this.#firstTurn = waiting.length === 0 ? 0 : (this.#firstTurn + 1) % waiting.length;
    waiting = [...waiting.slice(this.#firstTurn), ...waiting.slice(0, this.#firstTurn)];
    while (waiting.length > 0) waiting = waiting.filter((connection) => this.flush(connection, turnBytes));
  }
}
