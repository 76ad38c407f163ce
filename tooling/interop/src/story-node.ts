import type { Msat, NodeId, RawTransaction, Sat, ShortChannelId } from '@boltwright/base';

/** What a payee does with a payment that arrived for one of its invoices. */
export type ClaimPolicy = 'claim' | 'fail' | 'hold';

export type PaymentOutcome =
  | { readonly kind: 'sent'; readonly preimage: Uint8Array; readonly feePaidMsat: bigint }
  | { readonly kind: 'failed'; readonly reason: string };

export interface StoryChannel {
  readonly counterparty: NodeId;
  readonly valueSatoshis: bigint;
  readonly outboundCapacityMsat: bigint;
  readonly isUsable: boolean;
  /** HTLCs of either direction that are not removed for good. */
  readonly pendingHtlcs: number;
}

/** What a node knows of the public network. */
export interface StoryGraph {
  /** Announced channels, and in how many directions their terms are known. */
  readonly channels: readonly { readonly shortChannelId: ShortChannelId; readonly directions: number }[];
  /** Nodes whose own announcement is known. */
  readonly nodes: readonly NodeId[];
}

/**
 * A node as a story drives it, whoever wrote it. Sockets are real; nothing is awaited inside: a story polls what it
 * waits for.
 */
export interface StoryNode {
  readonly name: string;
  readonly nodeId: NodeId;
  setClaimPolicy(policy: ClaimPolicy): void;
  /** Payment hashes (hex) that arrived and are held. */
  heldPayments(): readonly string[];
  /** Claims what is held. */
  claimHeld(): void;
  /** The port; listens from the first call on. */
  listen(): Promise<number>;
  connect(peer: NodeId, port: number): Promise<void>;
  disconnect(peer: NodeId): void;
  isConnected(peer: NodeId): boolean;
  openChannel(peer: NodeId, value: Sat, push: Msat): void;
  channels(): readonly StoryChannel[];
  publicGraph(): StoryGraph;
  /** BOLT 11. */
  createInvoice(amount: Msat | undefined, description: string): string;
  /** An invoice, well formed and signed, whose hash the node knows nothing of. */
  createInvoiceOfUnknownHash(amount: Msat): string;
  /** An invoice that asks for less than the node will take by it. */
  createInvoiceAskingLess(wanted: Msat, asked: Msat): string;
  /** Pays; `amount` for an invoice that names none. Answers a key for `paymentOutcome`. */
  pay(invoice: string, amount?: Msat): string;
  paymentOutcome(payment: string): PaymentOutcome | undefined;
  closeChannel(peer: NodeId): void;
  /** Transactions that this node broadcast, in order. */
  broadcasts(): readonly RawTransaction[];
  /** Kinds of the closings that this node saw, e.g. `cooperative`. */
  closures(): readonly string[];
  /** Time passes, in the node's eyes. */
  timerTick(): void;
  stop(): Promise<void>;
}
