import type { Result } from '@boltwright/base';
import type { RecordKey, StoreError, TurnId, TurnListener, Write } from '@boltwright/interfaces';
import { Listeners } from './listeners.ts';
import { batchOf, type EndedTurn, Stage } from './stage.ts';
import type { Turns } from './turns.ts';

/** The part of a store that answers at once; `@boltwright/store-memory`'s handle is one. */
export interface SyncStoreHandle {
  /** As `StoreHandle.commit`, answered on return. */
  commitNow(batch: readonly Write[]): Result<void, StoreError>;
}

/** {@link Turns} that become durable only when told to: a simulator decides when, and how many at once. */
export interface SyncTurns extends Turns {
  /** The turns that have ended and are not durable, oldest first. */
  pending(): readonly TurnId[];
  /**
   * Commits the oldest `count` pending turns as one batch and tells the listeners before it returns.
   *
   * @returns how many turns became durable: fewer where fewer waited, 0 once the store has failed.
   */
  commitNext(count?: number): number;
  /** Commits turn by turn until none waits, also those that listeners end meanwhile; how many became durable. */
  commitAll(): number;
}

/**
 * Joins a store to the core's turns without a promise: the same seams as `createTurns`, for deterministic simulations.
 *
 * Failure: as `createTurns`.
 */
export function createSyncTurns(handle: SyncStoreHandle): SyncTurns {
  return new SteppedCommit(handle);
}

class SteppedCommit implements SyncTurns {
  readonly #handle: SyncStoreHandle;
  readonly #stage = new Stage();
  readonly #listeners = new Listeners();
  readonly #ended: EndedTurn[] = [];

  constructor(handle: SyncStoreHandle) {
    this.#handle = handle;
  }

  get failure(): StoreError | undefined {
    return this.#listeners.failure;
  }

  put(key: RecordKey, value: Uint8Array): void {
    this.#stage.stage({ kind: 'put', key, value });
  }

  delete(key: RecordKey): void {
    this.#stage.stage({ kind: 'delete', key });
  }

  endTurn(): TurnId | undefined {
    const turn = this.#stage.end();
    if (turn !== undefined && this.failure === undefined) this.#ended.push(turn);
    return turn?.id;
  }

  addListener(listener: TurnListener): () => void {
    return this.#listeners.add(listener);
  }

  pending(): readonly TurnId[] {
    return this.#ended.map((turn) => turn.id);
  }

  commitNext(count = 1): number {
    if (!Number.isInteger(count) || count < 1) throw new RangeError(`${count} is no number of turns: 1 or more is`);
    const turns = this.#ended.splice(0, count);
    if (turns.length === 0) return 0;
    const written = this.#handle.commitNow(batchOf(turns));
    if (!written.ok) {
      this.#ended.length = 0;
      this.#listeners.failed(written.error);
      return 0;
    }
    this.#listeners.committed(turns);
    return turns.length;
  }

  commitAll(): number {
    let total = 0;
    for (let done = this.commitNext(); done > 0; done = this.commitNext()) total += done;
    return total;
  }
}
