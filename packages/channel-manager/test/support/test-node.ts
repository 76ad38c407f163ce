import { chainHash, type NodeId, type RawTransaction, unwrap } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type {
  BlockLocation,
  ConnectionId,
  Event,
  EventId,
  FeeEstimator,
  LogLevel,
  MessageSendEvent,
  RecordKey,
  Router,
  Scorer,
  TurnWriter,
  UserConfig,
} from '@boltwright/interfaces';
import { KeysManager } from '@boltwright/keys';
import { ManyChannelMonitor } from '@boltwright/monitor';
import { MemoryStore } from '@boltwright/store-memory';
import { createSyncTurns, type SyncTurns } from '@boltwright/store-turns';
import { ChannelManager, type ChannelManagerParts } from '../../src/index.ts';
import { Random } from './random.ts';
import { RecordingWatch } from './recording-watch.ts';

export const regtest = chainHash('06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f');

export interface NodeOptions {
  readonly crypto: CryptoBackend;
  readonly config: UserConfig;
  readonly router: Router;
  readonly scorer?: Scorer;
  readonly tip: BlockLocation;
  readonly broadcast: (transactions: readonly RawTransaction[]) => void;
  /** `staged`: in the turn's batch; `remote`: elsewhere, answering late; `monitor`: the real one, in the turn's batch. */
  readonly watch: 'staged' | 'remote' | 'monitor';
  readonly batchForwards?: boolean;
}

const made = new Map<string, { readonly keys: KeysManager; readonly source: { random: Random } }>();

/** Deriving keys takes longer than a simulated payment: the same seed is asked for by many runs, one after the other. */
function keysOf(seed: number, crypto: CryptoBackend, random: Random): KeysManager {
  const bytes = random.bytes(32);
  const name = `${crypto.name}/${seed}`;
  const known = made.get(name);
  if (known !== undefined) {
    known.source.random = random;
    return known.keys;
  }
  const source = { random };
  const keys = new KeysManager({
    seed: bytes,
    crypto,
    entropy: (length) => source.random.bytes(length),
    network: 'testnet',
  });
  made.set(name, { keys, source });
  return keys;
}

/** A node in one process, on a store that outlives it. */
export class TestNode {
  readonly name: string;
  readonly id: NodeId;
  readonly options: NodeOptions;
  readonly keys: KeysManager;
  readonly random: Random;
  store = new MemoryStore();
  turns!: SyncTurns;
  watch!: RecordingWatch;
  /** With `monitor`. */
  monitor: ManyChannelMonitor | undefined;
  manager!: ChannelManager;
  /** Satoshis per 1000 weight. */
  feerate = 1000;
  readonly peers = new Map<NodeId, ConnectionId>();
  readonly log: { level: LogLevel; message: string; fields: unknown }[] = [];
  /** What the application has heard, once an id. */
  readonly heard = new Map<EventId, Event>();
  starts = 0;
  #stopListening: () => void = () => undefined;

  constructor(name: string, seed: number, options: NodeOptions) {
    this.name = name;
    this.options = options;
    this.random = new Random(seed);
    this.keys = keysOf(seed, options.crypto, this.random);
    this.id = this.keys.nodeId();
    if (options.watch !== 'staged') this.watch = new RecordingWatch(undefined);
    this.start();
  }

  /** Opens the store and takes up what is in it. */
  start(): void {
    this.starts++;
    const handle = this.store.openNow('node');
    this.turns = createSyncTurns(handle);
    const records = handle.listNow('');
    if (this.options.watch === 'staged') {
      this.watch = new RecordingWatch(this.turns);
      this.watch.restore(records);
    }
    if (this.options.watch === 'monitor') this.monitor = this.#restoreMonitor(records);
    this.manager = unwrap(ChannelManager.restore(this.parts(), records));
    const { manager, watch, monitor } = this;
    this.#stopListening = this.turns.addListener({
      turnCommitted: (turn) => {
        watch.turnCommitted(turn);
        manager.turnCommitted(turn);
        monitor?.turnCommitted(turn);
      },
      storeFailed: (error) => {
        manager.storeFailed(error);
        monitor?.storeFailed(error);
      },
    });
  }

  #restoreMonitor(records: Iterable<readonly [RecordKey, Uint8Array]>): ManyChannelMonitor {
    const { crypto, broadcast, tip } = this.options;
    return unwrap(
      ManyChannelMonitor.restore(
        {
          crypto,
          signerProvider: this.keys,
          feeEstimator: this.feeEstimator(),
          broadcaster: { broadcastPackage: broadcast },
          turns: this.turns,
          logger: { log: (level, message, fields) => this.log.push({ level, message, fields }) },
          tip,
          compactAfter: 5,
        },
        records,
      ),
    );
  }

  /**
   * Dies.
   *
   * @param durable - how many of the turns that wait had reached the medium, unheard.
   */
  kill(durable = 0): void {
    this.#stopListening();
    if (durable > 0) this.turns.commitNext(durable);
    this.peers.clear();
    if (this.options.watch === 'remote') {
      // What is on its way may arrive without anyone hearing of it.
      if (durable > 0) while (this.watch.completeNext() !== undefined);
      this.watch.loseConnection();
    }
    this.store.crash();
  }

  takeMessages(): readonly MessageSendEvent[] {
    return this.manager.getAndClearPendingMsgEvents();
  }

  events(kind: Event['kind']): readonly Event[] {
    return [...this.heard.values()].filter((event) => event.kind === kind);
  }

  records(): readonly string[] {
    return this.store
      .fork()
      .openNow('node')
      .listNow('')
      .map(([key]) => key);
  }

  /** A watch elsewhere is told of turns: the local commit first, then the tower. */
  #tellingWatch(): TurnWriter {
    const { turns, watch } = this;
    if (this.options.watch !== 'remote') return turns;
    return {
      put: (key, value) => turns.put(key, value),
      delete: (key) => turns.delete(key),
      endTurn() {
        const turn = turns.endTurn();
        watch.turnEnded(turn);
        return turn;
      },
    };
  }

  feeEstimator(): FeeEstimator {
    return {
      feerate: (target) =>
        (target === 'maxAllowedRemote' ? 25_000 : target.startsWith('minAllowed') ? 253 : this.feerate) as never,
    };
  }

  parts(): ChannelManagerParts {
    const { crypto, config, router, scorer, tip, broadcast, batchForwards } = this.options;
    return {
      crypto,
      keys: this.keys,
      feeEstimator: this.feeEstimator(),
      broadcaster: { broadcastPackage: broadcast },
      watch: this.monitor ?? this.watch,
      router,
      ...(scorer === undefined ? {} : { scorer }),
      turns: this.#tellingWatch(),
      logger: { log: (level, message, fields) => this.log.push({ level, message, fields }) },
      config,
      chainHash: regtest,
      network: 'regtest',
      tip,
      ...(batchForwards === undefined ? {} : { batchForwards }),
    };
  }
}
