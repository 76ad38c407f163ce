import { createHash } from 'node:crypto';
import {
  type Block,
  type BlockHash,
  blockHashBytes,
  blockHashOf,
  concatBytes,
  fromHex,
  type Header,
  type Script,
  txidBytes,
} from '@boltwright/base';
import { Transaction } from 'bitcoinjs-lib/src/transaction';
import type { ParsedTransaction } from './parsed-transaction.ts';
import { halvingInterval } from './policy.ts';

/** Regtest's easiest target: every second hash meets it. */
const easyBits = 0x207fffff;

const hash256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest());

/** The root of the tree over these 32-byte hashes, the last of an odd row counting twice. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  let row = leaves;
  while (row.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i < row.length; i += 2) next.push(hash256(concatBytes(row[i]!, row[i + 1] ?? row[i]!)));
    row = next;
  }
  return row[0]!;
}

/** What a coinbase may make of nothing. */
export const subsidy = (height: number): bigint => {
  const halvings = Math.floor(height / halvingInterval);
  return halvings >= 64 ? 0n : 5_000_000_000n >> BigInt(halvings);
};

export interface CoinbasePlan {
  readonly height: number;
  /** Told apart from every other block of this chain, so that no two coinbases have the same txid. */
  readonly extraNonce: number;
  readonly value: bigint;
  readonly script: Script;
  readonly transactions: readonly ParsedTransaction[];
}

/** A coinbase as BIP 34 (its height) and BIP 141 (the witnesses' commitment) ask for, with its witness. */
export function coinbaseTransaction(plan: CoinbasePlan): Uint8Array {
  const tx = new Transaction();
  tx.version = 2;
  const scriptSig = concatBytes(pushNumber(plan.height), pushNumber(plan.extraNonce + 0x100));
  tx.addInput(new Uint8Array(32), 0xffff_ffff, 0xffff_ffff, scriptSig);
  tx.addOutput(plan.script, plan.value);
  const reserved = new Uint8Array(32);
  const witnessRoot = merkleRoot([new Uint8Array(32), ...plan.transactions.map((each) => each.witnessHash)]);
  tx.addOutput(concatBytes(fromHex('6a24aa21a9ed'), hash256(concatBytes(witnessRoot, reserved))), 0n);
  tx.setWitness(0, [reserved]);
  return tx.toBuffer();
}

/** The shortest push of a number that is not negative. */
function pushNumber(value: number): Uint8Array {
  if (value === 0) return Uint8Array.of(0);
  if (value <= 16) return Uint8Array.of(0x50 + value);
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  if (bytes.at(-1)! >= 0x80) bytes.push(0);
  return Uint8Array.of(bytes.length, ...bytes);
}

/** A header over these transactions, its nonce searched until the hash meets regtest's target. */
export function mineHeader(previous: BlockHash, time: number, transactions: readonly ParsedTransaction[]): Header {
  const bytes = new Uint8Array(80);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x2000_0000, true);
  bytes.set(blockHashBytes(previous), 4);
  bytes.set(merkleRoot(transactions.map((tx) => txidBytes(tx.txid))), 36);
  view.setUint32(68, time, true);
  view.setUint32(72, easyBits, true);
  for (let nonce = 0; ; nonce++) {
    view.setUint32(76, nonce, true);
    const hash = hash256(bytes);
    if (hash[31]! < 0x80) return { hash: blockHashOf(hash), previous, bytes };
  }
}

const zeroHash = '00'.repeat(32) as BlockHash;

/** The time of regtest's genesis block, seconds. */
export const genesisTime = 1_296_688_602;

/** A block as `submitblock` of a bitcoind takes it. */
export function blockBytes({ header, transactions }: Block): Uint8Array {
  const { length } = transactions;
  const count = length < 253 ? Uint8Array.of(length) : Uint8Array.of(253, length & 0xff, length >> 8);
  return concatBytes(header.bytes, count, ...transactions.map((tx) => tx.bytes));
}

/** Regtest's genesis block, the real one. */
export const genesis = {
  header: {
    hash: '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206' as BlockHash,
    previous: zeroHash,
    bytes: fromHex(
      `01000000${zeroHash}3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff7f2002000000`,
    ),
  },
  coinbase: fromHex(
    '01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054' +
      '696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f7574' +
      '20666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea' +
      '1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000',
  ),
} as const;
