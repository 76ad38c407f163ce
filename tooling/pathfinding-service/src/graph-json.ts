import { formatShortChannelId, type NodeId, toHex } from '@boltwright/base';
import type { ChannelPolicy, GraphChannel, GraphNode, NetworkGraph } from '@boltwright/routing';
import { decodeNodeAddresses } from '@boltwright/wire';

/** An alias as text: what is no UTF-8 shows as such, what could move a cursor or turn writing round is left out. */
export const aliasText = (alias: Uint8Array): string =>
  new TextDecoder()
    .decode(alias)
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();

const policyJson = (policy: ChannelPolicy | undefined) =>
  policy === undefined
    ? null
    : {
        timestamp: policy.timestamp,
        disabled: policy.disabled,
        feeBaseMsat: policy.feeBaseMsat,
        feeProportionalMillionths: policy.feeProportionalMillionths,
        cltvExpiryDelta: policy.cltvExpiryDelta as number,
        htlcMinimumMsat: String(policy.htlcMinimumMsat),
        htlcMaximumMsat: String(policy.htlcMaximumMsat),
      };

/** A channel, its amounts as strings. */
export const channelJson = (channel: GraphChannel) => ({
  shortChannelId: formatShortChannelId(channel.shortChannelId),
  nodeId1: channel.nodeId1,
  nodeId2: channel.nodeId2,
  capacitySat: channel.capacitySat === undefined ? null : String(channel.capacitySat),
  features: toHex(channel.features),
  policy1: policyJson(channel.policy1),
  policy2: policyJson(channel.policy2),
});

/** What a list or a drawing shows of a node. */
export function nodeSummary(graph: NetworkGraph, id: NodeId) {
  const node = graph.node(id);
  const announcement = node?.announcement;
  return {
    nodeId: id,
    alias: announcement === undefined ? null : aliasText(announcement.alias),
    color: announcement === undefined ? null : `#${toHex(announcement.rgbColor)}`,
    channelCount: node?.channelCount ?? 0,
  };
}

/** A node and a page of its channels. */
export function nodeJson(graph: NetworkGraph, node: GraphNode, offset: number, limit: number) {
  const { announcement } = node;
  const addresses = announcement === undefined ? undefined : decodeNodeAddresses(announcement.addresses);
  const channels: ReturnType<typeof channelJson>[] = [];
  let at = 0;
  for (const channel of graph.channelsOf(node.nodeId)) {
    if (at >= offset + limit) break;
    if (at++ >= offset) channels.push(channelJson(channel));
  }
  return {
    ...nodeSummary(graph, node.nodeId),
    timestamp: announcement?.timestamp ?? null,
    features: announcement === undefined ? null : toHex(announcement.features),
    // what a node wrote wrongly is its own affair: it has no address then
    addresses: addresses?.ok ? addresses.value.addresses : [],
    channels,
  };
}

const text = { type: 'string' } as const;
const whole = { type: 'integer' } as const;
const maybe = <T extends string>(type: T) => ({ type: [type, 'null'] }) as const;

const policySchema = {
  type: ['object', 'null'],
  required: [
    'timestamp',
    'disabled',
    'feeBaseMsat',
    'feeProportionalMillionths',
    'cltvExpiryDelta',
    'htlcMinimumMsat',
    'htlcMaximumMsat',
  ],
  properties: {
    timestamp: { ...whole, description: 'Seconds since 1970' },
    disabled: { type: 'boolean' },
    feeBaseMsat: whole,
    feeProportionalMillionths: whole,
    cltvExpiryDelta: whole,
    htlcMinimumMsat: text,
    htlcMaximumMsat: text,
  },
} as const;

export const channelSchema = {
  type: 'object',
  required: ['shortChannelId', 'nodeId1', 'nodeId2', 'capacitySat', 'features', 'policy1', 'policy2'],
  properties: {
    shortChannelId: text,
    nodeId1: text,
    nodeId2: text,
    capacitySat: { ...maybe('string'), description: 'null where nobody looked it up' },
    features: { ...text, description: 'Hex' },
    policy1: { ...policySchema, description: 'From nodeId1 to nodeId2; null where nobody announced it' },
    policy2: policySchema,
  },
} as const;

const summary = {
  nodeId: text,
  alias: maybe('string'),
  color: maybe('string'),
  channelCount: whole,
} as const;
const summaryRequired = ['nodeId', 'alias', 'color', 'channelCount'] as const;
const summarySchema = { type: 'object', required: summaryRequired, properties: summary } as const;

export const nodeSchema = {
  type: 'object',
  required: [...summaryRequired, 'timestamp', 'features', 'addresses', 'channels'],
  properties: {
    ...summary,
    timestamp: maybe('integer'),
    features: maybe('string'),
    addresses: {
      type: 'array',
      items: { type: 'object', properties: { kind: text, host: text, port: whole } },
    },
    channels: { type: 'array', items: channelSchema },
  },
} as const;

export const nodeListSchema = {
  type: 'object',
  required: ['nodes'],
  properties: { nodes: { type: 'array', items: summarySchema } },
} as const;

export const aroundSchema = {
  type: 'object',
  required: ['nodes', 'channels'],
  properties: {
    nodes: { type: 'array', items: summarySchema },
    channels: { type: 'array', items: channelSchema },
  },
} as const;

export const graphSchema = {
  type: 'object',
  required: ['channels', 'nodes', 'generation', 'source', 'snapshotTime', 'loadedAt', 'memory', 'process'],
  properties: {
    channels: whole,
    nodes: whole,
    generation: { ...whole, description: 'Counts loads' },
    source: text,
    snapshotTime: { ...maybe('string'), description: "The newest policy's time" },
    loadedAt: text,
    loadMilliseconds: { type: 'number' },
    snapshotBytes: whole,
    memory: { type: 'object', properties: { graphBytes: whole, processBytes: whole } },
    process: { ...whole, description: 'The worker that answered' },
  },
} as const;
