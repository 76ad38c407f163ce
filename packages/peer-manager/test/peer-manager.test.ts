import { channelId, concatBytes, type NodeId, nodeId, ok, type Result, unwrap } from '@boltwright/base';
import type { ConnectionId, CustomMessageHandler, MessageSendEvent } from '@boltwright/interfaces';
import {
  boltMessages,
  decodeMessage,
  encodeMessage,
  featuresFromBits,
  featuresOf,
  hasFeature,
  type Message,
  type MessageOf,
  message,
  messageRegistry,
  t,
  type UnknownMessage,
  type UpdateFee,
} from '@boltwright/wire';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { meet } from '../examples/in-memory.ts';
import { defaultPeerLimits, type PeerError } from '../src/index.ts';
import { mainnet, regtest, testNode } from './support/node.ts';
import { link, MemorySocket, pump, pumpTogether, RawPeer } from './support/wire-pair.ts';

const seed = 8;
const someChannel = channelId('ab'.repeat(32));
const everyChannel = channelId('00'.repeat(32));
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const fee = (feeratePerKw: number): UpdateFee => ({
  type: 'update_fee',
  channelId: someChannel,
  feeratePerKw: feeratePerKw as UpdateFee['feeratePerKw'],
});
const filter: Message = { type: 'gossip_timestamp_filter', chainHash: regtest, firstTimestamp: 1, timestampRange: 2 };
const failure = <T>(result: Result<T, PeerError>): PeerError | undefined => (result.ok ? undefined : result.error);

function connected(changes = {}) {
  const [left, right] = [testNode(1, changes), testNode(2, changes)];
  const joined = link(left, right);
  pump([joined]);
  return joined;
}
/** A node, and a peer by hand that is through `init`. */
function withRawPeer(changes = {}) {
  const node = testNode(1, changes);
  const self = testNode(2);
  const peer = RawPeer.dial(node, self);
  unwrap(peer.sendInit());
  return { node, self, peer };
}

