import { assertNever, type ChainHash, err, type NodeId, ok, type Result } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { Logger, SocketDescriptor } from '@boltwright/interfaces';
import { NoiseSession } from '@boltwright/noise';
import { type Init, messageRegistry, type Ping, type WireMessage } from '@boltwright/wire';
import { Connection } from './connection.ts';
import { ConnectionTable, outdoes } from './connection-table.ts';
import { makeInit } from './init-exchange.ts';
import { countTick } from './liveness.ts';
import { type Fault, MessageIntake, warn, warningOf } from './message-intake.ts';
import { Outgoing } from './outgoing.ts';
import { fromNoise, type PeerError, peerError } from './peer-error.ts';
import { type OutgoingEvent, PeerHandlers } from './peer-handlers.ts';
import { defaultPeerLimits, type PeerLimits } from './peer-limits.ts';
import type { ConnectionOptions, PeerDetails, PeerManagerParts } from './peer-manager-parts.ts';

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
  readonly #handlers: PeerHandlers;
  readonly #intake: MessageIntake;
  readonly #outgoing: Outgoing;
  readonly #connections = new ConnectionTable();
  #now: number | undefined;
  #dispatching = 0;
  #processing = false;
  #processAgain = false;

  constructor(parts: PeerManagerParts) {
    this.#crypto = parts.crypto;
    this.#keys = parts.keys;
    this.#chains = [...parts.chains];
    this.#logger = parts.logger;
    this.#limits = { ...defaultPeerLimits, ...parts.limits };
    const messages = parts.messages ?? messageRegistry([]);
    this.#handlers = new PeerHandlers(parts, parts.logger);
    this.#intake = new MessageIntake({
      handlers: this.#handlers,
      chains: this.#chains,
      limits: this.#limits,
      logger: this.#logger,
      messages,
      send: (connection, message) => this.#outgoing.send(connection, message),
      admit: (connection, init) => this.#admit(connection, init),
    });
    this.#outgoing = new Outgoing({
      connections: this.#connections,
      handlers: this.#handlers,
      messages,
      end: (connection, error) => this.#end(connection, error),
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
    const waiting = this.#connections.all().filter((other) => other.inbound && !other.announced && !other.failure);
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
    const connection = this.#connections.at(socket);
    if (connection === undefined) return err(peerError('unknown_socket', 'the socket is not connected here'));
    if (connection.failure !== undefined) return ok({ pauseRead: true });
    if (connection.reading) throw new Error('readEvent was called within readEvent of the same socket');
    connection.reading = true;
    this.#dispatching += 1;
    this.#read(connection, () => connection.session.receive(data, (message) => this.#receive(connection, message)));
    connection.reading = false;
    this.#outgoing.flush(connection);
    this.#dispatching -= 1;
    const { failure }: { readonly failure: PeerError | undefined } = connection;
    if (failure === undefined) return ok({ pauseRead: connection.pauseRead() });
    this.#connections.forget(connection);
    return err(failure);
  }

  /** The signer has an answer for a handshake that it left `pending`. */
  signerAnswered(): void {
    for (const connection of this.#connections.all()) {
      if (connection.session.state !== 'signer') continue;
      this.#read(connection, () => connection.session.signerAnswered());
      this.#outgoing.flush(connection);
    }
    this.processEvents();
  }

  /** The socket, which took fewer bytes than it was given, has room again. */
  writeBufferSpaceAvailable(socket: SocketDescriptor): void {
    const connection = this.#connections.at(socket);
    if (connection === undefined) return;
    connection.unblock();
    this.#outgoing.flush(connection);
    if (this.#dispatching === 0) this.#closeEnded();
  }

  /** The socket is gone, by the other side or the network. */
  socketDisconnected(socket: SocketDescriptor): void {
    const connection = this.#connections.at(socket);
    if (connection === undefined) return;
    const ended = connection.session.end();
    this.#end(
      connection,
      ended.ok ? peerError('socket_closed', 'the socket ended between two messages') : fromNoise(ended.error),
    );
    this.#connections.forget(connection);
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
        this.#outgoing.flushAll();
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
    for (const connection of this.#connections.all()) {
      if (connection.failure !== undefined) {
        connection.ticks += 1;
        if (connection.ticks >= this.#limits.lingerTicks) this.#closeSocket(connection);
        continue;
      }
      this.#handlers.guard('sendData', connection.peer, () => connection.countStall());
      const verdict = countTick(connection, this.#limits);
      if (verdict.kind === 'end') this.#end(connection, verdict.error);
      else if (verdict.kind === 'ping') this.#ping(connection);
    }
    this.processEvents();
  }

  /** Ends the connection to a peer, where there is one. Its channels stay. */
  disconnectPeer(peer: NodeId): void {
    const connection = this.#connections.ofPeer(peer);
    if (connection === undefined) return;
    this.#end(connection, peerError('requested', 'disconnected by us'));
    this.processEvents();
  }

  /** Ends every connection, also those that have not said who they are. */
  disconnectAll(): void {
    for (const connection of this.#connections.all()) {
      if (connection.failure === undefined) this.#end(connection, peerError('requested', 'disconnected by us'));
    }
    this.processEvents();
  }

  /** The peers that are connected, in the order in which they came. */
  listPeers(): readonly PeerDetails[] {
    return this.#connections.peers().map(detailsOf);
  }

  /** The peer on this socket, once it is connected: `init` was accepted. */
  peerAt(socket: SocketDescriptor): PeerDetails | undefined {
    const connection = this.#connections.at(socket);
    return connection?.announced ? detailsOf(connection) : undefined;
  }

  // ---- connections ------------------------------------------------------------------------------------------------

  #ports() {
    return { crypto: this.#crypto, signer: this.#keys, entropy: this.#keys };
  }

  #requireNew(socket: SocketDescriptor): void {
    if (this.#connections.at(socket) !== undefined) throw new Error('the socket is connected here already');
  }

  #add(socket: SocketDescriptor, session: NoiseSession, { remoteAddress }: ConnectionOptions): void {
    this.#connections.add((id) => new Connection(id, socket, session, this.#limits, remoteAddress));
  }

  /** Ends a connection: handlers hear of it now; its socket is closed once its last bytes are out. */
  #end(connection: Connection, error: PeerError, lastWord?: WireMessage): void {
    if (connection.failure !== undefined) return;
    const { peer, announced } = connection;
    connection.finish(error, lastWord && this.#outgoing.encode(connection, lastWord));
    connection.ticks = 0;
    const isKnown = this.#connections.end(connection);
    const { code, message, section, field, value } = error;
    // Connections of nobody in particular come and go by the thousand.
    const level = announced ? 'info' : 'debug';
    this.#logger.log(level, 'peer disconnected', {
      peer,
      connection: connection.id,
      code,
      message,
      section,
      field,
      value,
    });
    if (!isKnown || peer === undefined) return;
    this.#dispatching += 1;
    this.#handlers.disconnected(peer, connection.id);
    this.#dispatching -= 1;
  }

  #closeSocket(connection: Connection): void {
    this.#connections.forget(connection);
    this.#handlers.guard('disconnectSocket', connection.peer, () => connection.socket.disconnectSocket());
  }

  /** Closes what is over and has nothing left to send. */
  #closeEnded(): void {
    for (const connection of this.#connections.ending())
      if (connection.drained && !connection.reading) this.#closeSocket(connection);
  }

  // ---- out ----------------------------------------------------------------------------------------------------------

  #perform({ event, priority }: OutgoingEvent): void {
    // What is meant for a connection that is gone is dropped: the channel says it again after reconnecting.
    const connection = this.#connections.byId(event.connection);
    if (connection === undefined || connection.peer !== event.peer) return;
    switch (event.kind) {
      case 'send':
        this.#outgoing.send(connection, event.message, priority);
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
    this.#outgoing.send(connection, ping);
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
    this.#outgoing.send(connection, makeInit(connection.ourFeatures, this.#chains, connection.remoteAddress));
  }

  /** The intake has judged this `init` and finds nothing wrong with it: takes the peer in, unless something else is. */
  #admit(connection: Connection, init: Init): Fault | undefined {
    const peer = connection.peer!;
    if (peer === this.#keys.nodeId()) return warn(peerError('refused', 'the peer is this very node'));
    const older = this.#connections.ofPeer(peer);
    if (older === undefined && connection.inbound) {
      const inbound = this.#connections.peers().filter((other) => other.inbound).length;
      if (inbound >= this.#limits.maxInboundPeers) {
        return warn(peerError('too_many_inbound', `${inbound} inbound peers are connected already`));
      }
    }
    if (older !== undefined) {
      if (!outdoes(connection, older, this.#keys.nodeId())) {
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
    this.#connections.announce(connection);
    this.#logger.log('info', 'peer connected', { peer, connection: connection.id, inbound: connection.inbound });
    return undefined;
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
