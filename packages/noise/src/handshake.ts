import { type Answer, concatBytes, err, type NodeId, ok, type Result, toHex } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { type NoiseError, noiseError } from './noise-error.ts';
import { empty, SymmetricState, type TransportKeys } from './symmetric-state.ts';

/** What a handshake takes from its surroundings. `KeysManager` and any `NodeSigner` & `EntropySource` fit. */
export interface HandshakePorts {
  readonly crypto: CryptoBackend;
  /**
   * The node's static key. `pending` is allowed: the session then waits, and asks again on `signerAnswered()`.
   * ECDH is BOLT 8's: SHA-256 of the compressed shared point, undefined where `other` (33 bytes) is no point.
   */
  readonly signer: { nodeId(): NodeId; ecdh(other: Uint8Array): Answer<Uint8Array | undefined> };
  /** For the ephemeral key. The responder draws it only after the first act has proved itself. */
  readonly entropy: { secureRandomBytes(length: number): Uint8Array };
}

/** Where a handshake stands after an act. */
export type HandshakeStep =
  /** The signer's answer is awaited. */
  | { readonly kind: 'waiting' }
  /** An act to send; the next act of the other side is awaited. */
  | { readonly kind: 'reply'; readonly act: Uint8Array }
  /** The handshake is over, with a last act to send (initiator) or without (responder). */
  | {
      readonly kind: 'done';
      readonly act: Uint8Array;
      readonly keys: TransportKeys;
      /** The other side's static key, 33 bytes. */
      readonly remote: Uint8Array;
    };

type Step = Result<HandshakeStep, NoiseError>;
const waiting: Step = ok({ kind: 'waiting' });

/** Both sides' acts, in one interface: `receive` gets each act once, in order, of exact length, its version checked. */
export interface Handshake {
  /** Length in bytes of the act that is awaited: 50 or 66. */
  readonly expects: number;
  readonly act: 1 | 2 | 3;
  receive(act: Uint8Array): Step;
  /** Asks the signer again. */
  resume(): Step;
  wipe(): void;
}

const shortActLength = 50;
const longActLength = 66;
const version = 0;

/** The first byte of each act; told as soon as it is there. Undefined when it is right. */
export function checkVersion(act: 1 | 2 | 3, value: number): NoiseError | undefined {
  if (value === version) return undefined;
  const message = `handshake version ${value} is unknown, 0 is`;
  return noiseError('bad_version', { act, field: 'v', value, message });
}
function badPoint(act: 1 | 2 | 3, field: 're' | 'rs', point: Uint8Array): NoiseError {
  const value = toHex(point);
  return noiseError('bad_public_key', { act, field, value, message: `${field} ${value} is no compressed point` });
}
function badTag(act: 1 | 2 | 3, field: 'c' | 't'): NoiseError {
  return noiseError('bad_tag', { act, field, message: `the tag ${field} does not authenticate the handshake so far` });
}

/** A fresh ephemeral secret, 32 bytes. The odds that one draw is no key are 2^-128. */
function generateKey({ crypto, entropy }: HandshakePorts): Uint8Array {
  for (let attempt = 0; attempt < 4; attempt++) {
    const secret = entropy.secureRandomBytes(32);
    if (crypto.isSecretKey(secret)) return Uint8Array.from(secret);
  }
  throw new Error('the entropy source gave no secp256k1 secret key in four attempts');
}

/** ECDH with a point that was checked. */
function ecdh(crypto: CryptoBackend, point: Uint8Array, secret: Uint8Array): Uint8Array {
  const shared = crypto.ecdh(point, secret);
  if (shared === undefined) throw new Error('ECDH failed for a point and a key that were checked');
  return shared;
}

/**
 * The initiator's side:
 *
 *     act one   -> e, es
 *     act two   <- e, ee
 *     act three -> s, se
 */
export class InitiatorHandshake implements Handshake {
  readonly expects = shortActLength;
  readonly act = 2;
  readonly #ports: HandshakePorts;
  readonly #local: Uint8Array;
  readonly #remote: Uint8Array;
  readonly #secret: Uint8Array;
  readonly #state: SymmetricState;
  readonly actOne: Uint8Array;
  #remoteEphemeral: Uint8Array = empty;
  #encryptedStatic: Uint8Array = empty;

