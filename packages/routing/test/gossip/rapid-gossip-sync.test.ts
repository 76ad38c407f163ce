import {
  type CltvDelta,
  chainHash,
  concatBytes,
  fromHex,
  msat,
  type Result,
  sat,
  shortChannelIdOf,
} from '@boltwright/base';
import { encodeNodeAddresses, featuresFromBits } from '@boltwright/wire';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyRapidGossipSync } from '../../src/gossip/rapid-gossip-apply.ts';
import { RapidGossipSink } from '../../src/gossip/rapid-gossip-bytes.ts';
import { readRapidGossipSync } from '../../src/gossip/rapid-gossip-sync.ts';
import { writeRapidGossipSync } from '../../src/gossip/rapid-gossip-writer.ts';
import { NetworkGraph } from '../../src/graph/network-graph.ts';
import { identity, madeChannel, mainnet, now } from './support/made-network.ts';

const week = 604_800;
const noMaximum = (1n << 64n) - 1n;

function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 8;
  };
}

/** A graph of some channels, with what the format can carry. */
function made(channelCount = 60): NetworkGraph {
  const random = pseudoRandom(11);
  const graph = new NetworkGraph();
  const nodes = Array.from({ length: 15 }, (_, n) => identity(n));
  for (let n = 0; n < channelCount; n++) {
    const { id, nodes: ends } = madeChannel(500_000 + 7 * n, nodes[n % 15]!, nodes[(n + 1 + (random() % 13)) % 15]!);
    const added = graph.addChannel({
      shortChannelId: id,
      nodeId1: ends[0].point,
      nodeId2: ends[1].point,
      features: n % 9 === 0 ? featuresFromBits([101]) : new Uint8Array(0),
      ...(n % 4 === 0 ? {} : { capacitySat: sat(2_000_000n) }),
    });
    if (!added.ok) continue;
    for (const direction of [0, 1] as const) {
      if (n % 6 === 5 && direction === 1) continue;
      graph.updateChannel(id, direction, {
        timestamp: now - week,
        disabled: random() % 5 === 0,
        feeBaseMsat: random() % 3 === 0 ? random() : 1000,
        feeProportionalMillionths: random() % 3 === 0 ? random() % 5000 : 100,
        cltvExpiryDelta: (random() % 3 === 0 ? 144 : 40) as CltvDelta,
        htlcMinimumMsat: msat(random() % 3 === 0 ? 1n : 1000n),
        htlcMaximumMsat: msat(random() % 2 === 0 ? 1_980_000_000n : BigInt(1000 + random())),
      });
    }
  }
  for (const [n, { id }] of nodes.entries()) {
    if (n % 5 === 4) continue;
    graph.updateNode(id, {
      timestamp: now - week,
      features: featuresFromBits(n % 3 === 0 ? [7, 11, 2 * n + 21] : [7, 9 + 2 * (n % 9)]),
      rgbColor: new Uint8Array(3),
      alias: new Uint8Array(32),
      addresses:
        n % 2 === 0
          ? new Uint8Array(0)
          : encodeNodeAddresses(
              [
                { kind: 'ipv4', host: '192.0.2.1', port: 9735 },
                { kind: 'torV3', host: `${'a'.repeat(55)}d.onion`, port: 1 },
                { kind: 'dns', host: 'node.example', port: 9735 },
              ].slice(0, 1 + (n % 3)) as never,
            ),
    });
  }
  return graph;
}

const written = (graph: NetworkGraph, version: 1 | 2): Uint8Array =>
  writeRapidGossipSync(graph, { chainHash: mainnet, latestSeenTimestamp: now, version });

const sorted = (graph: NetworkGraph) =>
  [...graph.channels()].sort((a, b) => (a.shortChannelId < b.shortChannelId ? -1 : 1));

const value = <T>(result: Result<T, { readonly message: string }>): T => {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};

/** The head of a snapshot, up to the nodes. */
function head(version: number, timestamp = now): RapidGossipSink {
  const sink = new RapidGossipSink();
  sink.raw(Uint8Array.of(76, 68, 75, version));
  sink.hex(mainnet);
  sink.u32(timestamp);
  return sink;
}

