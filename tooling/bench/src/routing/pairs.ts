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

/** Seeded pairs of well-connected nodes and 1 to 30 million sat: most of these take several parts, or find no way. */
export function largePairs({ nodeIds, channels }: Topology, count: number, seed: number): readonly Pair[] {
  const degrees = new Int32Array(nodeIds.length);
  for (const { node1, node2 } of channels) {
    degrees[node1] = degrees[node1]! + 1;
    degrees[node2] = degrees[node2]! + 1;
  }
  const connected = nodeIds.filter((_, row) => degrees[row]! >= 10);
  const random = new Random(seed);
  const pairs: Pair[] = [];
  while (pairs.length < count) {
    const payer = connected[random.below(connected.length)]!;
    const payee = connected[random.below(connected.length)]!;
    if (payer === payee) continue;
    const amountMsat = BigInt(Math.round(1_000_000 * 30 ** random.next())) * 1000n;
    pairs.push({ payer: nodeId(payer), payee: nodeId(payee), amountMsat });
  }
  return pairs;
}
