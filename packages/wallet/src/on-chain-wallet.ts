import {
  type Block,
  type BlockHeight,
  copyBytes,
  err,
  type FeeratePerKw,
  type OutPointKey,
  ok,
  outPointKey,
  type RawTransaction,
  type Result,
  type Sat,
  type Script,
  type Txid,
  type TxOut,
  txidBytes,
  txidOf,
} from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { BlockLocation, ChainListener, TurnWriter } from '@boltwright/interfaces';
import type { FeeCoin, FeeWallet } from '@boltwright/monitor';
import { Transaction } from 'bitcoinjs-lib/src/transaction';
import type { PendingTransaction, WalletCoin, WalletUndo } from './coin-set.ts';
import { FeeCoins } from './fee-coins.ts';
import { KeyChain, type WalletKey } from './key-chain.ts';
import type { WalletNetwork } from './network.ts';
import { dustLimit, neededFor, type Selection, selectCoins } from './select-coins.ts';
import { signInput, signInputs } from './sign-inputs.ts';
import type { WalletError } from './wallet-error.ts';
import { encodeKeys, keysKey, type WalletRecords } from './wallet-records.ts';

/** What a node asks of the coins that fund its channels. */
export interface FundingWallet {
  /** A fresh script to receive on. */
  newScript(): Script;
  /** A signed transaction with these outputs first, in their order; its coins are locked until `release`. */
  buildFunding(outputs: readonly TxOut[], feerate: FeeratePerKw): Result<RawTransaction, WalletError>;
  /** Gives up a transaction that was never broadcast: its coins are free again. */
  release(txid: Txid): void;
  balance(): WalletBalance;
}

/** What the wallet has, in satoshis; a coin that a transaction of ours spends is left out, its change counts. */
export interface WalletBalance {
  /** Coins in blocks that no transaction of ours spends. */
  readonly confirmed: Sat;
  /** Change of transactions of ours that no block holds yet. */
  readonly unconfirmed: Sat;
}

/** What a wallet is made from. */
export interface WalletOptions {
  readonly crypto: CryptoBackend;
  /** 16 to 64 bytes (BIP 32). */
  readonly seed: Uint8Array;
  readonly network: WalletNetwork;
  /** A block before the first coin: the wallet knows nothing of earlier ones. It is brought to the tip from there. */
  readonly birthday: BlockLocation;
  /** Where keys handed out and coins kept for fees are written down, in the turn under way. Left out: nowhere. */
  readonly turns?: Pick<TurnWriter, 'put' | 'delete'>;
  /** What was written there before: see {@link readWalletRecords}. Its birthday is for the caller to pass on. */
  readonly records?: WalletRecords;
}

const coinbaseMaturity = 100;

/**
 * On-chain coins of one seed: P2WPKH by BIP 84, found in blocks, spent in transactions that fund channels, and by the
 * monitors for fees (`FeeWallet`).
 *
 * Its coins are in memory. After a restart, make it anew with the same birthday and its records, sync it, and `adopt` the
 * transactions that were built and may still be broadcast.
 */
export class OnChainWallet implements FundingWallet, FeeWallet, ChainListener {
  readonly #crypto: CryptoBackend;
  readonly #keys: KeyChain;
  readonly #coins = new Map<OutPointKey, WalletCoin>();
  readonly #pending = new Map<Txid, PendingTransaction>();
  readonly #locks = new Map<OutPointKey, Txid>();
  /** Ours, some of whose coins a reorg took away: they keep their locks, and wait again once the coins are back. */
  readonly #orphans = new Map<Txid, PendingTransaction>();
  readonly #birthday: BlockLocation;
  readonly #fees: FeeCoins;
  readonly #turns: WalletOptions['turns'];
  #undo: WalletUndo[] = [];
  #tip: BlockLocation;

