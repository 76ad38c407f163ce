import { chainDeadlines } from '@boltwright/transactions';

/**
 * This package's deadlines, in blocks, in one place (ARCHITECTURE.md, rule 13); `claimBlocks`, `graceBlocks` and
 * `burialBlocks` are the channel manager's too. It fails an HTLC that nobody claimed `claimBlocks + graceBlocks` before its
 * expiry, so that one with a known preimage alone is left when this package would close; and no forward gets a smaller
 * delta than this package takes to learn how the outgoing HTLC ended, and to claim the incoming one.
 */
export const deadlines = {
  ...chainDeadlines,
  /** A claim that did not confirm in so many blocks bids more. */
  bumpBlocks: 3,
  /** So close to its deadline a claim bids more with every block. */
  urgentBlocks: 12,
} as const;
