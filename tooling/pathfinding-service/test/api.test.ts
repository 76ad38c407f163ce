import { formatShortChannelId } from '@boltwright/base';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { buildApp, createMetrics, demoGraph, GraphHolder } from '../src/index.ts';
import { isLoopback } from '../src/reload-endpoint.ts';

const graph = demoGraph(2000, 7);
const channels = [...graph.channels()];
const biggest = [...Array(graph.nodeTable.length).keys()]
  .sort((a, b) => graph.nodeTable.listLength[b]! - graph.nodeTable.listLength[a]!)
  .map((row) => graph.nodeTable.id(row));
const [payer, payee] = [biggest[0]!, biggest[3]!];
const stranger = `02${'ab'.repeat(32)}`;
let app: FastifyInstance;
let url = '';
let reloads = 0;

beforeAll(async () => {
  const holder = GraphHolder.of(graph, 'a test');
  const metrics = createMetrics(holder, false);
  app = await buildApp({
    holder,
    metrics,
    allMetrics: () => metrics.registry.metrics(),
    docs: false,
    reload: async () => {
      reloads++;
      return { ok: true, value: { generation: 2, channels: 1, nodes: 2, workers: 1 } };
    },
  });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => app.close());

const ask = async (path: string, init?: RequestInit) => {
  const answer = await fetch(`${url}${path}`, init);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};
const get = async (path: string) => {
  const { status, text } = await ask(path);
  return { status, body: JSON.parse(text) };
};
const post = async (payload: string | object, headers: Record<string, string> = {}) => {
  const { status, text } = await ask('/route', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
  return { status, body: JSON.parse(text) };
};
const usual = { payer, payee, amountMsat: '1000000' };

describe('POST /route', () => {
  test('finds a path whose amounts, fees and ends agree with each other and with the policies', async () => {
    const { status, body } = await post(usual);
    expect(status).toBe(200);
    expect(body.amountMsat).toBe('1000000');
    const [part] = body.parts;
    expect(part.hops[0].from).toBe(payer);
    expect(part.hops.at(-1).to).toBe(payee);
    expect(part.hops.at(-1).amountMsat).toBe('1000000');
    for (const [i, hop] of part.hops.entries()) {
      const channel = channels.find(
        ({ shortChannelId }) => formatShortChannelId(shortChannelId) === hop.shortChannelId,
      )!;
      expect([channel.nodeId1, channel.nodeId2].sort()).toEqual([hop.from, hop.to].sort());
      const policy = channel.nodeId1 === hop.from ? channel.policy1! : channel.policy2!;
      const carried = BigInt(hop.amountMsat);
      expect(policy.disabled).toBe(false);
      expect(carried >= policy.htlcMinimumMsat && carried <= policy.htlcMaximumMsat).toBe(true);
      if (i === 0) continue;
      // what the node before keeps pays for this channel
      const owed = BigInt(policy.feeBaseMsat) + (carried * BigInt(policy.feeProportionalMillionths)) / 1_000_000n;
      expect(BigInt(part.hops[i - 1].feeMsat) >= owed).toBe(true);
      expect(BigInt(part.hops[i - 1].amountMsat) - carried).toBe(BigInt(part.hops[i - 1].feeMsat));
    }
    expect(BigInt(part.hops[0].amountMsat) - 1_000_000n).toBe(BigInt(body.feeMsat));
  });

  test('goes round excluded channels and nodes', async () => {
    const first = (await post(usual)).body.parts[0].hops;
    const without = (await post({ ...usual, excludedChannels: [first[0].shortChannelId] })).body;
    expect(without.parts?.[0].hops[0].shortChannelId).not.toBe(first[0].shortChannelId);
    const middle = biggest.slice(4, 40);
    const round = await post({ ...usual, excludedNodes: middle });
    const passed = (round.body.parts ?? []).flatMap((part: { hops: { to: string }[] }) =>
      part.hops.map(({ to }) => to),
    );
    expect(passed.filter((id: string) => (middle as string[]).includes(id))).toEqual([]);
  });

  test('splits what no path carries, and adds up', async () => {
    const amountMsat = '60000000000';
    const one = await post({ ...usual, amountMsat, maxParts: 1, maxFeeMsat: '60000000000' });
    const many = await post({ ...usual, amountMsat: '2000000000', maxFeeMsat: '60000000000', maxParts: 30 });
    expect([200, 422]).toContain(one.status);
    expect(many.status).toBe(200);
    const sum = many.body.parts.reduce(
      (total: bigint, part: { amountMsat: string }) => total + BigInt(part.amountMsat),
      0n,
    );
    expect(sum).toBe(2_000_000_000n);
  });

  test('follows a hint to a payee that the graph does not know', async () => {
    expect((await post({ ...usual, payee: stranger })).body.error).toMatchObject({
      code: 'unknown_node',
      field: 'payee',
    });
    const hop = {
      sourceNodeId: payee,
      shortChannelId: '1x2x3',
      feeBaseMsat: 1000,
      feeProportionalMillionths: 0,
      cltvExpiryDelta: 40,
    };
    const { status, body } = await post({ ...usual, payee: stranger, routeHints: [[hop]] });
    expect(status).toBe(200);
    expect(body.parts[0].hops.at(-1)).toMatchObject({ to: stranger, shortChannelId: '1x2x3', isPublic: false });
  });

  test('begins with the first hops of a payer that the graph does not know', async () => {
    const firstHops = [{ counterparty: payer, shortChannelId: '5x5x5', limitMsat: '2000000' }];
    const { status, body } = await post({ ...usual, payer: stranger, firstHops });
    expect(status).toBe(200);
    expect(body.parts[0].hops[0]).toMatchObject({ from: stranger, to: payer, shortChannelId: '5x5x5' });
    const more = await post({ ...usual, payer: stranger, firstHops, amountMsat: '3000000' });
    expect(more.body.error.code).toBe('no_route');
  });

  test('gives alternatives that differ, and the same answer to the same question', async () => {
    const asked = { ...usual, alternatives: 3 };
    const { body } = await post(asked);
    const key = (route: { parts: { hops: { shortChannelId: string }[] }[] }) =>
      route.parts.map(({ hops }) => hops.map(({ shortChannelId }) => shortChannelId).join()).join(';');
    const keys = [body, ...body.alternatives].map(key);
    expect(keys.length).toBe(3);
    expect(new Set(keys).size).toBe(3);
    const again = (await post(asked)).body;
    expect([again, ...again.alternatives].map(key)).toEqual(keys);
  });

  test('tells a limit on fees from there being no route', async () => {
    const far = { ...usual, payer: biggest.at(-9)!, payee: biggest.at(-30)!, amountMsat: '40000' };
    const { body } = await post(far);
    expect(BigInt(body.feeMsat) > 0n).toBe(true);
    const dear = await post({ ...far, maxFeeMsat: '0' });
    expect([dear.status, dear.body.error?.code]).toEqual([422, 'fee_limit_exceeded']);
    const huge = await post({ ...usual, amountMsat: '2000000000000000' });
    expect([huge.status, huge.body.error.code]).toEqual([422, 'no_route']);
  });

  test.each([
    ['bad JSON', '{"payer":', 400, 'bad_json', undefined],
    ['no body', '', 400, 'bad_json', undefined],
    ['an array', '[]', 400, 'invalid_request', undefined],
    ['null', 'null', 400, 'invalid_request', undefined],
    ['a poisoned prototype', '{"__proto__":{"payer":1}}', 400, 'bad_json', undefined],
    ['a missing field', { payer, payee }, 400, 'invalid_request', 'amountMsat'],
    ['an unknown field', { ...usual, ammount: 1 }, 400, 'invalid_request', 'ammount'],
    ['an amount as a number', { ...usual, amountMsat: 1000 }, 400, 'invalid_request', 'amountMsat'],
    ['a negative amount', { ...usual, amountMsat: '-1' }, 400, 'invalid_request', 'amountMsat'],
    ['a fraction', { ...usual, amountMsat: '1.5' }, 400, 'invalid_request', 'amountMsat'],
    ['an amount with a line break', { ...usual, amountMsat: '5\n' }, 400, 'invalid_request', 'amountMsat'],
    ['an amount of 400 digits', { ...usual, amountMsat: '9'.repeat(400) }, 400, 'invalid_request', 'amountMsat'],
    ['no amount at all', { ...usual, amountMsat: '0' }, 400, 'invalid_request', undefined],
    ['more than is ever routed', { ...usual, amountMsat: '9'.repeat(19) }, 400, 'invalid_request', undefined],
    ['a short node id', { ...usual, payer: payer.slice(2) }, 400, 'invalid_request', 'payer'],
    [
      'a channel id out of range',
      { ...usual, excludedChannels: ['99999999x1x1'] },
      400,
      'invalid_request',
      'excludedChannels/0',
    ],
    ['parts as text', { ...usual, maxParts: '3' }, 400, 'invalid_request', 'maxParts'],
    ['too many parts', { ...usual, maxParts: 1e9 }, 400, 'invalid_request', 'maxParts'],
    ['the payer as payee', { ...usual, payee: payer }, 400, 'invalid_request', undefined],
    [
      'too many exclusions',
      { ...usual, excludedChannels: Array(501).fill('1x1x1') },
      400,
      'invalid_request',
      'excludedChannels',
    ],
    ['an unknown payer', { ...usual, payer: stranger }, 404, 'unknown_node', 'payer'],
    ['too much', { ...usual, payer: 'a'.repeat(300_000) }, 413, 'body_too_large', undefined],
  ])('refuses %s', async (_name, payload, status, code, field) => {
    const answer = await post(payload as string | object);
    expect([answer.status, answer.body.error.code, answer.body.error.field]).toEqual([status, code, field]);
    expect(answer.body.error.message).not.toBe('');
  });

  test('refuses another content type, another method and another path', async () => {
    expect((await post('payer=1', { 'content-type': 'application/x-www-form-urlencoded' })).body.error.code).toBe(
      'unsupported_media_type',
    );
    const wrong = await ask('/route');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    expect(JSON.parse(wrong.text).error.code).toBe('method_not_allowed');
    expect((await get('/nothing')).body.error.code).toBe('not_found');
  });

  test('answers anything with a status that was meant', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc
            .dictionary(
              fc.constantFrom(...Object.keys(usual), 'routeHints', 'firstHops', 'inFlight', 'maxParts'),
              fc.jsonValue(),
            )
            .map((value) => JSON.stringify({ ...usual, ...value })),
        ),
        async (payload) => {
          const { status } = await post(payload);
          expect([200, 400, 404, 422]).toContain(status);
        },
      ),
      { seed: 4, numRuns: 300 },
    );
  });
});

