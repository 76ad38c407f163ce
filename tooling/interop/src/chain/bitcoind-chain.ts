import {
  type Block,
  type BlockHash,
  blockHash,
  blockHashOf,
  blockHeight,
  feeratePerKw,
  fromHex,
  type RawTransaction,
  type Sat,
  type Script,
  type Txid,
  toHex,
  txid,
} from '@boltwright/base';
import type { BlockLocation, BroadcasterInterface, ChainListener, FeeEstimator } from '@boltwright/interfaces';
import { Block as BitcoinBlock } from 'bitcoinjs-lib';
import { BitcoindProcess, RpcError } from './bitcoind-process.ts';
import { blockTime } from './block-time.ts';
import type { StoryChain } from './story-chain.ts';

/** What a refusal says of a transaction that is in the mempool or in a block already. */
const known = [
  'already in mempool',
  'txn-already-in-mempool',
  'txn-already-known',
  'already in block chain',
  'already in utxo set',
];

/** A real bitcoind, mined by the story: every transaction passes its mempool and is mined by it. */
export class BitcoindChain implements StoryChain {
  readonly name = 'bitcoind';
  readonly fees: FeeEstimator;
  readonly broadcaster: BroadcasterInterface;
  readonly #bitcoind: BitcoindProcess;
  readonly #listeners = new Set<ChainListener>();
  readonly #refusals: { txid: Txid; reason: string }[] = [];
  readonly #accepted = new Set<Txid>();
  #tip: BlockLocation;
  #miner: string;
  #feerate = 1000;
  #now = Date.now();
  #sending: Promise<void> = Promise.resolve();

  private constructor(bitcoind: BitcoindProcess, tip: BlockLocation, miner: string) {
    this.#bitcoind = bitcoind;
    this.#tip = tip;
    this.#miner = miner;
    this.fees = { feerate: () => feeratePerKw(this.#feerate) };
    this.broadcaster = {
      broadcastPackage: (transactions) => {
        this.#sending = this.#sending.then(() => this.#send(transactions));
      },
    };
  }

  static async start(program: string): Promise<BitcoindChain> {
    const bitcoind = await BitcoindProcess.start(program);
    await bitcoind.call('createwallet', 'miner');
    const miner = String(await bitcoind.call('getnewaddress'));
    await bitcoind.call('generatetoaddress', 101, miner);
    const hash = blockHash(String(await bitcoind.call('getbestblockhash')));
    return new BitcoindChain(bitcoind, { hash, height: blockHeight(101) }, miner);
  }

  setFeerate(rate: number): void {
    this.#feerate = rate;
  }

  tip(): BlockLocation {
    return this.#tip;
  }

  now(): number {
    return this.#now;
  }

  attach(listener: ChainListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async mine(count: number): Promise<void> {
    await this.#sending;
    const hashes = (await this.#bitcoind.call('generatetoaddress', count, this.#miner)) as readonly string[];
    for (const hash of hashes) await this.#connect(blockHash(hash));
  }

  async fund(script: Script, value: Sat): Promise<void> {
    // `sendtoaddress` takes addresses alone: the descriptor of a raw script has none, so bitcoind decodes it first
    const decoded = (await this.#bitcoind.call('decodescript', toHex(script))) as { readonly address: string };
    const amount = `${value / 100_000_000n}.${(value % 100_000_000n).toString().padStart(8, '0')}`;
    await this.#bitcoind.call('sendtoaddress', decoded.address, amount);
    await this.mine(1);
  }

  async mempool(): Promise<readonly Txid[]> {
    await this.#sending;
    return ((await this.#bitcoind.call('getrawmempool')) as readonly string[]).map(txid);
  }

  async confirmations(id: Txid): Promise<number> {
    await this.#sending;
    try {
      const found = (await this.#bitcoind.call('getrawtransaction', id, true)) as { readonly confirmations?: number };
      return found.confirmations ?? 0;
    } catch (error) {
      if (error instanceof RpcError) return 0;
      throw error;
    }
  }

  async transaction(id: Txid): Promise<RawTransaction | undefined> {
    await this.#sending;
    try {
      return { txid: id, bytes: fromHex(String(await this.#bitcoind.call('getrawtransaction', id))) };
    } catch (error) {
      if (error instanceof RpcError) return undefined;
      throw error;
    }
  }

  /** How many transactions the real mempool took from us. */
  accepted(): number {
    return this.#accepted.size;
  }

  async refusals(): Promise<readonly { readonly txid: Txid; readonly reason: string }[]> {
    await this.#sending;
    return this.#refusals;
  }

  async stop(): Promise<void> {
    await this.#sending;
    await this.#bitcoind.stop();
  }

  async #send(transactions: readonly RawTransaction[]): Promise<void> {
    for (const { txid: id, bytes } of transactions) {
      try {
        await this.#bitcoind.call('sendrawtransaction', toHex(bytes));
        this.#accepted.add(id);
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        const { message } = error;
        if (!known.some((text) => message.toLowerCase().includes(text)))
          this.#refusals.push({ txid: id, reason: message });
      }
    }
  }

  async #connect(hash: BlockHash): Promise<void> {
    const bytes = fromHex(String(await this.#bitcoind.call('getblock', hash, 0)));
    const parsed = BitcoinBlock.fromBuffer(bytes);
    const block: Block = {
      header: {
        hash,
        previous: blockHashOf(parsed.prevHash ?? new Uint8Array(32)),
        bytes: bytes.subarray(0, 80),
      },
      transactions: (parsed.transactions ?? []).map((transaction) => ({
        txid: txid(transaction.getId()),
        bytes: transaction.toBuffer(),
      })),
    };
    const height = blockHeight(this.#tip.height + 1);
    this.#tip = { hash, height };
    this.#now = blockTime(block.header);
    for (const listener of this.#listeners) listener.blockConnected(block, height);
  }
}
