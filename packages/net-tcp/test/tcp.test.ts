import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { nodeId, unwrap } from '@boltwright/base';
import { afterEach, describe, expect, test } from '@jest/globals';
import { meetOverTcp } from '../examples/two-nodes.ts';
import type { Tcp, TcpAddress } from '../src/index.ts';
import { remoteAddressDescriptor } from '../src/remote-address.ts';
import { numbered, numbersOf, type TestNode, testNode } from './support/node.ts';

const loopback = { host: '127.0.0.1', port: 0 };
const open: Tcp[] = [];
const servers: Server[] = [];

function node(...args: Parameters<typeof testNode>): TestNode {
  const made = testNode(...args);
  open.push(made.tcp);
  return made;
}
/** A server of the test's own; sockets are closed with it. */
async function serve(handle: (socket: Socket) => void): Promise<TcpAddress> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    handle(socket);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return { host: '127.0.0.1', port: address.port };
}
async function pair(left = node(1), right = node(2), through?: TcpAddress) {
  const at = through ?? unwrap(await right.tcp.listen(loopback));
  const details = unwrap(await left.tcp.connect(right.id, at));
  await right.channels.until(() => right.channels.notes.length > 0);
  return { left, right, at, details };
}

/** Hands bytes on both ways; `halves` are the dialler's side and the one behind. */
async function proxy(behind: TcpAddress) {
  const halves: Socket[] = [];
  const at = await serve((socket) => {
    const onward = dial(behind);
    onward.on('error', () => {});
    socket.on('data', (chunk) => onward.write(chunk));
    onward.on('data', (chunk) => socket.write(chunk));
    socket.on('end', () => onward.end());
    onward.on('end', () => socket.end());
    halves.push(socket, onward);
  });
  return { at, halves };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((tcp) => tcp.close()));
  for (const server of servers.splice(0)) server.close();
});

