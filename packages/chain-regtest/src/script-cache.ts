import type { TxOut } from '@boltwright/base';
import type { ParsedTransaction } from './parsed-transaction.ts';
import { checkScripts, type ScriptFailure, type ScriptRules } from './script-check.ts';

const maxRemembered = 20_000;

/**
 * Remembers which transactions' scripts hold, so that each is run once. The key is the id over witnesses too: it says
 * all that a script sees, since the coins spent are named by their transactions' ids.
 */
export class ScriptCache {
  readonly #good = new Set<string>();

  /** How many transactions are remembered. */
  get size(): number {
    return this.#good.size;
  }

  check(tx: ParsedTransaction, spent: readonly TxOut[], rules: ScriptRules): ScriptFailure | undefined {
    // what holds under the stricter rules for relaying holds in a block
    if (this.#good.has(`standard ${tx.wtxid}`) || this.#good.has(`${rules} ${tx.wtxid}`)) return undefined;
    const failure = checkScripts(tx, spent, rules);
    if (failure !== undefined) return failure;
    if (this.#good.size >= maxRemembered) {
      const oldest = this.#good.values().next();
      if (oldest.done !== true) this.#good.delete(oldest.value);
    }
    this.#good.add(`${rules} ${tx.wtxid}`);
    return undefined;
  }
}
