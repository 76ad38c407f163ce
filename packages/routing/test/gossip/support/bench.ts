import { type Answer, type ChainHash, type NodeId, pending, type ShortChannelId, toHex } from '@boltwright/base';
import { type CryptoBackend, noble } from '@boltwright/crypto';
import type { ChainWatchInterface, ConnectionId, Logger, MessageSendEvent } from '@boltwright/interfaces';
import { featuresOf, type Init, type Message } from '@boltwright/wire';
import type { UtxoAnswer } from '../../../src/gossip/gossip-ports.ts';
import { memoryGossipStore } from '../../../src/gossip/gossip-store.ts';
import { NetGraphMsgHandler } from '../../../src/gossip/net-graph-msg-handler.ts';
import type { NetGraphMsgHandlerParts } from '../../../src/gossip/net-graph-msg-handler-parts.ts';
import { NetworkGraph } from '../../../src/graph/network-graph.ts';
import { bestHeight, identity, type Made, type MadeChannel, mainnet, now } from './made-network.ts';

/** A chain of outputs that the test sets. */
export class Outputs implements ChainWatchInterface {
  readonly known = new Map<ShortChannelId, UtxoAnswer>();
  readonly asked: ShortChannelId[] = [];
  late = false;

  watchTransaction(): void {}
  watchOutput(): void {}

  add(...channels: readonly MadeChannel[]): void {
    for (const { id, capacity, script } of channels)
      this.known.set(id, { ok: true, value: { value: capacity, script } });
  }

  answer(id: ShortChannelId): UtxoAnswer {
    return this.known.get(id) ?? { ok: false, error: 'unknownTransaction' };
  }

  getChainUtxo(_chain: ChainHash, id: ShortChannelId): Answer<UtxoAnswer> {
    this.asked.push(id);
    return this.late ? pending : { kind: 'ready', value: this.answer(id) };
  }
}

const verdicts = new Map<string, boolean>();

/** A backend that counts its signature checks; what was checked once is not computed again. */
export function countingCrypto(): { readonly crypto: CryptoBackend; readonly checks: () => number } {
  let checks = 0;
  const crypto: CryptoBackend = {
    ...noble,
    verify(signature, hash, point) {
      checks += 1;
      const key = toHex(signature) + toHex(hash) + toHex(point);
      const verdict = verdicts.get(key) ?? noble.verify(signature, hash, point);
      verdicts.set(key, verdict);
      return verdict;
    },
  };
  return { crypto, checks: () => checks };
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export const initWith = (features: Parameters<typeof featuresOf>[0], networks?: readonly ChainHash[]): Init => ({
  type: 'init',
  globalFeatures: new Uint8Array(0),
  features: featuresOf(features),
  ...(networks === undefined ? {} : { networks }),
});

export const extended = initWith({ gossip_queries: 'optional', gossip_queries_ex: 'optional' });
export const plain = initWith({ gossip_queries: 'optional' });
export const mute = initWith({});

/** A handler with what surrounds it. */
export class Bench {
  readonly outputs = new Outputs();
  readonly graph = new NetworkGraph();
  readonly store = memoryGossipStore();
  readonly log: LogLine[] = [];
  readonly checks: () => number;
  readonly handler: NetGraphMsgHandler;
  readonly logger: Logger;
  #connections = 0;

  constructor(parts: Partial<NetGraphMsgHandlerParts> & { readonly withoutChain?: boolean } = {}) {
    const { withoutChain, ...rest } = parts;
    const { crypto, checks } = countingCrypto();
    this.checks = checks;
    this.logger = { log: (level, message, fields = {}) => void this.log.push({ level, message, fields }) };
    this.handler = new NetGraphMsgHandler({
      graph: this.graph,
      crypto,
      chainHash: mainnet,
      ...(withoutChain === true ? {} : { chainWatch: this.outputs }),
      logger: this.logger,
      store: this.store,
      seed: 7,
      now: now * 1000,
      ...rest,
    });
    this.handler.bestBlockUpdated(bestHeight as Parameters<NetGraphMsgHandler['bestBlockUpdated']>[0]);
  }

  /** Connects a peer; its filter and queries are dropped unless `keep` is set. */
  connect(n: number, init: Init = mute, keep = false): BenchPeer {
    this.#connections += 1;
    const peer = new BenchPeer(this, identity(500_000 + n).id, this.#connections as ConnectionId);
    this.handler.peerConnected(peer.id, peer.connection, init, true);
    if (!keep) this.handler.getAndClearPendingMsgEvents();
    return peer;
  }

  events(): readonly MessageSendEvent[] {
    return this.handler.getAndClearPendingMsgEvents();
  }

  tick(count = 1, seconds = now): void {
    for (let i = 0; i < count; i++) this.handler.timerTick(seconds * 1000);
  }

  reasons(): readonly unknown[] {
    return this.log.map(({ fields }) => fields['kind']).filter((kind) => kind !== undefined);
  }
}

type Incoming = Parameters<NetGraphMsgHandler['handleMessage']>[2];

export class BenchPeer {
  readonly #bench: Bench;
  readonly id: NodeId;
  readonly connection: ConnectionId;

  constructor(bench: Bench, id: NodeId, connection: ConnectionId) {
    this.#bench = bench;
    this.id = id;
    this.connection = connection;
  }

  /** Sends messages and gives what comes out for anybody. */
  sends(...made: readonly Made<Incoming>[]): readonly MessageSendEvent[] {
    for (const { message, raw } of made) this.#bench.handler.handleMessage(this.id, this.connection, message, raw);
    return this.#bench.events();
  }

  /** Messages of the events that are for this peer. */
  of(events: readonly MessageSendEvent[]): readonly Message[] {
    return events.flatMap((event) =>
      event.connection === this.connection && event.kind === 'send' ? [event.message] : [],
    );
  }
}
