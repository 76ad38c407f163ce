import { type Answer, type OutPointKey, outPointKey, type RawTransaction, toHex } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type {
  ChannelPublicKeys,
  ChannelSigner,
  ClosingTransaction,
  CommitmentSignatures,
  CounterpartyCommitment,
  HolderCommitment,
  HtlcClaim,
  JusticeClaim,
  SweepClaim,
} from '@boltwright/interfaces';
import { commitmentDigest } from './commitment-digest.ts';
import { type RefusalReason, SignerRefused } from './signer-refused.ts';

/** One commitment that a validating signer has seen. */
export interface SeenCommitment {
  /** 66 hex digits: its per-commitment point. */
  readonly point: string;
  /** The content, by the funding that it spends: one today, several while splicing. */
  readonly digests: Readonly<Record<OutPointKey, string>>;
}

/** What a validating signer remembers of one channel: plain data, for the owner to keep over restarts. */
export interface ValidatingSignerState {
  /** The last commitment of the counterparty that was signed; -1 before the first. */
  readonly signedIndex: bigint;
  /** The signed commitments that are not revoked yet, by number. At most two. */
  readonly signed: Readonly<Record<string, SeenCommitment>>;
  /** How many of its commitments the counterparty revoked. */
  readonly counterpartyRevoked: bigint;
  /** Our last validated commitment; -1 before the first. */
  readonly validatedIndex: bigint;
  /** Our validated commitments whose secrets were not released, by number. At most two. */
  readonly validated: Readonly<Record<string, SeenCommitment>>;
  /** How many of our secrets were released. */
  readonly released: bigint;
  /** The least of our commitments that was signed for broadcast; its secret is never released. */
  readonly broadcastIndex: bigint | undefined;
}

/** A channel that was not signed for yet. */
export const newSignerState: ValidatingSignerState = {
  signedIndex: -1n,
  signed: {},
  counterpartyRevoked: 0n,
  validatedIndex: -1n,
  validated: {},
  released: 0n,
  broadcastIndex: undefined,
};

/** What {@link validatingSigner} is told beside the signer that it wraps. */
export interface ValidatingSignerOptions {
  readonly crypto: CryptoBackend;
  /** What was kept from before a restart. */
  readonly state?: ValidatingSignerState;
  /** Called with each new state before what it allows is done: the place to make it durable. */
  readonly onState?: (state: ValidatingSignerState) => void;
}

/**
 * A signer that keeps the two rules a channel's safety rests on, as a signer in another device would: the counterparty
 * never gets two contents under one number or a number it has revoked, and we never sign what we revoked nor revoke what
 * we signed for broadcast. A refusal is a thrown {@link SignerRefused}; the state is as before.
 */
export const validatingSigner = (inner: ChannelSigner, options: ValidatingSignerOptions): ValidatingSigner =>
  new ValidatingSigner(inner, options);

/** Made by {@link validatingSigner}. */
export class ValidatingSigner implements ChannelSigner {
  readonly #inner: ChannelSigner;
  readonly #crypto: CryptoBackend;
  readonly #onState: (state: ValidatingSignerState) => void;
  #state: ValidatingSignerState;

  constructor(inner: ChannelSigner, { crypto, state = newSignerState, onState = () => {} }: ValidatingSignerOptions) {
    this.#inner = inner;
    this.#crypto = crypto;
    this.#onState = onState;
    this.#state = state;
  }

  /** What it remembers, as it stands. */
  get state(): ValidatingSignerState {
    return this.#state;
  }

  get pubkeys(): ChannelPublicKeys {
    return this.#inner.pubkeys;
  }

  perCommitmentPoint(index: bigint): Answer<Uint8Array> {
    return this.#inner.perCommitmentPoint(index);
  }

  validateHolderCommitment(commitment: HolderCommitment, preimages: readonly Uint8Array[]): Answer<void> {
    const method = 'validateHolderCommitment';
    const { validatedIndex, validated, released } = this.#state;
    const { index } = commitment.spec;
    if (index < released) this.#refuse('revoked', method, index, `${released} commitments are revoked`);
    if (index < validatedIndex) this.#refuse('lowerNumber', method, index, `${validatedIndex} was validated`);
    if (index > released + 1n) this.#refuse('notYetRevoked', method, index, `only ${released} are revoked`);
    const seen = this.#seen(method, validated, commitment);
    this.#set({ validatedIndex: index, validated: seen });
    return this.#inner.validateHolderCommitment(commitment, preimages);
  }

  releaseCommitmentSecret(index: bigint): Answer<Uint8Array> {
    const method = 'releaseCommitmentSecret';
    const { validatedIndex, validated, released, broadcastIndex } = this.#state;
    if (index >= validatedIndex) this.#refuse('notReplaced', method, index, `the last validated is ${validatedIndex}`);
    if (broadcastIndex !== undefined && index >= broadcastIndex) {
      this.#refuse('signedForBroadcast', method, index, `${broadcastIndex} was signed for broadcast`);
    }
    if (index >= released) this.#set({ released: index + 1n, validated: from(validated, index + 1n) });
    return this.#inner.releaseCommitmentSecret(index);
  }

