import type { FastifyInstance } from 'fastify';
import { ApiError, errorSchema } from './api-error.ts';
import { aroundNode } from './around-node.ts';
import type { GraphHolder } from './graph-holder.ts';
import {
  aroundSchema,
  channelJson,
  channelSchema,
  graphSchema,
  nodeJson,
  nodeListSchema,
  nodeSchema,
  nodeSummary,
} from './graph-json.ts';
import { parseNodeId, parseShortChannelId } from './ids.ts';
import { listNodes } from './list-nodes.ts';

const failures = { '4xx': errorSchema, '5xx': errorSchema } as const;
const limitSchema = (most: number, usual: number) =>
  ({ type: 'integer', minimum: 1, maximum: most, default: usual }) as const;

/** What the graph holds: its state, a node, a channel, nodes by name, and the network around a node. */
export function addGraphEndpoints(app: FastifyInstance, holder: GraphHolder): void {
  const tags = ['graph'];

  app.get(
    '/graph',
    { schema: { summary: "The graph's state", tags, response: { 200: graphSchema, ...failures } } },
    () => {
      const { graph, generation, source, newestUpdate, loadedAt, loadMilliseconds, snapshotBytes } = holder.current;
      return {
        channels: graph.channelCount,
        nodes: graph.nodeCount,
        generation,
        source,
        snapshotTime: newestUpdate === 0 ? null : new Date(newestUpdate * 1000).toISOString(),
        loadedAt: loadedAt.toISOString(),
        loadMilliseconds: Math.round(loadMilliseconds * 10) / 10,
        snapshotBytes,
        memory: { graphBytes: graph.byteLength, processBytes: process.memoryUsage.rss() },
        process: process.pid,
      };
    },
  );

  app.get<{ Params: { id: string }; Querystring: { limit: number; offset: number } }>(
    '/node/:id',
    {
      schema: {
        summary: 'A node and its channels',
        tags,
        params: { type: 'object', properties: { id: { type: 'string' } } },
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: { limit: limitSchema(1000, 100), offset: { type: 'integer', minimum: 0, default: 0 } },
        },
        response: { 200: nodeSchema, ...failures },
      },
    },
    ({ params, query }) => {
      const { graph } = holder.current;
      const id = parseNodeId(params.id, 'id');
      const node = graph.node(id);
      if (node === undefined) throw new ApiError('unknown_node', `the graph has no node ${id} with a channel`, 'id');
      return nodeJson(graph, node, query.offset, query.limit);
    },
  );

  app.get<{ Params: { scid: string } }>(
    '/channel/:scid',
    {
      schema: {
        summary: 'A channel and both its policies',
        tags,
        params: { type: 'object', properties: { scid: { type: 'string' } } },
        response: { 200: channelSchema, ...failures },
      },
    },
    ({ params }) => {
      const channel = holder.current.graph.channel(parseShortChannelId(params.scid, 'scid'));
      if (channel === undefined) {
        throw new ApiError('unknown_channel', `the graph has no channel ${params.scid}`, 'scid');
      }
      return channelJson(channel);
    },
  );

  app.get<{ Querystring: { search?: string; limit: number } }>(
    '/nodes',
    {
      schema: {
        summary: 'Nodes by a part of their alias or the beginning of their id, those with most channels first',
        tags,
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: { search: { type: 'string', maxLength: 66 }, limit: limitSchema(100, 20) },
        },
        response: { 200: nodeListSchema, ...failures },
      },
    },
    ({ query }) => {
      const { graph } = holder.current;
      return { nodes: listNodes(graph, query.search ?? '', query.limit).map((id) => nodeSummary(graph, id)) };
    },
  );

  app.get<{ Params: { id: string }; Querystring: { hops: number; limit: number } }>(
    '/around/:id',
    {
      schema: {
        summary: 'The network around a node: those with the largest channels first, and the channels between them',
        tags,
        params: { type: 'object', properties: { id: { type: 'string' } } },
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: { hops: { type: 'integer', minimum: 1, maximum: 3, default: 2 }, limit: limitSchema(300, 80) },
        },
        response: { 200: aroundSchema, ...failures },
      },
    },
    ({ params, query }) => {
      const { graph } = holder.current;
      const id = parseNodeId(params.id, 'id');
      const around = aroundNode(graph, id, query.hops, query.limit);
      if (around === undefined) throw new ApiError('unknown_node', `the graph has no node ${id} with a channel`, 'id');
      return {
        nodes: around.nodes.map((id) => nodeSummary(graph, id)),
        channels: around.channels.map((channel) => channelJson(channel)),
      };
    },
  );
}
