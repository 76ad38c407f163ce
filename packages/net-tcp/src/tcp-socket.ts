import type { Socket } from 'node:net';
import type { SocketDescriptor } from '@boltwright/interfaces';
import type { PeerDetails, PeerError, PeerManager } from '@boltwright/peer-manager';

/** What the TCP part needs of a `PeerManager`. */
export type TcpPeerManager = Pick<
  PeerManager,
  | 'newOutboundConnection'
  | 'newInboundConnection'
  | 'readEvent'
  | 'writeBufferSpaceAvailable'
  | 'socketDisconnected'
  | 'processEvents'
  | 'peerAt'
>;

/** How one connection came out. */
export interface TcpSocketEvents {
  /** Its peer's `init` was accepted. */
  connected?(peer: PeerDetails): void;
  /** It is over. `error`: why PeerManager ended it; absent where the other side or the network did. */
  closed(error: PeerError | undefined): void;
}

/** One TCP socket as PeerManager sees it. */
export class TcpSocket implements SocketDescriptor {
  readonly #socket: Socket;
  readonly #peers: TcpPeerManager;
  readonly #events: TcpSocketEvents;
  readonly #lingerMilliseconds: number;
  /** The socket's own buffer is full: nothing is taken until it has drained. */
  #isFull = false;
  /** PeerManager has forgotten it; only its last bytes are still to leave. */
  #isOver = false;
  #isConnected = false;
  #error: PeerError | undefined;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: Socket, peers: TcpPeerManager, events: TcpSocketEvents, lingerMilliseconds: number) {
    this.#socket = socket;
    this.#peers = peers;
    this.#events = events;
    this.#lingerMilliseconds = lingerMilliseconds;
  }

  /** Begins to read. PeerManager must know it by now. */
  start(): void {
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('drain', () => this.#drained());
    this.#socket.on('error', () => this.#gone()); // 'close' follows
    this.#socket.on('end', () => this.#gone());
    this.#socket.on('close', () => {
      this.#gone();
      clearTimeout(this.#linger);
      this.#events.closed(this.#error);
    });
  }

  sendData(data: Uint8Array, resumeRead: boolean): number {
    if (this.#isOver || !this.#socket.writable) return data.length; // it will hear of the end
    if (resumeRead) this.#socket.resume();
    if (this.#isFull) return 0;
    if (data.length > 0) this.#isFull = !this.#socket.write(data);
    return data.length;
  }

  disconnectSocket(): void {
    this.#isOver = true;
    this.finish();
  }

  /** Closes it once what was taken has left, or the time for that is over. */
  finish(): void {
    if (this.#socket.destroyed || this.#linger !== undefined) return;
    // What still comes is read and dropped: closing over unread bytes would reset the connection, and lose our last
    // ones on their way.
    this.#socket.resume();
    this.#socket.end();
    this.#linger = setTimeout(() => this.#socket.destroy(), this.#lingerMilliseconds);
  }

  #read(chunk: Uint8Array): void {
    if (this.#isOver) return;
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    const result = this.#peers.readEvent(this, bytes);
    if (!result.ok) {
      this.#isOver = true;
      this.#error = result.error;
      this.finish();
    } else if (result.value.pauseRead) this.#socket.pause();
    this.#peers.processEvents();
    if (this.#isConnected || this.#events.connected === undefined) return;
    const peer = this.#peers.peerAt(this);
    if (peer === undefined) return;
    this.#isConnected = true;
    this.#events.connected(peer);
  }

  #drained(): void {
    this.#isFull = false;
    if (!this.#isOver) this.#peers.writeBufferSpaceAvailable(this);
  }

  /** The other side closed or reset it, or the network did: half of a connection is of no use to anyone. */
  #gone(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.finish();
    this.#peers.socketDisconnected(this);
    this.#peers.processEvents();
  }
}
