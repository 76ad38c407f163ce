import type {
  Answer,
  Block,
  BlockHash,
  BlockHeight,
  ChainHash,
  FeeratePerKw,
  Header,
  OutPoint,
  RawTransaction,
  Sat,
  Script,
  ShortChannelId,
  Txid,
} from '@boltwright/base';

/**
 * What a feerate is for, which says how soon it is to confirm and how wrong the estimate may be: claims on chain, bounds
 * on what a counterparty proposes (BOLT 2, `update_fee`), our commitments with and without anchors, mutual closes.
 */
export type ConfirmationTarget =
  | 'onChainSweep'
  | 'urgentOnChainSweep'
  | 'minAllowedAnchorRemote'
  | 'minAllowedNonAnchorRemote'
  | 'maxAllowedRemote'
  | 'anchorChannel'
  | 'nonAnchorChannel'
  | 'channelClose'
  | 'outputSpending';

/** Requirements: answers at once, from what it knows; at least 253 (the relay minimum, BOLT 3's rounding). */
export interface FeeEstimator {
  feerate(target: ConfirmationTarget): FeeratePerKw;
}

/** Requirements: returns at once, reports nothing back; called again with the same transactions until they are buried. */
export interface BroadcasterInterface {
  /** Parents before children. One package is submitted as one. */
  broadcastPackage(parentsFirst: readonly RawTransaction[]): void;
}

/** An output that nothing spends yet. */
export interface Utxo {
  readonly value: Sat;
  readonly script: Script;
}
/** Why there is no such output: another chain, no transaction at that place, or it is spent. */
export type UtxoError = 'unknownChain' | 'unknownTransaction' | 'spent';

/** What the core wants to hear of. Idempotent. */
export interface ChainWatchInterface {
  watchTransaction(txid: Txid, script: Script): void;
  watchOutput(outpoint: OutPoint, script: Script, fromBlock?: BlockHash): void;
  /** `pending` is answered later by `utxoFound(chain, id, answer)` of whoever asked. */
  getChainUtxo(
    chain: ChainHash,
    id: ShortChannelId,
  ): Answer<{ readonly ok: true; readonly value: Utxo } | { readonly ok: false; readonly error: UtxoError }>;
}

/** A block's place: what a listener stands on. */
export interface BlockLocation {
  readonly hash: BlockHash;
  readonly height: BlockHeight;
}

/** Supplied by the user; the chain packages are such. */
export interface BlockSource {
  bestBlock(): Promise<BlockLocation>;
  header(hash: BlockHash): Promise<Header>;
  block(hash: BlockHash): Promise<Block>;
}

/**
 * Hears whole blocks.
 *
 * Order: each block connects to the tip; a reorg is one `blocksDisconnected` and then the new branch.
 * A block told twice changes nothing.
 */
export interface ChainListener {
  /** Durable: where this listener stands. */
  tip(): BlockLocation;
  blockConnected(block: Block, height: BlockHeight): void;
  blocksDisconnected(forkPoint: BlockLocation): void;
}

/** For light clients: hears of relevant transactions alone. */
export interface ChainConfirm {
  transactionsConfirmed(
    header: Header,
    transactions: readonly (readonly [index: number, transaction: RawTransaction])[],
    height: BlockHeight,
  ): void;
  transactionUnconfirmed(txid: Txid): void;
  bestBlockUpdated(header: Header, height: BlockHeight): void;
  relevantTxids(): readonly { readonly txid: Txid; readonly height: BlockHeight; readonly block?: BlockHash }[];
}
