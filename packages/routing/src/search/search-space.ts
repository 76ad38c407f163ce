import type { NodeId, ShortChannelId } from '@boltwright/base';
import { resized } from '../graph/columns.ts';
import type { NetworkGraph } from '../graph/network-graph.ts';
import { NodeHeap } from './node-heap.ts';

/** A directed channel that the graph does not hold: one of our own, or a hop of a route hint. */
export interface ExtraEdge {
  readonly shortChannelId: ShortChannelId;
  readonly from: number;
  readonly to: number;
  readonly feeBase: number;
  readonly feeProportional: number;
  readonly cltvDelta: number;
  readonly htlcMinimum: number;
  readonly htlcMaximum: number;
  /** What all parts together may send over it. */
  readonly capacity: number;
  /** Its limits are real balances, from which what is under way is already gone. */
  readonly isOwn: boolean;
}

/**
 * What searches over one graph write into: labels by node, what is under way by edge, and the request's extra nodes and
 * edges. Kept from one request to the next, so that a search allocates next to nothing. Nodes that the graph does not
 * know come after its rows, extra edges after its edges.
 */
export class SearchSpace {
  readonly graph: NetworkGraph;
  cost = new Float64Array(0);
  amount = new Float64Array(0);
  cltv = new Int32Array(0);
  hops = new Uint8Array(0);
  /** The edge to take from a labelled node towards the payee. */
  next = new Int32Array(0);
  /** Twice the search's number: labelled; one more: settled. */
  mark = new Int32Array(0);
  /** By node: its cost and what the rest of the way costs at least. */
  key = new Float64Array(0);
  heap = new NodeHeap(this.key);
  /** Labels of the short search from the payer: see `lowerBounds`. */
  forwardCost = new Float64Array(0);
  forwardMark = new Int32Array(0);
  forwardHeap = new NodeHeap(this.forwardCost);
  /** Msat under way or reserved, by the graph's edges; `Infinity` where the channel is excluded. */
  used = new Float64Array(0);
  /** 1 where extra edges lead to the node. */
  hasExtra = new Uint8Array(0);
  extraEdges: ExtraEdge[] = [];
  extraUsed: number[] = [];
  excludedNodes: number[] = [];
  #search = 0;
  #extraNodes: NodeId[] = [];
  #extraByTarget = new Map<number, number[]>();
  #touched: number[] = [];
  #base = 0;

  constructor(graph: NetworkGraph) {
    this.graph = graph;
  }

  /** The number of the first extra edge. */
  get firstExtraEdge(): number {
    return this.used.length;
  }

  /** Forgets the last request, and follows the graph's growth. */
  begin(extraNodes: number): void {
    for (const edge of this.#touched) this.used[edge] = 0;
    for (const node of this.#extraByTarget.keys()) this.hasExtra[node] = 0;
    this.#touched = [];
    this.#extraByTarget.clear();
    this.#extraNodes = [];
    this.extraEdges = [];
    this.extraUsed = [];
    this.excludedNodes = [];
    const edges = 2 * this.graph.channelTable.length;
    if (this.used.length < edges) this.used = new Float64Array(edges + (edges >>> 3));
    this.#base = this.graph.nodeTable.length;
    if (this.cost.length < this.#base + extraNodes) this.#growNodes(this.#base + (this.#base >>> 3) + extraNodes + 64);
  }

  /** The mark of labelled nodes in a new search. */
  nextSearch(): number {
    if (this.#search >= 1 << 29) {
      this.#search = 0;
      this.mark.fill(0);
      this.forwardMark.fill(0);
    }
    this.heap.clear();
    return 2 * ++this.#search;
  }

  /** The mark of labelled nodes in this search's forward part. */
  get forwardOpen(): number {
    return 2 * this.#search;
  }

  /** Whether extra edges only begin at the payer or end at the payee, so that what the graph says bounds all paths. */
  isPlain(target: number): boolean {
    return this.extraEdges.every(({ isOwn, to }) => isOwn || to === target);
  }

  /** Row of a node, which may be one that the graph does not know. */
  nodeOf(id: NodeId): number {
    const row = this.graph.nodeIndex(id);
    if (row >= 0) return row;
    const known = this.#extraNodes.indexOf(id);
    if (known >= 0) return this.#base + known;
    this.#extraNodes.push(id);
    const added = this.#base + this.#extraNodes.length - 1;
    if (added >= this.cost.length) this.#growNodes(2 * added);
    return added;
  }

  /** The id of a row. */
  idOf(node: number): NodeId {
    return node < this.#base ? this.graph.nodeTable.id(node) : this.#extraNodes[node - this.#base]!;
  }

  /** Whether a row is of a node that the graph knows, rather than of one from a hint or of our own channels. */
  isInGraph(node: number): boolean {
    return node < this.#base;
  }

  /** Adds an edge that the graph does not have (a channel of ours, or of a hint), for this request. */
  addExtraEdge(edge: ExtraEdge): void {
    const number = this.extraEdges.push(edge) - 1;
    this.extraUsed.push(0);
    this.hasExtra[edge.to] = 1;
    const list = this.#extraByTarget.get(edge.to);
    if (list === undefined) this.#extraByTarget.set(edge.to, [number]);
    else list.push(number);
  }

  /** Numbers of the extra edges that lead to a node. */
  extraEdgesTo(node: number): readonly number[] {
    return this.#extraByTarget.get(node) ?? [];
  }

  /** Adds to what is under way over an edge. */
  use(edge: number, amountMsat: number): void {
    if (edge >= this.firstExtraEdge) {
      const extra = edge - this.firstExtraEdge;
      this.extraUsed[extra] = this.extraUsed[extra]! + amountMsat;
    } else {
      this.#touched.push(edge);
      this.used[edge] = this.used[edge]! + amountMsat;
    }
  }

  /** Sets what counts as under way over an edge; `Infinity` forbids it. */
  setUsed(edge: number, amountMsat: number): void {
    if (edge >= this.firstExtraEdge) this.extraUsed[edge - this.firstExtraEdge] = amountMsat;
    else {
      this.#touched.push(edge);
      this.used[edge] = amountMsat;
    }
  }

  /** What counts as under way over an edge, in msat; `Infinity` where it is forbidden. */
  usedOn(edge: number): number {
    return edge >= this.firstExtraEdge ? this.extraUsed[edge - this.firstExtraEdge]! : this.used[edge]!;
  }

  #growNodes(length: number): void {
    this.cost = resized(this.cost, length);
    this.amount = resized(this.amount, length);
    this.cltv = resized(this.cltv, length);
    this.hops = resized(this.hops, length);
    this.next = resized(this.next, length);
    this.mark = resized(this.mark, length);
    this.hasExtra = resized(this.hasExtra, length);
    this.key = resized(this.key, length);
    this.heap = new NodeHeap(this.key);
    this.forwardCost = resized(this.forwardCost, length);
    this.forwardMark = resized(this.forwardMark, length);
    this.forwardHeap = new NodeHeap(this.forwardCost);
  }
}
