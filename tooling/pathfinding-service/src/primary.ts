import cluster, { type Worker } from 'node:cluster';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { err, ok, type Result } from '@boltwright/base';
import { AggregatorRegistry } from 'prom-client';
import type { PrimaryMessage, WorkerMessage } from './ipc-messages.ts';
import type { LoadError } from './load-error.ts';
import { type GraphSource, type PreparedSnapshot, prepareSnapshot } from './prepare-snapshot.ts';
import type { ReloadReport } from './reload-endpoint.ts';

export interface PrimaryOptions {
  readonly source: GraphSource;
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly workers: number;
  readonly pageFolder: string | undefined;
  /** The program that workers run. */
  readonly program: string;
  readonly log: (line: string) => void;
}

type Loaded = Extract<WorkerMessage, { kind: 'loaded' }>;

const stopMilliseconds = 15_000;
const loadMilliseconds = 60_000;
/** A worker that fell is replaced after this, doubled for each that fell within a minute. */
const firstRestartMilliseconds = 200;
const lastRestartMilliseconds = 30_000;

/** Starts the workers, replaces those that fall, has them load one after the other, and stops them. */
export class Primary {
  readonly #options: PrimaryOptions;
  readonly #folder: string;
  readonly #aggregator = new AggregatorRegistry();
  readonly #loads = new Map<number, (message: Loaded | undefined) => void>();
  readonly #listening = new Set<number>();
  #snapshot: PreparedSnapshot;
  #reloading: Promise<Result<ReloadReport, LoadError>> | undefined;
  #address: string | undefined;
  #stopping = false;
  #fallen: number[] = [];

  private constructor(options: PrimaryOptions, folder: string, snapshot: PreparedSnapshot) {
    this.#options = options;
    this.#folder = folder;
    this.#snapshot = snapshot;
  }

  /** Ready once every worker listens. */
  static async start(options: PrimaryOptions): Promise<Result<Primary, { readonly message: string }>> {
    const folder = await mkdtemp(join(tmpdir(), 'pathfinding-'));
    const snapshot = await prepareSnapshot(options.source, folder, 1);
    if (!snapshot.ok) {
      await rm(folder, { recursive: true, force: true });
      return snapshot;
    }
    const primary = new Primary(options, folder, snapshot.value);
    cluster.setupPrimary({ exec: options.program });
    const started = await Promise.all(Array.from({ length: options.workers }, () => primary.#fork()));
    const failed = started.find((result) => !result.ok);
    if (failed === undefined) return ok(primary);
    await primary.stop();
    return failed as Result<never, { readonly message: string }>;
  }

  /** Where it listens, such as `http://127.0.0.1:8080`. */
  get address(): string {
    return this.#address!;
  }

  /** Reads the source again; a call while one runs gets that one's outcome. */
  reload(): Promise<Result<ReloadReport, LoadError>> {
    this.#reloading ??= this.#reload().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  /** Lets requests under way end, for a while. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const workers = this.#workers();
    const gone = workers.map((worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve())));
    for (const worker of workers) send(worker, { kind: 'stop' });
    const late = setTimeout(() => {
      for (const worker of this.#workers()) worker.process.kill('SIGKILL');
    }, stopMilliseconds);
    await Promise.all(gone);
    clearTimeout(late);
    await rm(this.#folder, { recursive: true, force: true });
  }

  #workers(): readonly Worker[] {
    return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  }

  async #reload(): Promise<Result<ReloadReport, LoadError>> {
    const old = this.#snapshot;
    const prepared = await prepareSnapshot(this.#options.source, this.#folder, old.generation + 1);
    if (!prepared.ok) return prepared;
    // from here on, whoever starts anew starts with it
    this.#snapshot = prepared.value;
    let counts = { channels: 0, nodes: 0 };
    const done: Worker[] = [];
    // one after the other: the others answer meanwhile
    for (const worker of this.#workers()) {
      const answer = await this.#load(worker, prepared.value);
      if (answer === undefined) continue; // it fell: its successor loads the new one
      if (!answer.result.ok) {
        this.#snapshot = old;
        for (const other of done) await this.#load(other, old);
        return err(answer.result.error);
      }
      counts = answer.result.value;
      done.push(worker);
    }
    await rm(old.file, { force: true });
    return ok({ generation: prepared.value.generation, ...counts, workers: done.length });
  }

  #load(worker: Worker, snapshot: PreparedSnapshot): Promise<Loaded | undefined> {
    return new Promise((resolve) => {
      // it cannot be told apart from one that hangs: it is replaced
      const late = setTimeout(() => worker.process.kill('SIGKILL'), loadMilliseconds);
      this.#loads.set(worker.id, (message) => {
        clearTimeout(late);
        this.#loads.delete(worker.id);
        resolve(message);
      });
      if (!worker.isConnected()) this.#loads.get(worker.id)?.(undefined);
      else send(worker, { kind: 'load', snapshot });
    });
  }

  #fork(): Promise<Result<void, { readonly message: string }>> {
    const { host, port, pageFolder } = this.#options;
    const worker = cluster.fork();
    const started = new Promise<Result<void, { readonly message: string }>>((resolve) => {
      worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'ready') {
          send(worker, { kind: 'start', snapshot: this.#snapshot, host, port, pageFolder: pageFolder ?? null });
        } else if (message.kind === 'listening') {
          this.#address ??= message.address;
          this.#listening.add(worker.id);
          resolve(ok(undefined));
        } else if (message.kind === 'failed') {
          resolve(err({ message: message.message }));
          worker.process.kill('SIGKILL');
        } else void this.#onMessage(worker, message);
      });
      worker.once('exit', (code, signal) => {
        resolve(err({ message: `a worker ended at its start (${signal ?? code})` }));
        this.#loads.get(worker.id)?.(undefined);
        if (this.#listening.delete(worker.id) || this.#fallen.length > 0) this.#replace(signal ?? String(code));
      });
    });
    return started;
  }

  #replace(reason: string): void {
    if (this.#stopping) return;
    const now = Date.now();
    this.#fallen = [...this.#fallen.filter((time) => time > now - 60_000), now];
    const wait = Math.min(firstRestartMilliseconds * 2 ** (this.#fallen.length - 1), lastRestartMilliseconds);
    this.#options.log(`a worker ended (${reason}); another starts in ${wait} ms`);
    setTimeout(() => {
      if (!this.#stopping) void this.#fork();
    }, wait);
  }

  async #onMessage(
    worker: Worker,
    message: Exclude<WorkerMessage, { kind: 'ready' | 'listening' | 'failed' }>,
  ): Promise<void> {
    if (message.kind === 'loaded') {
      this.#loads.get(worker.id)?.(message);
    } else if (message.kind === 'reload') {
      send(worker, { kind: 'reloaded', request: message.request, report: await this.reload() });
    } else if (message.kind === 'metrics') {
      const text = await this.#aggregator.clusterMetrics().catch(() => null);
      send(worker, { kind: 'metrics', request: message.request, text });
    }
  }
}

function send(worker: Worker, message: PrimaryMessage): void {
  if (worker.isConnected()) worker.send(message);
}
