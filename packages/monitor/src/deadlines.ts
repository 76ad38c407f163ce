/**
 * This package's deadlines, in blocks, in one place (ARCHITECTURE.md, rule 13). They must fit the channel manager's
 * table: it fails an HTLC that nobody claimed `claimBlocks + graceBlocks` before its expiry, so that one with a known
 * preimage alone is left when this package would close; and no forward gets a smaller delta than
 * `graceBlocks + burialBlocks + claimBlocks` covers.
 */
export const deadlines = {
  /** An HTLC to us whose preimage we know goes on chain so long before its expiry, if it is still there. */
  claimBlocks: 18,
  /** An HTLC of ours is given so long after its expiry to be failed off chain. */
  graceBlocks: 3,
  /** Confirmations after which nothing is taken back (BOLT 5, General Requirements: irrevocably resolved is deeper still). */
  burialBlocks: 6,
  /** A claim that did not confirm in so many blocks bids more. */
  bumpBlocks: 3,
  /** So close to its deadline a claim bids more with every block. */
  urgentBlocks: 12,
} as const;
