/** A 4-ary heap of node rows, lowest cost first, that knows where each node is, so that costs can be lowered. */
export class NodeHeap {
  #nodes = new Int32Array(64);
  #position: Int32Array;
  #cost: Float64Array;
  size = 0;

  /** @param cost - The keys, by node; its owner lowers them and calls {@link NodeHeap.raise}. */
  constructor(cost: Float64Array) {
    this.#cost = cost;
    this.#position = new Int32Array(cost.length);
  }

  clear(): void {
    this.size = 0;
  }

  push(node: number): void {
    if (this.size === this.#nodes.length) {
      const larger = new Int32Array(2 * this.size);
      larger.set(this.#nodes);
      this.#nodes = larger;
    }
    this.#up(this.size++, node);
  }

  /** The cost of a node in the heap went down. */
  raise(node: number): void {
    this.#up(this.#position[node]!, node);
  }

  /** The node of the lowest cost, taken out; the heap must not be empty. */
  pop(): number {
    const nodes = this.#nodes;
    const top = nodes[0]!;
    const last = nodes[--this.size]!;
    if (this.size > 0) this.#down(last);
    return top;
  }

  #up(start: number, node: number): void {
    const nodes = this.#nodes;
    const position = this.#position;
    const cost = this.#cost;
    const key = cost[node]!;
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const other = nodes[parent]!;
      if (cost[other]! <= key) break;
      nodes[at] = other;
      position[other] = at;
      at = parent;
    }
    nodes[at] = node;
    position[node] = at;
  }

  #down(node: number): void {
    const nodes = this.#nodes;
    const position = this.#position;
    const cost = this.#cost;
    const size = this.size;
    const key = cost[node]!;
    let at = 0;
    for (;;) {
      let child = 4 * at + 1;
      if (child >= size) break;
      const end = Math.min(child + 4, size);
      let lowest = cost[nodes[child]!]!;
      for (let other = child + 1; other < end; other++) {
        const candidate = cost[nodes[other]!]!;
        if (candidate < lowest) {
          lowest = candidate;
          child = other;
        }
      }
      if (lowest >= key) break;
      const moved = nodes[child]!;
      nodes[at] = moved;
      position[moved] = at;
      at = child;
    }
    nodes[at] = node;
    position[node] = at;
  }
}