describe('connecting', () => {
  test('two managers shake hands, exchange init and tell their handlers', () => {
    const { left, right, errors, leftSocket } = connected();
    expect(errors).toEqual([]);
    expect(left.manager.listPeers()).toMatchObject([{ nodeId: right.id, inbound: false, queuedBytes: 0 }]);
    expect(right.manager.listPeers()).toMatchObject([{ nodeId: left.id, inbound: true }]);
    for (const handler of [left.channels, left.routing, left.onions, left.custom]) {
      expect(handler.notes).toEqual(['connected 1 outbound']);
    }
    expect(left.manager.peerAt(leftSocket)).toEqual(left.manager.listPeers()[0]);
    expect(left.manager.peerAt(new MemorySocket())).toBeUndefined();
    const { features, networks } = right.manager.listPeers()[0]!.init;
    expect(hasFeature(features, 'gossip_queries')).toBe(true);
    expect(hasFeature(features, 'option_anchors')).toBe(true);
    expect(networks).toEqual([regtest]);
  });

  test('the other side’s address is told in init', () => {
    const node = testNode(1);
    const other = testNode(2);
    const socket = new MemorySocket();
    const remoteAddress = Uint8Array.of(1, 203, 0, 113, 7, 0x26, 0x07);
    node.manager.newInboundConnection(socket, { remoteAddress });
    const dialling = new MemorySocket();
    dialling.buffer.push(unwrap(other.manager.newOutboundConnection(node.id, dialling)));
    pump([{ left: other, right: node, leftSocket: dialling, rightSocket: socket, errors: [] }]);
    expect(other.manager.listPeers()[0]?.init.remoteAddr).toEqual(remoteAddress);
  });

  test('a node id that is no point is answered, a socket used twice throws', () => {
    const node = testNode(1);
    const socket = new MemorySocket();
    const error = failure(node.manager.newOutboundConnection(nodeId(`03${'ff'.repeat(32)}`), socket));
    expect(error).toMatchObject({ kind: 'peer', code: 'noise', cause: { code: 'bad_public_key' } });
    node.manager.newInboundConnection(socket);
    expect(() => node.manager.newInboundConnection(socket)).toThrow(/already/);
    expect(failure(node.manager.readEvent(new MemorySocket(), Uint8Array.of(0)))?.code).toBe('unknown_socket');
  });

  test('a handshake waits for a signer that answers later, on either side', () => {
    const [left, right] = [testNode(1), testNode(2)];
    left.signer.held = true;
    right.signer.held = true;
    const joined = link(left, right);
    pump([joined]);
    right.signer.held = false;
    right.manager.signerAnswered();
    pump([joined]);
    expect(left.manager.listPeers()).toEqual([]);
    left.signer.held = false;
    left.manager.signerAnswered();
    pump([joined]);
    expect(left.manager.listPeers()).toHaveLength(1);
    expect(right.manager.listPeers()).toHaveLength(1);
  });

  test('a signer that throws costs its own connection only', () => {
    const node = testNode(1);
    const honest = RawPeer.dial(node, testNode(2));
    unwrap(honest.sendInit());
    const { ecdh } = node.keys;
    node.keys.ecdh = () => {
      throw new Error('the signer is on fire');
    };
    const socket = new MemorySocket();
    node.manager.newInboundConnection(socket);
    const actOne = unwrap(testNode(3).manager.newOutboundConnection(node.id, new MemorySocket()));
    expect(failure(node.manager.readEvent(socket, actOne))?.code).toBe('handler_failed');
    node.keys.ecdh = ecdh;
    expect(node.manager.listPeers()).toHaveLength(1);
    expect(node.log.some(({ fields }) => fields?.['error'] === 'the signer is on fire')).toBe(true);
  });

  test('the newer connection of a peer wins, and what was meant for the older one is dropped', () => {
    const { left, right, ...first } = connected();
    const old = left.channels.last!;
    const second = link(left, right);
    pump([second, { left, right, ...first }]);
    expect(left.channels.notes).toEqual(['connected 1 outbound', 'disconnected 1', 'connected 2 outbound']);
    expect(first.leftSocket.isClosed && first.rightSocket.isClosed).toBe(true);
    expect(left.manager.listPeers().map(({ connection }) => connection)).toEqual([2]);
    left.channels.outbox.push({ kind: 'send', ...old, message: fee(2) });
    left.channels.outbox.push({ kind: 'disconnect', ...old, reason: 'late' });
    left.channels.outbox.push({ kind: 'send', peer: right.id, connection: 2 as ConnectionId, message: fee(3) });
    left.channels.outbox.push({
      kind: 'send',
      peer: left.id as NodeId,
      connection: 2 as ConnectionId,
      message: fee(4),
    });
    left.manager.processEvents();
    pump([second]);
    expect(right.channels.messages().filter(({ type }) => type === 'update_fee')).toEqual([fee(3)]);
  });

  test.each([
    ['at the same time', pumpTogether],
    ['one a little later', pump],
  ])('two nodes that connect to each other, %s, keep one connection, the same', (_name, move) => {
    const [left, right] = [testNode(1), testNode(2)];
    const links = [link(left, right), link(right, left)];
    move(links);
    const kept = [left, right].map(({ manager }) => manager.listPeers().map(({ inbound }) => inbound));
    // the one that the lesser node id opened
    expect(kept).toEqual(left.id < right.id ? [[false], [true]] : [[true], [false]]);
    left.channels.say(fee(1));
    left.manager.processEvents();
    right.channels.say(fee(2));
    right.manager.processEvents();
    move(links);
    expect([left.channels.messages(), right.channels.messages()]).toEqual([[fee(2)], [fee(1)]]);
    // the one given up is closed on both sides
    expect(links.map(({ leftSocket, rightSocket }) => [leftSocket.isClosed, rightSocket.isClosed]).sort()).toEqual([
      [false, false],
      [true, true],
    ]);
  });

  test('of two connections that a node opens at once, both sides keep the second, whichever is through first', () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ] as const) {
      const [left, right] = [testNode(1), testNode(2)];
      const links = [link(left, right), link(left, right)];
      for (const index of order) pump([links[index]!]);
      pump(links);
      for (const { manager } of [left, right]) {
        expect(manager.listPeers().map(({ connection }) => connection)).toEqual([2]);
      }
    }
  });

  test('a handler that refuses ends it, and those that were told hear of the end', () => {
    const [left, right] = [testNode(1), testNode(2)];
    right.channels.refuse = 'not you';
    const joined = link(left, right);
    pump([joined]);
    expect(joined.errors[0]).toMatchObject({ code: 'refused', message: 'not you' });
    expect(right.routing.notes).toEqual(['connected 1 inbound', 'disconnected 1']);
    expect(right.channels.notes).toEqual(['connected 1 inbound']);
    expect(right.manager.listPeers()).toEqual([]);
    // The other side is told why, and hears of the end.
    expect(left.channels.messages()).toMatchObject([{ type: 'warning', data: text('not you') }]);
    expect(left.channels.notes).toEqual(['connected 1 outbound', 'disconnected 1']);
  });

  test('a node does not connect to itself', () => {
    const node = testNode(1);
    const joined = link(node, node);
    pump([joined]);
    expect(joined.errors.map(({ code }) => code)).toContain('refused');
    expect(node.manager.listPeers()).toEqual([]);
  });

  test('without handlers for gossip or onions, such messages are ignored undecoded', () => {
    const node = testNode(1, { routingMessages: undefined, onionMessages: undefined } as never);
    const peer = RawPeer.dial(node, testNode(2));
    unwrap(peer.sendInit());
    unwrap(peer.send(filter, Uint8Array.of(1, 9), Uint8Array.of(2, 1)));
    expect(node.manager.listPeers()).toHaveLength(1);
  });
});

