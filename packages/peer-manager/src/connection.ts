import { concatBytes, type NodeId } from '@boltwright/base';
import type { ConnectionId, SocketDescriptor } from '@boltwright/interfaces';
import { messageOverhead, type NoiseSession } from '@boltwright/noise';
import type { Init } from '@boltwright/wire';
import { MessageQueue, type Priority } from './message-queue.ts';
import type { PeerError } from './peer-error.ts';
import type { PeerLimits } from './peer-limits.ts';

/** Frames are handed to the socket in pieces of about this size: few calls, and other peers get their turn. */
const batchBytes = 16 * 1024;

/** What a flush of one connection came to. */
export type FlushOutcome = 'drained' | 'blocked' | 'more';

/** One connection: its session, its outgoing queue, and what liveness counts. Knows nothing of handlers. */
export class Connection {
  readonly id: ConnectionId;
  readonly socket: SocketDescriptor;
  readonly session: NoiseSession;
  readonly inbound: boolean;
  /** Our address as the other side sees it, for `init`'s `remote_addr`. */
  readonly remoteAddress: Uint8Array | undefined;
  readonly #limits: PeerLimits;
  readonly #queue = new MessageQueue();
  /** Bytes that the socket has not taken yet: acts and encrypted frames. */
  #pending: Uint8Array | undefined;
  /** Bytes that the socket is looking at: `sendData` was called and has not returned. */
  #inFlight = 0;
  #blocked = false;
  #flushing = false;
  #readPaused = false;
  /** A pause was lifted though the queue is long: none is made until it is short again. */
  #pauseLifted = false;
  #takenBytes = 0;
  #takenAtTick = 0;

  /** The peer's `init`, once it was accepted; and what we told it. */
  init: Init | undefined;
  ourFeatures: Uint8Array | undefined;
  /** Handlers know of it. */
  announced = false;
  /** When it was announced, connections with ids below this were there already. */
  announcedBefore = 0;
  /** Set once, when the connection is over: it then only lingers for its last bytes. */
  failure: PeerError | undefined;
  /** A chunk of it is being worked on. */
  reading = false;
  ticks = 0;
  silentTicks = 0;
  pingTicks = 0;
  pingAwaited = false;
  pingsThisTick = 0;
  pongBytesThisTick = 0;
  /** Ticks in a row in which bytes waited and the socket took none. */
  stalledTicks = 0;
  lastHeardAt: number | undefined;

  constructor(
    id: ConnectionId,
    socket: SocketDescriptor,
    session: NoiseSession,
    limits: PeerLimits,
    remoteAddress: Uint8Array | undefined,
  ) {
    this.id = id;
    this.socket = socket;
    this.session = session;
    this.inbound = session.role === 'responder';
    this.#limits = limits;
    this.remoteAddress = remoteAddress;
  }

  get peer(): NodeId | undefined {
    return this.session.remote;
  }

  /** Bytes that wait, encrypted or not. */
  get queuedBytes(): number {
    return this.#queue.bytes + this.#unsentBytes;
  }

