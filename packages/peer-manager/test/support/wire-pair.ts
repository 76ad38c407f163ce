import { concatBytes, ok, type Result, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type { SocketDescriptor } from '@boltwright/interfaces';
import { NoiseSession } from '@boltwright/noise';
import { decodeMessage, encodeMessage, type Message, type UnknownMessage } from '@boltwright/wire';
import type { PeerError } from '../../src/index.ts';
import type { TestNode } from './node.ts';

/** One end of a connection in memory: a buffer of limited size towards the other end. */
export class MemorySocket implements SocketDescriptor {
  buffer: Uint8Array[] = [];
  capacity = Number.POSITIVE_INFINITY;
  isClosed = false;
  isPaused = false;
  calls = 0;
  #wasFull = false;

  get size(): number {
    return this.buffer.reduce((sum, { length }) => sum + length, 0);
  }
  sendData(data: Uint8Array, resumeRead: boolean): number {
    this.calls += 1;
    if (resumeRead) this.isPaused = false;
    const taken = Math.min(data.length, Math.max(0, this.capacity - this.size));
    if (taken > 0) this.buffer.push(Uint8Array.from(data.subarray(0, taken)));
    if (taken < data.length) this.#wasFull = true;
    return taken;
  }
  disconnectSocket(): void {
    this.isClosed = true;
  }
  /** Takes bytes out; true where the node must be told that there is room again. */
  take(length: number): { bytes: Uint8Array; room: boolean } {
    const all = concatBytes(...this.buffer);
    const bytes = all.subarray(0, length);
    this.buffer = bytes.length === all.length ? [] : [all.subarray(length)];
    const room = this.#wasFull && bytes.length > 0;
    if (room) this.#wasFull = false;
    return { bytes, room };
  }
}

export interface Link {
  readonly left: TestNode;
  readonly right: TestNode;
  readonly leftSocket: MemorySocket;
  readonly rightSocket: MemorySocket;
  readonly errors: PeerError[];
}

/** Two managers with a connection in memory, the first act sent. */
export function link(left: TestNode, right: TestNode): Link {
  const [leftSocket, rightSocket] = [new MemorySocket(), new MemorySocket()];
  right.manager.newInboundConnection(rightSocket);
  leftSocket.buffer.push(unwrap(left.manager.newOutboundConnection(right.id, leftSocket)));
  return { left, right, leftSocket, rightSocket, errors: [] };
}

/** Moves bytes both ways, in pieces of the given lengths, until nothing moves. */
export function pump(links: readonly Link[], lengths: readonly number[] = [65536]): void {
  let turn = 0;
  for (let moved = true; moved; ) {
    moved = false;
    for (const { left, right, leftSocket, rightSocket, errors } of links) {
      for (const [from, to, sender, receiver] of [
        [leftSocket, rightSocket, left, right],
        [rightSocket, leftSocket, right, left],
      ] as const) {
        if (to.isPaused || to.isClosed) continue;
        const { bytes, room } = from.take(lengths[turn++ % lengths.length]!);
        if (bytes.length > 0) {
          moved = true;
          const result = receiver.manager.readEvent(to, bytes);
          if (result.ok) to.isPaused ||= result.value.pauseRead;
          else {
            errors.push(result.error);
            to.isClosed = true;
          }
          receiver.manager.processEvents();
        }
        if (room && !from.isClosed) sender.manager.writeBufferSpaceAvailable(from);
        if (to.isClosed && !from.isClosed && to.size === 0) {
          from.isClosed = true;
          sender.manager.socketDisconnected(from);
        }
        if (from.isClosed && !to.isClosed && from.size === 0) {
          to.isClosed = true;
          receiver.manager.socketDisconnected(to);
        }
      }
    }
  }
}

/** As {@link pump}, but all at once: in each round every end gets what was on its way when the round began. */
export function pumpTogether(links: readonly Link[]): void {
  for (let moved = true; moved; ) {
    moved = false;
    const rounds = links.flatMap(({ left, right, leftSocket, rightSocket, errors }) => [
      { from: leftSocket, to: rightSocket, receiver: right, errors, ended: leftSocket.isClosed },
      { from: rightSocket, to: leftSocket, receiver: left, errors, ended: rightSocket.isClosed },
    ]);
    const flying = rounds.map((round) => ({ ...round, bytes: round.from.take(Number.POSITIVE_INFINITY).bytes }));
    for (const { to, receiver, errors, ended, bytes } of flying) {
      if (to.isClosed || (bytes.length === 0 && !ended)) continue;
      moved = true;
      const result = bytes.length === 0 ? ok({}) : receiver.manager.readEvent(to, bytes);
      if (!result.ok) errors.push(result.error);
      if (result.ok && ended) receiver.manager.socketDisconnected(to);
      to.isClosed ||= ended || !result.ok;
      receiver.manager.processEvents();
    }
  }
}

/** A peer driven by hand, over a session of its own: it can send what a PeerManager never would. */
export class RawPeer {
  readonly socket = new MemorySocket();
  readonly node: TestNode;
  readonly received: (Message | UnknownMessage)[] = [];
  session: NoiseSession;

  private constructor(node: TestNode, session: NoiseSession) {
    this.node = node;
    this.session = session;
  }

  /** Dials the node as `self`, through the handshake; the node's `init` is received. */
  static dial(node: TestNode, self: TestNode): RawPeer {
    const ports = { crypto: noble, signer: self.keys, entropy: self.keys };
    const { session, actOne } = unwrap(NoiseSession.initiate(ports, node.id));
    const peer = new RawPeer(node, session);
    node.manager.newInboundConnection(peer.socket);
    unwrap(peer.sendBytes(actOne));
    return peer;
  }

  /** Bytes to the node; what it answers is read, and answered as far as the handshake goes. */
  sendBytes(bytes: Uint8Array): Result<{ readonly pauseRead: boolean }, PeerError> {
    const result = this.node.manager.readEvent(this.socket, bytes);
    if (!result.ok) this.socket.isClosed = true;
    this.node.manager.processEvents();
    const send = this.read();
    if (send !== undefined) return this.sendBytes(send);
    return result;
  }

  read(): Uint8Array | undefined {
    const { bytes } = this.socket.take(Number.POSITIVE_INFINITY);
    if (bytes.length === 0) return undefined;
    const sink = (message: Uint8Array) => {
      this.received.push(unwrap(decodeMessage(Uint8Array.from(message))));
    };
    return unwrap(this.session.receive(bytes, sink)).send;
  }

  send(...messages: (Message | UnknownMessage | Uint8Array)[]): Result<{ readonly pauseRead: boolean }, PeerError> {
    const frames = messages.map((message) =>
      this.session.encrypt(message instanceof Uint8Array ? message : encodeMessage(message)),
    );
    return this.sendBytes(concatBytes(...frames));
  }

  sendInit(changes: { features?: Uint8Array; networks?: Extract<Message, { type: 'init' }>['networks'] } = {}) {
    return this.send({ type: 'init', globalFeatures: new Uint8Array(0), features: new Uint8Array(0), ...changes });
  }

  types(): string[] {
    return this.received.map(({ type }) => type);
  }
}