describe('init', () => {
  const judged: [string, Parameters<RawPeer['sendInit']>[0], Partial<PeerError> | undefined][] = [
    ['unknown odd bits are ignored', { features: featuresFromBits([1, 201]) }, undefined],
    ['bits that we offer may be required', { features: featuresFromBits([6, 22]) }, undefined],
    ['ASSUMED bits may be required', { features: featuresFromBits([0, 8, 14]) }, undefined],
    [
      'an unknown even bit ends it',
      { features: featuresFromBits([200]) },
      { code: 'unsupported_feature', field: 'features', value: 200, section: 'BOLT 1, The init Message' },
    ],
    [
      'a known even bit that we do not offer ends it',
      { features: featuresFromBits([38]) },
      { code: 'unsupported_feature', value: 38 },
    ],
    [
      'a missing dependency ends it',
      { features: featuresOf({ option_zeroconf: 'optional' }) },
      { code: 'missing_dependency', field: 'features', section: 'BOLT 9, Requirements' },
    ],
    ['one common chain is enough', { networks: [mainnet, regtest] }, undefined],
    [
      'no common chain ends it',
      { networks: [mainnet] },
      { code: 'no_common_chain', field: 'networks', value: mainnet },
    ],
  ];
  test.each(judged)('%s', (_name, init, expected) => {
    const node = testNode(1);
    const peer = RawPeer.dial(node, testNode(2));
    const result = peer.sendInit(init);
    expect(node.manager.listPeers()).toHaveLength(expected === undefined ? 1 : 0);
    if (expected === undefined) return;
    expect(failure(result)).toMatchObject(expected);
    expect(peer.types()).toEqual(['init', 'warning']);
    expect(node.channels.notes).toEqual([]);
  });

  test('both vectors of features count', () => {
    const node = testNode(1);
    const peer = RawPeer.dial(node, testNode(2));
    const init: Message = { type: 'init', globalFeatures: featuresFromBits([200]), features: new Uint8Array(0) };
    expect(failure(peer.send(init))?.value).toBe(200);
  });

  test('our own init leaves before the peer’s comes, and nothing else does', () => {
    const node = testNode(1);
    const peer = RawPeer.dial(node, testNode(2));
    expect(peer.types()).toEqual(['init']);
    node.manager.timerTick();
    peer.read();
    expect(peer.types()).toEqual(['init']);
  });

  test.each<[string, Message | Uint8Array, string | number]>([
    ['a ping', { type: 'ping', numPongBytes: 1, ignored: new Uint8Array(0) }, 'ping'],
    ['a channel message', fee(1), 'update_fee'],
    ['an unknown odd message', Uint8Array.of(0x7f, 0x01), 0x7f01],
    ['an error', { type: 'error', channelId: everyChannel, data: text('go away') }, 'error'],
    ['a channel message cut short', encodeMessage(fee(1)).subarray(0, 9), 134],
    ['no type at all', new Uint8Array(1), 'none'],
  ])('%s before init ends it', (_name, message, type) => {
    const node = testNode(1);
    const peer = RawPeer.dial(node, testNode(2));
    expect(failure(peer.send(message))).toMatchObject({ code: 'init_expected', field: 'type', value: type });
    expect(node.channels.received).toEqual([]);
    // nothing is sent before the peer's init came, not even what is wrong
    expect(peer.types()).toEqual(['init']);
  });

  test('a second init ends it', () => {
    const { node, peer } = withRawPeer();
    expect(failure(peer.sendInit())).toMatchObject({ code: 'second_init', section: 'BOLT 1, The init Message' });
    expect(node.channels.notes).toEqual(['connected 1 inbound', 'disconnected 1']);
  });
});