describe('rapid gossip sync', () => {
  test('version 2 brings the whole graph over, a week older', () => {
    const graph = made();
    const copy = new NetworkGraph();
    const outcome = value(applyRapidGossipSync(copy, written(graph, 2), mainnet, now));
    expect(outcome).toMatchObject({ latestSeenTimestamp: now, channelsAdded: graph.channelCount, passedOver: 0 });
    expect(sorted(copy)).toEqual(sorted(graph));
    for (let n = 0; n < 15; n++) {
      const { id } = identity(n);
      const announcement = graph.node(id)?.announcement;
      expect(copy.node(id)?.announcement).toEqual(announcement);
    }
    expect(outcome.nodesUpdated).toBe(12);
  });

  test('version 1 brings channels and policies', () => {
    const graph = made();
    const copy = new NetworkGraph();
    value(applyRapidGossipSync(copy, written(graph, 1), mainnet, now));
    const bare = sorted(graph).map(({ capacitySat: _, ...rest }) => rest);
    expect(sorted(copy)).toEqual(bare);
    expect(copy.node(identity(0).id)?.announcement).toBeUndefined();
  });

  test('what is written again is the same', () => {
    const graph = made();
    for (const version of [1, 2] as const) {
      const copy = new NetworkGraph();
      value(applyRapidGossipSync(copy, written(graph, version), mainnet));
      expect(written(copy, version)).toEqual(written(version === 2 ? graph : copy, version));
    }
  });

  test('an empty graph is a snapshot too', () => {
    const bytes = written(new NetworkGraph(), 2);
    expect(value(readRapidGossipSync(bytes, mainnet))).toMatchObject({ nodes: [], channels: [], updates: [] });
  });

  test('LDK reads the format so: its own published example, version 1', () => {
    // lightning-rapid-gossip-sync, processing.rs: VALID_RGS_BINARY
    const example = fromHex(
      '4c444b016fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d619000000000061e362da' +
        '00000004' +
        '021607cfce19a4c5e7e6e738663dfafbbbac262e4ff76c2c9b30dbeefc35c00643' +
        '02247d9db0dfafea745ef8c9e161eb322f73ac3f8858d8730b6fd97254747ce76b' +
        '029e01f279986acc83ba235d46d80aede0b7595f410353b93a8ab540bb677f4432' +
        '02c913118a8895b9e29c89af6e20ed00d95a1f64e4952edbafa84d048f26804c61' +
        '00000002' +
        '0000ff0899c000021b00000001' +
        '0000ff0244e200060b000102' +
        '03' +
        '00000004' +
        '002800000000000003e8000003e800000001000000001d8119c0' +
        'ff0899c000021b00003c000000000000000100000064000002e0000000003a5574d8' +
        '001d000000010000007d000000003a5574d8' +
        'ff0244e200060b00010000' +
        '01',
    );
    expect(example).toHaveLength(300);
    const graph = new NetworkGraph();
    const outcome = value(applyRapidGossipSync(graph, example, mainnet));
    expect(outcome).toMatchObject({ latestSeenTimestamp: 1_642_291_930, channelsAdded: 2, updatesApplied: 4 });
    expect(graph.nodeCount).toBe(4);
    const [first, second] = sorted(graph);
    expect([first?.shortChannelId, second?.shortChannelId]).toEqual([
      619_737_530_008_010_752n,
      783_241_506_229_452_801n,
    ]);
    expect(first?.policy1).toMatchObject({
      htlcMaximumMsat: 978_679_000n,
      feeBaseMsat: 100,
      timestamp: 1_642_291_930 - week,
    });
    expect(second?.policy2).toMatchObject({ htlcMaximumMsat: 495_000_000n, cltvExpiryDelta: 40, feeBaseMsat: 1000 });
    expect(applyRapidGossipSync(new NetworkGraph(), example, mainnet, now)).toMatchObject({ error: { kind: 'stale' } });
  });

  test('an increment changes what it names, and needs what it is based on', () => {
    const graph = made(3);
    const [channel, elsewhere] = [sorted(graph)[0]!, shortChannelIdOf(900_000, 1, 1)];
    const sink = head(1, now + 3600);
    sink.u32(0);
    sink.u32(0);
    sink.u32(2);
    sink.u16(1);
    sink.u64(2n);
    sink.u32(3);
    sink.u32(4);
    sink.u64(noMaximum);
    sink.bigSize(channel.shortChannelId);
    sink.u8(128 | 2 | 16);
    sink.u32(4242);
    sink.bigSize(elsewhere - channel.shortChannelId);
    sink.u8(128 | 64);
    sink.u16(9);
    const outcome = value(applyRapidGossipSync(graph, sink.bytes, mainnet, now));
    expect(outcome).toMatchObject({ updatesApplied: 1, passedOver: 1 });
    const policy = graph.channel(channel.shortChannelId)?.policy1;
    expect(policy).toEqual({ ...channel.policy1, feeBaseMsat: 4242, disabled: true, timestamp: now + 3600 - week });
  });

  test('no maximum means the capacity, and signed gossip stays where it is newer', () => {
    const graph = made(2);
    const [a, b] = sorted(graph);
    graph.updateChannel(a!.shortChannelId, 0, { ...a!.policy1!, timestamp: now - 5, feeBaseMsat: 1 });
    const sink = head(2, now + 3600);
    sink.u8(0);
    sink.u32(0);
    sink.u32(0);
    sink.u32(3);
    sink.u16(1);
    sink.u64(2n);
    sink.u32(3);
    sink.u32(4);
    sink.u64(noMaximum);
    sink.bigSize(a!.shortChannelId);
    sink.u8(0);
    sink.bigSize(b!.shortChannelId - a!.shortChannelId);
    sink.u8(0);
    // the same again: data for later versions
    sink.bigSize(0n);
    sink.u8(0);
    sink.bytesU16(Uint8Array.of(1, 2, 3));
    value(applyRapidGossipSync(graph, sink.bytes, mainnet, now));
    expect(graph.channel(a!.shortChannelId)?.policy1?.feeBaseMsat).toBe(1);
    expect(graph.channel(b!.shortChannelId)?.policy1).toMatchObject({
      feeBaseMsat: 3,
      htlcMaximumMsat: 2_000_000_000n,
    });
  });

  test('a channel that requires unknown features gets no policies', () => {
    const graph = new NetworkGraph();
    const { id, nodes } = madeChannel(5, identity(1), identity(2));
    graph.addChannel({
      shortChannelId: id,
      nodeId1: nodes[0].point,
      nodeId2: nodes[1].point,
      features: featuresFromBits([100]),
    });
    graph.updateChannel(id, 0, { ...sorted(made(1))[0]!.policy1! });
    const copy = new NetworkGraph();
    value(applyRapidGossipSync(copy, written(graph, 2), mainnet));
    expect(copy.channel(id)?.features).toEqual(featuresFromBits([100]));
    expect(copy.channel(id)?.policy1).toBeUndefined();
  });

  test('data of later versions and addresses of unknown kinds are passed over', () => {
    const node = identity(1);
    const sink = head(2);
    sink.u8(1);
    sink.bytesU16(Uint8Array.of(2));
    sink.u32(1);
    const key = Uint8Array.from(node.point);
    key[0] = key[0]! | 128 | 64 | 8 | 4;
    sink.raw(key);
    sink.u8(3);
    sink.u8(2);
    sink.raw(Uint8Array.of(77, 1));
    sink.u8(7);
    sink.raw(Uint8Array.of(1, 127, 0, 0, 1, 0, 80));
    sink.u8(3);
    sink.raw(Uint8Array.of(1, 127, 0));
    sink.bytesU16(new Uint8Array(300));
    sink.u32(0);
    sink.u32(0);
    expect(value(readRapidGossipSync(sink.bytes, mainnet)).nodes).toEqual([
      {
        nodeId: node.point,
        isReminder: true,
        features: Uint8Array.of(2),
        addresses: Uint8Array.of(1, 127, 0, 0, 1, 0, 80),
      },
    ]);
  });
});

