import { cltvDelta, fromHex, msat, type ShortChannelId, sat, shortChannelIdOf, unwrap } from '@boltwright/base';
import { NetworkGraph } from '@boltwright/routing';
import type { Topology, TopologyPolicy } from './topology.ts';

/** The topology's channels have no ids: their rows make them up, 80 to a block. */
export const scidOf = (row: number): ShortChannelId =>
  shortChannelIdOf(600_000 + Math.floor(row / 80) * 3, 1 + (((row % 80) * 37) % 3000), row % 2);

export const updateTime = 1_770_000_000;

/** Spread over the two weeks in which live channels are announced again. */
export const timestampOf = (row: number, direction: number): number =>
  updateTime - ((row * 7919 + direction * 104_729) % 1_209_600);

export const policyOf = (policy: TopologyPolicy, timestamp: number) => ({
  timestamp,
  disabled: !policy.enabled,
  feeBaseMsat: policy.feeBaseMsat,
  feeProportionalMillionths: policy.feeProportionalMillionths,
  cltvExpiryDelta: cltvDelta(policy.cltvExpiryDelta),
  htlcMinimumMsat: msat(BigInt(policy.htlcMinimumMsat)),
  htlcMaximumMsat: msat(BigInt(policy.htlcMaximumMsat)),
});

/** Builds our graph as gossip would: a channel at a time. A direction without any terms was never announced. */
export function ourGraph({ nodeIds, channels }: Topology): NetworkGraph {
  const graph = new NetworkGraph({ hashSeed: 0x1234_5678 });
  const keys = nodeIds.map((id) => fromHex(id));
  channels.forEach((channel, row) => {
    const shortChannelId = scidOf(row);
    unwrap(
      graph.addChannel({
        shortChannelId,
        nodeId1: keys[channel.node1]!,
        nodeId2: keys[channel.node2]!,
        capacitySat: sat(BigInt(channel.capacitySat)),
        receivedAt: updateTime,
      }),
    );
    for (const direction of [0, 1] as const) {
      const policy = direction === 0 ? channel.policy1 : channel.policy2;
      if (!isKnown(policy)) continue;
      unwrap(graph.updateChannel(shortChannelId, direction, policyOf(policy, timestampOf(row, direction))));
    }
  });
  return graph;
}

export const isKnown = (policy: TopologyPolicy): boolean =>
  policy.htlcMaximumMsat > 0 && policy.htlcMinimumMsat <= policy.htlcMaximumMsat;
