import {
  type Block,
  type BlockHash,
  type BlockHeight,
  chainHash,
  type FeeratePerKw,
  msat,
  type NodeId,
  type RawTransaction,
  sat,
  txid,
  unwrap,
} from '@boltwright/base';
import { ChannelManager } from '@boltwright/channel-manager';
import type { CryptoBackend } from '@boltwright/crypto';
import type { ChannelMessage, ConnectionId, PaymentId } from '@boltwright/interfaces';
import { KeysManager } from '@boltwright/keys';
import { ManyChannelMonitor } from '@boltwright/monitor';
import { MemoryStore } from '@boltwright/store-memory';
import { createSyncTurns, type SyncTurns } from '@boltwright/store-turns';
import { toRawTransaction } from '@boltwright/transactions';
import { decodeMessage, encodeMessage } from '@boltwright/wire';
import { benchConfig, feerate } from '../bench-config.ts';
import { GivenRouter } from './given-router.ts';

const regtest = chainHash('06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f');
const now = 1_700_100_000_000;
const hashAt = (height: number): BlockHash => height.toString(16).padStart(64, '0') as BlockHash;
const start = { hash: hashAt(100), height: 100 as BlockHeight };

/** A node of ours: manager and monitor on one store in memory, turns committed when told to. */
class OurNode {
  readonly id: NodeId;
  readonly router = new GivenRouter();
  readonly manager: ChannelManager;
  readonly turns: SyncTurns;
  readonly neighbours = new Map<ConnectionId, { readonly node: OurNode; readonly connection: ConnectionId }>();
  readonly inbox: { readonly from: NodeId; readonly connection: ConnectionId; readonly bytes: Uint8Array }[] = [];
  readonly preimages: Uint8Array[] = [];
  readonly fundings: RawTransaction[] = [];
  sent = 0;
  commits = 0;
  writtenBytes = 0;
  /** Bytes by the first segments of the record's key. */
  readonly writtenByKind = new Map<string, number>();
  readonly #monitor: ManyChannelMonitor;
  readonly #crypto: CryptoBackend;

  constructor(crypto: CryptoBackend, index: number, anchors: boolean) {
    this.#crypto = crypto;
    let drawn = 0;
    const keys = new KeysManager({
      seed: new Uint8Array(32).fill(index + 1),
      crypto,
      entropy: (length) => {
        const bytes = crypto.sha256(Uint8Array.of(index, drawn & 0xff, (drawn >> 8) & 0xff, drawn++ >> 16));
        return length === 32 ? bytes : crypto.hkdfSha256(bytes, new Uint8Array(32), new Uint8Array(0), length);
      },
      network: 'testnet',
    });
    this.id = keys.nodeId();
    const handle = new MemoryStore().openNow('node');
    this.turns = createSyncTurns({
      commitNow: (batch) => {
        this.commits++;
        for (const write of batch) {
          const length = write.key.length + (write.kind === 'put' ? write.value.length : 0);
          this.writtenBytes += length;
          const kind = write.key.split('/')[0]!;
          this.writtenByKind.set(kind, (this.writtenByKind.get(kind) ?? 0) + length);
        }
        return handle.commitNow(batch);
      },
    });
    const parts = {
      crypto,
      feeEstimator: { feerate: (): FeeratePerKw => feerate },
      broadcaster: { broadcastPackage: (): void => {} },
      turns: this.turns,
      logger: { log: (): void => {} },
      tip: start,
    };
    this.#monitor = unwrap(ManyChannelMonitor.restore({ ...parts, signerProvider: keys }, []));
    this.manager = unwrap(
      ChannelManager.restore(
        {
          ...parts,
          keys,
          watch: this.#monitor,
          router: this.router,
          config: benchConfig(anchors),
          chainHash: regtest,
          network: 'regtest',
        },
        [],
      ),
    );
    this.turns.addListener({
      turnCommitted: (turn) => {
        this.manager.turnCommitted(turn);
        this.#monitor.turnCommitted(turn);
      },
      storeFailed: (error) => {
        throw new Error(error.message);
      },
    });
  }

  connect(other: OurNode, connection: ConnectionId, theirs: ConnectionId): void {
    this.neighbours.set(connection, { node: other, connection: theirs });
    const features = other.manager.providedInitFeatures(this.id);
    const init = { type: 'init', globalFeatures: new Uint8Array(0), features, networks: [regtest] } as const;
    unwrap(this.manager.peerConnected(other.id, connection, init));
  }

  block(block: Block, height: BlockHeight): void {
    this.#monitor.blockConnected(block, height);
    this.manager.blockConnected(block, height);
  }

  /** One round of what waits; false where nothing did. */
  step(): boolean {
    const inbox = this.inbox.splice(0);
    for (const { from, connection, bytes } of inbox) {
      const message = unwrap(decodeMessage(bytes));
      if (message.type === 'channel_update') this.manager.handleChannelUpdate(from, message as never);
      else this.manager.handleMessage(from, connection, message as ChannelMessage);
    }
    const waiting = this.turns.pending().length;
    if (waiting > 0) this.turns.commitNext(waiting);
    const events = [...this.manager.pendingEvents()];
    for (const { id, event } of events) {
      if (event.kind === 'fundingGenerationReady') {
        const funding = this.#funding(event.value, event.script);
        this.fundings.push(funding);
        unwrap(this.manager.fundingTransactionGenerated(event.temporaryChannelId, funding));
      } else if (event.kind === 'paymentClaimable') {
        if (event.preimage !== undefined) this.preimages.push(event.preimage);
      } else if (event.kind === 'paymentSent') {
        this.sent++;
      } else if (event.kind === 'paymentFailed' || event.kind === 'channelClosed') {
        throw new Error(`${event.kind}: ${JSON.stringify(event.reason)}`);
      }
      this.manager.eventHandled(id);
    }
    const messages = this.manager.getAndClearPendingMsgEvents();
    for (const { connection, message } of messages) {
      const neighbour = this.neighbours.get(connection);
      if (message === undefined || neighbour === undefined) continue;
      neighbour.node.inbox.push({ from: this.id, connection: neighbour.connection, bytes: encodeMessage(message) });
    }
    return inbox.length + waiting + events.length + messages.length > 0;
  }

