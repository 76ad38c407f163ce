import { NodeHeap } from '../search/node-heap.ts';
import type { SearchSpace } from '../search/search-space.ts';

/** What the flow's searches write into, kept from one request to the next beside a {@link SearchSpace}. */
export class FlowSpace {
  /** By node: the distance in the running search, by reduced costs. */
  distance = new Float64Array(0);
  potential = new Float64Array(0);
  /** Twice the search's number: labelled; one more: settled. */
  mark = new Int32Array(0);
  /** By node: twice the residual edge towards the payee, plus 1 where flow over it is taken back. */
  next = new Int32Array(0);
  settled = new Int32Array(0);
  heap = new NodeHeap(this.distance);
  /** By edge, extra ones included: units of flow. */
  flow = new Int32Array(0);
  /** What the next unit costs, and how many units more cost no more than that. */
  slope = new Float64Array(0);
  room = new Int32Array(0);
  /** The solve for which slope and room were computed. */
  loadedBy = new Int32Array(0);
  /** Edges that carry flow or did, by the node that they come from. */
  readonly leaving = new Map<number, number[]>();
  #carrying: number[] = [];
  #search = 0;
  #solve = 0;

  /** Forgets the last flow, and follows the space's growth. Returns the new solve's number. */
  begin(space: SearchSpace): number {
    for (const edge of this.#carrying) this.flow[edge] = 0;
    this.#carrying = [];
    this.leaving.clear();
    const nodes = space.cost.length;
    if (this.distance.length < nodes) {
      this.distance = new Float64Array(nodes);
      this.potential = new Float64Array(nodes);
      this.mark = new Int32Array(nodes);
      this.next = new Int32Array(nodes);
      this.settled = new Int32Array(nodes);
      this.heap = new NodeHeap(this.distance);
    }
    const edges = space.firstExtraEdge + space.extraEdges.length;
    if (this.flow.length < edges) {
      const length = edges + 256;
      this.flow = new Int32Array(length);
      this.slope = new Float64Array(length);
      this.room = new Int32Array(length);
      this.loadedBy = new Int32Array(length);
    }
    if (this.#solve >= 1 << 30) {
      this.#solve = 0;
      this.loadedBy.fill(0);
    }
    return ++this.#solve;
  }

  /** The mark of labelled nodes in a new search. */
  nextSearch(): number {
    if (this.#search >= 1 << 29) {
      this.#search = 0;
      this.mark.fill(0);
    }
    this.heap.clear();
    return 2 * ++this.#search;
  }

  /** Adds to an edge's flow, or takes from it. */
  addFlow(edge: number, from: number, units: number): void {
    const list = this.leaving.get(from);
    if (list === undefined || !list.includes(edge)) {
      this.#carrying.push(edge);
      if (list === undefined) this.leaving.set(from, [edge]);
      else list.push(edge);
    }
    this.flow[edge] = this.flow[edge]! + units;
  }
}

const spaces = new WeakMap<SearchSpace, FlowSpace>();

/** The flow's part of a space; made when a flow is first asked for. */
export function flowSpaceOf(space: SearchSpace): FlowSpace {
  const known = spaces.get(space);
  if (known !== undefined) return known;
  const made = new FlowSpace();
  spaces.set(space, made);
  return made;
}
