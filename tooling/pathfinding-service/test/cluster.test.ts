import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSnapshot } from '@boltwright/routing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { demoGraph } from '../src/index.ts';
import { buildPage, buildService, type RunningService, runToEnd, startService } from './support/service.ts';

const folder = mkdtempSync(join(tmpdir(), 'pathfinding-test-'));
const small = writeSnapshot(demoGraph(600, 3));
const large = writeSnapshot(demoGraph(900, 3));
const [payer, payee] = [0, 2].map((i) => {
  const graph = demoGraph(600, 3);
  const rows = [...Array(graph.nodeTable.length).keys()];
  return graph.nodeTable.id(rows.sort((a, b) => graph.nodeTable.listLength[b]! - graph.nodeTable.listLength[a]!)[i]!);
});
const file = join(folder, 'network.snapshot');
const running: RunningService[] = [];

const start = async (...parameters: string[]) => {
  const service = await startService(parameters);
  running.push(service);
  return service;
};
/** A connection of its own each time, so that the primary deals them out. */
const ask = async (url: string, init: RequestInit = {}) => {
  // a connection that was being handed to a worker as it fell may stay unanswered
  const signal = AbortSignal.timeout(5000);
  const answer = await fetch(url, { ...init, signal, headers: { connection: 'close', ...init.headers } });
  return { status: answer.status, body: await answer.json() };
};
const route = (url: string) =>
  ask(`${url}/route`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ payer, payee, amountMsat: '1000' }),
  });

beforeAll(async () => {
  await Promise.all([buildService(), buildPage()]);
  writeFileSync(file, small);
});
afterAll(async () => {
  await Promise.all(running.map((service) => service.stop()));
  rmSync(folder, { recursive: true, force: true });
});

describe('several workers over one snapshot', () => {
  test('answer together, reload under load without losing a request, and outlive a bad snapshot', async () => {
    const service = await start('--snapshot', file, '--workers', '2');
    const states = await Promise.all(Array.from({ length: 12 }, () => ask(`${service.url}/graph`)));
    expect(new Set(states.map(({ body }) => body.process)).size).toBe(2);
    expect(states.every(({ body }) => body.channels === 600)).toBe(true);

    const answers: { status: number; generation: number }[] = [];
    let loading = true;
    const load = async () => {
      while (loading) {
        const { status, body } = await route(service.url);
        answers.push({ status, generation: body.generation });
      }
    };
    const askers = Array.from({ length: 8 }, load);
    writeFileSync(file, large);
    const reloaded = await ask(`${service.url}/reload`, { method: 'POST' });
    expect(reloaded).toEqual({
      status: 200,
      body: { generation: 2, channels: 900, nodes: expect.any(Number), workers: 2 },
    });
    const before = answers.length;
    while (answers.length < before + 40) await route(service.url);
    loading = false;
    await Promise.all(askers);
    // with other capacities a route may fail for itself, but never for the reload
    expect(answers.filter(({ status }) => status !== 200 && status !== 422)).toEqual([]);
    expect(answers.slice(-10).every(({ status, generation }) => status === 422 || generation === 2)).toBe(true);

    const altered = Uint8Array.from(large);
    altered[1000]! ^= 1;
    writeFileSync(file, altered);
    const bad = await ask(`${service.url}/reload`, { method: 'POST' });
    expect([bad.status, bad.body.error.code]).toEqual([500, 'reload_failed']);
    expect(bad.body.error.message).toContain('bad_checksum');
    for (let i = 0; i < 4; i++)
      expect((await ask(`${service.url}/graph`)).body).toMatchObject({ channels: 900, generation: 2 });

    writeFileSync(file, small);
    const told = once(service.process.stderr!, 'data');
    service.process.kill('SIGHUP');
    await told;
    expect(service.errors()).toContain('loaded generation 3: 600 channels');
    expect((await ask(`${service.url}/graph`)).body.channels).toBe(600);
  });

  test('a worker that falls is replaced, and figures are of all workers', async () => {
    writeFileSync(file, small);
    const service = await start('--snapshot', file, '--workers', '2');
    const processes = async () =>
      new Set(
        (await Promise.all(Array.from({ length: 8 }, () => ask(`${service.url}/graph`)))).map(
          ({ body }) => body.process,
        ),
      );
    const first = await processes();
    expect(first.size).toBe(2);
    const [victim] = [...first] as number[];
    process.kill(victim!, 'SIGKILL');
    let now = await processes().catch(() => new Set<number>());
    while (now.size < 2 || now.has(victim!)) now = await processes().catch(() => new Set<number>());
    expect(service.errors()).toContain('a worker ended (SIGKILL)');
    for (let i = 0; i < 6; i++) await route(service.url);
    const text = await (await fetch(`${service.url}/metrics`)).text();
    const counts = [...text.matchAll(/pathfinding_http_request_seconds_count\{route="\/route".*\} (\d+)/g)];
    expect(counts.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(6);
    expect(text).toContain('pathfinding_graph_channels 600');
  });

  test('stop after the request under way, and remove what they wrote', async () => {
    const service = await start('--demo', '300', '--workers', '2');
    const body = JSON.stringify({ payer, payee, amountMsat: '1000' });
    const slow = request(`${service.url}/route`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': String(body.length) },
    });
    slow.write(body.slice(0, 10));
    // another request's answer: the workers have seen the slow one's beginning
    await ask(`${service.url}/health`);
    await ask(`${service.url}/health`);
    const stopped = service.stop();
    slow.end(body.slice(10));
    const [answer] = (await once(slow, 'response')) as [{ statusCode: number; resume: () => void }];
    answer.resume();
    expect(answer.statusCode).toBe(404); // the demo's nodes are others
    expect(await stopped).toBe(0);
    await expect(fetch(`${service.url}/health`)).rejects.toThrow();
  });

  test('show the API, and the page', async () => {
    const service = await start('--demo', '50');
    expect(await (await fetch(`${service.url}/docs/`)).text()).toContain('swagger-ui');
    const page = await fetch(service.url);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(await page.text()).toContain('Boltwright');
    expect((await fetch(`${service.url}/page.js`)).headers.get('content-type')).toContain('javascript');
  });
});

