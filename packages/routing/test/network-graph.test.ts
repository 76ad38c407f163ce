import { cltvDelta, msat, type NodeId, sat, shortChannelIdOf, unwrap } from '@boltwright/base';
import { crc32c } from '@boltwright/wire';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type GraphChannel, NetworkGraph, readSnapshot, writeSnapshot } from '../src/index.ts';
import { add, graphOf, keyBytes, node, policy, scid } from './make-graph.ts';

const kindOf = (result: { readonly ok: boolean; readonly error?: { readonly kind: string } }) =>
  result.ok ? 'ok' : result.error?.kind;

describe('BOLT 7, channel_announcement: a channel', () => {
  const between = (a: number, b: number, id = 5) => ({ shortChannelId: scid(id), nodeId1: node(a), nodeId2: node(b) });

  test.each([
    ['to itself', between(2, 2), 'self_loop'],
    ['with its nodes in the wrong order', between(3, 2), 'node_order'],
    ['with short_channel_id 0', between(2, 3, 0), 'zero_short_channel_id'],
    ['without capacity', { ...between(2, 3), capacitySat: sat(0n) }, 'zero_capacity'],
    ['of a node id that is no key', { ...between(2, 3), nodeId2: `05${'11'.repeat(32)}` as NodeId }, 'invalid_node_id'],
    ['of a node id that is too short', { ...between(2, 3), nodeId1: new Uint8Array(5) }, 'invalid_node_id'],
    ['with endless features', { ...between(2, 3), features: new Uint8Array(1025) }, 'too_long'],
  ])('%s is refused, and nothing is kept of it', (_, channel, kind) => {
    const graph = new NetworkGraph();
    expect(kindOf(graph.addChannel(channel))).toBe(kind);
    expect([graph.channelCount, graph.nodeCount]).toEqual([0, 0]);
  });

  test('known already is refused, and between other nodes is told apart', () => {
    const graph = graphOf([{ id: 5, a: 2, b: 3 }]);
    expect(kindOf(graph.addChannel(between(2, 3)))).toBe('duplicate_channel');
    expect(kindOf(graph.addChannel(between(2, 4)))).toBe('conflicting_channel');
    expect(graph.nodeIndex(node(4))).toBe(-1);
  });

  test('beyond the bounds on channels and nodes is refused', () => {
    const channels = new NetworkGraph({ maxChannels: 1 });
    unwrap(channels.addChannel(between(2, 3)));
    expect(kindOf(channels.addChannel(between(2, 3, 6)))).toBe('graph_full');
    const nodes = new NetworkGraph({ maxNodes: 3 });
    unwrap(nodes.addChannel(between(2, 3)));
    expect(kindOf(nodes.addChannel(between(4, 5, 6)))).toBe('graph_full');
    expect([nodes.channelCount, nodes.nodeCount]).toEqual([1, 2]);
    expect(kindOf(nodes.addChannel(between(3, 4, 7)))).toBe('ok');
  });
});

describe('BOLT 7, channel_update: a policy', () => {
  const graph = () => graphOf([{ id: 5, a: 2, b: 3, capacity: 1000, there: {} }]);

  test.each([
    ['as old as the known one', policy({}, 1000, 1), 'stale_update'],
    ['without a timestamp', policy({}, 1000, 0), 'zero_timestamp'],
    ['with a maximum above the capacity', policy({ max: 1_000_001 }, 0, 2), 'htlc_maximum_above_capacity'],
    ['with a maximum of 0', policy({ min: 0, max: 0 }, 0, 2), 'zero_htlc_maximum'],
    ['with a minimum above the maximum', policy({ min: 11, max: 10 }, 0, 2), 'htlc_minimum_above_maximum'],
  ])('%s is refused, and the known one stays', (_, update, kind) => {
    const before = graph();
    const known = before.channel(scid(5));
    expect(kindOf(before.updateChannel(scid(5), 0, update))).toBe(kind);
    expect(before.channel(scid(5))).toEqual(known);
  });

  test('of an unknown channel is refused', () => {
    expect(kindOf(graph().updateChannel(scid(6), 0, policy({}, 10, 2)))).toBe('unknown_channel');
  });

  test('reads as it was written, each direction for itself, up to the largest amounts', () => {
    const network = graphOf([{ id: 5, a: 2, b: 3, capacity: 0 }]);
    const update = {
      timestamp: 0xffff_ffff,
      disabled: true,
      feeBaseMsat: 0xffff_ffff,
      feeProportionalMillionths: 0xffff_ffff,
      cltvExpiryDelta: cltvDelta(0xffff),
      htlcMinimumMsat: msat(7n),
      htlcMaximumMsat: msat(2n ** 53n - 1n),
    };
    unwrap(network.updateChannel(scid(5), 1, update));
    expect(network.channel(scid(5))).toMatchObject({ policy2: update });
    expect(network.channel(scid(5))?.policy1).toBeUndefined();
  });

  test('above a capacity that is looked up later is forgotten', () => {
    const network = graphOf([{ id: 5, a: 2, b: 3, capacity: 0, there: { max: 5_000_000 }, back: { max: 4_000_000 } }]);
    unwrap(network.setCapacity(scid(5), sat(4500n)));
    expect(network.channel(scid(5))).toMatchObject({ capacitySat: 4500n, policy2: { htlcMaximumMsat: 4_000_000n } });
    expect(network.channel(scid(5))?.policy1).toBeUndefined();
  });
});