describe('messages', () => {
  test('each goes to the handler of its kind, gossip with its bytes', () => {
    const { node, peer } = withRawPeer();
    const raws: Uint8Array[] = [];
    const { handleMessage } = node.routing;
    node.routing.handleMessage = (...args: unknown[]) => {
      raws.push(args[3] as Uint8Array);
      handleMessage.apply(node.routing, args.slice(0, 3) as never);
    };
    const custom = Uint8Array.of(40001 >> 8, 40001 & 255, 7);
    unwrap(peer.send(fee(253), filter, custom, Uint8Array.of(0x7f, 0x01, 5)));
    expect(node.channels.messages()).toEqual([fee(253)]);
    expect(node.routing.messages()).toEqual([filter]);
    expect(raws).toEqual([encodeMessage(filter)]);
    expect(node.custom.messages()).toEqual([
      { type: 'unknown', number: 40001, isRequired: false, payload: Uint8Array.of(7) },
    ]);
    expect(node.channels.received[0]).toMatchObject(node.channels.last!);
  });

  describe('of a user’s own types', () => {
    const greeting = message(40001, 'greeting', { channelId: t.channelId, hour: t.u16 }, {}, 'a user’s own');
    type Greeting = MessageOf<typeof greeting>;
    const hello: Greeting = { type: 'greeting', channelId: someChannel, hour: 7 };
    const raw: UnknownMessage = { type: 'unknown', number: 40003, isRequired: false, payload: Uint8Array.of(9) };

    class Greeter implements CustomMessageHandler<Greeting> {
      readonly range = { from: 40000, to: 40009 };
      readonly heard: (Greeting | UnknownMessage)[] = [];
      readonly events: MessageSendEvent<Message | UnknownMessage | Greeting>[] = [];
      peerConnected(...[peer, connection]: Parameters<CustomMessageHandler['peerConnected']>) {
        for (const what of [hello, raw]) this.events.push({ kind: 'send', peer, connection, message: what });
        return ok(undefined);
      }
      peerDisconnected(): void {}
      providedNodeFeatures = (): Uint8Array => new Uint8Array(0);
      providedInitFeatures = (): Uint8Array => new Uint8Array(0);
      handleMessage(_peer: NodeId, _connection: ConnectionId, what: Greeting | UnknownMessage): void {
        this.heard.push(what);
      }
      getAndClearPendingMsgEvents = () => this.events.splice(0);
    }

    test.each([
      ['alone', messageRegistry([greeting])],
      ['beside the BOLTs’', messageRegistry([greeting], boltMessages)],
    ])('a registry of them, %s: they go in and out typed, others as they are', (_name, messages) => {
      const handlers = [new Greeter(), new Greeter()] as const;
      const [left, right] = [
        testNode(1, { messages, customMessages: [handlers[0]] }),
        testNode(2, { messages, customMessages: [handlers[1]] }),
      ];
      pump([link(left, right)]);
      expect(handlers.map(({ heard }) => heard)).toEqual([
        [hello, raw],
        [hello, raw],
      ]);
      expect(left.manager.listPeers()).toHaveLength(1);
    });

    test('one that is cut short ends the connection, and names its field', () => {
      const handler = new Greeter();
      const { peer } = withRawPeer({ messages: messageRegistry([greeting]), customMessages: [handler] });
      const bytes = greeting.encode(hello);
      expect(failure(peer.send(bytes.subarray(0, bytes.length - 1)))).toMatchObject({
        code: 'malformed_message',
        section: 'a user’s own',
        field: 'greeting.hour',
      });
      expect(handler.heard).toEqual([]);
      expect(peer.types().at(-1)).toBe('warning');
    });

    test('a BOLT’s message that no seam takes reaches a handler that wants it, decoded where the registry says so', () => {
      const storage: Message = { type: 'peer_storage', blob: Uint8Array.of(1, 2) };
      for (const messages of [undefined, boltMessages]) {
        const handler = Object.assign(new Greeter(), { range: { from: 7, to: 9 }, peerConnected: () => ok(undefined) });
        const { peer } = withRawPeer({ ...(messages && { messages }), customMessages: [handler] });
        unwrap(peer.send(storage));
        const expected = messages ? storage : unwrap(decodeMessage(encodeMessage(storage), messageRegistry([])));
        expect(handler.heard).toEqual([expected]);
      }
    });

    test('peer storage that nobody keeps is ignored, being odd', () => {
      const { node, peer } = withRawPeer();
      const blob = new Uint8Array(65531);
      unwrap(peer.send({ type: 'peer_storage', blob }, { type: 'peer_storage_retrieval', blob }, fee(1)));
      expect(node.channels.messages()).toEqual([fee(1)]);
    });
  });

  test.each<[string, Uint8Array, Partial<PeerError>]>([
    ['an unknown even type', Uint8Array.of(0x7f, 0x02), { code: 'unknown_even_message', value: 0x7f02, field: 'type' }],
    [
      'a type of an extension that no handler takes',
      encodeMessage({ type: 'tx_complete', channelId: someChannel }),
      { code: 'unknown_even_message', value: 70 },
    ],
    [
      'a message cut short',
      encodeMessage(fee(1)).subarray(0, 36),
      { code: 'malformed_message', field: 'update_fee.feeratePerKw' },
    ],
    ['no type at all', new Uint8Array(0), { code: 'malformed_message' }],
    ['one byte', Uint8Array.of(0), { code: 'malformed_message' }],
    ['an unknown even TLV', concatBytes(encodeMessage(fee(1)), Uint8Array.of(2, 0)), { code: 'malformed_message' }],
  ])('%s ends the connection with a warning, after what came before it', (_name, bytes, expected) => {
    const { node, peer } = withRawPeer();
    const error = failure(peer.send(fee(9), bytes, fee(10)));
    expect(error).toMatchObject(expected);
    expect(error?.section).toMatch(/^BOLT/);
    expect(node.channels.messages()).toEqual([fee(9)]);
    expect(peer.types()).toEqual(['init', 'warning']);
    expect(node.channels.notes).toEqual(['connected 1 inbound', 'disconnected 1']);
    expect(node.manager.listPeers()).toEqual([]);
    expect(failure(node.manager.readEvent(peer.socket, Uint8Array.of(1)))?.code).toBe('unknown_socket');
  });

  test('warnings and errors reach the channels; an error about all of them ends the connection', () => {
    const { node, peer } = withRawPeer();
    const warning: Message = { type: 'warning', channelId: everyChannel, data: Uint8Array.of(65, 7) };
    const one: Message = { type: 'error', channelId: someChannel, data: text('bad') };
    const all: Message = { type: 'error', channelId: everyChannel, data: text('worse') };
    unwrap(peer.send(warning, one));
    expect(failure(peer.send(all))).toMatchObject({
      code: 'error_received',
      message: expect.stringContaining('worse'),
    });
    expect(node.channels.messages()).toEqual([warning, one, all]);
    expect(node.log.find(({ message }) => message === 'warning from peer')?.fields?.['text']).toBe('A\\x07');
  });

  test('a handler that throws loses that peer, and no other', () => {
    const node = testNode(1);
    const [bad, good] = [RawPeer.dial(node, testNode(2)), RawPeer.dial(node, testNode(3))];
    unwrap(bad.sendInit());
    unwrap(good.sendInit());
    node.channels.onMessage = (_message, connection) => {
      if (connection === 1) throw new Error('a bug');
    };
    expect(failure(bad.send(fee(1)))).toMatchObject({ code: 'handler_failed' });
    unwrap(good.send(fee(2)));
    expect(node.manager.listPeers().map(({ connection }) => connection)).toEqual([2]);
    expect(node.channels.notes).toContain('disconnected 1');
    expect(node.log.some(({ level, fields }) => level === 'error' && fields?.['error'] === 'a bug')).toBe(true);
  });

  test('a handler that throws in every other method takes nobody down', () => {
    const [left, right] = [testNode(1), testNode(2)];
    const boom = (): never => {
      throw new Error('boom');
    };
    right.custom.peerDisconnected = boom;
    right.custom.getAndClearPendingMsgEvents = boom;
    right.custom.providedInitFeatures = boom;
    const joined = link(left, right);
    pump([joined]);
    right.channels.say(fee(4));
    right.manager.processEvents();
    pump([joined]);
    expect(left.channels.messages()).toEqual([fee(4)]);
    right.manager.disconnectPeer(left.id);
    pump([joined]);
    expect(right.channels.notes).toEqual(['connected 1 inbound', 'disconnected 1']);
  });

  test('a disconnect event leaves after the messages before it and its own', () => {
    const { left, right, ...rest } = connected();
    const message: Message = { type: 'error', channelId: someChannel, data: text('over') };
    left.channels.say(fee(1));
    left.channels.outbox.push({ kind: 'disconnect', ...left.channels.last!, reason: 'over', message });
    left.channels.say(fee(2));
    left.manager.processEvents();
    expect(rest.leftSocket.isClosed).toBe(true);
    pump([{ left, right, ...rest }]);
    expect(right.channels.messages()).toEqual([fee(1), message]);
    expect(right.channels.notes).toEqual(['connected 1 inbound', 'disconnected 1']);
  });

  test('a message of ours that does not encode ends that connection', () => {
    const { left } = connected();
    left.channels.say(fee(-1));
    left.manager.processEvents();
    expect(left.manager.listPeers()).toEqual([]);
    expect(left.log.some(({ level }) => level === 'error')).toBe(true);
  });

  test('processEvents within a handler or within itself is no trouble', () => {
    const { left, right, ...rest } = connected();
    right.channels.onMessage = (message) => {
      right.channels.say(message as Message);
      right.manager.processEvents();
    };
    const { getAndClearPendingMsgEvents } = left.channels;
    left.channels.getAndClearPendingMsgEvents = () => {
      left.manager.processEvents();
      return getAndClearPendingMsgEvents.call(left.channels);
    };
    left.channels.say(fee(1));
    left.manager.processEvents();
    pump([{ left, right, ...rest }]);
    expect(left.channels.messages()).toEqual([fee(1)]);
  });

  test('a handler that disconnects its peer while it handles a message gets no further one', () => {
    const { node, self, peer } = withRawPeer();
    node.channels.onMessage = () => node.manager.disconnectPeer(self.id);
    expect(failure(peer.send(fee(1), fee(2)))?.code).toBe('requested');
    expect(node.channels.messages()).toEqual([fee(1)]);
    expect(node.channels.notes).toEqual(['connected 1 inbound', 'disconnected 1']);
  });
});