  signHolderCommitment(commitment: HolderCommitment): Answer<Uint8Array> {
    const method = 'signHolderCommitment';
    const { validated, released, broadcastIndex } = this.#state;
    const { index } = commitment.spec;
    if (index < released) this.#refuse('revoked', method, index, `${released} commitments are revoked`);
    const known = validated[index.toString()]?.digests[outPointKey(commitment.parameters.fundingOutpoint)];
    if (known === undefined) this.#refuse('notValidated', method, index, 'it was never validated');
    if (known !== commitmentDigest(this.#crypto, commitment.spec)) {
      this.#refuse('alteredContent', method, index, 'another content was validated');
    }
    if (broadcastIndex === undefined || index < broadcastIndex) this.#set({ broadcastIndex: index });
    return this.#inner.signHolderCommitment(commitment);
  }

  signHolderHtlc(transaction: RawTransaction, input: number, claim: HtlcClaim): Answer<Uint8Array> {
    const point = toHex(claim.perCommitmentPoint);
    if (!Object.values(this.#state.validated).some((seen) => seen.point === point)) {
      this.#refuse('revoked', 'signHolderHtlc', undefined, `no commitment with the point ${point} stands`);
    }
    return this.#inner.signHolderHtlc(transaction, input, claim);
  }

  validateCounterpartyRevocation(index: bigint, secret: Uint8Array): Answer<void> {
    const method = 'validateCounterpartyRevocation';
    const { signed, signedIndex, counterpartyRevoked } = this.#state;
    if (index >= signedIndex) this.#refuse('notReplaced', method, index, `the last signed is ${signedIndex}`);
    if (index > counterpartyRevoked) this.#refuse('notYetRevoked', method, index, `${counterpartyRevoked} comes first`);
    if (index === counterpartyRevoked) {
      const point = signed[index.toString()]?.point;
      if (!this.#crypto.isSecretKey(secret) || point !== toHex(this.#crypto.publicKey(secret))) {
        this.#refuse('wrongSecret', method, index, 'the secret is not that of the point');
      }
      this.#set({ counterpartyRevoked: index + 1n, signed: from(signed, index + 1n) });
    }
    return this.#inner.validateCounterpartyRevocation(index, secret);
  }

  signCounterpartyCommitment(
    commitment: CounterpartyCommitment,
    preimages: readonly Uint8Array[],
  ): Answer<CommitmentSignatures> {
    const method = 'signCounterpartyCommitment';
    const { signed, signedIndex, counterpartyRevoked } = this.#state;
    const { index } = commitment.spec;
    if (index < counterpartyRevoked) this.#refuse('revoked', method, index, `${counterpartyRevoked} are revoked`);
    if (index < signedIndex) this.#refuse('lowerNumber', method, index, `${signedIndex} was signed`);
    if (index > counterpartyRevoked + 1n) {
      this.#refuse('notYetRevoked', method, index, `only ${counterpartyRevoked} are revoked`);
    }
    // Recorded before it is asked: a signer that answers later must not be asked for something else meanwhile.
    const seen = this.#seen(method, signed, commitment);
    this.#set({ signedIndex: index, signed: seen });
    return this.#inner.signCounterpartyCommitment(commitment, preimages);
  }

  signClosing(closing: ClosingTransaction): Answer<Uint8Array> {
    return this.#inner.signClosing(closing);
  }

  signAnchor(transaction: RawTransaction, input: number): Answer<Uint8Array> {
    return this.#inner.signAnchor(transaction, input);
  }

  signChannelAnnouncement(unsigned: Uint8Array): Answer<Uint8Array> {
    return this.#inner.signChannelAnnouncement(unsigned);
  }

  signJustice(transaction: RawTransaction, input: number, claim: JusticeClaim): Answer<Uint8Array> {
    return this.#inner.signJustice(transaction, input, claim);
  }

  signCounterpartyHtlc(transaction: RawTransaction, input: number, claim: HtlcClaim): Answer<Uint8Array> {
    return this.#inner.signCounterpartyHtlc(transaction, input, claim);
  }

  signSweep(transaction: RawTransaction, input: number, claim: SweepClaim): Answer<Uint8Array> {
    return this.#inner.signSweep(transaction, input, claim);
  }

  /** The commitments with this one among them, or a refusal where its number stands for something else. */
  #seen(
    method: string,
    all: Readonly<Record<string, SeenCommitment>>,
    { parameters, spec }: CounterpartyCommitment,
  ): Readonly<Record<string, SeenCommitment>> {
    const key = spec.index.toString();
    const funding = outPointKey(parameters.fundingOutpoint);
    const digest = commitmentDigest(this.#crypto, spec);
    const point = toHex(spec.perCommitmentPoint);
    const known = all[key];
    if (known !== undefined && (known.point !== point || (known.digests[funding] ?? digest) !== digest)) {
      this.#refuse('alteredContent', method, spec.index, 'another content stands under that number');
    }
    return { ...all, [key]: { point, digests: { ...known?.digests, [funding]: digest } } };
  }

  #set(change: Partial<ValidatingSignerState>): void {
    const state = { ...this.#state, ...change };
    this.#onState(state);
    this.#state = state;
  }

  #refuse(reason: RefusalReason, method: string, index: bigint | undefined, detail: string): never {
    throw new SignerRefused(reason, method, index, detail);
  }
}

const from = (all: Readonly<Record<string, SeenCommitment>>, least: bigint): Readonly<Record<string, SeenCommitment>> =>
  Object.fromEntries(Object.entries(all).filter(([index]) => BigInt(index) >= least));