test('BOLT 7, node_announcement: of a node without channels, or not newer, is refused', () => {
  const graph = graphOf([{ id: 5, a: 2, b: 3 }]);
  const announcement = (timestamp: number) => ({
    timestamp,
    features: Uint8Array.of(1),
    rgbColor: new Uint8Array(3),
    alias: new Uint8Array(32),
    addresses: new Uint8Array(0),
  });
  expect(kindOf(graph.updateNode(node(9), announcement(1)))).toBe('unknown_node');
  expect(kindOf(graph.updateNode(keyBytes(2), announcement(5)))).toBe('ok');
  expect(kindOf(graph.updateNode(node(2), announcement(5)))).toBe('stale_announcement');
  expect(graph.node(node(2))).toMatchObject({ channelCount: 1, announcement: { timestamp: 5 } });
  expect(kindOf(graph.updateNode(node(2), { ...announcement(6), addresses: new Uint8Array(9000) }))).toBe('too_long');
});

describe('BOLT 7, Pruning the Network View', () => {
  test('a channel goes when either direction is two weeks old, and so do nodes without channels', () => {
    const day = 86_400;
    const graph = new NetworkGraph();
    for (const [id, receivedAt, first, second] of [
      [1, 100 * day, 100 * day, 100 * day],
      [2, 100 * day, 100 * day, 85 * day],
      [3, 85 * day, 0, 100 * day],
      [4, 100 * day, 0, 0],
    ] as const) {
      unwrap(graph.addChannel({ shortChannelId: scid(id), nodeId1: node(id), nodeId2: node(id + 1), receivedAt }));
      if (first > 0) unwrap(graph.updateChannel(scid(id), 0, policy({}, 1000, first)));
      if (second > 0) unwrap(graph.updateChannel(scid(id), 1, policy({}, 1000, second)));
    }
    expect(graph.prune(100 * day)).toBe(2);
    expect([...graph.channels()].map(({ shortChannelId }) => Number(shortChannelId)).sort()).toEqual([1, 4]);
    expect(graph.node(node(3))).toBeUndefined();
    expect(graph.prune(100 * day)).toBe(0);
  });

  test('a channel whose output was spent goes 72 blocks later, unless the block was undone', () => {
    const graph = graphOf([
      { id: 5, a: 2, b: 3 },
      { id: 6, a: 2, b: 3 },
    ]);
    graph.channelSpent(scid(5), 1000);
    graph.channelSpent(scid(6), 1000);
    graph.channelUnspent(scid(6));
    expect(graph.blockConnected(1071)).toBe(0);
    expect(graph.blockConnected(1072)).toBe(1);
    expect(graph.channel(scid(5))).toBeUndefined();
    expect(graph.channelCount).toBe(1);
  });

  test('a node that is removed takes its channels along', () => {
    const graph = graphOf([
      { id: 5, a: 2, b: 3 },
      { id: 6, a: 3, b: 4 },
      { id: 7, a: 2, b: 4 },
    ]);
    expect(graph.removeNode(node(3))).toBe(true);
    expect(graph.removeNode(node(3))).toBe(false);
    expect([...graph.channels()].map(({ shortChannelId }) => shortChannelId)).toEqual([7n]);
  });
});

