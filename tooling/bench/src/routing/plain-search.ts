import { isKnown } from './our-graph.ts';
import type { Topology, TopologyPolicy } from './topology.ts';

interface Step {
  readonly from: number;
  readonly policy: TopologyPolicy;
}

/**
 * The benchmark's own judge of whether a path for an amount exists: cheapest fees from the payee backwards, written
 * apart from what is measured. One label a node, as it asks whether, not which.
 */
export class PlainSearch {
  readonly #stepsTo: Step[][];
  readonly #needed: Float64Array;

  constructor({ nodeIds, channels }: Topology) {
    this.#stepsTo = nodeIds.map(() => []);
    this.#needed = new Float64Array(nodeIds.length);
    for (const { node1, node2, policy1, policy2 } of channels) {
      if (policy1.enabled && isKnown(policy1)) this.#stepsTo[node2]!.push({ from: node1, policy: policy1 });
      if (policy2.enabled && isKnown(policy2)) this.#stepsTo[node1]!.push({ from: node2, policy: policy2 });
    }
  }

  isReachable(payer: number, payee: number, amountMsat: number): boolean {
    this.#needed.fill(Number.POSITIVE_INFINITY);
    this.#needed[payee] = amountMsat;
    const queue: [number, number][] = [[amountMsat, payee]];
    while (queue.length > 0) {
      const [amount, node] = takeLeast(queue);
      if (node === payer) return true;
      if (amount > this.#needed[node]!) continue;
      for (const { from, policy } of this.#stepsTo[node]!) {
        if (amount < policy.htlcMinimumMsat || amount > policy.htlcMaximumMsat) continue;
        const fee = policy.feeBaseMsat + Math.floor((amount * policy.feeProportionalMillionths) / 1e6);
        const total = from === payer ? amount : amount + fee;
        if (this.#needed[from]! <= total) continue;
        this.#needed[from] = total;
        put(queue, [total, from]);
      }
    }
    return false;
  }
}

function put(heap: [number, number][], entry: [number, number]): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]![0] <= entry[0]) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = entry;
}

function takeLeast(heap: [number, number][]): [number, number] {
  const least = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return least;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]![0] < heap[child]![0]) child++;
    if (heap[child]![0] >= last[0]) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return least;
}
