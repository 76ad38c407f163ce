import { copyBytes, err, ok, type Result } from '@boltwright/base';
import type { KeyValueStore, RecordKey, StoreError, StoreHandle, Write } from '@boltwright/interfaces';
import { ownBatch, Records } from './records.ts';
import { MemoryStoreFailure } from './store-failure.ts';

interface Database {
  epoch: number;
  readonly records: Records;
}

interface PendingCommit {
  readonly handle: Handle;
  readonly batch: readonly Write[];
  readonly answer: (result: Result<void, StoreError>) => void;
}

/** A handle that can also commit without a promise, for synchronous simulations. */
export interface MemoryStoreHandle extends StoreHandle {
  /** The epoch that opening took; those before it are fenced. */
  readonly epoch: number;
  /**
   * As `commit`, answered on return and never held.
   *
   * @throws Error while commits of this store are held: order would be lost.
   */
  commitNow(batch: readonly Write[]): Result<void, StoreError>;
  /** The record as it is durable now. */
  readNow(key: RecordKey): Uint8Array | undefined;
  /** The records as they are durable now, in key order. */
  listNow(prefix: string): readonly (readonly [RecordKey, Uint8Array])[];
}

/**
 * A `KeyValueStore` in memory, for tests and for trying things out: what is committed outlives handles, not the
 * process. A test can make it answer late, fail, and forget what was not committed. It uses no timer: where commits
 * are not held, promises resolve in microtasks.
 */
export class MemoryStore implements KeyValueStore {
  readonly #databases = new Map<string, Database>();
  #pending: PendingCommit[] = [];
  #held = false;
  #failures: { readonly message: string; readonly durable: boolean }[] = [];
  #commits = 0;

  async open(name: string): Promise<MemoryStoreHandle> {
    return this.openNow(name);
  }

  /** As `open`, without a promise. */
  openNow(name: string): MemoryStoreHandle {
    let database = this.#databases.get(name);
    if (database === undefined) {
      database = { epoch: 0, records: new Records() };
      this.#databases.set(name, database);
    }
    database.epoch += 1;
    return new Handle(this.#core, database);
  }

  /** How many commits became durable since this store was made. */
  get commits(): number {
    return this.#commits;
  }

  /** How many commits wait to be released. */
  get pendingCommits(): number {
    return this.#pending.length;
  }

  /** From now on commits wait, neither durable nor answered, until they are released. */
  hold(): void {
    this.#held = true;
  }

  /**
   * Lets the `count` oldest waiting commits through, in order, and goes on holding; without a count lets all through
   * and stops holding.
   *
   * @returns how many were let through.
   */
  release(count?: number): number {
    if (count === undefined) this.#held = false;
    const released = this.#pending.splice(0, count ?? this.#pending.length);
    for (const commit of released) commit.answer(this.#write(commit.handle, commit.batch));
    return released.length;
  }

  /**
   * The next commit to be written fails; called again, the one after it too.
   *
   * @param options.durable - the batch is on the medium all the same: only the answer is an error.
   */
  failNextCommit(options: { readonly message?: string; readonly durable?: boolean } = {}): void {
    this.#failures.push({ message: options.message ?? 'told to fail', durable: options.durable ?? false });
  }

  /**
   * The process dies: every open handle is over, and waiting commits are lost but for the `durable` oldest ones, which
   * had reached the medium unanswered. Their promises, and all later calls of the old handles, reject with `failed`.
   * What was told about holding and failing is forgotten; `open` works again.
   */
  crash(options: { readonly durable?: number } = {}): void {
    const pending = this.#pending;
    this.#pending = [];
    this.#held = false;
    this.#failures = [];
    for (const commit of pending.splice(0, options.durable ?? 0)) {
      this.#write(commit.handle, commit.batch);
      pending.push(commit);
    }
    for (const database of this.#databases.values()) database.epoch += 1;
    this.#crashes += 1;
    for (const commit of pending) commit.answer(err(crashed));
  }

  /** A store of its own with what is durable now: what a restart would find if the process died here. */
  fork(): MemoryStore {
    const copy = new MemoryStore();
    for (const [name, { epoch, records }] of this.#databases) {
      copy.#databases.set(name, { epoch, records: records.copy() });
    }
    return copy;
  }

  /** One fork for each number of waiting commits that may have become durable: none, the oldest, … all of them. */
  forks(): readonly MemoryStore[] {
    return Array.from({ length: this.#pending.length + 1 }, (_, durable) => {
      const copy = this.fork();
      for (const { handle, batch } of this.#pending.slice(0, durable)) {
        for (const [name, database] of this.#databases) {
          if (database === handle.database && handle.epoch === database.epoch) {
            copy.#databases.get(name)?.records.apply(batch);
          }
        }
      }
      return copy;
    });
  }

  #crashes = 0;

  readonly #core: StoreCore = {
    crashes: () => this.#crashes,
    held: () => this.#held || this.#pending.length > 0,
    write: (handle, batch) => this.#write(handle, batch),
    wait: (commit) => this.#pending.push(commit),
  };

  #write(handle: Handle, batch: readonly Write[]): Result<void, StoreError> {
    const refused = handle.refusal();
    if (refused !== undefined) return err(refused);
    const failure = this.#failures.shift();
    if (failure === undefined || failure.durable) {
      handle.database.records.apply(batch);
      this.#commits += 1;
    }
    if (failure === undefined) return ok(undefined);
    const error: StoreError = { kind: 'failed', message: failure.message };
    handle.failed = error;
    return err(error);
  }
}

const crashed: StoreError = { kind: 'failed', message: 'the store crashed' };
const closed: StoreError = { kind: 'failed', message: 'the handle is closed' };

interface StoreCore {
  crashes(): number;
  held(): boolean;
  write(handle: Handle, batch: readonly Write[]): Result<void, StoreError>;
  wait(commit: PendingCommit): void;
}

class Handle implements MemoryStoreHandle {
  readonly epoch: number;
  readonly database: Database;
  failed: StoreError | undefined;
  #closed = false;
  readonly #core: StoreCore;
  readonly #crashes: number;

