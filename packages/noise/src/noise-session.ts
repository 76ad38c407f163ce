import { err, fromHex, type NodeId, nodeIdBytes, nodeIdOf, ok, type Result } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { ByteCollector } from './byte-collector.ts';
import { CipherState } from './cipher-state.ts';
import {
  checkVersion,
  type Handshake,
  type HandshakePorts,
  type HandshakeStep,
  InitiatorHandshake,
  ResponderHandshake,
} from './handshake.ts';
import { type NoiseError, noiseError } from './noise-error.ts';
import type { TransportKeys } from './symmetric-state.ts';

/** The largest message in bytes, its type included (BOLT 8, Lightning Message Specification). */
export const maxMessageLength = 65535;
/** Bytes of an encrypted length prefix: 2 and a tag. */
const headerLength = 18;
const tagLength = 16;
/** What a message grows by on the wire: its encrypted length and its tag, 34 bytes. */
export const messageOverhead = headerLength + tagLength;

/** What a session waits for, or that it is over. */
export type NoiseState =
  /** An act of the other side is awaited. */
  | 'handshake'
  /** The signer's answer is awaited: call `signerAnswered()` when it is there. */
  | 'signer'
  /** Messages pass. */
  | 'transport'
  /** It failed or was closed, for good. */
  | 'ended';

/** What `receive` and `signerAnswered` ask the caller to do. */
export interface NoiseProgress {
  /** Bytes of the handshake to write to the socket now; none after the handshake. */
  readonly send?: Uint8Array;
}

/**
 * Takes a decrypted message, of 0 to 65535 bytes, in a buffer of its own that the receiver may keep. During the call
 * the session may be used to encrypt, and be closed; it must not be handed more bytes.
 */
export type MessageSink = (message: Uint8Array) => void;

const nothing: NoiseProgress = {};

/**
 * One BOLT 8 connection, from the first act to its end, without a socket: received bytes go in by `receive`, messages
 * come out at its sink; messages go in by `encrypt`, and bytes for the socket come out.
 *
 * A failure ends it for good: each later `receive` answers the same error, and nothing is put out any more. At most
 * one act or one frame (65569 bytes) is held.
 */
export class NoiseSession {
  readonly role: 'initiator' | 'responder';
  readonly #crypto: CryptoBackend;
  readonly #collector = new ByteCollector();
  #handshake: Handshake | undefined;
  #state: NoiseState = 'handshake';
  #remote: NodeId | undefined;
  #sender: CipherState | undefined;
  #receiver: CipherState | undefined;
  /** The length of the message whose header was decrypted, or undefined while a header is awaited. */
  #messageLength: number | undefined;
  #failure: NoiseError | undefined;

  private constructor(role: 'initiator' | 'responder', crypto: CryptoBackend, handshake: Handshake) {
    this.role = role;
    this.#crypto = crypto;
    this.#handshake = handshake;
  }

  /**
   * Starts a connection to a node.
   *
   * @param remote - the node's id; one that is no point on the curve (gossip may hold such) is the error
   *   `bad_public_key`.
   * @returns the session and act one, 50 bytes, to be sent.
   * @see BOLT 8, Handshake Exchange
   */
  static initiate(
    ports: HandshakePorts,
    remote: NodeId,
  ): Result<{ readonly session: NoiseSession; readonly actOne: Uint8Array }, NoiseError> {
    const point = nodeIdBytes(remote);
    if (!ports.crypto.isPoint(point)) {
      const message = `the node id ${remote} is no compressed point`;
      return err(noiseError('bad_public_key', { act: 1, field: 'rs', value: remote, message }));
    }
    const handshake = new InitiatorHandshake(ports, fromHex(ports.signer.nodeId()), point);
    const session = new NoiseSession('initiator', ports.crypto, handshake);
    session.#remote = remote;
    return ok({ session, actOne: handshake.actOne });
  }

  /**
   * Awaits the first act on a connection that came in. Computes nothing and draws no entropy until it is there.
   *
   * @see BOLT 8, Handshake Exchange
   */
  static respond(ports: HandshakePorts): NoiseSession {
    const handshake = new ResponderHandshake(ports, fromHex(ports.signer.nodeId()));
    return new NoiseSession('responder', ports.crypto, handshake);
  }

  /** Where the session stands; only forwards, and from anywhere to `ended`. */
  get state(): NoiseState {
    return this.#state;
  }

  /** The other side's node id: the initiator's from the start, the responder's after act three. */
  get remote(): NodeId | undefined {
    return this.#remote;
  }

  /** Bytes held of an act or a frame that is not complete; at most 65550. */
  get bufferedBytes(): number {
    return this.#collector.held;
  }