  /** What counts for pausing its reads: not gossip, which answers nothing, or two peers could wait for each other. */
  get #replyBytes(): number {
    return this.#queue.channelBytes + this.#unsentBytes;
  }

  get #unsentBytes(): number {
    return this.#inFlight + (this.#pending?.length ?? 0);
  }

  get drained(): boolean {
    return this.queuedBytes === 0;
  }

  /** Tells whether the socket should stop reading, and remembers that it was told so. */
  pauseRead(): boolean {
    const { pauseReadBytes } = this.#limits;
    if (this.#replyBytes <= pauseReadBytes / 2) this.#pauseLifted = false;
    if (this.#replyBytes > pauseReadBytes && !this.#pauseLifted) this.#readPaused = true;
    return this.#readPaused;
  }

  /**
   * At each tick: counts it where nothing moved, and lifts a pause under which nothing did. Where both sides have much to say and each waits for the
   * other to read, one of them must read; what it then owes is still bounded.
   */
  countStall(): void {
    const isStuck = this.#takenBytes === this.#takenAtTick && !this.drained;
    this.#takenAtTick = this.#takenBytes;
    this.stalledTicks = isStuck ? this.stalledTicks + 1 : 0;
    if (!isStuck || !this.#readPaused) return;
    this.#readPaused = false;
    this.#pauseLifted = true;
    this.socket.sendData(new Uint8Array(0), true);
  }

  /** Bytes that go out as they are, ahead of every message: those of the handshake, and what is left of a batch. */
  sendRaw(bytes: Uint8Array, at: 'back' | 'front' = 'back'): void {
    const waiting = this.#pending ?? new Uint8Array(0);
    if (waiting.length === 0) this.#pending = bytes;
    else this.#pending = at === 'back' ? concatBytes(waiting, bytes) : concatBytes(bytes, waiting);
  }

  /** Queues an encoded message. False where it did not fit; gossip is then dropped, which is no failure. */
  enqueue(message: Uint8Array, priority: Priority): boolean {
    const total = this.queuedBytes + message.length;
    if (priority === 'gossip' && total > this.#limits.dropGossipBytes) return true;
    if (total > this.#limits.maxOutboundBytes) return false;
    this.#queue.push(message, priority);
    return true;
  }

  /**
   * Ends the session. What waits, but gossip, is encrypted first and may linger; `lastWord` goes out behind it.
   *
   * @param lastWord - an encoded warning or error.
   */
  finish(failure: PeerError, lastWord?: Uint8Array): void {
    this.failure = failure;
    if (this.session.state === 'transport') {
      if (lastWord !== undefined && this.ourFeatures !== undefined) this.#queue.push(lastWord, 'channel');
      const frames: Uint8Array[] = this.#pending === undefined ? [] : [this.#pending];
      for (let next = this.#queue.shift(true); next !== undefined; next = this.#queue.shift(true)) {
        frames.push(this.session.encrypt(next));
      }
      this.#pending = frames.length === 0 ? undefined : concatBytes(...frames);
    }
    this.#queue.clear();
    this.session.close();
  }

  /** Drops what waits: the socket is of no use any more. */
  abandon(): void {
    this.#queue.clear();
    this.#pending = undefined;
  }

  /** The socket has room again. */
  unblock(): void {
    this.#blocked = false;
  }

  /**
   * Hands what waits to the socket, as far as it takes it.
   *
   * @param budget - bytes after which others get their turn.
   */
  flush(budget = Number.POSITIVE_INFINITY): FlushOutcome {
    // The socket may call back from within `sendData`; the outer call then goes on.
    if (this.#flushing) return 'blocked';
    this.#flushing = true;
    try {
      let left = budget;
      while (!this.#blocked) {
        const bytes = this.#pending ?? this.#nextBatch();
        if (bytes === undefined) {
          if (this.#readPaused) this.#resumeRead();
          return 'drained';
        }
        this.#pending = bytes;
        if (left <= 0) return 'more';
        const resume = this.#mayResume();
        this.#blocked = true; // unless `unblock` is called from within
        this.#pending = undefined;
        this.#inFlight = bytes.length;
        const taken = Math.min(Math.max(this.socket.sendData(bytes, resume), 0), bytes.length);
        this.#inFlight = 0;
        if (taken === bytes.length) this.#blocked = false;
        // Meanwhile last words may have been put behind them, where the socket brought a wrong message from within.
        else this.sendRaw(bytes.subarray(taken), 'front');
        left -= bytes.length;
        this.#takenBytes += taken;
        // A socket that says it has room and takes nothing is asked again on the next turn, not in a circle.
        if (taken === 0) return 'blocked';
      }
      return 'blocked';
    } finally {
      this.#inFlight = 0; // also where the socket threw
      this.#flushing = false;
    }
  }

  #mayResume(): boolean {
    if (!this.#readPaused || this.failure !== undefined || this.#replyBytes > this.#limits.pauseReadBytes / 2) {
      return false;
    }
    this.#readPaused = false;
    return true;
  }

  #resumeRead(): void {
    if (this.#mayResume()) this.socket.sendData(new Uint8Array(0), true);
  }

  /** Encrypts some of what waits. */
  #nextBatch(): Uint8Array | undefined {
    if (this.session.state !== 'transport') return undefined;
    const frames: Uint8Array[] = [];
    let size = 0;
    while (size < batchBytes) {
      const message = this.#queue.shift();
      if (message === undefined) break;
      size += message.length + messageOverhead;
      frames.push(this.session.encrypt(message));
    }
    return frames.length < 2 ? frames[0] : concatBytes(...frames);
  }
}
