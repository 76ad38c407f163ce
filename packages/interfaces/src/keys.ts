import type { Answer, Brand, NodeId, RawTransaction, Sat, Script } from '@boltwright/base';
import type {
  ChannelPublicKeys,
  ClosingTransaction,
  CommitmentSignatures,
  CounterpartyCommitment,
  HolderCommitment,
  HtlcClaim,
  JusticeClaim,
  SweepClaim,
} from './commitments.ts';

/** 64 hex digits: names the keys of one channel; the same id gives the same keys after a restart. */
export type ChannelKeysId = Brand<string, 'ChannelKeysId'>;

/** Where fresh keys come from: the only randomness of the core. */
export interface EntropySource {
  /** Fresh bytes from a cryptographic source. */
  secureRandomBytes(length: number): Uint8Array;
}

/** A signature from which its public key can be found (BOLT 11). */
export interface RecoverableSignature {
  /** 64 bytes, `r || s`, low S. */
  readonly signature: Uint8Array;
  /** 0 to 3. */
  readonly recoveryId: number;
}

/** What needs the node's identity key; the key itself never leaves it. */
export interface NodeSigner {
  nodeId(): NodeId;
  /**
   * SHA-256 of the compressed product of the node key (times `tweak`, where given) and `other` (33 bytes), as BOLT 8
   * and BOLT 4 use it; undefined when `other` is no point.
   */
  ecdh(other: Uint8Array, tweak?: Uint8Array): Answer<Uint8Array | undefined>;
  /** Signs the 32-byte hash that BOLT 11 defines over human-readable part and data. */
  signInvoice(hash: Uint8Array): Answer<RecoverableSignature>;
  /** Signs a gossip message: `unsigned` is what stands behind its signatures; the signer hashes it twice (BOLT 7). */
  signGossip(unsigned: Uint8Array): Answer<Uint8Array>;
  /** 32 bytes: from it stateless payment secrets are derived. */
  inboundPaymentKey(): Uint8Array;
  /** 32 bytes: encrypts what peers store for us. */
  peerStorageKey(): Uint8Array;
}

/**
 * Hands out the signers of channels, and the scripts that coins go to.
 *
 * Requirements: the same id gives the same keys and scripts, over restarts too.
 */
export interface SignerProvider {
  /** A fresh id for a channel about to be opened. `entropy`: 32 random bytes. */
  channelKeysId(inbound: boolean, entropy: Uint8Array): ChannelKeysId;
  channelSigner(id: ChannelKeysId, value: Sat): ChannelSigner;
  /** Where coins claimed on chain go. */
  destinationScript(id: ChannelKeysId): Script;
  /** Where a cooperative close pays us: a form that BOLT 2 allows for `shutdown`. */
  shutdownScript(id: ChannelKeysId): Script;
}

/** All that a node’s keys are asked for. */
export type KeysInterface = EntropySource & NodeSigner & SignerProvider;

/**
 * Punishes and sweeps home, and no more: what a watchtower may hold.
 *
 * Requirements: equal arguments get equal answers. Signatures are 64 bytes, made with SIGHASH_ALL.
 */
export interface JusticeSigner {
  /** An output of a revoked commitment or of a revoked HTLC transaction, by the revocation key. */
  signJustice(transaction: RawTransaction, input: number, claim: JusticeClaim): Answer<Uint8Array>;
  /** An HTLC output of the counterparty's current commitment, by our HTLC key. */
  signCounterpartyHtlc(transaction: RawTransaction, input: number, claim: HtlcClaim): Answer<Uint8Array>;
  /** What is ours alone: `to_remote` of their commitment, delayed outputs of ours. */
  signSweep(transaction: RawTransaction, input: number, claim: SweepClaim): Answer<Uint8Array>;
}

/**
 * One channel's keys; may live in another process.
 *
 * Requirements: idempotent for equal arguments. `pending` freezes that request: the same call is made again once
 * the signer has been told to be unblocked, with the same arguments.
 */
export interface ChannelSigner extends JusticeSigner {
  readonly pubkeys: ChannelPublicKeys;
  /** The per-commitment point of commitment number `index`, counting up from 0 (not BOLT 3's counting down). */
  perCommitmentPoint(index: bigint): Answer<Uint8Array>;
  /** The secret of a commitment that we revoke. From then on the signer never signs that commitment. */
  releaseCommitmentSecret(index: bigint): Answer<Uint8Array>;
  /** For signers that check policy: answers `ready` where the counterparty's signed commitment is acceptable. */
  validateHolderCommitment(commitment: HolderCommitment, preimages: readonly Uint8Array[]): Answer<void>;
  validateCounterpartyRevocation(index: bigint, secret: Uint8Array): Answer<void>;
  signCounterpartyCommitment(
    commitment: CounterpartyCommitment,
    preimages: readonly Uint8Array[],
  ): Answer<CommitmentSignatures>;
  /** Our own commitment, to be broadcast: the monitor's alone to ask (rule 5). */
  signHolderCommitment(commitment: HolderCommitment): Answer<Uint8Array>;
  /** Our own HTLC transaction: `transaction` spends an HTLC output of our commitment at `input`. */
  signHolderHtlc(transaction: RawTransaction, input: number, claim: HtlcClaim): Answer<Uint8Array>;
  signClosing(closing: ClosingTransaction): Answer<Uint8Array>;
  /** Spends our anchor at `input`. `value`: 330 sat. */
  signAnchor(transaction: RawTransaction, input: number): Answer<Uint8Array>;
  /** By the funding key: `unsigned` is what stands behind the announcement's signatures (BOLT 7). */
  signChannelAnnouncement(unsigned: Uint8Array): Answer<Uint8Array>;
}
