import { type BlockHeight, blockHeight } from '@boltwright/base';
import { boltMessages, type Message, signedPart } from '@boltwright/wire';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SignatureBatchId } from '../../src/gossip/signature-checks.ts';
import { Bench, extended, plain } from './support/bench.ts';
import {
  announcementOf,
  identity,
  madeChannel,
  mainnet,
  nodeAnnouncementOf,
  now,
  updateOf,
} from './support/made-network.ts';

type Incoming = Parameters<Bench['handler']['handleMessage']>[2];

const [a, b] = [identity(1), identity(2)];
const channel = madeChannel(700_000, a, b);
const bases: readonly Uint8Array[] = [
  announcementOf(channel).raw,
  updateOf(channel, 0).raw,
  nodeAnnouncementOf(a, { addresses: Uint8Array.of(1, 127, 0, 0, 1, 1, 1, 4) }).raw,
  ...(
    [
      {
        type: 'query_channel_range',
        chainHash: mainnet,
        firstBlocknum: blockHeight(0),
        numberOfBlocks: 0xffff_ffff,
        queryOption: 3n,
      },
      {
        type: 'query_short_channel_ids',
        chainHash: mainnet,
        encodedShortIds: Uint8Array.of(0, 0, 10, 174, 96, 0, 0, 1, 0),
        queryFlags: { encodingType: 0, encodedQueryFlags: Uint8Array.of(31) },
      },
      {
        type: 'reply_channel_range',
        chainHash: mainnet,
        firstBlocknum: blockHeight(0),
        numberOfBlocks: 0xffff_ffff,
        syncComplete: 1,
        encodedShortIds: Uint8Array.of(0, 0, 10, 174, 97, 0, 0, 1, 0),
        timestamps: { encodingType: 0, encodedTimestamps: new Uint8Array(8).fill(100) },
        checksums: [{ checksumNodeId1: 1, checksumNodeId2: 2 }],
      },
      { type: 'reply_short_channel_ids_end', chainHash: mainnet, fullInformation: 1 },
      { type: 'gossip_timestamp_filter', chainHash: mainnet, firstTimestamp: 0, timestampRange: 0xffff_ffff },
    ] as const satisfies readonly Message[]
  ).map((message) => boltMessages.byName.get(message.type)!.encode(message)),
];

/** What can happen to a handler: bytes of a peer (damaged or not), connections, time, blocks, late answers. */
const anyStep = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('message' as const),
      peer: fc.nat(2),
      base: fc.nat(bases.length - 1),
      changes: fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { maxLength: 3 }),
      tail: fc.uint8Array({ maxLength: 12 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reconnect' as const), peer: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tick' as const), later: fc.nat(2_000_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('block' as const),
      bytes: fc.uint8Array({ maxLength: 300 }),
      height: fc.nat(0xff_ffff),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reorg' as const), height: fc.nat(0xff_ffff) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('utxo' as const), found: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('checked' as const),
      batch: fc.nat(5),
      answers: fc.array(fc.boolean(), { maxLength: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('announce' as const),
      base: fc.nat(bases.length - 1),
      change: fc.nat(400),
    }),
  },
);

describe('whatever peers send and in whatever order', () => {
  test('nothing throws, nobody who is gone is written to, and nothing is left over', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), fc.boolean(), (steps, late) => {
        const bench = new Bench({ limits: { batchSize: 2, sendWindowBytes: 600, pruneTicks: 1, utxoTicks: 2 } });
        bench.outputs.late = late;
        bench.outputs.add(channel);
        let connection = 0;
        const open = new Map<number, number>();
        const connect = (peer: number): void => {
          const old = open.get(peer);
          if (old !== undefined) bench.handler.peerDisconnected(identity(peer).id, old as never);
          open.set(peer, ++connection);
          bench.handler.peerConnected(identity(peer).id, connection as never, peer === 0 ? plain : extended, false);
        };
        for (const peer of [0, 1, 2]) connect(peer);
        for (const step of steps) {
          switch (step.kind) {
            case 'message': {
              const raw = Uint8Array.from([...bases[step.base]!, ...step.tail]);
              for (const [at, byte] of step.changes) if (at >= 2 && at < raw.length) raw[at] = byte;
              const codec = boltMessages.byNumber.get((raw[0]! << 8) | raw[1]!)!;
              const decoded = codec.decode(raw);
              if (decoded.ok) {
                bench.handler.handleMessage(
                  identity(step.peer).id,
                  open.get(step.peer) as never,
                  decoded.value as Incoming,
                  raw,
                );
              }
              break;
            }
            case 'reconnect':
              connect(step.peer);
              break;
            case 'tick':
              bench.handler.timerTick((now + step.later) * 1000);
              break;
            case 'block':
              bench.handler.blockConnected(
                {
                  header: { hash: '' as never, previous: '' as never, bytes: new Uint8Array(80) },
                  transactions: [{ txid: '' as never, bytes: step.bytes }],
                },
                step.height as BlockHeight,
              );
              break;
            case 'reorg':
              bench.handler.blocksDisconnected({ hash: '' as never, height: blockHeight(step.height) });
              break;
            case 'utxo':
              bench.handler.utxoFound(
                mainnet,
                channel.id,
                step.found ? bench.outputs.answer(channel.id) : { ok: false, error: 'spent' },
              );
              break;
            case 'checked':
              bench.handler.signaturesChecked(step.batch as SignatureBatchId, step.answers);
              break;
            case 'announce':
              bench.handler.announce(bases[step.base]!.subarray(0, step.change));
              break;
          }
          const gone = new Set<number>();
          for (const event of bench.events()) {
            if (gone.has(event.connection)) throw new Error('written to after its end');
            if (event.kind === 'disconnect') gone.add(event.connection);
            else boltMessages.byName.get(event.message.type)!.encode(event.message);
          }
          const { fraction } = bench.handler.syncProgress();
          if (!(fraction >= 0 && fraction <= 1)) throw new Error(`fraction ${fraction}`);
        }
        for (let tick = 0; tick < 4; tick++) bench.tick();
        bench.events();
        return bench.handler.syncProgress().messagesPending === 0;
      }),
      { seed: 20, numRuns: 200 },
    );
  });

  test('no forged bit of any signed message gets into the graph', () => {
    const bench = new Bench();
    bench.outputs.add(channel);
    const first = bench.connect(1);
    first.sends(announcementOf(channel));
    const before = JSON.stringify(bench.graph.channel(channel.id), (_, x) => (typeof x === 'bigint' ? `${x}` : x));
    for (const base of bases.slice(1, 3)) {
      const start = base.length - signedPart(base).length;
      for (let at = 2; at < base.length; at++) {
        const raw = Uint8Array.from(base);
        raw[at] = raw[at]! ^ (at < start ? 1 : 1 << (at % 8));
        const decoded = boltMessages.byNumber.get((raw[0]! << 8) | raw[1]!)!.decode(raw);
        if (!decoded.ok) continue;
        const peer = bench.connect(at);
        peer.sends({ message: decoded.value as Incoming, raw });
        bench.handler.peerDisconnected(peer.id, peer.connection);
      }
    }
    expect(JSON.stringify(bench.graph.channel(channel.id), (_, x) => (typeof x === 'bigint' ? `${x}` : x))).toBe(
      before,
    );
    expect(bench.graph.node(a.id)?.announcement).toBeUndefined();
  });
});