  /** @throws Error on a seed of a length that BIP 32 does not take. */
  constructor({ crypto, seed, network, birthday, turns, records }: WalletOptions) {
    this.#crypto = crypto;
    this.#keys = new KeyChain(seed, network, crypto, records?.keys?.next);
    this.#birthday = birthday;
    this.#tip = birthday;
    this.#turns = turns;
    this.#fees = new FeeCoins({
      crypto,
      turns,
      records: records?.fees ?? [],
      source: {
        spendable: (key) => {
          const coin = this.#coins.get(key);
          return coin !== undefined && this.#paysFees(coin, key) ? coin : undefined;
        },
        allSpendable: () => [...this.#coins].filter(([key, coin]) => this.#paysFees(coin, key)).map(([, coin]) => coin),
        newChangeKey: () => this.#nextKey(1),
        changeKey: (index) => this.#keys.handedOut(1, index),
      },
    });
    if (records?.keys === undefined) this.#writeKeys();
  }

  newScript(): Script {
    return copyBytes(this.#nextKey(0).script);
  }

  /** As `newScript`, as an address. */
  newAddress(): string {
    return this.#keys.address(this.#nextKey(0));
  }

  /** Whether a script is one of the wallet's, used or among the next ones. */
  isOurs(script: Script): boolean {
    return this.#keys.find(script) !== undefined;
  }

  balance(): WalletBalance {
    let confirmed = 0n;
    let unconfirmed = 0n;
    for (const coin of this.#free()) {
      if (coin.height === undefined) unconfirmed += coin.value;
      else confirmed += coin.value;
    }
    return { confirmed: confirmed as Sat, unconfirmed: unconfirmed as Sat };
  }

  /** Coins that no transaction of ours spends. */
  coins(): readonly WalletCoin[] {
    return this.#free();
  }

  /** Our transactions that no block holds, oldest first. */
  pending(): readonly RawTransaction[] {
    return [...this.#pending.values()].map(({ txid, bytes }) => ({ txid, bytes: copyBytes(bytes) }));
  }

  /**
   * Builds and signs a transaction that pays `outputs`, in their order, with change after them, and locks its coins.
   * Confirmed coins come first; unconfirmed change is spent only where they do not suffice.
   *
   * @param feerate - satoshis per 1000 weight units.
   * @throws RangeError without outputs, or below 253, the least that is relayed: the caller's mistakes.
   */
  buildFunding(outputs: readonly TxOut[], feerate: FeeratePerKw): Result<RawTransaction, WalletError> {
    if (outputs.length === 0) throw new RangeError('a transaction without outputs');
    if (feerate < 253) throw new RangeError(`${feerate} is below 253 sat/kw, the least that is relayed`);
    for (const [output, out] of outputs.entries()) {
      const limit = dustLimit(out);
      if (out.value < limit) {
        return err({ kind: 'dust', output, limit, message: `${out.value} sat are below ${limit}, the least relayed` });
      }
    }
    const spendable = this.#free().filter((coin) => this.#mature(coin));
    const confirmed = spendable.filter((coin) => coin.height !== undefined);
    const selection = selectCoins(confirmed, outputs, feerate) ?? selectCoins(spendable, outputs, feerate);
    if (selection === undefined) {
      const available = spendable.reduce((sum, coin) => sum + coin.value, 0n) as Sat;
      const needed = neededFor(spendable.length, outputs, feerate);
      const message = `${needed} sat are needed and ${available} are there`;
      return err({ kind: 'insufficientFunds', needed, available, message });
    }
    const tx = this.#sign(selection, outputs);
    const raw: RawTransaction = { txid: txidOf(tx.getHash()), bytes: tx.toBuffer() };
    this.#hold(raw, tx);
    return ok(raw);
  }

  release(txid: Txid): void {
    const pending = this.#pending.get(txid) ?? this.#orphans.get(txid);
    if (pending === undefined) return;
    this.#pending.delete(txid);
    this.#orphans.delete(txid);
    for (const key of pending.spends) if (this.#locks.get(key) === txid) this.#locks.delete(key);
    for (const key of pending.makes) {
      const spender = this.#locks.get(key);
      if (spender !== undefined) this.release(spender);
      const change = this.#coins.get(key)?.key;
      if (change?.branch === 1) this.#keys.giveBack(change);
      this.#coins.delete(key);
    }
  }

  /**
   * Takes back a transaction that was built before a restart: locks what it spends and counts its change. One that
   * a block holds, or that spends anything but free coins of ours, is left alone.
   *
   * @returns whether it waits now.
   */
  adopt(raw: RawTransaction): boolean {
    if (this.#pending.has(raw.txid)) return true;
    const tx = read(raw);
    if (tx === undefined) return false;
    const isFree = (key: OutPointKey): boolean => this.#coins.has(key) && !this.#locks.has(key);
    if (tx.ins.length === 0 || !tx.ins.map(keyOf).every(isFree)) return false;
    this.#hold({ txid: raw.txid, bytes: copyBytes(raw.bytes) }, tx);
    return true;
  }

  // ---- FeeWallet --------------------------------------------------------------------------------------------------

  /** Coins kept for a purpose until it is released, over reorgs and restarts; `balance` does not count them. */
  feeCoins(purpose: string, value: Sat, feerate: FeeratePerKw): readonly FeeCoin[] | undefined {
    return this.#fees.take(purpose, value, feerate);
  }

  changeScript(purpose: string): Script {
    return this.#fees.changeScript(purpose);
  }

  /** @throws RangeError for a coin that is none of the wallet's: the caller's mistake. */
  signFeeInput(transaction: RawTransaction, input: number, coin: FeeCoin): readonly Uint8Array[] {
    const key = this.#keys.find(coin.script);
    if (key === undefined) throw new RangeError(`${outPointKey(coin.outpoint)} is no coin of this wallet`);
    return signInput(Transaction.fromBuffer(transaction.bytes), input, { ...coin, key }, this.#keys, this.#crypto);
  }

  releaseFeeCoins(purpose: string): void {
    this.#fees.release(purpose);
  }

  // ---- ChainListener ----------------------------------------------------------------------------------------------

  tip(): BlockLocation {
    return this.#tip;
  }

  blockConnected(block: Block, height: BlockHeight): void {
    if (block.header.hash === this.#tip.hash) return;
    if (block.header.previous !== this.#tip.hash) {
      throw new RangeError(`block ${block.header.hash} does not stand on ${this.#tip.hash}`);
    }
    const spent: [OutPointKey, WalletCoin][] = [];
    const made: OutPointKey[] = [];
    const confirmed: PendingTransaction[] = [];
    for (const [index, raw] of block.transactions.entries()) {
      const tx = read(raw);
      if (tx === undefined) continue;
      const inputs = tx.ins.map(keyOf);
      const spends = inputs.filter((key) => this.#coins.has(key));
      // another transaction than ours may spend our coin: what waited on it will never be
      for (const key of inputs) {
        const waiting = this.#locks.get(key);
        if (waiting !== undefined && waiting !== raw.txid) this.release(waiting);
      }
      for (const key of spends) {
        spent.push([key, this.#coins.get(key)!]);
        this.#coins.delete(key);
        this.#locks.delete(key);
      }
      const makes = this.#receive(raw.txid, tx, height, index === 0);
      made.push(...makes);
      this.#pending.delete(raw.txid);
      this.#orphans.delete(raw.txid);
      // One with other inputs, too, pays a fee of a monitor's: should its block go, the monitor makes it again.
      if (spends.length > 0 && spends.length === inputs.length) {
        confirmed.push({ txid: raw.txid, bytes: raw.bytes, spends, makes });
      }
    }
    if (spent.length > 0 || made.length > 0) this.#undo.push({ height, spent, made, confirmed });
    this.#tip = { hash: block.header.hash, height };
    for (const orphan of this.#orphans.values()) this.#hold(orphan);
  }

  /** Our own transactions of the blocks that go wait again; what others sent us is gone until it is in a block again. */
  blocksDisconnected(forkPoint: BlockLocation): void {
    const confirmed: PendingTransaction[] = [];
    for (let last = this.#undo.at(-1); last !== undefined && last.height > forkPoint.height; last = this.#undo.at(-1)) {
      this.#undo.pop();
      for (const key of last.made) this.#coins.delete(key);
      for (const [key, coin] of last.spent) if (!last.made.includes(key)) this.#coins.set(key, coin);
      confirmed.unshift(...last.confirmed);
    }
    this.#tip = forkPoint;
    // Parents before children: what a block held cannot spend what still waited.
    const again = [...confirmed, ...this.#pending.values(), ...this.#orphans.values()];
    for (const { makes } of this.#pending.values()) for (const key of makes) this.#coins.delete(key);
    this.#pending.clear();
    this.#orphans.clear();
    this.#locks.clear();
    for (const tx of again) this.#hold(tx);
  }

  // ---- inside -----------------------------------------------------------------------------------------------------

  #free(): readonly WalletCoin[] {
    return [...this.#coins]
      .filter(([key]) => !this.#locks.has(key) && !this.#fees.isReserved(key))
      .map(([, coin]) => coin);
  }

  /** Whether a coin is one for fees: in a block, mature, and not spent by a transaction of the wallet's own. */
  #paysFees(coin: WalletCoin, key: OutPointKey): boolean {
    return coin.height !== undefined && !this.#locks.has(key) && this.#mature(coin);
  }

  #nextKey(branch: 0 | 1): WalletKey {
    const key = this.#keys.next(branch);
    this.#writeKeys();
    return key;
  }

  /** So that a restart looks for coins behind every key that was handed out, however many were never paid to. */
  #writeKeys(): void {
    this.#turns?.put(keysKey, encodeKeys({ birthday: this.#birthday, next: this.#keys.firstUnused() }));
  }

  #mature(coin: WalletCoin): boolean {
    return !coin.coinbase || this.#tip.height + 1 - (coin.height ?? this.#tip.height) >= coinbaseMaturity;
  }

  #sign({ coins, change }: Selection, outputs: readonly TxOut[]): Transaction {
    const tx = new Transaction();
    tx.version = 2;
    for (const { outpoint } of coins) tx.addInput(txidBytes(outpoint.txid), outpoint.vout, 0xffff_fffd);
    for (const { script, value } of outputs) tx.addOutput(script, value);
    if (change > 0n) tx.addOutput(this.#nextKey(1).script, change);
    signInputs(tx, coins, this.#keys, this.#crypto);
    return tx;
  }

  /**
   * Locks what a transaction of ours spends. Where all of that is there it waits for its block, and what comes back of it
   * counts; else it is an orphan until the coins are back.
   */
  #hold({ txid, bytes }: RawTransaction, tx = Transaction.fromBuffer(bytes)): void {
    const spends = tx.ins.map(keyOf);
    for (const key of spends) this.#locks.set(key, txid);
    if (spends.every((key) => this.#coins.has(key))) {
      this.#orphans.delete(txid);
      this.#pending.set(txid, { txid, bytes, spends, makes: this.#receive(txid, tx, undefined, false) });
    } else this.#orphans.set(txid, { txid, bytes, spends, makes: this.#ourOutputs(txid, tx) });
  }

  #ourOutputs(txid: Txid, tx: Transaction): readonly OutPointKey[] {
    return [...tx.outs.keys()]
      .filter((vout) => this.#keys.find(tx.outs[vout]!.script) !== undefined)
      .map((vout) => outPointKey({ txid, vout }));
  }

  #receive(txid: Txid, tx: Transaction, height: number | undefined, coinbase: boolean): readonly OutPointKey[] {
    const made: OutPointKey[] = [];
    for (const [vout, { script, value }] of tx.outs.entries()) {
      const key = this.#keys.find(script);
      if (key === undefined) continue;
      this.#keys.used(key);
      const outpoint = { txid, vout };
      this.#coins.set(outPointKey(outpoint), { outpoint, value: value as Sat, script, key, height, coinbase });
      made.push(outPointKey(outpoint));
    }
    return made;
  }
}

const keyOf = (input: { readonly hash: Uint8Array; readonly index: number }): OutPointKey =>
  outPointKey({ txid: txidOf(input.hash), vout: input.index });

/** The block source vouches for its transactions: one that cannot be read pays nobody we know. */
function read(raw: RawTransaction): Transaction | undefined {
  try {
    return Transaction.fromBuffer(raw.bytes);
  } catch {
    return undefined;
  }
}