// ---- against a model of plain objects --------------------------------------------------------------------------

const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), id: fc.integer({ min: 1, max: 60 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('update' as const),
      id: fc.integer({ min: 1, max: 60 }),
      direction: fc.constantFrom(0 as const, 1 as const),
      disabled: fc.boolean(),
      time: fc.integer({ min: 1, max: 50 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), id: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compact' as const) }) },
);

const byId = (a: GraphChannel, b: GraphChannel) => Number(a.shortChannelId - b.shortChannelId);

/** The rows' lists hold each incoming edge once, those in use first. */
function checkLists(graph: NetworkGraph): void {
  const { nodeTable, channelTable } = graph;
  let edges = 0;
  for (let row = 0; row < nodeTable.length; row++) {
    if (!nodeTable.has(row)) continue;
    const start = nodeTable.listStart[row]!;
    for (let i = 0; i < nodeTable.listLength[row]!; i++) {
      const edge = nodeTable.pool[2 * (start + i)]!;
      const whole =
        channelTable.ends[edge ^ 1] === row &&
        channelTable.ends[edge] === nodeTable.pool[2 * (start + i) + 1] &&
        (channelTable.flags[edge] === 1) === i < nodeTable.listActive[row]!;
      if (!whole) throw new Error(`edge ${edge} stands wrong in the list of node ${row}`);
      edges++;
    }
  }
  expect(edges).toBe(2 * graph.channelCount);
}

test('any additions, updates and removals leave what a map of objects would hold, and so does a snapshot', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 120 }), (steps) => {
      const graph = new NetworkGraph({ hashSeed: 3 });
      const model = new Map<number, GraphChannel>();
      for (const step of steps) {
        if (step.kind === 'compact') graph.compact();
        else if (step.kind === 'add') {
          const [a, b] = [step.id % 7, 7 + (step.id % 5)];
          const ids = { shortChannelId: scid(step.id), nodeId1: node(a), nodeId2: node(b) };
          const features = Uint8Array.of(step.id % 3);
          const result = graph.addChannel({ ...ids, capacitySat: sat(1000n), features });
          expect(result.ok).toBe(!model.has(step.id));
          if (result.ok) model.set(step.id, { ...ids, capacitySat: sat(1000n), features });
        } else if (step.kind === 'remove') {
          expect(graph.removeChannel(scid(step.id))).toBe(model.delete(step.id));
        } else {
          const name = step.direction === 0 ? 'policy1' : 'policy2';
          const known = model.get(step.id);
          const update = policy({ disabled: step.disabled }, 1_000_000, step.time);
          const result = graph.updateChannel(scid(step.id), step.direction, update);
          expect(result.ok).toBe(known !== undefined && (known[name]?.timestamp ?? 0) < step.time);
          if (result.ok && known !== undefined) model.set(step.id, { ...known, [name]: update });
        }
      }
      const wanted = [...model.values()].sort(byId);
      for (const held of [graph, unwrap(readSnapshot(writeSnapshot(graph)))]) {
        expect([...held.channels()].sort(byId)).toEqual(wanted);
        expect(held.nodeCount).toBe(new Set(wanted.flatMap(({ nodeId1, nodeId2 }) => [nodeId1, nodeId2])).size);
        checkLists(held);
        for (const { nodeId1, nodeId2, shortChannelId } of wanted) {
          expect(held.channelIndex(shortChannelId)).toBeGreaterThanOrEqual(0);
          expect(held.nodeIndex(nodeId1)).not.toBe(held.nodeIndex(nodeId2));
        }
      }
    }),
    { seed: 7, numRuns: 60 },
  );
});

test('a thousand channels come and go without the tables growing', () => {
  const graph = new NetworkGraph();
  let most = 0;
  for (let round = 0; round < 6; round++) {
    for (let id = 1; id <= 1000; id++) add(graph, { id, a: id % 50, b: 50 + (id % 49), there: {}, back: {} });
    if (round === 1) most = graph.byteLength;
    expect(graph.channelCount).toBe(1000);
    for (let id = 1; id <= 1000; id++) expect(graph.removeChannel(scid(id))).toBe(true);
    expect(graph.nodeCount).toBe(0);
  }
  expect(graph.byteLength).toBeLessThanOrEqual(most * 1.5);
});

