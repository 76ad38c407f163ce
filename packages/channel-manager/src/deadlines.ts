import { chainDeadlines } from '@boltwright/transactions';

const { claimBlocks, graceBlocks } = chainDeadlines;
const failBackBlocks = claimBlocks + graceBlocks;

/**
 * The deadlines of this package, in blocks, in one place (ARCHITECTURE.md, rule 13); those that the monitors go by are
 * `chainDeadlines`, theirs too. BOLT 2, `cltv_expiry_delta` Selection, gives the reasoning: a peer may need some blocks to
 * answer, and a transaction some to confirm.
 */
export const deadlines = {
  ...chainDeadlines,
  /** An HTLC to us that nobody claimed is failed this long before its expiry; one that comes in later is refused. */
  failBackBlocks,
  /** The least that an HTLC to us may have left when it comes in. */
  leastFinalBlocks: failBackBlocks + 3,
  /** What our invoices ask for (`min_final_cltv_expiry_delta`): a few blocks may come while the payment travels. */
  minFinalCltvExpiryDelta: failBackBlocks + 6,
  /** An outgoing HTLC that expires sooner than this is not offered: `expiry_too_soon`. */
  leastOutgoingBlocks: graceBlocks + 1,
  /**
   * The least `cltv_expiry_delta` that a node may ask for. An outgoing HTLC expires; the monitor gives its peer
   * `graceBlocks`; the close and the timeout take up to `claimBlocks`, and until then the peer may show the preimage; the
   * incoming HTLC is then to be claimed, which may take `claimBlocks` again.
   */
  leastCltvExpiryDelta: graceBlocks + 2 * claimBlocks,
  /** BOLT 4, `max_htlc_cltv` Selection: a longer lock is `expiry_too_far`, and no payment of ours asks for one. */
  maxHtlcCltv: 2016,
  /** What is added to the tip for a payment of ours: a block may come while it is under way. */
  paymentHeightSlack: 1,
  /** A forward that a restart found waits so many ticks of a minute for the next peer to come back. */
  resumedForwardTicks: 2,
  /** An MPP set that is not complete after so many ticks of a minute is failed: BOLT 4 asks for 60 seconds at least. */
  mppTimeoutTicks: 3,
} as const;