describe('two nodes over loopback', () => {
  test('connect resolves with the peer, both sides know each other', async () => {
    const { left, right, details } = await pair();
    expect(details).toMatchObject({ nodeId: right.id, inbound: false });
    expect(right.peers.listPeers()).toMatchObject([{ nodeId: left.id, inbound: true }]);
    expect([left.tcp.socketCount, right.tcp.socketCount]).toEqual([1, 1]);
  });

  test('four megabytes each way at once arrive whole and in order', async () => {
    const { left, right } = await pair();
    const count = 3000;
    for (let index = 0; index < count; index++) {
      left.channels.say(numbered(index, 1400));
      right.channels.say(numbered(index, 1400));
    }
    left.peers.processEvents();
    right.peers.processEvents();
    await Promise.all([left, right].map(({ channels }) => channels.until(() => channels.received.length >= count)));
    const expected = Array.from({ length: count }, (_, index) => index);
    expect(numbersOf(left.channels.received)).toEqual(expected);
    expect(numbersOf(right.channels.received)).toEqual(expected);
  });

  test('what the network does not take waits in the queue, and nowhere else', async () => {
    const limits = { maxOutboundBytes: 64 * 1024 * 1024 };
    const right = node(2);
    const behind = unwrap(await right.tcp.listen(loopback));
    const { at, halves } = await proxy(behind);
    const { left } = await pair(node(1, {}, { limits }), right, at);
    halves[0]!.pause();
    const count = 1000;
    for (let index = 0; index < count; index++) left.channels.say(numbered(index, 16_000));
    left.peers.processEvents();
    const queued = left.peers.listPeers()[0]!.queuedBytes;
    expect(queued).toBeGreaterThan(1_000_000);
    left.peers.processEvents();
    expect(left.peers.listPeers()[0]!.queuedBytes).toBe(queued);
    halves[0]!.resume();
    await right.channels.until(() => right.channels.received.length === count);
    expect(numbersOf(right.channels.received)).toEqual(Array.from({ length: count }, (_, index) => index));
    expect(left.peers.listPeers()[0]!.queuedBytes).toBe(0);
  });

  test('reading pauses while our answers wait, and goes on', async () => {
    const limits = {
      pauseReadBytes: 256 * 1024,
      maxOutboundBytes: 64 * 1024 * 1024,
      maxPingsPerTick: 10_000,
      maxPongBytesPerTick: 1e9,
    };
    const right = node(2, {}, { limits });
    const behind = unwrap(await right.tcp.listen(loopback));
    const { at, halves } = await proxy(behind);
    const { left } = await pair(node(1), right, at);
    const turns = async (count: number): Promise<void> => {
      for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
    };
    halves[1]!.pause(); // what the right side answers stays on its side
    let rounds = 0;
    for (; rounds < 1000 && right.peers.listPeers()[0]!.queuedBytes <= limits.pauseReadBytes; rounds++) {
      for (let index = 0; index < 5; index++) {
        left.channels.say({ type: 'ping', numPongBytes: 65531, ignored: new Uint8Array(0) });
      }
      left.peers.processEvents();
      await turns(3);
    }
    expect(rounds).toBeLessThan(1000);
    left.channels.say(numbered(1, 4));
    left.peers.processEvents();
    await turns(30);
    expect(right.channels.received).toEqual([]); // paused
    halves[1]!.resume();
    await right.channels.until(() => right.channels.received.length === 1);
    expect(left.channels.notes).toEqual(['connected']);
  });

  test('disconnectPeer ends it on both sides, after what was said before', async () => {
    const { left, right } = await pair();
    for (let index = 0; index < 50; index++) left.channels.say(numbered(index, 1000));
    left.peers.processEvents();
    left.peers.disconnectPeer(right.id);
    await right.channels.until(() => right.channels.notes.includes('disconnected'));
    expect(right.channels.received).toHaveLength(50);
    expect(left.channels.notes).toEqual(['connected', 'disconnected']);
    expect(right.peers.listPeers()).toEqual([]);
  });

  test('connecting again replaces the connection', async () => {
    const { left, right, at } = await pair();
    unwrap(await left.tcp.connect(right.id, at));
    await right.channels.until(() => right.channels.notes.length >= 3);
    expect(right.channels.notes).toEqual(['connected', 'disconnected', 'connected']);
    right.channels.say(numbered(7, 4));
    right.peers.processEvents();
    await left.channels.until(() => left.channels.received.length === 1);
    expect(left.peers.listPeers()).toHaveLength(1);
  });

  test('close ends all, also the other side, and nothing opens afterwards', async () => {
    const { left, right, at } = await pair();
    await right.tcp.close();
    await left.channels.until(() => left.channels.notes.includes('disconnected'));
    expect(right.channels.notes).toEqual(['connected', 'disconnected']);
    expect(right.tcp.socketCount).toBe(0);
    expect(await right.tcp.listen(loopback)).toMatchObject({ ok: false, error: { code: 'closed' } });
    expect(await right.tcp.connect(left.id, at)).toMatchObject({ ok: false, error: { code: 'closed' } });
  });

  test('the example greets', async () => {
    expect(await meetOverTcp()).toEqual(['hello', 'hello']);
  });
});

