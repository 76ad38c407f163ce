import type { Answer, NodeId, RawTransaction, Sat, Script } from '@boltwright/base';
import { copyBytes, invariant, nodeIdOf, ready, toHex, unwrap } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelKeysId, KeysInterface, RecoverableSignature } from '@boltwright/interfaces';
import {
  p2wpkhScriptCode,
  p2wpkhWitness,
  parseTransaction,
  segwitSighash,
  signatureWitness,
  toRemoteAnchorsWitnessScript,
} from '@boltwright/transactions';
import { HDKey } from '@scure/bip32';
import { deriveChannelSecrets } from './channel-secrets.ts';
import { InMemorySigner } from './in-memory-signer.ts';
import { type OwnOutput, type OwnOutputPurpose, ownKeyCount, ownKeyIndex, ownScript } from './own-outputs.ts';

/** What a {@link KeysManager} is made of. */
export interface KeysManagerParts {
  /** 32 bytes, from which all keys follow: whoever has it has the coins. */
  readonly seed: Uint8Array;
  readonly crypto: CryptoBackend;
  /** Fresh bytes from a cryptographic source, `length` of them: the core reads none by itself. */
  readonly entropy: (length: number) => Uint8Array;
  /** Keys of test networks differ from those of mainnet. Default: `bitcoin`. */
  readonly network?: 'bitcoin' | 'testnet';
}

// m/535'/network'/purpose' (535: the lower bits of no registered purpose; never change these).
const paths = {
  node: 0,
  inboundPayment: 1,
  peerStorage: 2,
  destination: 3,
  shutdown: 4,
  payment: 5,
  channels: 6,
} as const;

const hardened = 0x8000_0000;

/**
 * The default `KeysInterface`: every key from one seed. The paths are in the README.
 *
 * Requirements: one seed serves one node; the entropy source never repeats itself.
 */
export class KeysManager implements KeysInterface {
  readonly #crypto: CryptoBackend;
  readonly #entropy: (length: number) => Uint8Array;
  readonly #root: HDKey;
  readonly #nodeSecret: Uint8Array;
  readonly #nodeId: NodeId;
  readonly #inboundPaymentKey: Uint8Array;
  readonly #peerStorageKey: Uint8Array;
  readonly #channelMaster: Uint8Array;
  /** By the first step of a path. */
  readonly #parents = new Map<number, HDKey>();

  /** @throws RangeError unless the seed is 32 bytes. */
  constructor({ seed, crypto, entropy, network = 'bitcoin' }: KeysManagerParts) {
    if (seed.length !== 32) throw new RangeError(`a seed is 32 bytes, not ${seed.length}`);
    this.#crypto = crypto;
    this.#entropy = entropy;
    this.#root = HDKey.fromMasterSeed(seed)
      .deriveChild(535 + hardened)
      .deriveChild((network === 'bitcoin' ? 0 : 1) + hardened);
    this.#nodeSecret = this.#secret(paths.node);
    this.#nodeId = nodeIdOf(crypto.publicKey(this.#nodeSecret));
    this.#inboundPaymentKey = this.#secret(paths.inboundPayment);
    this.#peerStorageKey = this.#secret(paths.peerStorage);
    this.#channelMaster = this.#secret(paths.channels);
  }

  /** @throws Error when the entropy source answers another number of bytes. */
  secureRandomBytes(length: number): Uint8Array {
    const bytes = this.#entropy(length);
    invariant(bytes.length === length, `the entropy source gave ${bytes.length} bytes for ${length}`);
    return bytes;
  }

  nodeId(): NodeId {
    return this.#nodeId;
  }

