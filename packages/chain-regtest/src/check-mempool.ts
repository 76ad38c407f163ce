import { err, ok, type Result, type Sat, type Txid } from '@boltwright/base';
import { checkSpend, type SpendContext } from './check-spend.ts';
import { checkStandard, checkStandardInputs } from './check-standard.ts';
import type { Coin } from './coins.ts';
import type { Mempool } from './mempool.ts';
import type { ParsedTransaction } from './parsed-transaction.ts';
import { feeAt, incrementalRelayFeerate, maxChain, maxChainBytes, maxReplaced, minRelayFeerate } from './policy.ts';
import type { Refusal } from './refusal.ts';
import type { ScriptFailure, ScriptRules } from './script-check.ts';

export interface MempoolContext {
  readonly mempool: Mempool;
  /** Coins are those of the chain and of the mempool, spent in the mempool or not. */
  readonly spend: SpendContext;
  scripts(tx: ParsedTransaction, coins: readonly Coin[], rules: ScriptRules): ScriptFailure | undefined;
  isConfirmed(txid: Txid): boolean;
  /** Satoshis per 1000 virtual bytes below which the mempool takes nothing now. */
  readonly minFeerate: bigint;
}

export interface MempoolOptions {
  /** The mempool's minimum is met by a package that this is part of. The relay minimum stays. */
  readonly inPackage?: boolean;
  /** It was in a block that is one no more: it comes back whatever it pays and however long its chain is. */
  readonly fromBlock?: boolean;
}

/** What the mempool would take. */
export interface Candidate {
  readonly tx: ParsedTransaction;
  readonly fee: Sat;
  /** What goes for it: those that spend the same coins, and all that spends from them. */
  readonly replaced: ReadonlySet<Txid>;
}

/** Judges a transaction by Bitcoin Core's rules for its mempool; changes nothing. */
export function checkForMempool(
  tx: ParsedTransaction,
  context: MempoolContext,
  options: MempoolOptions = {},
): Result<Candidate, Refusal> {
  const { txid } = tx;
  if (context.isConfirmed(txid)) return err({ kind: 'alreadyConfirmed', txid, message: 'it is in a block' });
  const standard = checkStandard(tx);
  if (!standard.ok) return standard;
  const spend = checkSpend(tx, context.spend);
  if (!spend.ok) return spend;
  const { coins, fee } = spend.value;
  const inputs = checkStandardInputs(tx, coins);
  if (!inputs.ok) return inputs;
  if (options.fromBlock !== true) {
    const pays = checkFee(tx, fee, context, options);
    if (!pays.ok) return pays;
  }
  const replaced = checkReplacement(tx, fee, context.mempool);
  if (!replaced.ok) return replaced;
  if (options.fromBlock !== true) {
    const chain = checkChain(tx, context.mempool, replaced.value);
    if (!chain.ok) return chain;
  }
  const failure = context.scripts(tx, coins, 'standard');
  if (failure !== undefined) {
    return err({ kind: 'script', txid, input: failure.input, message: failure.reason });
  }
  return ok({ tx, fee, replaced: replaced.value });
}

function checkFee(
  tx: ParsedTransaction,
  fee: Sat,
  context: MempoolContext,
  options: MempoolOptions,
): Result<void, Refusal> {
  const { txid, vsize } = tx;
  const relay = feeAt(minRelayFeerate, vsize);
  if (fee < relay) return err({ kind: 'minRelayFee', txid, message: `${fee} sat for ${vsize} vB are below ${relay}` });
  const minimum = feeAt(context.minFeerate, vsize);
  if (fee < minimum && options.inPackage !== true) {
    return err({ kind: 'mempoolMinFee', txid, message: `${fee} sat for ${vsize} vB are below ${minimum}` });
  }
  return ok(undefined);
}

/** BIP 125's rules 2 to 5, for every transaction whether it signals or not (full RBF), and Core's on feerates. */
function checkReplacement(tx: ParsedTransaction, fee: Sat, mempool: Mempool): Result<ReadonlySet<Txid>, Refusal> {
  const { txid, vsize } = tx;
  const direct = mempool.conflicts(tx);
  if (direct.size === 0) return ok(new Set());
  const replaced = mempool.descendants(direct);
  if (replaced.size > maxReplaced) {
    const message = `it replaces ${replaced.size} transactions, more than ${maxReplaced}`;
    return err({ kind: 'replacementTooMany', txid, message });
  }
  const known = new Set<Txid>();
  for (const conflict of direct) for (const parent of mempool.get(conflict)?.parents ?? []) known.add(parent);
  for (const [input, { outpoint }] of tx.inputs.entries()) {
    if (replaced.has(outpoint.txid)) {
      return err({
        kind: 'spendsConflict',
        txid,
        input,
        message: `it spends from ${outpoint.txid}, which it replaces`,
      });
    }
    if (mempool.get(outpoint.txid) !== undefined && !known.has(outpoint.txid)) {
      const message = `it adds the unconfirmed ${outpoint.txid}`;
      return err({ kind: 'replacementNewUnconfirmed', txid, input, message });
    }
  }
  const conflictingAncestor = [...mempool.ancestors(mempool.parentsOf(tx))].find((ancestor) => replaced.has(ancestor));
  if (conflictingAncestor !== undefined) {
    return err({ kind: 'spendsConflict', txid, message: `it descends from ${conflictingAncestor}, which it replaces` });
  }
  for (const conflict of direct) {
    const entry = mempool.get(conflict)!;
    if (fee * BigInt(entry.tx.vsize) <= entry.fee * BigInt(vsize)) {
      const message = `${fee} sat for ${vsize} vB are no higher feerate than ${entry.fee} sat for ${entry.tx.vsize} vB`;
      return err({ kind: 'replacementFee', txid, message });
    }
  }
  let replacedFees = 0n;
  for (const each of replaced) replacedFees += mempool.get(each)!.fee;
  const least = replacedFees + feeAt(incrementalRelayFeerate, vsize);
  if (fee < least) {
    const message = `it pays ${fee} sat, and replacing ${replacedFees} sat of fees takes ${least}`;
    return err({ kind: 'replacementFee', txid, message });
  }
  return ok(replaced);
}

function checkChain(tx: ParsedTransaction, mempool: Mempool, replaced: ReadonlySet<Txid>): Result<void, Refusal> {
  const size = (txids: Iterable<Txid>): number => {
    let total = tx.vsize;
    for (const txid of txids) total += mempool.get(txid)!.tx.vsize;
    return total;
  };
  const { txid } = tx;
  const ancestors = mempool.ancestors(mempool.parentsOf(tx));
  if (ancestors.size + 1 > maxChain || size(ancestors) > maxChainBytes) {
    return err({ kind: 'tooLongChain', txid, message: `with ${ancestors.size} unconfirmed ancestors it is too many` });
  }
  for (const ancestor of ancestors) {
    const descendants = [...mempool.descendants([ancestor])].filter((each) => !replaced.has(each));
    if (descendants.length + 1 > maxChain || size(descendants) > maxChainBytes) {
      const message = `${ancestor} would have ${descendants.length} unconfirmed descendants`;
      return err({ kind: 'tooLongChain', txid, message });
    }
  }
  return ok(undefined);
}