describe('a snapshot', () => {
  const sample = () => {
    const graph = new NetworkGraph();
    for (let i = 0; i < 40; i++) {
      const ids = { nodeId1: node(i), nodeId2: node(i + 1 + (i % 3)) };
      const shortChannelId = shortChannelIdOf(700_000 + Math.floor(i / 3), i * 5, i % 2);
      unwrap(graph.addChannel({ ...ids, shortChannelId, capacitySat: sat(5000n + BigInt(i)), receivedAt: 99 - i }));
      unwrap(graph.updateChannel(shortChannelId, 0, policy({ base: i, min: i, cltv: 40 + i }, 5_000_000, 1000 + i)));
      unwrap(graph.updateChannel(shortChannelId, 1, policy({ ppm: i * i, max: 4_999_001 - i }, 0, 2000 - i)));
    }
    unwrap(
      graph.updateNode(node(3), {
        timestamp: 77,
        features: Uint8Array.of(1, 2),
        rgbColor: Uint8Array.of(1, 2, 3),
        alias: new Uint8Array(32).fill(65),
        addresses: Uint8Array.of(1, 127, 0, 0, 1, 0, 80),
      }),
    );
    return graph;
  };

  test('gives the same graph, and then the same bytes', () => {
    const graph = sample();
    const bytes = writeSnapshot(graph);
    const read = unwrap(readSnapshot(bytes));
    expect([...read.channels()].sort(byId)).toEqual([...graph.channels()].sort(byId));
    expect(read.node(node(3))).toEqual(graph.node(node(3)));
    expect(writeSnapshot(unwrap(readSnapshot(writeSnapshot(read))))).toEqual(writeSnapshot(read));
    expect(unwrap(readSnapshot(writeSnapshot(graph, { announcements: false }))).node(node(3))?.announcement).toBe(
      undefined,
    );
  });

  test('grows on like any graph', () => {
    const read = unwrap(readSnapshot(writeSnapshot(sample())));
    add(read, { id: 1, a: 2, b: 90, there: {}, back: {} });
    expect(read.channel(scid(1))).toBeDefined();
    checkLists(read);
  });

  test('is refused when cut off anywhere', () => {
    const bytes = writeSnapshot(sample());
    for (let length = 0; length < bytes.length; length++)
      expect(readSnapshot(bytes.subarray(0, length)).ok).toBe(false);
  });

  test('is refused when any byte is altered', () => {
    const bytes = writeSnapshot(sample());
    for (let at = 0; at < bytes.length; at++) {
      const altered = Uint8Array.from(bytes);
      altered[at] = altered[at]! ^ 0x10;
      expect(readSnapshot(altered).ok).toBe(false);
    }
  });

  test('with a right checksum over wrong contents is refused or gives a graph that holds together', () => {
    const bytes = writeSnapshot(sample());
    fc.assert(
      fc.property(fc.integer({ min: 5, max: bytes.length - 5 }), fc.nat(255), (at, value) => {
        const altered = Uint8Array.from(bytes);
        altered[at] = value;
        new DataView(altered.buffer).setUint32(altered.length - 4, crc32c(altered.subarray(0, -4)));
        const read = readSnapshot(altered);
        if (!read.ok) expect(['malformed', 'too_large']).toContain(read.error.kind);
        else checkLists(read.value);
      }),
      { seed: 5, numRuns: 800 },
    );
  });

  test.each([
    ['of another kind', Uint8Array.from({ length: 40 }, (_, i) => i), 'not_a_snapshot'],
    ['of no bytes', new Uint8Array(0), 'not_a_snapshot'],
    ['of a later version', Uint8Array.of(0x42, 0x57, 0x4e, 0x47, 2, 0, 0, 0, 0, 0), 'unknown_version'],
  ])('%s is refused by name', (_, bytes, kind) => {
    expect(kindOf(readSnapshot(bytes))).toBe(kind);
  });

  test('of more channels or nodes than are allowed is refused', () => {
    const bytes = writeSnapshot(sample());
    expect(kindOf(readSnapshot(bytes, { maxChannels: 39 }))).toBe('too_large');
    expect(kindOf(readSnapshot(bytes, { maxNodes: 10 }))).toBe('too_large');
  });
});
