import { type NodeId, nodeId } from '@boltwright/base';
import { PlainSearch } from './plain-search.ts';
import { Random } from './random.ts';
import type { Topology } from './topology.ts';

export interface Pair {
  readonly payer: NodeId;
  readonly payee: NodeId;
  readonly amountMsat: bigint;
}

/** Seeded pairs between which a path for the amount exists; amounts from 10 to 1,000,000 sat, even over magnitudes. */
export function feasiblePairs(topology: Topology, count: number, seed: number): readonly Pair[] {
  const search = new PlainSearch(topology);
  const random = new Random(seed);
  const pairs: Pair[] = [];
  for (let tries = 0; pairs.length < count && tries < 50 * count; tries++) {
    const payer = random.below(topology.nodeIds.length);
    const payee = random.below(topology.nodeIds.length);
    const amount = Math.round(10 * 100_000 ** random.next()) * 1000;
    if (payer === payee || !search.isReachable(payer, payee, amount)) continue;
    pairs.push({
      payer: nodeId(topology.nodeIds[payer]!),
      payee: nodeId(topology.nodeIds[payee]!),
      amountMsat: BigInt(amount),
    });
  }
  return pairs;
}