describe('liveness', () => {
  const ping = (numPongBytes: number): Message => ({ type: 'ping', numPongBytes, ignored: new Uint8Array(3) });

  test('pings are answered as BOLT 1 asks, up to 65531 bytes', () => {
    const { peer } = withRawPeer();
    unwrap(peer.send(ping(0), ping(5), ping(65531), ping(65532), ping(65535)));
    const pongs = peer.received.filter((message) => message.type === 'pong');
    expect(pongs.map(({ ignored }) => ignored.length)).toEqual([0, 5, 65531]);
    expect(pongs.every(({ ignored }) => ignored.every((byte) => byte === 0))).toBe(true);
  });

  test('a flood of pings ends the connection; as many as allowed, tick by tick, do not', () => {
    const { node, peer } = withRawPeer();
    const most = defaultPeerLimits.maxPingsPerTick;
    for (let tick = 0; tick < 3; tick++) {
      for (let sent = 0; sent < most; sent++) unwrap(peer.send(ping(1)));
      node.manager.timerTick();
    }
    const flood = Array.from({ length: most + 1 }, () => ping(1));
    expect(failure(peer.send(...flood))).toMatchObject({ code: 'ping_flood' });
  });

  test('a peer that is silent is asked, and given up when it stays so', () => {
    const { node, peer } = withRawPeer();
    node.manager.timerTick(1000);
    peer.read();
    expect(peer.types()).toEqual(['init']);
    node.manager.timerTick();
    peer.read();
    expect(peer.types()).toEqual(['init', 'ping']);
    for (let tick = 2; tick < defaultPeerLimits.silentTicks; tick++) node.manager.timerTick();
    expect(node.manager.listPeers()).toHaveLength(1);
    node.manager.timerTick();
    expect(node.manager.listPeers()).toEqual([]);
    expect(peer.socket.isClosed).toBe(true);
    expect(node.channels.notes).toEqual(['connected 1 inbound', 'disconnected 1']);
    peer.read();
    expect(peer.types()).toEqual(['init', 'ping']);
  });

  test('two managers that have nothing to say keep their connection', () => {
    const joined = connected();
    for (let tick = 1; tick <= 50; tick++) {
      joined.left.manager.timerTick(tick * 10_000);
      joined.right.manager.timerTick();
      pump([joined]);
    }
    expect(joined.left.manager.listPeers()).toHaveLength(1);
    expect(joined.left.manager.listPeers()[0]!.lastHeardAt).toBeGreaterThan(400_000);
    expect(joined.right.manager.listPeers()).toHaveLength(1);
  });

  test('a peer that talks but never answers our ping is given up too', () => {
    const { node, peer } = withRawPeer();
    node.manager.timerTick();
    node.manager.timerTick();
    for (let tick = 0; tick <= defaultPeerLimits.silentTicks; tick++) {
      if (node.manager.listPeers().length > 0) peer.send(fee(tick));
      node.manager.timerTick();
    }
    expect(node.manager.listPeers()).toEqual([]);
  });

  test('a message that comes a byte a tick is silence', () => {
    const { node, peer } = withRawPeer();
    const frame = peer.session.encrypt(encodeMessage(ping(1)));
    for (const byte of frame.subarray(0, 20)) {
      node.manager.readEvent(peer.socket, Uint8Array.of(byte));
      node.manager.timerTick();
    }
    expect(node.manager.listPeers()).toEqual([]);
  });

  test.each([0, 1, 49, 50, 115, 116])('a connection that stops after %i bytes is closed by ticks', (length) => {
    const node = testNode(1);
    const other = testNode(2);
    const [socket, dialling] = [new MemorySocket(), new MemorySocket()];
    node.manager.newInboundConnection(socket);
    const actOne = unwrap(other.manager.newOutboundConnection(node.id, dialling));
    unwrap(node.manager.readEvent(socket, actOne.subarray(0, length)));
    if (length > 50) {
      unwrap(other.manager.readEvent(dialling, socket.take(50).bytes));
      unwrap(node.manager.readEvent(socket, dialling.take(length - 50).bytes));
    }
    for (let tick = 1; tick < defaultPeerLimits.handshakeTicks; tick++) node.manager.timerTick();
    expect(socket.isClosed).toBe(false);
    node.manager.timerTick();
    expect(socket.isClosed).toBe(true);
    expect(node.channels.notes).toEqual([]);
  });
});

