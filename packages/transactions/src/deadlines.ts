/**
 * The deadlines that several packages must agree on, in blocks, in one place: the monitors close and claim by them, the
 * channel manager fails back and forwards by them. BOLT 2, `cltv_expiry_delta` Selection, gives the reasoning.
 */
export const chainDeadlines = {
  /** What a node needs to get a claim of an HTLC onto the chain: a known preimage goes there so long before its expiry. */
  claimBlocks: 18,
  /** Blocks that a peer is given to answer before the chain is needed. */
  graceBlocks: 3,
  /** Confirmations after which nothing is taken back (BOLT 5, General Requirements: irrevocably resolved is deeper still). */
  burialBlocks: 6,
} as const;