describe('the graph', () => {
  test('tells its state', async () => {
    const { body } = await get('/graph');
    expect(body).toMatchObject({
      channels: graph.channelCount,
      nodes: graph.nodeCount,
      generation: 1,
      source: 'a test',
    });
    expect(new Date(body.snapshotTime).getTime()).toBeGreaterThan(0);
    expect(body.memory.graphBytes).toBe(graph.byteLength);
  });

  test('tells a node, with a page of its channels', async () => {
    const { body } = await get(`/node/${payer}?limit=3&offset=1`);
    expect(body).toMatchObject({ nodeId: payer, channelCount: graph.node(payer)!.channelCount });
    expect(body.channels).toHaveLength(3);
    expect(body.alias).toMatch(/^[a-z]+-[a-z]+-\d+$/);
    expect(body.addresses[0]).toMatchObject({ kind: 'ipv4', port: 9735 });
    expect((await get(`/node/${payer.toUpperCase()}`)).body.channels[0].nodeId1).toMatch(/^0/);
    expect((await get(`/node/${stranger}`)).body.error.code).toBe('unknown_node');
    expect((await get('/node/xyz')).body.error).toMatchObject({ code: 'invalid_request', field: 'id' });
    expect((await get(`/node/${payer}?limit=0`)).body.error.field).toBe('limit');
    expect((await get(`/node/${payer}?other=1`)).body.error.field).toBe('other');
    expect((await get(`/node/${'0'.repeat(500)}`)).body.error.code).toBe('invalid_request');
    expect((await get('/node/%ff')).status).toBe(400);
  });

  test('tells a channel by both ways to write its id', async () => {
    const channel = channels[5]!;
    const byParts = await get(`/channel/${formatShortChannelId(channel.shortChannelId)}`);
    const byNumber = await get(`/channel/${channel.shortChannelId}`);
    expect(byParts.body).toEqual(byNumber.body);
    expect(byParts.body).toMatchObject({
      nodeId1: channel.nodeId1,
      capacitySat: String(channel.capacitySat),
      policy1: { htlcMaximumMsat: String(channel.policy1!.htlcMaximumMsat) },
    });
    expect((await get('/channel/1x1x1')).body.error.code).toBe('unknown_channel');
    for (const id of ['1x1', 'x', '99999999999999999999', '1x1x99999']) {
      expect((await get(`/channel/${id}`)).body.error.code).toBe('invalid_request');
    }
  });

  test('finds nodes by alias and id, largest first', async () => {
    const { nodes } = (await get('/nodes?limit=5')).body;
    const counts = nodes.map(({ channelCount }: { channelCount: number }) => channelCount);
    expect(counts).toEqual([...counts].sort((a: number, b: number) => b - a));
    const alias = (await get(`/node/${payer}`)).body.alias;
    expect((await get(`/nodes?search=${alias.toUpperCase()}`)).body.nodes[0].nodeId).toBe(payer);
    expect((await get(`/nodes?search=${payer.slice(0, 12)}`)).body.nodes[0].nodeId).toBe(payer);
  });

  test('draws no more than it was asked for, every channel once, between nodes that it names', async () => {
    const { nodes, channels } = (await get(`/around/${payer}?hops=2&limit=50`)).body;
    expect(nodes).toHaveLength(50);
    expect(nodes[0].nodeId).toBe(payer);
    const ids = new Set(nodes.map(({ nodeId }: { nodeId: string }) => nodeId));
    const scids = channels.map(({ shortChannelId }: { shortChannelId: string }) => shortChannelId);
    expect(new Set(scids).size).toBe(scids.length);
    const expected = [...graph.channels()].filter(({ nodeId1, nodeId2 }) => ids.has(nodeId1) && ids.has(nodeId2));
    expect(scids.length).toBe(expected.length);
  });
});

