import { type Block, type BlockHeight, equalBytes, type ShortChannelId, shortChannelIdParts } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import type { BlockLocation } from '@boltwright/interfaces';
import { fundingOutputScript, isFundingWitnessScript } from './funding-script.ts';
import type { GossipGraph } from './gossip-graph.ts';
import type { GossipClock, UtxoAnswer } from './gossip-ports.ts';
import type { GossipRecords } from './gossip-records.ts';
import { witnessScripts } from './witness-scripts.ts';

export interface FundingWatchPorts {
  readonly graph: GossipGraph;
  readonly records: GossipRecords;
  readonly crypto: CryptoBackend;
  readonly clock: GossipClock;
  /** Asks the chain; undefined where it answers later or not at all. */
  lookUp(id: ShortChannelId): UtxoAnswer | undefined;
}

/**
 * Finds in blocks the channels that close: each shows its witness script, whose keys its announcement named. They are
 * forgotten 72 blocks later (BOLT 7, Pruning the Network View), so that a splice can be announced meanwhile.
 */
export class FundingWatch {
  readonly #ports: FundingWatchPorts;
  readonly #spent = new Map<ShortChannelId, number>();
  /** Channels whose own block was reorganised out. */
  readonly #doubtful = new Set<ShortChannelId>();

  constructor(ports: FundingWatchPorts) {
    this.#ports = ports;
  }

  isSpent(id: ShortChannelId): boolean {
    return this.#spent.has(id);
  }

  /** The funding output of a channel was spent in a block of this height. */
  fundingSpent(id: ShortChannelId, height: number): void {
    if (this.#spent.has(id) || this.#ports.graph.channelIndex(id) < 0) return;
    this.#spent.set(id, height);
    this.#ports.graph.channelSpent(id, height);
  }

  /** @returns How many channels were forgotten. */
  blockConnected(block: Block, height: BlockHeight): number {
    for (const { bytes } of block.transactions) {
      for (const script of witnessScripts(bytes)) if (isFundingWitnessScript(script)) this.#shown(script, height);
    }
    for (const id of this.#doubtful) {
      // Its block is there again, or another in its place.
      if (shortChannelIdParts(id).block > height) continue;
      const answer = this.#ports.lookUp(id);
      if (answer !== undefined) this.utxoFound(id, answer);
    }
    return this.bestBlock(height);
  }

  /** Without the block's contents: what is due is forgotten. @returns How many channels. */
  bestBlock(height: number): number {
    this.#ports.clock.height = height;
    const forgotten = this.#ports.graph.blockConnected(height);
    if (forgotten > 0) for (const id of this.#spent.keys()) this.#forgetUnknown(id);
    return forgotten;
  }

  blocksDisconnected({ height }: BlockLocation): void {
    const { graph, records, clock } = this.#ports;
    clock.height = height;
    for (const [id, spentAt] of this.#spent) {
      if (spentAt <= height) continue;
      this.#spent.delete(id);
      graph.channelUnspent(id);
    }
    for (const id of records.ids.range(BigInt(height + 1) << 40n, 1n << 64n)) this.#doubtful.add(id as ShortChannelId);
  }

  /** The answer to a look-up of a channel whose block was reorganised out; others are passed over. */
  utxoFound(id: ShortChannelId, answer: UtxoAnswer): void {
    const { crypto, records, clock } = this.#ports;
    if (!this.#doubtful.delete(id)) return;
    const message = records.announcement(id);
    if (message === undefined) return;
    const stands =
      answer.ok &&
      equalBytes(answer.value.script, fundingOutputScript(crypto, message.bitcoinKey1, message.bitcoinKey2));
    if (!stands) this.fundingSpent(id, clock.height ?? 0);
  }

  /** Forgets channels that the graph has pruned. */
  prune(): void {
    for (const id of this.#spent.keys()) this.#forgetUnknown(id);
    for (const id of this.#doubtful) if (this.#ports.graph.channelIndex(id) < 0) this.#doubtful.delete(id);
  }

  #shown(script: Uint8Array, height: number): void {
    const { crypto, records, lookUp } = this.#ports;
    const ids = records.withFunding(script, crypto.sha256(script));
    for (const id of ids) {
      // The same keys in several channels: only the chain can tell which of them it was.
      const answer = ids.length > 1 ? lookUp(id) : undefined;
      if (answer?.ok !== true) this.fundingSpent(id, height);
    }
  }

  #forgetUnknown(id: ShortChannelId): void {
    if (this.#ports.graph.channelIndex(id) < 0) this.#spent.delete(id);
  }
}
