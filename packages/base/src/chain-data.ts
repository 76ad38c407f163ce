import type { Brand } from './brand.ts';
import type { BlockHash, Txid } from './ids.ts';
import type { Sat } from './units.ts';

/** A transaction as it crosses seams: its id and its serialisation (with witnesses), no library's class. */
export interface RawTransaction {
  readonly txid: Txid;
  readonly bytes: Uint8Array;
}

/** An output of a transaction. */
export interface OutPoint {
  readonly txid: Txid;
  /** The output's index, a u16 in Lightning's messages. */
  readonly vout: number;
}

/** An output script (`scriptPubKey`). */
export type Script = Uint8Array;

/** What an output holds. */
export interface TxOut {
  readonly value: Sat;
  readonly script: Script;
}

/** `txid:vout`, for maps. */
export type OutPointKey = Brand<string, 'OutPointKey'>;
/** The key of an outpoint: equal for equal outpoints. */
export const outPointKey = (outpoint: OutPoint): OutPointKey => `${outpoint.txid}:${outpoint.vout}` as OutPointKey;

/** 80 bytes of block header, with its hash. */
export interface Header {
  readonly hash: BlockHash;
  readonly previous: BlockHash;
  readonly bytes: Uint8Array;
}

/** A whole block, its transactions in their order. */
export interface Block {
  readonly header: Header;
  readonly transactions: readonly RawTransaction[];
}
