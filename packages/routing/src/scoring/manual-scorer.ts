import type { NodeId, ShortChannelId } from '@boltwright/base';
import { certaintyWorth, edgeChance } from '../flow/odds.ts';
import type { NetworkGraph } from '../graph/network-graph.ts';
import type { EdgeScorer } from './edge-scorer.ts';

/** What its user says about channels and nodes, on top of another scorer's prices. */
export class ManualScorer implements EdgeScorer {
  readonly #graph: NetworkGraph;
  readonly #inner: EdgeScorer;
  readonly #channels = new Map<ShortChannelId, number>();
  readonly #nodes = new Map<NodeId, number>();
  /** By the graph's edges: the channel's penalty and that of the node it leads to. */
  #penalties = new Float64Array(0);
  #seenVersion = -1;

  /** @param inner - Whose prices these are added to. */
  constructor(graph: NetworkGraph, inner: EdgeScorer) {
    this.#graph = graph;
    this.#inner = inner;
  }

  /**
   * @param penaltyMsat - A whole number from 0 below 2^53, or `Infinity` for never; 0 takes it back.
   * @throws RangeError for another number.
   */
  setChannelPenalty(id: ShortChannelId, penaltyMsat: number): void {
    set(this.#channels, id, penaltyMsat);
    this.#seenVersion = -1;
  }

  /** For every channel that leads to the node. @throws RangeError as for a channel. */
  setNodePenalty(id: NodeId, penaltyMsat: number): void {
    set(this.#nodes, id, penaltyMsat);
    this.#seenVersion = -1;
  }

  edgePenalty(edge: number, amountMsat: number, usedMsat: number, capacityMsat: number): number {
    if (this.#seenVersion !== this.#graph.version) this.#enter();
    return this.#penalties[edge]! + this.#inner.edgePenalty(edge, amountMsat, usedMsat, capacityMsat);
  }

  edgeProbability(edge: number, amountMsat: number, usedMsat: number, capacityMsat: number): number {
    return edgeChance(this.#inner, edge, amountMsat, usedMsat, capacityMsat);
  }

  certaintyWorthMsat(amountMsat: number): number {
    return certaintyWorth(this.#inner, amountMsat);
  }

  /** By ids the penalties outlive rows; by rows they cost a search next to nothing. */
  #enter(): void {
    const { channelTable, nodeTable, version } = this.#graph;
    const edges = 2 * channelTable.length;
    if (this.#penalties.length < edges) this.#penalties = new Float64Array(edges);
    else this.#penalties.fill(0);
    for (const [id, penalty] of this.#channels) {
      const row = channelTable.findId(id);
      if (row < 0) continue;
      this.#add(2 * row, penalty);
      this.#add(2 * row + 1, penalty);
    }
    for (const [id, penalty] of this.#nodes) {
      const row = nodeTable.findId(id);
      if (row < 0) continue;
      for (let i = 0; i < nodeTable.listLength[row]!; i++) {
        this.#add(nodeTable.pool[2 * (nodeTable.listStart[row]! + i)]!, penalty);
      }
    }
    this.#seenVersion = version;
  }

  #add(edge: number, penalty: number): void {
    this.#penalties[edge] = this.#penalties[edge]! + penalty;
  }
}

function set<K>(map: Map<K, number>, key: K, penalty: number): void {
  if (penalty !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(penalty) && penalty >= 0)) {
    throw new RangeError(`${penalty} is no penalty: a whole number of msat from 0, or Infinity, is`);
  }
  if (penalty === 0) map.delete(key);
  else map.set(key, penalty);
}
