import {
  type Block,
  type BlockHash,
  type BlockHeight,
  fromHex,
  type RawTransaction,
  type Script,
  sat,
  type Txid,
  toHex,
  txid,
} from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { BlockLocation, ChainListener } from '@boltwright/interfaces';
import { toRawTransaction } from '@boltwright/transactions';

const hashOf = (height: number, branch: number): BlockHash =>
  `${branch.toString(16).padStart(8, '0')}${height.toString(16).padStart(56, '0')}` as BlockHash;

/** Blocks of whatever was broadcast; nothing is checked (the real chain's checks are in the story with real crypto). */
export class SimChain {
  readonly blocks: Block[] = [];
  readonly mempool = new Map<Txid, RawTransaction>();
  #branch = 0;
  readonly #mined = new Set<Txid>();

  constructor() {
    this.mine(100);
  }

  get tip(): BlockLocation {
    return { hash: this.blocks.at(-1)!.header.hash, height: (this.blocks.length - 1) as BlockHeight };
  }

  /** Milliseconds since 1970: after the best block. */
  get now(): number {
    return Math.max(1_700_100_000, 1_700_000_060 + (this.blocks.length - 1) * 600) * 1000;
  }

  broadcastPackage(transactions: readonly RawTransaction[]): void {
    for (const transaction of transactions) {
      if (!this.#mined.has(transaction.txid)) this.mempool.set(transaction.txid, transaction);
    }
  }

  mine(count = 1): void {
    for (let i = 0; i < count; i++) {
      const height = this.blocks.length;
      const transactions = [...this.mempool.values()];
      this.mempool.clear();
      for (const transaction of transactions) this.#mined.add(transaction.txid);
      const bytes = new Uint8Array(80);
      new DataView(bytes.buffer).setUint32(68, 1_700_000_000 + height * 600, true);
      const previous = this.blocks.at(-1)?.header.hash ?? ('00'.repeat(32) as BlockHash);
      this.blocks.push({ header: { hash: hashOf(height, this.#branch), previous, bytes }, transactions });
    }
  }

  /** Takes `depth` blocks out; their transactions wait again. */
  reorg(depth: number): BlockLocation {
    for (const block of this.blocks.splice(this.blocks.length - depth)) {
      for (const transaction of block.transactions) {
        this.#mined.delete(transaction.txid);
        this.mempool.set(transaction.txid, transaction);
      }
    }
    this.#branch++;
    return this.tip;
  }

  /** Tells a listener what it missed. */
  sync(listener: ChainListener): void {
    for (let height = listener.tip().height + 1; height < this.blocks.length; height++) {
      listener.blockConnected(this.blocks[height]!, height as BlockHeight);
    }
  }
}

/** A transaction that pays a script, out of nowhere. */
export function payTo(
  crypto: CryptoBackend,
  entropy: Uint8Array,
  outputs: readonly { value: bigint; script: Script }[],
): RawTransaction {
  return toRawTransaction(crypto, {
    version: 2,
    lockTime: 0,
    inputs: [
      {
        outpoint: { txid: txid(toHex(entropy)), vout: 0 },
        sequence: 0xffff_fffd,
        scriptSig: new Uint8Array(0),
        witness: [fromHex('51')],
      },
    ],
    outputs: outputs.map(({ value, script }) => ({ value: sat(value), script })),
  });
}
