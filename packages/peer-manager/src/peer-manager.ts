import { assertNever, type ChainHash, err, type NodeId, ok, type Result } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ConnectionId, Logger, SocketDescriptor } from '@boltwright/interfaces';
import { NoiseSession } from '@boltwright/noise';
import {
  boltMessages,
  encodeMessage,
  type Init,
  type MessageRegistry,
  messageRegistry,
  type Ping,
  type WireMessage,
} from '@boltwright/wire';
import { Connection } from './connection.ts';
import { makeInit } from './init-exchange.ts';
import { countTick } from './liveness.ts';
import { type Fault, MessageIntake, warn, warningOf } from './message-intake.ts';
import type { Priority } from './message-queue.ts';
import { fromNoise, type PeerError, peerError } from './peer-error.ts';
import { type OutgoingEvent, PeerHandlers } from './peer-handlers.ts';
import { defaultPeerLimits, type PeerLimits } from './peer-limits.ts';
import type { ConnectionOptions, PeerDetails, PeerManagerParts } from './peer-manager-parts.ts';

/** Bytes that one peer may send in its turn before the next one gets its own. */
const turnBytes = 64 * 1024;

/**
 * All peers of a node: handshakes, `init`, liveness, and messages between sockets and handlers. It opens no socket
 * and starts no timer: bytes come in by `readEvent`, time by `timerTick`, and bytes leave by
 * `SocketDescriptor.sendData`.
 *
 * Order of calls, for whoever owns the sockets: after each `readEvent` (a batch of them), and whenever a handler may
 * have something to send, call `processEvents`. A socket is forgotten when `readEvent` answers an error (the owner then
 * closes it), when `disconnectSocket` was called on it, or by `socketDisconnected`; of these only the first one counts.
 *
 * `readEvent` calls nothing of a socket but `sendData`; sockets are closed within `processEvents`, `timerTick`,
 * `newInboundConnection`, `writeBufferSpaceAvailable` and `disconnectPeer`. A handler may call any method but
 * `readEvent` of the socket whose message it is handling; `processEvents` from within one takes effect when it returns,
 * `disconnectPeer` tells `peerDisconnected` at once (a `MessageSendEvent` of kind `disconnect` is the way that waits).
 */
export class PeerManager {
  readonly #crypto: CryptoBackend;
  readonly #keys: PeerManagerParts['keys'];
  readonly #chains: readonly ChainHash[];
  readonly #logger: Logger;
  readonly #limits: PeerLimits;
  readonly #messages: MessageRegistry<WireMessage>;
  readonly #handlers: PeerHandlers;
  readonly #intake: MessageIntake;
  readonly #bySocket = new Map<SocketDescriptor, Connection>();
  /** Connections that the handlers know. */
  readonly #byPeer = new Map<NodeId, Connection>();
  readonly #byId = new Map<ConnectionId, Connection>();
  /** Over, and only waiting for their last bytes to leave. */
  readonly #ending = new Set<Connection>();
  #nextId = 1;
  #now: number | undefined;
  #dispatching = 0;
  #processing = false;
  #processAgain = false;
  #firstTurn = 0;