  constructor(core: StoreCore, database: Database) {
    this.#core = core;
    this.#crashes = core.crashes();
    this.database = database;
    this.epoch = database.epoch;
  }

  /** Why a commit of this handle that is written now is refused. */
  refusal(): StoreError | undefined {
    if (this.#core.crashes() !== this.#crashes) return crashed;
    if (this.failed !== undefined) return this.failed;
    if (this.database.epoch !== this.epoch) {
      return { kind: 'fenced', message: `epoch ${this.epoch} is over: the store was opened as ${this.database.epoch}` };
    }
    return undefined;
  }

  async read(key: RecordKey): Promise<Uint8Array | undefined> {
    this.#requireReadable();
    return this.readNow(key);
  }

  async *list(prefix: string): AsyncGenerator<readonly [RecordKey, Uint8Array]> {
    this.#requireReadable();
    yield* this.listNow(prefix);
  }

  readNow(key: RecordKey): Uint8Array | undefined {
    const value = this.database.records.get(key);
    return value === undefined ? undefined : copyBytes(value);
  }

  listNow(prefix: string): readonly (readonly [RecordKey, Uint8Array])[] {
    return this.database.records.withPrefix(prefix).map(([key, value]) => [key, copyBytes(value)] as const);
  }

  commit(batch: readonly Write[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const own = ownBatch(batch);
      const answer = (result: Result<void, StoreError>): void => {
        if (result.ok) resolve();
        else reject(new MemoryStoreFailure(result.error));
      };
      if (this.#closed) answer(err(closed));
      else if (this.#core.held()) this.#core.wait({ handle: this, batch: own, answer });
      else answer(this.#core.write(this, own));
    });
  }

  commitNow(batch: readonly Write[]): Result<void, StoreError> {
    if (this.#core.held()) throw new Error('commits of this store are held: commitNow would overtake them');
    return this.#closed ? err(closed) : this.#core.write(this, ownBatch(batch));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** Closing lets through what was committed before, and takes nothing new. */
  #newRefusal(): StoreError | undefined {
    return this.#closed ? closed : this.refusal();
  }

  #requireReadable(): void {
    const refused = this.#newRefusal();
    if (refused !== undefined) throw new MemoryStoreFailure(refused);
  }
}