describe('the service', () => {
  test('describes every endpoint in OpenAPI', async () => {
    const { body } = await get('/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths).sort()).toEqual(
      [
        '/around/{id}',
        '/channel/{scid}',
        '/graph',
        '/health',
        '/metrics',
        '/node/{id}',
        '/nodes',
        '/reload',
        '/route',
      ].sort(),
    );
    expect(body.paths['/route'].post.requestBody.content['application/json'].schema.required).toContain('amountMsat');
  });

  test('counts for Prometheus, by route patterns and not by what callers write', async () => {
    await get('/node/whatever-a-caller-writes');
    const { text: body, headers } = await ask('/metrics');
    expect(headers.get('content-type')).toContain('text/plain');
    expect(body).toContain(`pathfinding_graph_channels ${graph.channelCount}`);
    expect(body).toMatch(/pathfinding_search_seconds_count\{outcome="found"\} \d+/);
    expect(body).toMatch(/pathfinding_http_request_seconds_count\{route="\/node\/:id",method="GET",status="400"\} \d+/);
    expect(body).not.toContain('whatever');
  });

  test('reloads for programs of this machine only', async () => {
    const reload = (headers: Record<string, string> = {}) => ask('/reload', { method: 'POST', headers });
    expect(JSON.parse((await reload({ origin: 'http://evil.example' })).text).error.code).toBe('forbidden');
    expect((await reload({ 'x-forwarded-for': '192.0.2.7' })).status).toBe(403);
    expect(reloads).toBe(0);
    expect(JSON.parse((await reload()).text)).toEqual({ generation: 2, channels: 1, nodes: 2, workers: 1 });
    expect(reloads).toBe(1);
    for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) expect(isLoopback(address)).toBe(true);
    for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1', '1127.0.0.1', undefined]) {
      expect(isLoopback(address)).toBe(false);
    }
  });
});
