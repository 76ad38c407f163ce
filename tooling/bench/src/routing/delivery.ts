import { fromHex, type NodeId, nodeIdOf } from '@boltwright/base';
import type { Path } from '@boltwright/interfaces';
import { scidOf } from './our-graph.ts';
import { Random } from './random.ts';
import type { Topology } from './topology.ts';

export interface Delivery {
  /** The chance that every part gets through, balances being uniform. */
  readonly probability: number;
  /** Whether it does with the balances that the seed drew. */
  readonly delivered: boolean;
  readonly feeMsat: bigint;
}

/** One liquidity model for all: each channel's balance is uniform, drawn by seed; no router knows any of it. */
export class UniformBalances {
  readonly #rows = new Map<bigint, number>();
  readonly #topology: Topology;
  /** What the lesser node of a channel can send, in msat. */
  readonly #balances: readonly number[];

  constructor(topology: Topology, seed: number) {
    const random = new Random(seed);
    this.#topology = topology;
    topology.channels.forEach((_, row) => {
      this.#rows.set(scidOf(row), row);
    });
    this.#balances = topology.channels.map(({ capacitySat }) => random.next() * capacitySat * 1000);
  }

  /** @throws Error where a path's channels do not lead where it says. */
  judge(payer: NodeId, paths: readonly Path[]): Delivery {
    const sent = new Map<string, { readonly row: number; readonly forward: boolean; amount: number }>();
    let feeMsat = 0n;
    for (const { hops } of paths) {
      let amount = hops.reduce((sum, hop) => sum + hop.feeMsat, 0n);
      feeMsat += amount - hops.at(-1)!.feeMsat;
      let from = payer;
      for (const hop of hops) {
        const row = this.#rows.get(hop.shortChannelId)!;
        const channel = this.#topology.channels[row]!;
        const forward = this.#id(channel.node1) === from;
        if (this.#id(forward ? channel.node2 : channel.node1) !== hop.nodeId) throw new Error('a path is torn');
        const key = `${row}/${forward}`;
        const known = sent.get(key);
        if (known === undefined) sent.set(key, { row, forward, amount: Number(amount) });
        else known.amount += Number(amount);
        amount -= hop.feeMsat;
        from = hop.nodeId;
      }
    }
    let probability = 1;
    let delivered = true;
    for (const { row, forward, amount } of sent.values()) {
      const capacity = this.#topology.channels[row]!.capacitySat * 1000;
      probability *= Math.max(0, (capacity + 1 - amount) / (capacity + 1));
      const balance = forward ? this.#balances[row]! : capacity - this.#balances[row]!;
      if (amount > balance) delivered = false;
    }
    return { probability, delivered, feeMsat };
  }

  #id(node: number): NodeId {
    return nodeIdOf(fromHex(this.#topology.nodeIds[node]!));
  }
}