describe('hostile input', () => {
  test('garbage, a wrong act, HTTP: typed errors, and nothing is answered', () => {
    const node = testNode(1);
    const actForAnother = unwrap(testNode(2).manager.newOutboundConnection(testNode(3).id, new MemorySocket()));
    const inputs: [Uint8Array, string][] = [
      [text('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), 'bad_version'],
      [new Uint8Array(50), 'bad_public_key'],
      [actForAnother, 'bad_tag'],
      [new Uint8Array(70_000), 'early_bytes'],
    ];
    for (const [bytes, code] of inputs) {
      const socket = new MemorySocket();
      node.manager.newInboundConnection(socket);
      expect(failure(node.manager.readEvent(socket, bytes))).toMatchObject({ code: 'noise', cause: { code } });
      expect(socket.calls).toBe(0);
    }
  });

  test('any bytes after the handshake end it with a typed error and no exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 18, maxLength: 300 }), (bytes) => {
        const { node, peer } = withRawPeer();
        expect(failure(peer.sendBytes(bytes))).toMatchObject({ code: 'noise', cause: { code: 'bad_length_tag' } });
        expect(node.manager.listPeers()).toEqual([]);
      }),
      { numRuns: 15, seed },
    );
  });

  test('any message of any type ends in a handler, in silence or in a typed error, never in an exception', () => {
    const { node, self, peer: first } = withRawPeer();
    let peer = first;
    let ended = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 600 }), fc.uint8Array({ maxLength: 400 }), (type, payload) => {
        const result = peer.send(concatBytes(Uint8Array.of(type >> 8, type & 255), payload));
        node.manager.timerTick();
        if (result.ok) {
          expect(node.manager.listPeers()).toHaveLength(1);
          return;
        }
        ended += 1;
        expect(result.error).toMatchObject({ kind: 'peer', message: expect.stringMatching(/./) });
        expect(node.manager.listPeers()).toEqual([]);
        peer = RawPeer.dial(node, self);
        unwrap(peer.sendInit());
      }),
      { numRuns: 300, seed, endOnFailure: true },
    );
    expect(ended).toBeGreaterThan(20);
    expect(ended).toBeLessThan(290);
  });

  test('silent connections by the thousand evict each other, and lock nobody out', () => {
    const node = testNode(1, { limits: { maxUnauthenticatedInbound: 20 } });
    const sockets = Array.from({ length: 1000 }, () => new MemorySocket());
    for (const socket of sockets) node.manager.newInboundConnection(socket);
    expect(sockets.filter(({ isClosed }) => !isClosed)).toHaveLength(20);
    expect(sockets.at(-1)!.isClosed).toBe(false);
    unwrap(RawPeer.dial(node, testNode(2)).sendInit());
    expect(node.manager.listPeers()).toHaveLength(1);
  });

  test('inbound peers are limited, but a peer may replace its own connection', () => {
    const node = testNode(1, { limits: { maxInboundPeers: 2 } });
    unwrap(RawPeer.dial(node, testNode(2)).sendInit());
    unwrap(RawPeer.dial(node, testNode(3)).sendInit());
    expect(failure(RawPeer.dial(node, testNode(4)).sendInit())?.code).toBe('too_many_inbound');
    unwrap(RawPeer.dial(node, testNode(3)).sendInit());
    expect(node.manager.listPeers().map(({ connection }) => connection)).toEqual([1, 4]);
  });
});