describe('the command line', () => {
  test('reads tables', async () => {
    const head = `node,node_id\n0,02${'11'.repeat(32)}\n1,03${'22'.repeat(32)}\n`;
    const columns = [
      'enabled',
      'htlc_minimum_msat',
      'htlc_maximum_msat',
      'fee_base_msat',
      'fee_proportional_millionths',
      'cltv_expiry_delta',
    ];
    const names = [
      'channel',
      'node_1',
      'node_2',
      'capacity_sat',
      ...[1, 2].flatMap((end) => columns.map((name) => `${name}_${end}`)),
    ];
    const row = '0,0,1,1000,1,1,1000000,0,1,40,0,0,0,0,0,0';
    const csv = mkdtempSync(join(folder, 'csv-'));
    writeFileSync(join(csv, 'my-nodes.csv'), head);
    writeFileSync(join(csv, 'my-channels.csv'), `${names.join()}\n${row}\n`);
    const service = await start('--csv', csv);
    expect((await ask(`${service.url}/graph`)).body).toMatchObject({ channels: 1, nodes: 2 });
    const { body } = await ask(`${service.url}/channel/600000x1x0`);
    expect([body.policy1.htlcMaximumMsat, body.policy2]).toEqual(['1000000', null]);

    writeFileSync(
      join(csv, 'my-channels.csv'),
      `${names.join()}\n${row}\n${row.replace('0,0,1,1000', '1,0,9,1000')}\n`,
    );
    const bad = await ask(`${service.url}/reload`, { method: 'POST' });
    expect(bad.body.error.message).toContain('channels, line 3');
  });

  test('says what is wrong', async () => {
    const cut = join(folder, 'cut.snapshot');
    writeFileSync(cut, readFileSync(file).subarray(0, 500));
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address() as { port: number };
    const cases: readonly (readonly [readonly string[], string])[] = [
      [[], 'one of --snapshot, --csv and --demo is needed'],
      [['--demo', 'x'], 'A whole number from 1'],
      [['--demo', '5', '--snapshot', file], 'cannot be used with'],
      [['--demo', '5', '--port', '70000'], 'from 0 to 65535'],
      [['--snapshot', join(folder, 'none')], 'ENOENT'],
      [['--snapshot', cut, '--port', '0'], 'cut off or altered'],
      [['--demo', '5', '--port', String(port)], 'EADDRINUSE'],
    ];
    for (const [parameters, message] of cases) {
      const { code, errors } = await runToEnd(parameters);
      expect([code, errors]).toEqual([1, expect.stringContaining(message)]);
    }
    busy.close();
  });
});
