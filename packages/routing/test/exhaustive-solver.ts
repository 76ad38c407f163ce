import type { NodeId } from '@boltwright/base';
import type { GraphChannel, NetworkGraph } from '../src/index.ts';

export interface ExactHop {
  readonly channel: GraphChannel;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly amountMsat: bigint;
}

export interface ExactRoute {
  readonly hops: readonly ExactHop[];
  readonly feeMsat: bigint;
  readonly cltv: number;
}

/**
 * Every simple path for an amount, by trying all of them from the payee backwards: slow, with none of the search's
 * code, `bigint` throughout.
 */
export function everyPath(
  graph: NetworkGraph,
  payer: NodeId,
  payee: NodeId,
  amountMsat: bigint,
): readonly ExactRoute[] {
  const channels = [...graph.channels()];
  const found: ExactRoute[] = [];
  const extend = (node: NodeId, amount: bigint, cltv: number, hops: readonly ExactHop[]): void => {
    if (node === payer) {
      found.push({ hops, feeMsat: hops[0]!.amountMsat - amountMsat, cltv });
      return;
    }
    const visited = hops.map(({ to }) => to);
    for (const channel of channels) {
      const from = channel.nodeId1 === node ? channel.nodeId2 : channel.nodeId1;
      if (channel.nodeId1 !== node && channel.nodeId2 !== node) continue;
      if (visited.includes(from)) continue;
      const policy = from === channel.nodeId1 ? channel.policy1 : channel.policy2;
      if (policy === undefined || policy.disabled) continue;
      if (amount < policy.htlcMinimumMsat || amount > policy.htlcMaximumMsat) continue;
      if (channel.capacitySat !== undefined && amount > channel.capacitySat * 1000n) continue;
      const fee = BigInt(policy.feeBaseMsat) + (amount * BigInt(policy.feeProportionalMillionths)) / 1_000_000n;
      const hop = { channel, from, to: node, amountMsat: amount };
      if (from === payer) extend(from, amount, cltv, [hop, ...hops]);
      else extend(from, amount + fee, cltv + policy.cltvExpiryDelta, [hop, ...hops]);
    }
  };
  extend(payee, amountMsat, 0, []);
  return found;
}

/** The most units that all paths together can carry (Edmonds and Karp), fees left aside. */
export function mostUnits(graph: NetworkGraph, payer: NodeId, payee: NodeId, unitMsat: bigint): number {
  const room = new Map<string, Map<string, number>>();
  const roomOf = (from: string, to: string) => room.get(from)?.get(to) ?? 0;
  const give = (from: string, to: string, units: number) => {
    const list = room.get(from) ?? new Map<string, number>();
    list.set(to, roomOf(from, to) + units);
    room.set(from, list);
  };
  for (const { nodeId1, nodeId2, policy1, policy2 } of graph.channels()) {
    if (policy1 !== undefined && !policy1.disabled) give(nodeId1, nodeId2, Number(policy1.htlcMaximumMsat / unitMsat));
    if (policy2 !== undefined && !policy2.disabled) give(nodeId2, nodeId1, Number(policy2.htlcMaximumMsat / unitMsat));
  }
  let total = 0;
  for (;;) {
    const before = new Map<string, string>();
    const queue: string[] = [payer];
    for (let node = queue.shift(); node !== undefined && !before.has(payee); node = queue.shift()) {
      for (const [to, units] of room.get(node) ?? []) {
        if (units <= 0 || to === payer || before.has(to)) continue;
        before.set(to, node);
        queue.push(to);
      }
    }
    if (!before.has(payee)) return total;
    for (let node: string = payee; node !== payer; node = before.get(node)!) {
      give(before.get(node)!, node, -1);
      give(node, before.get(node)!, 1);
    }
    total++;
  }
}