describe('back-pressure', () => {
  test('a queue that the socket does not take waits, and goes on when there is room', () => {
    const { left, right, ...rest } = connected();
    rest.leftSocket.capacity = 1000;
    for (let index = 0; index < 500; index++) left.channels.say(fee(index));
    left.manager.processEvents();
    expect(rest.leftSocket.size).toBe(1000);
    expect(left.manager.listPeers()[0]!.queuedBytes).toBeGreaterThan(10_000);
    const callsBefore = rest.leftSocket.calls;
    left.manager.processEvents();
    expect(rest.leftSocket.calls).toBe(callsBefore); // a full socket is not asked again
    pump([{ left, right, ...rest }], [777]);
    expect(right.channels.messages()).toEqual(Array.from({ length: 500 }, (_, index) => fee(index)));
    expect(left.manager.listPeers()[0]!.queuedBytes).toBe(0);
  });

  test('what is urgent overtakes gossip that waits', () => {
    const { left, right, ...rest } = connected();
    rest.leftSocket.capacity = 0;
    const order: string[] = [];
    right.channels.onMessage = ({ type }) => order.push(type);
    right.routing.onMessage = ({ type }) => order.push(type);
    left.channels.say(fee(0)); // its batch is encrypted at once: nothing overtakes that
    left.manager.processEvents();
    for (let index = 0; index < 3; index++) left.routing.say(filter);
    left.manager.processEvents();
    left.channels.say(fee(1));
    left.manager.processEvents();
    rest.leftSocket.capacity = 1e6;
    left.manager.writeBufferSpaceAvailable(rest.leftSocket);
    pump([{ left, right, ...rest }]);
    expect(order).toEqual(['update_fee', 'update_fee', ...Array(3).fill('gossip_timestamp_filter')]);
  });

  test('a peer that asks and does not read is paused, then resumed', () => {
    const { node, peer } = withRawPeer({ limits: { pauseReadBytes: 256 * 1024 } });
    peer.socket.capacity = 100;
    const pings = Array.from(
      { length: 8 },
      (): Message => ({ type: 'ping', numPongBytes: 65531, ignored: new Uint8Array(0) }),
    );
    const frames = concatBytes(...pings.map((message) => peer.session.encrypt(encodeMessage(message))));
    expect(unwrap(node.manager.readEvent(peer.socket, frames)).pauseRead).toBe(true);
    peer.socket.isPaused = true;
    let most = 0;
    for (let turn = 0; turn < 100 && peer.socket.isPaused; turn++) {
      peer.socket.capacity = 20_000;
      most = Math.max(most, node.manager.listPeers()[0]!.queuedBytes);
      peer.read();
      node.manager.writeBufferSpaceAvailable(peer.socket);
    }
    expect(peer.socket.isPaused).toBe(false);
    expect(most).toBeLessThan(9 * 65536);
    expect(most).toBeGreaterThan(256 * 1024);
  });

  test('a peer that goes on asking and reads nothing holds little memory, and not for long', () => {
    const { node, peer } = withRawPeer();
    peer.socket.capacity = 0;
    const ask: Message = { type: 'ping', numPongBytes: 65531, ignored: new Uint8Array(0) };
    const most = defaultPeerLimits.maxPongBytesPerTick / 65535;
    let ticks = 0;
    for (; node.manager.listPeers().length > 0 && ticks < 20; ticks++) {
      for (let sent = 0; sent < most; sent++)
        node.manager.readEvent(peer.socket, peer.session.encrypt(encodeMessage(ask)));
      expect(node.manager.listPeers()[0]?.queuedBytes ?? 0).toBeLessThan(4 * 1024 * 1024);
      node.manager.timerTick();
    }
    expect(ticks).toBe(defaultPeerLimits.silentTicks + 2);
    expect(node.log.at(-1)?.fields).toMatchObject({ code: 'silent', message: expect.stringContaining('took nothing') });

    const greedy = withRawPeer();
    const asks = Array.from({ length: most + 1 }, () => ask);
    expect(failure(greedy.peer.send(...asks))).toMatchObject({ code: 'ping_flood', field: 'num_pong_bytes' });
  });

  test('ticks in which nothing had to be sent do not keep a later flood of replies from pausing', () => {
    const { node, peer } = withRawPeer({ limits: { pauseReadBytes: 50_000 } });
    for (let tick = 0; tick < 2; tick++) node.manager.timerTick();
    peer.socket.capacity = 0;
    const ask: Message = { type: 'ping', numPongBytes: 65531, ignored: new Uint8Array(0) };
    expect(unwrap(peer.send(ask))).toEqual({ pauseRead: true });
  });

  test('features for a peer are asked for by its id', () => {
    const node = testNode(1);
    const asked: unknown[] = [];
    node.channels.providedInitFeatures = ((id: NodeId) => {
      asked.push(id);
      return new Uint8Array(0);
    }) as never;
    const self = testNode(2);
    RawPeer.dial(node, self);
    expect(asked).toEqual([self.id]);
  });

  test('two peers that each wait for the other to read are set going again by a tick', () => {
    const { left, right, ...rest } = connected({ limits: { pauseReadBytes: 50_000 } });
    const joined = { left, right, ...rest };
    rest.leftSocket.capacity = 1000;
    rest.rightSocket.capacity = 1000;
    for (let index = 0; index < 2000; index++) {
      left.channels.say(fee(index));
      right.channels.say(fee(index));
    }
    left.manager.processEvents();
    right.manager.processEvents();
    pump([joined]);
    expect(rest.leftSocket.isPaused && rest.rightSocket.isPaused).toBe(true);
    for (let tick = 0; tick < 2; tick++) {
      left.manager.timerTick();
      right.manager.timerTick();
      pump([joined]);
    }
    const expected = Array.from({ length: 2000 }, (_, index) => fee(index));
    expect(left.channels.messages()).toEqual(expected);
    expect(right.channels.messages()).toEqual(expected);
  });

  test('gossip for a peer that does not read is dropped, other messages end it in the end', () => {
    const { left, right, ...rest } = connected({ limits: { dropGossipBytes: 5_000, maxOutboundBytes: 20_000 } });
    rest.leftSocket.capacity = 0;
    for (let index = 0; index < 1000; index++) left.routing.say(filter);
    left.manager.processEvents();
    expect(left.manager.listPeers()[0]!.queuedBytes).toBeLessThan(10_000);
    for (let index = 0; index < 1000; index++) left.channels.say(fee(index));
    left.manager.processEvents();
    expect(left.manager.listPeers()).toEqual([]);
    expect(left.log.at(-1)?.fields?.['code']).toBe('outbound_queue_full');
    // It lingers for its last bytes, but not for ever.
    expect(rest.leftSocket.isClosed).toBe(false);
    for (let tick = 0; tick < defaultPeerLimits.lingerTicks; tick++) left.manager.timerTick();
    expect(rest.leftSocket.isClosed).toBe(true);
    expect(right.id).toBeDefined();
  });

  test('a socket that delivers within sendData, and brings a wrong message back, loses no last word', () => {
    const { node, peer } = withRawPeer();
    const wrong = peer.session.encrypt(Uint8Array.of(0x7f, 0x02));
    const { socket } = peer;
    const { sendData } = socket;
    let isAnswered = false;
    socket.sendData = (data, resumeRead) => {
      const taken = sendData.call(socket, data, resumeRead);
      if (!isAnswered) {
        isAnswered = true;
        expect(failure(node.manager.readEvent(socket, wrong))?.code).toBe('unknown_even_message');
      }
      return taken;
    };
    node.channels.say(fee(1));
    node.channels.say(fee(2));
    node.manager.processEvents();
    peer.read();
    expect(peer.types()).toEqual(['init', 'update_fee', 'update_fee', 'warning']);
  });

  test('a connection that is ended lingers until its last messages are out', () => {
    const { left, right, ...rest } = connected();
    rest.leftSocket.capacity = 10;
    for (let index = 0; index < 20; index++) left.channels.say(fee(index));
    left.manager.processEvents();
    left.manager.disconnectPeer(right.id);
    expect(rest.leftSocket.isClosed).toBe(false);
    expect(left.channels.notes).toEqual(['connected 1 outbound', 'disconnected 1']);
    pump([{ left, right, ...rest }], [7]);
    expect(right.channels.messages()).toHaveLength(20);
    expect(rest.leftSocket.isClosed).toBe(true);
    expect(right.manager.listPeers()).toEqual([]);
  });

  test('gossip that still waits is not part of a farewell', () => {
    const { left, right, ...rest } = connected();
    rest.leftSocket.capacity = 10;
    left.channels.say(fee(1)); // its batch is encrypted at once, and blocks
    left.manager.processEvents();
    left.routing.say(filter);
    left.channels.say(fee(2));
    left.manager.processEvents();
    left.manager.disconnectPeer(right.id);
    pump([{ left, right, ...rest }]);
    expect(right.channels.messages()).toEqual([fee(1), fee(2)]);
    expect(right.routing.messages()).toEqual([]);
  });

  test('one peer that takes nothing does not keep the others from theirs', () => {
    const node = testNode(1);
    const peers = [2, 3, 4].map((key) => RawPeer.dial(node, testNode(key)));
    for (const peer of peers) unwrap(peer.sendInit());
    peers[0]!.socket.capacity = 0;
    for (const { nodeId: peer, connection } of node.manager.listPeers()) {
      for (let index = 0; index < 10; index++) {
        node.channels.outbox.push({ kind: 'send', peer, connection, message: fee(index) });
      }
    }
    node.manager.processEvents();
    for (const peer of peers) peer.read();
    expect(peers.map((peer) => peer.types().length)).toEqual([1, 11, 11]);
  });

  test('a queue of many turns leaves whole and in order, the turns taken one by one', () => {
    const node = testNode(1);
    const peers = [2, 3].map((key) => RawPeer.dial(node, testNode(key)));
    const order: number[] = [];
    for (const [index, peer] of peers.entries()) {
      unwrap(peer.sendInit());
      const { sendData } = peer.socket;
      peer.socket.sendData = (data, resume) => {
        order.push(index);
        return sendData.call(peer.socket, data, resume);
      };
    }
    const message = (index: number): Message => ({
      type: 'warning',
      channelId: someChannel,
      data: new Uint8Array(3000).fill(index),
    });
    for (const { nodeId: peer, connection } of node.manager.listPeers()) {
      for (let index = 0; index < 120; index++) {
        node.channels.outbox.push({ kind: 'send', peer, connection, message: message(index) });
      }
    }
    node.manager.processEvents();
    for (const peer of peers) {
      peer.read();
      expect(peer.received.slice(1)).toEqual(Array.from({ length: 120 }, (_, index) => message(index)));
    }
    // Neither sends all of its 360 kB before the other has begun.
    expect(order.lastIndexOf(order[0]!)).toBeGreaterThan(order.indexOf(1 - order[0]!));
  });

  test('a socket that throws, or calls back from within, harms itself at most', () => {
    const { left, right, ...rest } = connected();
    rest.leftSocket.sendData = () => {
      throw new Error('socket bug');
    };
    left.channels.say(fee(1));
    left.manager.processEvents();
    expect(left.manager.listPeers()).toEqual([]);
    const again = link(left, right);
    pump([again]);
    const { sendData } = again.leftSocket;
    again.leftSocket.sendData = (data, resume) => {
      left.manager.writeBufferSpaceAvailable(again.leftSocket);
      left.manager.processEvents();
      return sendData.call(again.leftSocket, data.subarray(0, 5), resume);
    };
    left.channels.say(fee(2));
    left.manager.processEvents();
    pump([again]);
    expect(right.channels.messages()).toEqual([fee(2)]);
  });

  test('any chunking, any capacity: every message arrives, once and in order', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        lengths,
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1, max: 60 }),
        (chunks, capacity, count) => {
          const joined = link(testNode(1), testNode(2));
          joined.leftSocket.capacity = Math.max(50, capacity);
          joined.rightSocket.capacity = capacity;
          pump([joined], chunks);
          const { left, right } = joined;
          for (let index = 0; index < count; index++) {
            left.channels.say(fee(index));
            right.channels.say(fee(1000 + index));
            if (index % 3 === 0) left.manager.processEvents();
          }
          left.manager.processEvents();
          right.manager.processEvents();
          pump([joined], chunks);
          expect(joined.errors).toEqual([]);
          expect(right.channels.messages()).toEqual(Array.from({ length: count }, (_, index) => fee(index)));
          expect(left.channels.messages()).toEqual(Array.from({ length: count }, (_, index) => fee(1000 + index)));
        },
      ),
      { numRuns: 25, seed },
    );
  });
});

test('the example of two nodes in memory greets both ways', () => {
  expect(meet()).toEqual(['hello', 'hello']);
});