  /**
   * Takes bytes as they came from the socket, in any chunking; the same messages come out for each.
   *
   * @param chunk - read during the call only; the caller may reuse its memory afterwards.
   * @param sink - called for each message in order, also for those ahead of a failure in the same chunk.
   * @returns handshake bytes to send, or why the session ended.
   */
  receive(chunk: Uint8Array, sink: MessageSink): Result<NoiseProgress, NoiseError> {
    let send: Uint8Array | undefined;
    let offset = 0;
    while (this.#failure === undefined && offset < chunk.length) {
      if (this.#handshake === undefined) {
        offset = this.#readFrame(chunk, offset, sink);
        continue;
      }
      if (this.#state === 'signer') return this.#failEarly(chunk.length - offset);
      if (this.#collector.held === 0) {
        const error = checkVersion(this.#handshake.act, chunk[offset]!);
        if (error !== undefined) return this.#fail(error);
      }
      const { taken, bytes } = this.#collector.take(chunk, offset, this.#handshake.expects);
      offset += taken;
      if (bytes === undefined) break;
      // Until it has our next act, the other side cannot have made a further byte. The responder's act three is the
      // last act: what follows that are messages.
      if (this.#handshake.act !== 3 && offset < chunk.length) return this.#failEarly(chunk.length - offset);
      const progress = this.#step(this.#handshake.receive(bytes));
      if (!progress.ok) return progress;
      send = progress.value.send;
    }
    if (this.#failure !== undefined) return err(this.#failure);
    return send === undefined ? ok(nothing) : ok({ send });
  }

  /**
   * Asks the signer again, after it answered `pending`. Does nothing in any other state.
   *
   * @returns handshake bytes to send, or why the session ended.
   */
  signerAnswered(): Result<NoiseProgress, NoiseError> {
    if (this.#failure !== undefined) return err(this.#failure);
    if (this.#state !== 'signer' || this.#handshake === undefined) return ok(nothing);
    return this.#step(this.#handshake.resume());
  }

  /**
   * Encrypts one message for the socket.
   *
   * @param message - at most 65535 bytes.
   * @returns the encrypted length (18 bytes), the encrypted message and its tag (16): `messageOverhead` bytes more.
   * @throws RangeError for a longer message; Error unless the state is `transport`. Both are the caller's mistakes.
   * @see BOLT 8, Encrypting and Sending Messages
   */
  encrypt(message: Uint8Array): Uint8Array {
    const { length } = message;
    if (length > maxMessageLength) throw new RangeError(`a message has at most 65535 bytes, this has ${length}`);
    if (this.#state !== 'transport' || this.#sender === undefined) {
      throw new Error(`no message can be encrypted in state '${this.#state}'`);
    }
    const frame = new Uint8Array(length + messageOverhead);
    frame.set(this.#sender.encrypt(Uint8Array.of(length >> 8, length & 0xff)));
    frame.set(this.#sender.encrypt(message), headerLength);
    return frame;
  }

  /** The socket ended: an error where it did so within an act, the handshake or a message. Ends the session. */
  end(): Result<void, NoiseError> {
    if (this.#failure !== undefined) return err(this.#failure);
    const act = this.#handshake?.act;
    const clean = act === undefined && this.#messageLength === undefined && this.#collector.held === 0;
    const value = this.#collector.held;
    if (clean) {
      this.close();
      return ok(undefined);
    }
    const field = act === undefined ? (this.#messageLength === undefined ? 'lc' : 'c') : 'm';
    return this.#fail(
      noiseError('truncated', { act, field, value, message: `the stream ended after ${value} bytes of ${field}` }),
    );
  }

  /** Ends the session from our side and overwrites its keys. Safe to call at any time, also from the sink. */
  close(): void {
    if (this.#failure === undefined) {
      this.#fail(noiseError('closed', { field: 'session', message: 'the session was closed by this side' }));
    }
  }

  #step(step: Result<HandshakeStep, NoiseError>): Result<NoiseProgress, NoiseError> {
    if (!step.ok) return this.#fail(step.error);
    switch (step.value.kind) {
      case 'waiting':
        this.#state = 'signer';
        return ok(nothing);
      case 'reply':
        this.#state = 'handshake';
        return ok({ send: step.value.act });
      case 'done':
        this.#start(step.value.keys, step.value.remote);
        return step.value.act.length === 0 ? ok(nothing) : ok({ send: step.value.act });
    }
  }

  #start({ fromInitiator, fromResponder, chainingKey }: TransportKeys, remote: Uint8Array): void {
    const [sending, receiving] =
      this.role === 'initiator' ? [fromInitiator, fromResponder] : [fromResponder, fromInitiator];
    this.#sender = new CipherState(this.#crypto, sending, Uint8Array.from(chainingKey));
    this.#receiver = new CipherState(this.#crypto, receiving, Uint8Array.from(chainingKey));
    this.#remote = nodeIdOf(remote);
    this.#handshake?.wipe();
    this.#handshake = undefined;
    this.#state = 'transport';
  }

  /** Reads a header or a body, as far as the chunk goes; returns the new offset. BOLT 8, Receiving and Decrypting. */
  #readFrame(chunk: Uint8Array, offset: number, sink: MessageSink): number {
    const awaited = this.#messageLength;
    const wanted = awaited === undefined ? headerLength : awaited + tagLength;
    const { taken, bytes } = this.#collector.take(chunk, offset, wanted);
    if (bytes === undefined) return offset + taken;
    const plaintext = this.#receiver!.decrypt(bytes);
    if (plaintext === undefined) {
      this.#fail(
        awaited === undefined
          ? noiseError('bad_length_tag', { field: 'lc', message: 'the length prefix does not authenticate' })
          : noiseError('bad_message_tag', {
              field: 'c',
              value: awaited,
              message: `a message of ${awaited} bytes does not authenticate`,
            }),
      );
    } else if (awaited === undefined) {
      this.#messageLength = (plaintext[0]! << 8) | plaintext[1]!;
    } else {
      this.#messageLength = undefined;
      sink(plaintext);
    }
    return offset + taken;
  }

  #failEarly(length: number): Result<never, NoiseError> {
    const act = this.#handshake?.act;
    const message = `${length} bytes follow that cannot have been made before our next act`;
    return this.#fail(noiseError('early_bytes', { act, field: 'm', value: length, message }));
  }

  #fail(error: NoiseError): Result<never, NoiseError> {
    this.#failure = error;
    this.#state = 'ended';
    this.#handshake?.wipe();
    this.#handshake = undefined;
    this.#sender?.wipe();
    this.#receiver?.wipe();
    this.#collector.clear();
    return err(error);
  }
}