  constructor(parts: PeerManagerParts) {
    this.#crypto = parts.crypto;
    this.#keys = parts.keys;
    this.#chains = [...parts.chains];
    this.#logger = parts.logger;
    this.#limits = { ...defaultPeerLimits, ...parts.limits };
    this.#messages = parts.messages ?? messageRegistry([]);
    this.#handlers = new PeerHandlers(parts, parts.logger);
    this.#intake = new MessageIntake({
      handlers: this.#handlers,
      chains: this.#chains,
      limits: this.#limits,
      logger: this.#logger,
      messages: this.#messages,
      send: (connection, message) => this.#send(connection, message),
      admit: (connection, init) => this.#admit(connection, init),
    });
  }

  /**
   * Takes a socket that was connected to a node.
   *
   * @param peer - the node's id; one that is no point on the curve is an error.
   * @returns act one, 50 bytes, which the caller sends on the socket ahead of everything.
   * @throws Error where the socket is in use here already.
   */
  newOutboundConnection(
    peer: NodeId,
    socket: SocketDescriptor,
    options: ConnectionOptions = {},
  ): Result<Uint8Array, PeerError> {
    this.#requireNew(socket);
    const started = NoiseSession.initiate(this.#ports(), peer);
    if (!started.ok) return err(fromNoise(started.error));
    this.#add(socket, started.value.session, options);
    return ok(started.value.actOne);
  }

  /**
   * Takes a socket that came in. Nothing is computed before the first act is there. Where too many wait unauthenticated,
   * the oldest of them is closed, so that a flood of silent connections cannot lock others out.
   *
   * @throws Error where the socket is in use here already.
   */
  newInboundConnection(socket: SocketDescriptor, options: ConnectionOptions = {}): void {
    this.#requireNew(socket);
    const waiting = [...this.#bySocket.values()].filter((other) => other.inbound && !other.announced && !other.failure);
    for (const oldest of waiting.slice(0, Math.max(0, waiting.length + 1 - this.#limits.maxUnauthenticatedInbound))) {
      this.#end(oldest, peerError('evicted', 'too many connections that did not say who they are'));
      this.#closeSocket(oldest);
    }
    this.#add(socket, NoiseSession.respond(this.#ports()), options);
  }

  /**
   * Bytes from a socket, of any length.
   *
   * @param data - read during the call only.
   * @returns whether to stop reading from it until `sendData` is called with `resumeRead`; or why the connection is over:
   *   the caller then closes the socket, after what `sendData` took has left.
   * @throws Error where it is called for a socket from within the handling of that socket's bytes.
   */
  readEvent(socket: SocketDescriptor, data: Uint8Array): Result<{ readonly pauseRead: boolean }, PeerError> {
    const connection = this.#bySocket.get(socket);
    if (connection === undefined) return err(peerError('unknown_socket', 'the socket is not connected here'));
    if (connection.failure !== undefined) return ok({ pauseRead: true });
    if (connection.reading) throw new Error('readEvent was called within readEvent of the same socket');
    connection.reading = true;
    this.#dispatching += 1;
    this.#read(connection, () => connection.session.receive(data, (message) => this.#receive(connection, message)));
    connection.reading = false;
    this.#flush(connection);
    this.#dispatching -= 1;
    const { failure }: { readonly failure: PeerError | undefined } = connection;
    if (failure === undefined) return ok({ pauseRead: connection.pauseRead() });
    this.#forget(connection);
    return err(failure);
  }

  /** The signer has an answer for a handshake that it left `pending`. */
  signerAnswered(): void {
    for (const connection of [...this.#bySocket.values()]) {
      if (connection.session.state !== 'signer') continue;
      this.#read(connection, () => connection.session.signerAnswered());
      this.#flush(connection);
    }
    this.processEvents();
  }

  /** The socket, which took fewer bytes than it was given, has room again. */
  writeBufferSpaceAvailable(socket: SocketDescriptor): void {
    const connection = this.#bySocket.get(socket);
    if (connection === undefined) return;
    connection.unblock();
    this.#flush(connection);
    if (this.#dispatching === 0) this.#closeEnded();
  }

  /** The socket is gone, by the other side or the network. */
  socketDisconnected(socket: SocketDescriptor): void {
    const connection = this.#bySocket.get(socket);
    if (connection === undefined) return;
    const ended = connection.session.end();
    this.#end(
      connection,
      ended.ok ? peerError('socket_closed', 'the socket ended between two messages') : fromNoise(ended.error),
    );
    this.#forget(connection);
  }

  /**
   * Takes what the handlers have to send, and sends as much as the sockets take, in turns. From within itself or a
   * handler it only asks for another round.
   */
  processEvents(): void {
    this.#processAgain = true;
    if (this.#processing || this.#dispatching > 0) return;
    this.#processing = true;
    try {
      // Rounds are asked for from within; a handler that asks in each of them is not followed for ever.
      for (let round = 0; this.#processAgain && round < 16; round++) {
        this.#processAgain = false;
        for (const event of this.#handlers.takeEvents()) this.#perform(event);
        this.#flushAll();
        this.#closeEnded();
      }
    } finally {
      this.#processing = false;
    }
  }

  /**
   * Time passes: about every 10 seconds. Ends what is silent or unfinished, and pings what was silent for a tick.
   *
   * @param now - milliseconds, for `listPeers` only; liveness counts ticks.
   */
  timerTick(now?: number): void {
    this.#now = now;
    for (const connection of [...this.#bySocket.values()]) {
      if (connection.failure !== undefined) {
        connection.ticks += 1;
        if (connection.ticks >= this.#limits.lingerTicks) this.#closeSocket(connection);
        continue;
      }
      this.#handlers.guard('sendData', connection.peer, () => connection.liftStuckPause());
      const verdict = countTick(connection, this.#limits);
      if (verdict.kind === 'end') this.#end(connection, verdict.error);
      else if (verdict.kind === 'ping') this.#ping(connection);
    }
    this.processEvents();
  }

  /** Ends the connection to a peer, where there is one. Its channels stay. */
  disconnectPeer(peer: NodeId): void {
    const connection = this.#byPeer.get(peer);
    if (connection === undefined) return;
    this.#end(connection, peerError('requested', 'disconnected by us'));
    this.processEvents();
  }

  /** Ends every connection, also those that have not said who they are. */
  disconnectAll(): void {
    for (const connection of [...this.#bySocket.values()]) {
      if (connection.failure === undefined) this.#end(connection, peerError('requested', 'disconnected by us'));
    }
    this.processEvents();
  }

  /** The peers that are connected, in the order in which they came. */
  listPeers(): readonly PeerDetails[] {
    return [...this.#byPeer.values()].map(detailsOf);
  }

  /** The peer on this socket, once it is connected: `init` was accepted. */
  peerAt(socket: SocketDescriptor): PeerDetails | undefined {
    const connection = this.#bySocket.get(socket);
    return connection?.announced ? detailsOf(connection) : undefined;
  }

  // ---- connections ------------------------------------------------------------------------------------------------

  #ports() {
    return { crypto: this.#crypto, signer: this.#keys, entropy: this.#keys };
  }

  #requireNew(socket: SocketDescriptor): void {
    if (this.#bySocket.has(socket)) throw new Error('the socket is connected here already');
  }

  #add(socket: SocketDescriptor, session: NoiseSession, { remoteAddress }: ConnectionOptions): void {
    const id = this.#nextId++ as ConnectionId;
    this.#bySocket.set(socket, new Connection(id, socket, session, this.#limits, remoteAddress));
  }

  /** Ends a connection: handlers hear of it now; its socket is closed once its last bytes are out. */
  #end(connection: Connection, error: PeerError, lastWord?: WireMessage): void {
    if (connection.failure !== undefined) return;
    let encoded: Uint8Array | undefined;
    const { peer } = connection;
    if (lastWord !== undefined) {
      this.#handlers.guard('encoding the last message', peer, () => {
        encoded = this.#encode(lastWord);
      });
    }
    connection.finish(error, encoded);
    connection.ticks = 0;
    this.#ending.add(connection);
    const { code, message, section, field, value } = error;
    // Connections of nobody in particular come and go by the thousand.
    const level = connection.announced ? 'info' : 'debug';
    this.#logger.log(level, 'peer disconnected', {
      peer,
      connection: connection.id,
      code,
      message,
      section,
      field,
      value,
    });
    if (!connection.announced || peer === undefined) return;
    connection.announced = false;
    this.#byId.delete(connection.id);
    if (this.#byPeer.get(peer) === connection) this.#byPeer.delete(peer);
    this.#dispatching += 1;
    this.#handlers.disconnected(peer, connection.id);
    this.#dispatching -= 1;
  }

  #forget(connection: Connection): void {
    this.#bySocket.delete(connection.socket);
    this.#ending.delete(connection);
  }

  #closeSocket(connection: Connection): void {
    this.#forget(connection);
    this.#handlers.guard('disconnectSocket', connection.peer, () => connection.socket.disconnectSocket());
  }

  /** Closes what is over and has nothing left to send. */
  #closeEnded(): void {
    for (const connection of [...this.#ending])
      if (connection.drained && !connection.reading) this.#closeSocket(connection);
  }

  // ---- out ----------------------------------------------------------------------------------------------------------

  #flush(connection: Connection, budget?: number): boolean {
    let more = false;
    const returned = this.#handlers.guard('sendData', connection.peer, () => {
      more = connection.flush(budget) === 'more';
    });
    if (returned) return more;
    this.#end(connection, peerError('handler_failed', 'the socket threw in sendData'));
    connection.abandon();
    return false;
  }

  /** A turn for each peer, then the next one, until all have sent what their sockets take. */
  #flushAll(): void {
    let waiting = [...this.#bySocket.values()];
    // Another peer is the first each time.
    this.#firstTurn = waiting.length === 0 ? 0 : (this.#firstTurn + 1) % waiting.length;
    waiting = [...waiting.slice(this.#firstTurn), ...waiting.slice(0, this.#firstTurn)];
    while (waiting.length > 0) waiting = waiting.filter((connection) => this.#flush(connection, turnBytes));
  }

  /** The BOLTs' messages are theirs, whatever else the user's registry holds. */
  #encode(message: WireMessage): Uint8Array {
    return encodeMessage(message, boltMessages.byName.has(message.type) ? boltMessages : this.#messages);
  }

  #send(connection: Connection, message: WireMessage, priority: Priority = 'channel'): void {
    if (connection.failure !== undefined) return;
    let encoded: Uint8Array | undefined;
    const { peer } = connection;
    this.#handlers.guard(`encoding ${message.type}`, peer, () => {
      encoded = this.#encode(message);
    });
    // The peer would miss a message that counts: better it connects anew and hears what the channels then say.
    if (encoded === undefined)
      this.#end(connection, peerError('handler_failed', `our ${message.type} does not encode`));
    else if (!connection.enqueue(encoded, priority)) {
      this.#end(
        connection,
        peerError('outbound_queue_full', `${connection.queuedBytes} bytes wait for the peer, which does not read`),
      );
    }
  }

  #perform({ event, priority }: OutgoingEvent): void {
    // What is meant for a connection that is gone is dropped: the channel says it again after reconnecting.
    const connection = this.#byId.get(event.connection);
    if (connection === undefined || connection.peer !== event.peer) return;
    switch (event.kind) {
      case 'send':
        this.#send(connection, event.message, priority);
        break;
      case 'disconnect':
        this.#end(connection, peerError('handler_disconnect', event.reason), event.message);
        break;
      default:
        assertNever(event);
    }
  }

  #ping(connection: Connection): void {
    connection.pingAwaited = true;
    connection.pingTicks = 0;
    const ping: Ping = { type: 'ping', numPongBytes: 0, ignored: new Uint8Array(0) };
    this.#send(connection, ping);
  }

  // ---- in -----------------------------------------------------------------------------------------------------------

  /** Runs the session, and what follows from where it then stands. */
  #read(connection: Connection, run: () => ReturnType<NoiseSession['signerAnswered']>): void {
    const returned = this.#handlers.guard('the session', connection.peer, () => {
      const result = run();
      if (!result.ok) {
        this.#end(connection, fromNoise(result.error));
        return;
      }
      if (result.value.send !== undefined) connection.sendRaw(result.value.send);
      if (connection.session.state === 'transport') this.#sendInit(connection);
    });
    if (!returned) this.#end(connection, peerError('handler_failed', 'the signer or the entropy source threw'));
  }

  /** `init` is the first message of either side (BOLT 1, The `init` Message). */
  #sendInit(connection: Connection): void {
    if (connection.ourFeatures !== undefined) return;
    connection.ourFeatures = this.#handlers.initFeatures(connection.peer!);
    this.#send(connection, makeInit(connection.ourFeatures, this.#chains, connection.remoteAddress));
  }

  /** The intake has judged this `init` and finds nothing wrong with it: takes the peer in, unless something else is. */
  #admit(connection: Connection, init: Init): Fault | undefined {
    const peer = connection.peer!;
    if (peer === this.#keys.nodeId()) return warn(peerError('refused', 'the peer is this very node'));
    const older = this.#byPeer.get(peer);
    if (older === undefined && connection.inbound) {
      const inbound = [...this.#byPeer.values()].filter((other) => other.inbound).length;
      if (inbound >= this.#limits.maxInboundPeers) {
        return warn(peerError('too_many_inbound', `${inbound} inbound peers are connected already`));
      }
    }
    if (older !== undefined) {
      if (!this.#outdoes(connection, older)) {
        return { error: peerError('duplicate', 'another connection of the peer was made meanwhile'), tell: false };
      }
      this.#end(older, peerError('replaced', 'the peer connected anew'));
    }
    const refused = this.#handlers.connected(peer, connection.id, init, connection.inbound);
    if (refused !== undefined) return warn(peerError(refused.code, refused.reason));
    if (connection.failure !== undefined) {
      this.#handlers.disconnected(peer, connection.id);
      return undefined;
    }
    connection.announced = true;
    connection.announcedBefore = this.#nextId;
    this.#byPeer.set(peer, connection);
    this.#byId.set(connection.id, connection);
    this.#logger.log('info', 'peer connected', { peer, connection: connection.id, inbound: connection.inbound });
    return undefined;
  }

  /**
   * Which connection of a peer stays; there is one (BOLT 1, Connection Handling). The newer one: the peer has proved that
   * it is there, while the older one may hang since the peer restarted or moved. Where the two sides connected to each
   * other at the same time, newer is not the same for both, and each would end what the other keeps: it is the one opened
   * by the lesser node id.
   */
  #outdoes(connection: Connection, older: Connection): boolean {
    const crossed = connection.id < older.announcedBefore;
    if (!crossed) return true;
    if (connection.inbound === older.inbound) return connection.id > older.id;
    const isPeerLesser = connection.peer! < this.#keys.nodeId();
    return connection.inbound === isPeerLesser;
  }

  #receive(connection: Connection, bytes: Uint8Array): void {
    if (connection.failure !== undefined) return;
    this.#sendInit(connection);
    connection.silentTicks = 0;
    connection.lastHeardAt = this.#now;
    const fault = this.#intake.receive(connection, bytes);
    if (fault === undefined) return;
    const { message, section } = fault.error;
    const text = section === undefined ? message : `${message} (${section})`;
    this.#end(connection, fault.error, fault.tell ? warningOf(text) : undefined);
  }
}

function detailsOf({ peer, id, inbound, init, queuedBytes, lastHeardAt }: Connection): PeerDetails {
  return {
    nodeId: peer!,
    connection: id,
    inbound,
    init: init!,
    queuedBytes,
    ...(lastHeardAt === undefined ? {} : { lastHeardAt }),
  };
}