describe('what goes wrong', () => {
  test('nobody listens', async () => {
    const at = await serve(() => {});
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect(await node(1).tcp.connect(node(2).id, at)).toMatchObject({
      ok: false,
      error: { kind: 'tcp', code: 'connect_failed', systemCode: 'ECONNREFUSED', address: `127.0.0.1:${at.port}` },
    });
  });

  test('the port is taken', async () => {
    const at = await serve(() => {});
    const listened = await node(1).tcp.listen(at);
    expect(listened).toMatchObject({ ok: false, error: { code: 'listen_failed', systemCode: 'EADDRINUSE' } });
  });

  test('a server that says nothing is given up in time', async () => {
    const at = await serve((socket) => socket.resume());
    const left = node(1, { connectTimeoutMilliseconds: 80 });
    expect(await left.tcp.connect(node(2).id, at)).toMatchObject({ ok: false, error: { code: 'connect_timeout' } });
    expect(left.channels.notes).toEqual([]);
  });

  test('a server that speaks HTTP is told apart', async () => {
    const at = await serve((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await node(1).tcp.connect(node(2).id, at)).toMatchObject({
      ok: false,
      error: { code: 'handshake_failed', cause: { code: 'noise', cause: { code: 'bad_version', value: 72 } } },
    });
  });

  test('another node than the one that was meant answers by hanging up', async () => {
    const right = node(2);
    const at = unwrap(await right.tcp.listen(loopback));
    const left = node(1);
    expect(await left.tcp.connect(node(3).id, at)).toMatchObject({ ok: false, error: { code: 'handshake_failed' } });
    expect(right.channels.notes).toEqual([]);
  });

  test('a node id that is no point fails before a byte is sent', async () => {
    let bytes = 0;
    const at = await serve((socket) => socket.on('data', (chunk) => (bytes += chunk.length)));
    const result = await node(1).tcp.connect(nodeId(`02${'ff'.repeat(32)}`), at);
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'handshake_failed', cause: { cause: { code: 'bad_public_key' } } },
    });
    expect(bytes).toBe(0);
  });

  test('close while connecting answers the connect', async () => {
    const at = await serve((socket) => socket.resume());
    const left = node(1);
    const connecting = left.tcp.connect(node(2).id, at);
    await left.tcp.close();
    expect(await connecting).toMatchObject({ ok: false, error: { code: 'closed' } });
  });

  test.each(['reset', 'half-closed'] as const)('a connection that is %s on the way ends on both sides', async (how) => {
    const right = node(2);
    const behind = unwrap(await right.tcp.listen(loopback));
    const { at, halves } = await proxy(behind);
    const { left } = await pair(node(1), right, at);
    if (how === 'reset') for (const half of halves) half.resetAndDestroy();
    else halves[1]!.end();
    await Promise.all(
      [left, right].map(({ channels }) => channels.until(() => channels.notes.includes('disconnected'))),
    );
    expect(left.peers.listPeers()).toEqual([]);
    expect(right.peers.listPeers()).toEqual([]);
  });

  test('floods of garbage, resets and silence leave an honest pair alone', async () => {
    const { left, right, at } = await pair(node(1), node(2, {}, { limits: { maxUnauthenticatedInbound: 10 } }));
    const attackers = Array.from({ length: 120 }, (_, index) => {
      const socket = dial(at);
      socket.on('error', () => {});
      socket.resume();
      socket.on('connect', () => {
        if (index % 4 === 0) socket.write(Buffer.alloc(index * 1000, index));
        else if (index % 4 === 1) socket.resetAndDestroy();
        else if (index % 4 === 2) socket.write(Buffer.alloc(index % 50));
      });
      return socket;
    });
    for (let index = 0; index < 200; index++) {
      left.channels.say(numbered(index, 500));
      left.peers.processEvents();
      if (index % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await right.channels.until(() => right.channels.received.length === 200);
    // Ticks end those that say nothing; the honest one goes on talking.
    for (let turn = 0; turn < 4000 && attackers.some(({ destroyed }) => !destroyed); turn++) {
      left.channels.say(numbered(turn, 10));
      left.peers.processEvents();
      await new Promise((resolve) => setImmediate(resolve));
      if (turn % 100 === 99) right.peers.timerTick();
    }
    expect(attackers.filter(({ destroyed }) => !destroyed)).toEqual([]);
    expect(right.peers.listPeers()).toHaveLength(1);
    expect(right.channels.notes).toEqual(['connected']);
  });
});

test('the remote address is told only where it is public', () => {
  const descriptor = (host: string | undefined, port: number | undefined) => {
    const bytes = remoteAddressDescriptor(host, port);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('hex');
  };
  expect(descriptor('203.0.113.7', 9735)).toBe('01cb0071072607');
  expect(descriptor('::ffff:203.0.113.7', 9735)).toBe('01cb0071072607');
  expect(descriptor('2001:db8::1', 9735)).toBe('0220010db80000000000000000000000012607');
  expect(descriptor('2a00:1:2:3:4:5:6:7', 1)).toBe('022a0000010002000300040005000600070001');
  for (const host of [
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.9.9',
    '192.168.1.1',
    '192.0.0.8',
    '169.254.1.1',
    '100.64.0.1',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00::1',
    '0.0.0.0',
    '224.0.0.1',
    'example.org',
  ]) {
    expect(descriptor(host, 9735)).toBeUndefined();
  }
  expect(descriptor('172.32.0.1', 1)).toBe('01ac2000010001');
  expect(descriptor(undefined, 1)).toBeUndefined();
});