  #funding(value: bigint, script: Uint8Array): RawTransaction {
    const outpoint = { txid: txid(this.id.slice(2)), vout: 0 };
    return toRawTransaction(this.#crypto, {
      version: 2,
      lockTime: 0,
      inputs: [{ outpoint, sequence: 0xffff_fffd, scriptSig: new Uint8Array(0), witness: [Uint8Array.of(0x51)] }],
      outputs: [{ value: sat(value), script }],
    });
  }
}

/** What a run cost: both directions, all nodes. */
export interface Written {
  readonly commits: number;
  readonly bytes: number;
  /** By the kind of record, most first. */
  readonly byKind: readonly (readonly [string, number])[];
}

/** Nodes of ours in a row, in one process. */
export class OurNetwork {
  readonly #nodes: readonly OurNode[];
  #payments = 0;
  #isBackwards = false;

  /** @param hops - channels in the row. */
  constructor(crypto: CryptoBackend, hops: number, anchors: boolean) {
    const nodes = Array.from({ length: hops + 1 }, (_, index) => new OurNode(crypto, index, anchors));
    this.#nodes = nodes;
    for (const [i, to] of nodes.slice(1).entries()) {
      const from = nodes[i]!;
      const [there, back] = [2 * i + 1, 2 * i + 2] as [ConnectionId, ConnectionId];
      from.connect(to, there, back);
      to.connect(from, back, there);
      unwrap(from.manager.createChannel(to.id, sat(16_000_000n), { pushMsat: msat(8_000_000_000n) }));
      this.#settle();
    }
    const transactions = nodes.flatMap(({ fundings }) => fundings);
    for (let height = 101; height <= 108; height++) {
      const header = { hash: hashAt(height), previous: hashAt(height - 1), bytes: new Uint8Array(80) };
      for (const node of nodes) {
        node.block({ header, transactions: height === 101 ? transactions : [] }, height as BlockHeight);
      }
      this.#settle();
    }
    for (const [i, node] of nodes.entries()) {
      if (!node.manager.listChannels().every(({ isUsable }) => isUsable)) throw new Error('a channel is not usable');
      const [first, last] = [nodes[0]!, nodes.at(-1)!];
      if (node === first) node.router.ways.set(last.id, wayAlong(nodes));
      if (node === last) node.router.ways.set(first.id, wayAlong([...nodes].reverse()));
      if (i > hops) throw new Error('more nodes than channels');
    }
  }

  /** Invoices are made before, so that they are not timed. The next run goes the other way. */
  prepare(count: number): () => void {
    const row = this.#isBackwards ? [...this.#nodes].reverse() : this.#nodes;
    this.#isBackwards = !this.#isBackwards;
    const [payer, payee] = [row[0]!, row.at(-1)!];
    const invoices = Array.from(
      { length: count },
      () => unwrap(payee.manager.createInvoice({ amountMsat: msat(10_000_000n), description: '', now })).invoice,
    );
    this.#settle();
    return () => {
      const before = payer.sent;
      for (const invoice of invoices) {
        const id = (++this.#payments).toString(16).padStart(64, '0') as PaymentId;
        unwrap(payer.manager.sendPayment(invoice, id, { maxFeeMsat: msat(1_000_000n) }));
      }
      this.#settle();
      const preimages = payee.preimages.splice(0);
      if (preimages.length !== count) throw new Error(`${preimages.length} of ${count} arrived`);
      for (const preimage of preimages) unwrap(payee.manager.claimFunds(preimage));
      this.#settle();
      if (payer.sent - before !== count) throw new Error(`${payer.sent - before} of ${count} paid`);
    };
  }

  /** What all nodes wrote while `work` ran. */
  written(work: () => void): Written {
    for (const node of this.#nodes) {
      node.commits = 0;
      node.writtenBytes = 0;
      node.writtenByKind.clear();
    }
    work();
    const kinds = new Map<string, number>();
    for (const { writtenByKind } of this.#nodes) {
      for (const [kind, bytes] of writtenByKind) kinds.set(kind, (kinds.get(kind) ?? 0) + bytes);
    }
    return {
      commits: this.#nodes.reduce((sum, { commits }) => sum + commits, 0),
      bytes: this.#nodes.reduce((sum, { writtenBytes }) => sum + writtenBytes, 0),
      byKind: [...kinds].sort((a, b) => b[1] - a[1]),
    };
  }

  #settle(): void {
    for (let isBusy = true; isBusy; ) {
      isBusy = false;
      for (const node of this.#nodes) if (node.step()) isBusy = true;
    }
  }
}

/** Each channel by the name that its payee's side gives it to payers. */
function wayAlong(row: readonly OurNode[]) {
  return row.slice(1).map((node, i) => {
    const from = row[i]!;
    const details = node.manager.listChannels().find(({ counterparty }) => counterparty === from.id);
    if (details?.inboundScidAlias === undefined) throw new Error('a channel has no name');
    return { nodeId: node.id, shortChannelId: details.inboundScidAlias };
  });
}
