import type { Brand } from './brand.ts';
import { fromHex, reverseBytes, toHex } from './bytes.ts';

// Ids are lower-case hex strings, so that `Map` and `===` compare them by value.

/** 66 hex digits: a node's compressed public key. */
export type NodeId = Brand<string, 'NodeId'>;
/** 64 hex digits. */
export type ChannelId = Brand<string, 'ChannelId'>;
/** 64 hex digits: SHA-256 of the preimage. */
export type PaymentHash = Brand<string, 'PaymentHash'>;
/** 64 hex digits, in display order (the double hash reversed). */
export type Txid = Brand<string, 'Txid'>;
/** 64 hex digits, in display order. */
export type BlockHash = Brand<string, 'BlockHash'>;
/** 64 hex digits, the genesis block's hash in wire order, as BOLT 0 gives `chain_hash`. */
export type ChainHash = Brand<string, 'ChainHash'>;
/** Block (24 bits), transaction (24 bits) and output (16 bits), a u64. */
export type ShortChannelId = Brand<bigint, 'ShortChannelId'>;

function hexId(text: string, digits: number, name: string): string {
  const lower = text.toLowerCase();
  if (lower.length !== digits || !/^[0-9a-f]*$/.test(lower)) {
    throw new RangeError(`'${text}' is no ${name}: ${digits} hex digits are`);
  }
  return lower;
}

/** @throws RangeError unless it is 66 hex digits. */
export const nodeId = (text: string): NodeId => hexId(text, 66, 'node id') as NodeId;
/** @throws RangeError unless it is 64 hex digits. */
export const channelId = (text: string): ChannelId => hexId(text, 64, 'channel id') as ChannelId;
/** @throws RangeError unless it is 64 hex digits. */
export const paymentHash = (text: string): PaymentHash => hexId(text, 64, 'payment hash') as PaymentHash;
/** @throws RangeError unless it is 64 hex digits. */
export const txid = (text: string): Txid => hexId(text, 64, 'txid') as Txid;
/** @throws RangeError unless it is 64 hex digits. */
export const blockHash = (text: string): BlockHash => hexId(text, 64, 'block hash') as BlockHash;
/** @throws RangeError unless it is 64 hex digits. */
export const chainHash = (text: string): ChainHash => hexId(text, 64, 'chain hash') as ChainHash;

const maxU64 = (1n << 64n) - 1n;

/** @throws RangeError outside a u64. */
export function shortChannelId(value: bigint): ShortChannelId {
  if (value < 0n || value > maxU64) throw new RangeError(`${value} is no short channel id: a u64 is`);
  return value as ShortChannelId;
}

/** A short channel id from its three parts (BOLT 7, Definition of `short_channel_id`). */
export function shortChannelIdOf(block: number, transaction: number, output: number): ShortChannelId {
  if (!(block >>> 0 === block && block < 1 << 24)) throw new RangeError(`block ${block} does not fit 24 bits`);
  if (!(transaction >>> 0 === transaction && transaction < 1 << 24)) {
    throw new RangeError(`transaction ${transaction} does not fit 24 bits`);
  }
  if (!(output >>> 0 === output && output < 1 << 16)) throw new RangeError(`output ${output} does not fit 16 bits`);
  return ((BigInt(block) << 40n) | (BigInt(transaction) << 16n) | BigInt(output)) as ShortChannelId;
}

/** Where a funding output stands in the chain (BOLT 7, Definition of `short_channel_id`). */
export interface ShortChannelIdParts {
  readonly block: number;
  readonly transaction: number;
  readonly output: number;
}

/** The three parts: a u24, a u24 and a u16. */
export const shortChannelIdParts = (id: ShortChannelId): ShortChannelIdParts => ({
  block: Number(id >> 40n),
  transaction: Number((id >> 16n) & 0xff_ffffn),
  output: Number(id & 0xffffn),
});

/** `block` x `transaction` x `output`, as people write it. */
export function formatShortChannelId(id: ShortChannelId): string {
  const { block, transaction, output } = shortChannelIdParts(id);
  return `${block}x${transaction}x${output}`;
}

// Hex of our own making needs no look at its digits: these run once for each id of each message and block.
function hexOf(bytes: Uint8Array, length: number, name: string): string {
  if (bytes.length !== length) throw new RangeError(`${bytes.length} bytes are no ${name}: ${length} are`);
  return toHex(bytes);
}

/** The id of 33 bytes of public key; not checked to be on the curve. @throws RangeError for another length. */
export const nodeIdOf = (publicKey: Uint8Array): NodeId => hexOf(publicKey, 33, 'node id') as NodeId;
/** 33 bytes. */
export const nodeIdBytes = (id: NodeId): Uint8Array => fromHex(id);
/** The id of the 32 bytes as they stand in a message. @throws RangeError for another length. */
export const channelIdOf = (bytes: Uint8Array): ChannelId => hexOf(bytes, 32, 'channel id') as ChannelId;
/** 32 bytes. */
export const channelIdBytes = (id: ChannelId): Uint8Array => fromHex(id);
/** The id of the 32 bytes of SHA-256. @throws RangeError for another length. */
export const paymentHashOf = (bytes: Uint8Array): PaymentHash => hexOf(bytes, 32, 'payment hash') as PaymentHash;
/** 32 bytes. */
export const paymentHashBytes = (id: PaymentHash): Uint8Array => fromHex(id);
/**
 * The txid of the 32-byte double hash as it stands in a transaction or a message (not reversed).
 *
 * @throws RangeError for another length.
 */
export const txidOf = (hash: Uint8Array): Txid => hexOf(reverseBytes(hash), 32, 'txid') as Txid;
/** The 32 bytes as they stand in a transaction or a message. */
export const txidBytes = (id: Txid): Uint8Array => reverseBytes(fromHex(id));
/** The id of the 32-byte double hash as it stands in a header (not reversed). @throws RangeError for another length. */
export const blockHashOf = (hash: Uint8Array): BlockHash => hexOf(reverseBytes(hash), 32, 'block hash') as BlockHash;
/** The 32 bytes as they stand in a header. */
export const blockHashBytes = (id: BlockHash): Uint8Array => reverseBytes(fromHex(id));
