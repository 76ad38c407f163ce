import type { OutPoint, OutPointKey, Sat, Script, Txid } from '@boltwright/base';
import type { WalletKey } from './key-chain.ts';

/** An output that a key of the wallet's can spend. */
export interface WalletCoin {
  readonly outpoint: OutPoint;
  readonly value: Sat;
  readonly script: Script;
  readonly key: WalletKey;
  /** The block it is in; undefined for change of a transaction of ours that waits for one. */
  readonly height: number | undefined;
  readonly coinbase: boolean;
}

/** A transaction of ours that no block holds yet: it locks what it spends. */
export interface PendingTransaction {
  readonly txid: Txid;
  readonly bytes: Uint8Array;
  readonly spends: readonly OutPointKey[];
  readonly makes: readonly OutPointKey[];
}

/** What a block changed, to undo it. */
export interface WalletUndo {
  readonly height: number;
  readonly spent: readonly (readonly [OutPointKey, WalletCoin])[];
  readonly made: readonly OutPointKey[];
  /** Ours: they wait again when the block goes. */
  readonly confirmed: readonly PendingTransaction[];
}
