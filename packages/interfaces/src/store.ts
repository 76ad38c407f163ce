import type { Brand } from '@boltwright/base';

/** Segments of `[0-9a-z_-]` joined by `/`, up to 200 characters; ordered by their bytes. */
export type RecordKey = Brand<string, 'RecordKey'>;
/** Counts up by one a turn. */
export type TurnId = Brand<number, 'TurnId'>;

/**
 * What the core stages a turn in. No promise in sight: what was staged goes to the store as one atomic batch after
 * `endTurn`, and the outcome comes back to each `TurnListener`.
 */
export interface TurnWriter {
  put(key: RecordKey, value: Uint8Array): void;
  delete(key: RecordKey): void;
  /** Ends the turn; undefined where nothing was staged (there is nothing to wait for). */
  endTurn(): TurnId | undefined;
}

/** Hears of turns, in order. */
export interface TurnListener {
  /** This turn, and every one before it, is durable. */
  turnCommitted(turn: TurnId): void;
  /** No turn after the last committed one is, or will be, durable until the store is opened anew. */
  storeFailed(error: StoreError): void;
}

/** Why nothing is durable any more. */
export type StoreError =
  /** Another process opened the store: this one is over. */
  { readonly kind: 'fenced'; readonly message: string } | { readonly kind: 'failed'; readonly message: string };

/** One change of a batch; a `put` replaces. */
export type Write =
  | { readonly kind: 'put'; readonly key: RecordKey; readonly value: Uint8Array }
  | { readonly kind: 'delete'; readonly key: RecordKey };

/** LMDB, a log of files, memory, IndexedDB, PostgreSQL … */
export interface KeyValueStore {
  /** Takes a new epoch: handles opened before are fenced. */
  open(name: string): Promise<StoreHandle>;
}

/** A store that was opened, until a later `open` fences it. */
export interface StoreHandle {
  read(key: RecordKey): Promise<Uint8Array | undefined>;
  /** In key order. */
  list(prefix: string): AsyncIterable<readonly [RecordKey, Uint8Array]>;
  /**
   * All or nothing; flushed to the medium when it resolves; in call order.
   *
   * Failure: rejects with a {@link StoreFailure}; after one failure all fail until the store is opened anew.
   */
  commit(batch: readonly Write[]): Promise<void>;
  close(): Promise<void>;
}

/** What a `StoreHandle` rejects with. */
export interface StoreFailure extends Error {
  readonly error: StoreError;
}