  /** @param remote - the responder's static key, a valid point. */
  constructor(ports: HandshakePorts, local: Uint8Array, remote: Uint8Array) {
    const { crypto } = ports;
    this.#ports = ports;
    this.#local = local;
    this.#remote = remote;
    this.#state = new SymmetricState(crypto, remote);
    this.#secret = generateKey(ports);
    const ephemeral = crypto.publicKey(this.#secret);
    this.#state.mixHash(ephemeral);
    this.#state.mixKey(ecdh(crypto, remote, this.#secret));
    this.actOne = concatBytes(Uint8Array.of(version), ephemeral, this.#state.seal(0, empty));
  }

  receive(act: Uint8Array): Step {
    const { crypto } = this.#ports;
    this.#remoteEphemeral = Uint8Array.from(act.subarray(1, 34));
    // Its answer says whether that is a point; to check it before would parse the point twice.
    const shared = crypto.ecdh(this.#remoteEphemeral, this.#secret);
    if (shared === undefined) return err(badPoint(2, 're', this.#remoteEphemeral));
    this.#state.mixHash(this.#remoteEphemeral);
    this.#state.mixKey(shared);
    if (this.#state.open(0, act.subarray(34)) === undefined) return err(badTag(2, 'c'));
    this.#encryptedStatic = this.#state.seal(1, this.#local);
    return this.resume();
  }

  resume(): Step {
    const shared = this.#ports.signer.ecdh(this.#remoteEphemeral);
    if (shared.kind === 'pending') return waiting;
    if (shared.value === undefined) return err(badPoint(2, 're', this.#remoteEphemeral));
    this.#state.mixKey(shared.value);
    const tag = this.#state.seal(0, empty);
    const act = concatBytes(Uint8Array.of(version), this.#encryptedStatic, tag);
    return ok({ kind: 'done', act, keys: this.#state.split(), remote: this.#remote });
  }

  wipe(): void {
    this.#secret.fill(0);
    this.#state.wipe();
  }
}

/** The responder's side. It computes nothing before the first act is there, and no key of its own before that holds. */
export class ResponderHandshake implements Handshake {
  readonly #ports: HandshakePorts;
  readonly #local: Uint8Array;
  #state: SymmetricState | undefined;
  #secret: Uint8Array = empty;
  #remoteEphemeral: Uint8Array = empty;
  #tag: Uint8Array = empty;
  #act: 1 | 3 = 1;

  constructor(ports: HandshakePorts, local: Uint8Array) {
    this.#ports = ports;
    this.#local = local;
  }

  get act(): 1 | 3 {
    return this.#act;
  }

  get expects(): number {
    return this.#act === 1 ? shortActLength : longActLength;
  }

  receive(act: Uint8Array): Step {
    return this.#state === undefined ? this.#receiveActOne(act) : this.#receiveActThree(act, this.#state);
  }

  #receiveActOne(act: Uint8Array): Step {
    const ephemeral = act.subarray(1, 34);
    if (!this.#ports.crypto.isPoint(ephemeral)) return err(badPoint(1, 're', ephemeral));
    this.#remoteEphemeral = Uint8Array.from(ephemeral);
    this.#tag = Uint8Array.from(act.subarray(34));
    this.#state = new SymmetricState(this.#ports.crypto, this.#local);
    this.#state.mixHash(this.#remoteEphemeral);
    return this.resume();
  }

  resume(): Step {
    const { crypto, signer } = this.#ports;
    const state = this.#state!;
    const shared = signer.ecdh(this.#remoteEphemeral);
    if (shared.kind === 'pending') return waiting;
    if (shared.value === undefined) return err(badPoint(1, 're', this.#remoteEphemeral));
    state.mixKey(shared.value);
    // A caller that does not know our node id stops here and has cost one ECDH.
    if (state.open(0, this.#tag) === undefined) return err(badTag(1, 'c'));

    this.#secret = generateKey(this.#ports);
    const ephemeral = crypto.publicKey(this.#secret);
    state.mixHash(ephemeral);
    state.mixKey(ecdh(crypto, this.#remoteEphemeral, this.#secret));
    this.#act = 3;
    return ok({ kind: 'reply', act: concatBytes(Uint8Array.of(version), ephemeral, state.seal(0, empty)) });
  }

  #receiveActThree(act: Uint8Array, state: SymmetricState): Step {
    const { crypto } = this.#ports;
    const remote = state.open(1, act.subarray(1, 50));
    if (remote === undefined) {
      return err(noiseError('bad_ciphertext', { act: 3, field: 'c', message: 'the static key c does not decrypt' }));
    }
    const shared = crypto.ecdh(remote, this.#secret);
    if (shared === undefined) return err(badPoint(3, 'rs', remote));
    state.mixKey(shared);
    if (state.open(0, act.subarray(50)) === undefined) return err(badTag(3, 't'));
    return ok({ kind: 'done', act: empty, keys: state.split(), remote });
  }

  wipe(): void {
    this.#secret.fill(0);
    this.#state?.wipe();
  }
}