describe('a rapid gossip sync snapshot that is not right', () => {
  const bytes = written(made(20), 2);

  function expectRefused(changed: Uint8Array, kind?: string): void {
    const graph = made(4);
    const before = [...graph.channels()];
    const result = applyRapidGossipSync(graph, changed, mainnet, now);
    expect(result).toMatchObject({ ok: false, error: kind === undefined ? {} : { kind } });
    expect([...graph.channels()]).toEqual(before);
  }

  test('is refused wherever it is cut off, and the graph is as before', () => {
    for (let length = 0; length < bytes.length; length++) {
      if (readRapidGossipSync(bytes.subarray(0, length), mainnet).ok) throw new Error(`cut off at ${length}`);
    }
    expectRefused(bytes.subarray(0, 100), 'truncated');
    expectRefused(bytes.subarray(0, bytes.length - 1), 'truncated');
    expectRefused(concatBytes(bytes, Uint8Array.of(0)), 'trailing_bytes');
  });

  test('is refused with another prefix, version or chain', () => {
    const change = (at: number, to: number) => Uint8Array.from(bytes, (byte, i) => (i === at ? to : byte));
    expectRefused(change(0, 75), 'unknown_prefix');
    expectRefused(change(3, 0), 'unknown_version');
    expectRefused(change(3, 3), 'unknown_version');
    expectRefused(change(4, 0), 'other_chain');
    const other = chainHash('43497fd7f826957108f4a30fd9cec3aeba79972084e90ead01ea330900000000');
    expect(readRapidGossipSync(bytes, other)).toMatchObject({ ok: false, error: { kind: 'other_chain', offset: 36 } });
  });

  test('is refused with more than the limits, before room is made for it', () => {
    const limits = { maxNodes: 15, maxChannels: 20, maxUpdates: 40 };
    expect(readRapidGossipSync(bytes, mainnet, limits).ok).toBe(true);
    for (const name of ['maxNodes', 'maxChannels', 'maxUpdates'] as const) {
      expect(readRapidGossipSync(bytes, mainnet, { ...limits, [name]: 3 })).toMatchObject({
        ok: false,
        error: { kind: 'too_many' },
      });
    }
    const sink = head(1);
    sink.u32(199_999);
    expectRefused(sink.bytes, 'truncated');
    const more = head(1);
    more.u32(0xffff_ffff);
    expectRefused(more.bytes, 'too_many');
  });

  test.each([
    [
      'a key of neither parity',
      (sink: RapidGossipSink) => {
        sink.u32(1);
        sink.raw(new Uint8Array(33).fill(4));
      },
    ],
    [
      'a channel of a node with itself',
      (sink: RapidGossipSink) => {
        sink.u32(1);
        sink.raw(identity(1).point);
        sink.u32(1);
        sink.raw(Uint8Array.of(0, 0, 5, 0, 0));
        sink.u32(0);
      },
    ],
    [
      'a node that is not there',
      (sink: RapidGossipSink) => {
        sink.u32(1);
        sink.raw(identity(1).point);
        sink.u32(1);
        sink.raw(Uint8Array.of(0, 0, 5, 0, 1));
        sink.u32(0);
      },
    ],
    [
      'an id above a u64',
      (sink: RapidGossipSink) => {
        sink.u32(0);
        sink.u32(0);
        sink.u32(2);
        sink.raw(new Uint8Array(26));
        sink.bigSize(noMaximum);
        sink.u8(0);
        sink.bigSize(1n);
        sink.u8(0);
      },
    ],
    [
      'short channel id 0',
      (sink: RapidGossipSink) => {
        sink.u32(2);
        const [low, high] = madeChannel(1, identity(1), identity(2)).nodes;
        sink.raw(low.point);
        sink.raw(high.point);
        sink.u32(1);
        sink.raw(Uint8Array.of(0, 0, 0, 0, 1));
        sink.u32(0);
      },
    ],
  ])('is refused with %s', (_name, write) => {
    const sink = head(1);
    write(sink);
    expectRefused(sink.bytes, 'invalid_value');
  });

  test('with any byte changed it is refused or read, and never throws', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ change : byte));
        const graph = new NetworkGraph();
        const result = applyRapidGossipSync(graph, changed, mainnet, now);
        return result.ok || graph.channelCount === 0;
      }),
      { seed: 4711, numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(1, 2), (tail, version) => {
        const sink = head(version);
        sink.raw(tail);
        const result = readRapidGossipSync(sink.bytes, mainnet);
        return result.ok || result.error.message.length > 0;
      }),
      { seed: 4712, numRuns: 1000 },
    );
  });
});
