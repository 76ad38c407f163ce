import { err, ok, type RawTransaction, type Result, type Sat, type Txid } from '@boltwright/base';
import type { ChainState } from './chain-state.ts';
import { type Candidate, checkForMempool, type MempoolContext, type MempoolOptions } from './check-mempool.ts';
import type { Mempool } from './mempool.ts';
import { type ParsedTransaction, parseTransaction } from './parsed-transaction.ts';
import { feeAt, minRelayFeerate } from './policy.ts';
import type { Refusal } from './refusal.ts';

/** What became of a transaction that was taken. */
export interface Accepted {
  readonly txid: Txid;
  readonly fee: Sat;
  /** Virtual bytes. */
  readonly vsize: number;
  /** Which transactions it pushed out of the mempool. */
  readonly replaced: readonly Txid[];
}

/** How many refusals are kept: a long run that nobody asks must not grow. */
const maxRefused = 10_000;

/** What lets transactions into the mempool, one by one or as packages, and remembers what it turned away. */
export class MempoolGate {
  /** Satoshis per 1000 virtual bytes below which nothing is taken but in a package. */
  minFeerate = minRelayFeerate;
  readonly #state: ChainState;
  readonly #mempool: Mempool;
  readonly #onAccepted: ((tx: RawTransaction) => void) | undefined;
  #refused: Refusal[] = [];

  constructor(state: ChainState, mempool: Mempool, onAccepted: ((tx: RawTransaction) => void) | undefined) {
    this.#state = state;
    this.#mempool = mempool;
    this.#onAccepted = onAccepted;
  }

  get refused(): readonly Refusal[] {
    return this.#refused;
  }

  takeRefused(): readonly Refusal[] {
    const refused = this.#refused;
    this.#refused = [];
    return refused;
  }

  refuse(refusal: Refusal): void {
    this.#refused.push(refusal);
    if (this.#refused.length > maxRefused) this.#refused.shift();
  }

  submit(tx: RawTransaction): Result<Accepted, Refusal> {
    const parsed = parseOrRefuse(tx);
    return parsed.ok ? this.#submitParsed(parsed.value) : parsed;
  }

  submitPackage(parentsFirst: readonly RawTransaction[]): Result<readonly Accepted[], Refusal> {
    const accepted: Accepted[] = [];
    for (let at = 0; at < parentsFirst.length; at++) {
      const parsed = parseOrRefuse(parentsFirst[at]!);
      if (!parsed.ok) return parsed;
      const alone = this.#submitParsed(parsed.value);
      if (alone.ok) {
        accepted.push(alone.value);
        continue;
      }
      const next = parentsFirst[at + 1];
      if (alone.error.kind === 'alreadyConfirmed') continue;
      if (alone.error.kind !== 'mempoolMinFee' || next === undefined) return alone;
      const child = parseOrRefuse(next);
      if (!child.ok) return child;
      const pair = this.#submitPair(parsed.value, child.value);
      if (!pair.ok) return pair;
      accepted.push(...pair.value);
      at += 1;
    }
    return ok(accepted);
  }

  /** Offers everything to the mempool anew, what was in blocks first; it drops what the new chain made invalid. */
  refill(disconnected: readonly ParsedTransaction[]): void {
    const waiting = this.#mempool.entries().map((entry) => entry.tx);
    this.#mempool.clear();
    const back = disconnected.filter((tx) => !tx.coinbase);
    for (const tx of [...back, ...waiting]) {
      if (this.#mempool.get(tx.txid) !== undefined) continue;
      const candidate = this.#check(tx, { fromBlock: true });
      if (candidate.ok) {
        this.#mempool.remove(candidate.value.replaced);
        this.#mempool.add(tx, candidate.value.fee);
      } else if (candidate.error.kind !== 'alreadyConfirmed') {
        this.refuse(candidate.error);
      }
    }
  }

  #context(): MempoolContext {
    const height = this.#state.tip.height + 1;
    return {
      mempool: this.#mempool,
      spend: {
        height,
        coin: (key) => this.#state.coins.get(key) ?? this.#mempool.coin(key),
        medianTime: (at) => this.#state.medianTime(at),
      },
      scripts: (tx, coins, rules) => this.#state.scripts.check(tx, coins, rules),
      isConfirmed: (txid) => this.#state.blockOf(txid) !== undefined,
      minFeerate: this.minFeerate,
    };
  }

  #check(tx: ParsedTransaction, options?: MempoolOptions): Result<Candidate, Refusal> {
    return checkForMempool(tx, this.#context(), options);
  }

  #submitParsed(tx: ParsedTransaction): Result<Accepted, Refusal> {
    const waiting = this.#mempool.get(tx.txid);
    if (waiting !== undefined) return ok({ txid: tx.txid, fee: waiting.fee, vsize: waiting.tx.vsize, replaced: [] });
    const candidate = this.#check(tx);
    return candidate.ok ? ok(this.#take(candidate.value)) : candidate;
  }

  #submitPair(parent: ParsedTransaction, child: ParsedTransaction): Result<readonly Accepted[], Refusal> {
    const first = this.#check(parent, { inPackage: true });
    if (!first.ok) return first;
    if (first.value.replaced.size > 0 || !child.inputs.some((input) => input.outpoint.txid === parent.txid)) {
      const message = 'a parent below the minimum needs a child that spends from it, and may replace nothing';
      return err({ kind: 'package', txid: parent.txid, message });
    }
    this.#mempool.add(parent, first.value.fee);
    const second = this.#check(child, { inPackage: true });
    this.#mempool.remove([parent.txid]);
    if (!second.ok) return second;
    const least = feeAt(this.minFeerate, parent.vsize + child.vsize);
    const fees = first.value.fee + second.value.fee;
    if (fees < least) {
      return err({ kind: 'mempoolMinFee', txid: child.txid, message: `the pair pays ${fees} sat, less than ${least}` });
    }
    return ok([this.#take(first.value), this.#take(second.value)]);
  }

  #take({ tx, fee, replaced }: Candidate): Accepted {
    this.#mempool.remove(replaced);
    this.#mempool.add(tx, fee);
    this.#onAccepted?.(tx.raw);
    return { txid: tx.txid, fee, vsize: tx.vsize, replaced: [...replaced] };
  }
}

/** Takes a transaction apart, or says why it is none. */
export function parseOrRefuse(tx: RawTransaction): Result<ParsedTransaction, Refusal> {
  const parsed = parseTransaction(tx);
  return parsed.ok ? parsed : err({ kind: 'malformed', txid: tx.txid, message: parsed.error });
}