  ecdh(other: Uint8Array, tweak?: Uint8Array): Answer<Uint8Array | undefined> {
    if (other.length !== 33) return ready(undefined);
    const secret = tweak === undefined ? this.#nodeSecret : this.#crypto.scalarMultiply(this.#nodeSecret, tweak);
    return ready(secret === undefined ? undefined : this.#crypto.ecdh(other, secret));
  }

  signInvoice(hash: Uint8Array): Answer<RecoverableSignature> {
    return ready(this.#crypto.signRecoverable(hash, this.#nodeSecret));
  }

  signGossip(unsigned: Uint8Array): Answer<Uint8Array> {
    return ready(this.#crypto.sign(this.#crypto.hash256(unsigned), this.#nodeSecret));
  }

  inboundPaymentKey(): Uint8Array {
    return copyBytes(this.#inboundPaymentKey);
  }

  peerStorageKey(): Uint8Array {
    return copyBytes(this.#peerStorageKey);
  }

  /** @throws RangeError unless `entropy` is 32 bytes. */
  channelKeysId(_inbound: boolean, entropy: Uint8Array): ChannelKeysId {
    if (entropy.length !== 32) throw new RangeError(`a channel's entropy is 32 bytes, not ${entropy.length}`);
    return toHex(entropy) as ChannelKeysId;
  }

  /** @throws RangeError unless the id is 64 hex digits. */
  channelSigner(id: ChannelKeysId, _value: Sat): InMemorySigner {
    if (id.length !== 64) throw new RangeError(`a channel keys id is 64 hex digits, not ${id.length}`);
    const payment = this.#ownSecret('payment', ownKeyIndex(id));
    return new InMemorySigner(this.#crypto, deriveChannelSecrets(this.#crypto, this.#channelMaster, id, payment));
  }

  destinationScript(id: ChannelKeysId): Script {
    return this.#ownScript('destination', ownKeyIndex(id));
  }

  shutdownScript(id: ChannelKeysId): Script {
    return this.#ownScript('shutdown', ownKeyIndex(id));
  }

  /**
   * Every script that coins of this seed may lie at once channels are closed: what to look for on chain where all else is
   * lost. Takes a second or two when run to its end.
   */
  *ownOutputs(): Generator<OwnOutput> {
    for (let index = 0; index < ownKeyCount; index++) {
      for (const purpose of ['destination', 'shutdown', 'payment', 'paymentAnchors'] as const) {
        yield { purpose, index, script: this.#ownScript(purpose, index) };
      }
    }
  }

  /**
   * The witness that spends an output of ours at `input` (SIGHASH_ALL). A `paymentAnchors` output wants `nSequence` 1.
   *
   * @param output - its purpose and index: from {@link KeysManager.ownOutputs}, or `ownKeyIndex` of a channel's id.
   * @param value - the output's amount.
   */
  signOwnOutput(
    transaction: RawTransaction,
    input: number,
    output: Pick<OwnOutput, 'purpose' | 'index'>,
    value: Sat,
  ): readonly Uint8Array[] {
    const secret = this.#ownSecret(output.purpose, output.index);
    const pubkey = this.#crypto.publicKey(secret);
    const anchors = output.purpose === 'paymentAnchors';
    const script = anchors ? toRemoteAnchorsWitnessScript(pubkey) : p2wpkhScriptCode(this.#crypto, pubkey);
    const parsed = unwrap(parseTransaction(transaction.bytes));
    const signature = this.#crypto.sign(segwitSighash(this.#crypto, parsed, input, script, value), secret);
    return anchors ? signatureWitness(signature, script) : p2wpkhWitness(signature, pubkey);
  }

  #secret(first: number, index?: number): Uint8Array {
    const parent = this.#parents.get(first) ?? this.#root.deriveChild(first + hardened);
    this.#parents.set(first, parent);
    const key = index === undefined ? parent : parent.deriveChild(index + hardened);
    invariant(key.privateKey !== null, 'keys from a seed are private');
    return copyBytes(key.privateKey);
  }

  #ownSecret(purpose: OwnOutputPurpose, index: number): Uint8Array {
    return this.#secret(paths[purpose === 'paymentAnchors' ? 'payment' : purpose], index);
  }

  #ownScript(purpose: OwnOutputPurpose, index: number): Script {
    return ownScript(this.#crypto, purpose, this.#crypto.publicKey(this.#ownSecret(purpose, index)));
  }
}
