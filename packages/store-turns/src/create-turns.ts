import type { RecordKey, StoreError, StoreFailure, StoreHandle, TurnId, TurnListener } from '@boltwright/interfaces';
import { Listeners } from './listeners.ts';
import { batchOf, type EndedTurn, Stage } from './stage.ts';
import type { Turns } from './turns.ts';

/** {@link Turns} whose commits the store makes in its own time. */
export interface StoreTurns extends Turns {
  /** Resolves when every ended turn is durable and its listeners have heard so, or when the store has failed. */
  idle(): Promise<void>;
}

/**
 * Joins an opened store to the core's turns.
 *
 * Order: the first turn is committed as it ends; those that end while a commit is under way go out together in the
 * next one (group commit). Listeners hear of every turn in order, after the commit that it was part of, never from
 * within `endTurn`.
 *
 * Failure: after the store's first refusal `storeFailed` is called once, nothing is committed or reported any more,
 * and what is staged goes nowhere: open the store anew. A value put is handed over: do not change its bytes.
 */
export function createTurns(handle: StoreHandle): StoreTurns {
  return new GroupCommit(handle);
}

class GroupCommit implements StoreTurns {
  readonly #handle: StoreHandle;
  readonly #stage = new Stage();
  readonly #listeners = new Listeners();
  #ended: EndedTurn[] = [];
  #committing = false;
  #waiting: (() => void)[] = [];

  constructor(handle: StoreHandle) {
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
    if (turn !== undefined && this.failure === undefined) {
      this.#ended.push(turn);
      this.#commitEnded();
    }
    return turn?.id;
  }

  addListener(listener: TurnListener): () => void {
    return this.#listeners.add(listener);
  }

  idle(): Promise<void> {
    if (!this.#committing) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #commitEnded(): void {
    if (this.#committing || this.#ended.length === 0) return;
    const turns = this.#ended;
    this.#ended = [];
    this.#committing = true;
    commit(this.#handle, batchOf(turns)).then(
      () => this.#settle(() => this.#listeners.committed(turns)),
      (reason: unknown) =>
        this.#settle(() => {
          this.#ended = [];
          this.#listeners.failed(storeError(reason));
        }),
    );
  }

  /** Tells the listeners, then goes on; also where a listener throws, which is a bug of the listener and stays loud. */
  #settle(tell: () => void): void {
    try {
      tell();
    } finally {
      this.#committing = false;
      this.#commitEnded();
      if (!this.#committing) {
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const resolve of waiting) resolve();
      }
    }
  }
}

/** A handle that throws where it should reject is taken as one that rejects. */
async function commit(handle: StoreHandle, batch: Parameters<StoreHandle['commit']>[0]): Promise<void> {
  await handle.commit(batch);
}

const isFailure = (reason: unknown): reason is StoreFailure => reason instanceof Error && 'error' in reason;

function storeError(reason: unknown): StoreError {
  if (isFailure(reason)) return reason.error;
  return { kind: 'failed', message: reason instanceof Error ? reason.message : String(reason) };
}
