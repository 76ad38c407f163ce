import { msat, type NodeId, type ShortChannelId } from '@boltwright/base';
import type { Scorer } from '@boltwright/interfaces';
import type { NetworkGraph } from '../graph/network-graph.ts';
import type { EdgeScorer } from './edge-scorer.ts';

/**
 * Lets a user's `Scorer`, which knows channels by their ids, price a search. Making ids for each edge costs about a
 * microsecond: a search takes several times as long as with an {@link EdgeScorer}.
 */
export class SeamScorer implements EdgeScorer {
  readonly #graph: NetworkGraph;
  readonly #scorer: Scorer;
  readonly #nodes = new Map<number, NodeId>();
  readonly #channels = new Map<number, ShortChannelId>();
  #seenVersion = -1;

  constructor(graph: NetworkGraph, scorer: Scorer) {
    this.#graph = graph;
    this.#scorer = scorer;
  }

  edgePenalty(edge: number, amountMsat: number, usedMsat: number, capacityMsat: number): number {
    if (this.#seenVersion !== this.#graph.version) {
      this.#nodes.clear();
      this.#channels.clear();
      this.#seenVersion = this.#graph.version;
    }
    const { ends } = this.#graph.channelTable;
    return this.#scorer.penaltyMsat(
      {
        shortChannelId: this.#channel(edge >> 1),
        source: this.#node(ends[edge]!),
        target: this.#node(ends[edge ^ 1]!),
      },
      {
        amountMsat: msat(BigInt(amountMsat)),
        inFlightMsat: msat(BigInt(Math.min(usedMsat, Number.MAX_SAFE_INTEGER))),
        capacityMsat: msat(BigInt(capacityMsat)),
      },
    );
  }

  #node(row: number): NodeId {
    const known = this.#nodes.get(row);
    if (known !== undefined) return known;
    const id = this.#graph.nodeTable.id(row);
    this.#nodes.set(row, id);
    return id;
  }

  #channel(row: number): ShortChannelId {
    const known = this.#channels.get(row);
    if (known !== undefined) return known;
    const id = this.#graph.channelTable.id(row);
    this.#channels.set(row, id);
    return id;
  }
}
