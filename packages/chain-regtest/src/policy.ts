// Bitcoin Core's defaults, as far as Lightning's transactions can meet them.

/** Satoshis per 1000 virtual bytes; a transaction below it is relayed by nobody (`-minrelaytxfee`). */
export const minRelayFeerate = 1000n;
/** What a replacement pays on top, per 1000 virtual bytes of its own (`-incrementalrelayfee`). */
export const incrementalRelayFeerate = 1000n;
/** What spending an output is taken to cost, per 1000 virtual bytes (`-dustrelayfee`). */
export const dustRelayFeerate = 3000n;
/** The heaviest transaction that is relayed. */
export const maxStandardWeight = 400_000;
/** The smallest one, without witness: 64 bytes could be taken for a node of the merkle tree. */
export const minNonWitnessBytes = 65;
export const maxScriptSigBytes = 1650;
/** `OP_RETURN` outputs: one, and this many bytes of script. */
export const maxOpReturnBytes = 83;
/** Of a P2WSH input. */
export const maxWitnessScriptBytes = 3600;
export const maxWitnessItems = 100;
/** Of a P2WSH input's items and of a tapscript's. */
export const maxWitnessItemBytes = 80;
/** Unconfirmed ancestors and descendants, each with the transaction itself. */
export const maxChain = 25;
/** Virtual bytes of the same. */
export const maxChainBytes = 101_000;
/** How many transactions a replacement may push out (BIP 125, rule 5). */
export const maxReplaced = 100;
/** Blocks between a coinbase and its spending. */
export const coinbaseMaturity = 100;
export const maxBlockWeight = 4_000_000;
/** Satoshis that will ever be. */
export const maxMoney = 2_100_000_000_000_000n;
/** Locktimes from here on are seconds, those below are heights. */
export const locktimeThreshold = 500_000_000;
/** Blocks between halvings on regtest. */
export const halvingInterval = 150;

/** The least fee at a feerate per 1000 virtual bytes, rounded up. */
export const feeAt = (feerate: bigint, vsize: number): bigint => (feerate * BigInt(vsize) + 999n) / 1000n;
