import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { fromHex, type Result, shortChannelIdOf, toHex, unwrap } from '@boltwright/base';
import {
  decodeMessage,
  decodeQueryFlags,
  decodeShortChannelIds,
  decodeTimestamps,
  encodeMessage,
  encodeShortChannelIds,
  encodeTimestamps,
} from '@boltwright/wire';
import { fixture } from './fixture.ts';
import type { Suite } from './suite.ts';

interface Encoded<T> {
  readonly encoding: 'uncompressed' | 'zlib';
  readonly array: readonly T[];
}

interface QueryVector {
  readonly name: string;
  readonly bytes: string;
  readonly usesZlib: boolean;
  readonly expected: {
    readonly name: string;
    readonly queryOption?: { readonly wantTimestamps: boolean; readonly wantChecksums: boolean };
    readonly shortChannelIds?: Encoded<string>;
    readonly queryFlags?: Encoded<number>;
    readonly timestamps?: Encoded<{ timestampNodeId1: number; timestampNodeId2: number }>;
  } & Readonly<Record<(typeof plainFields)[number], unknown>>;
}

const plainFields = ['chainHash', 'firstBlocknum', 'numberOfBlocks', 'syncComplete', 'checksums'] as const;

const shortChannelId = (text: string) => {
  const [block, transaction, output] = text.split('x').map(Number);
  return shortChannelIdOf(block!, transaction!, output!);
};

function check({ bytes, usesZlib, expected }: QueryVector): void {
  const decoded = unwrap(decodeMessage(fromHex(bytes)));
  equal(toHex(encodeMessage(decoded)), bytes);
  equal(decoded.type, expected.name);
  const message = decoded as unknown as Record<string, unknown>;
  for (const field of plainFields) deepStrictEqual(message[field], expected[field], field);
  if (expected.queryOption !== undefined) {
    const { wantTimestamps, wantChecksums } = expected.queryOption;
    equal(message['queryOption'], (wantTimestamps ? 1n : 0n) | (wantChecksums ? 2n : 0n));
  }
  // BOLT 7 forbids zlib by now, so these arrays are refused. The messages around them decode.
  let zlibSeen = false;
  const array = (encoding: string, result: Result<unknown, unknown>, value: unknown): void => {
    if (encoding === 'zlib') {
      zlibSeen = true;
      ok(!result.ok, 'an array in zlib was taken');
    } else deepStrictEqual(unwrap(result), value);
  };
  const { shortChannelIds, queryFlags, timestamps } = expected;
  if (shortChannelIds !== undefined) {
    const encoded = message['encodedShortIds'] as Uint8Array;
    const ids = shortChannelIds.array.map(shortChannelId);
    array(shortChannelIds.encoding, decodeShortChannelIds(encoded), ids);
    if (shortChannelIds.encoding === 'uncompressed') equal(toHex(encodeShortChannelIds(ids)), toHex(encoded));
  }
  if (queryFlags !== undefined) {
    const encoded = message['queryFlags'] as Parameters<typeof decodeQueryFlags>[0];
    const flags = queryFlags.array.map(BigInt);
    array(queryFlags.encoding, decodeQueryFlags(encoded, flags.length), flags);
  }
  if (timestamps !== undefined) {
    const encoded = message['timestamps'] as Parameters<typeof decodeTimestamps>[0];
    array(timestamps.encoding, decodeTimestamps(encoded, timestamps.array.length), timestamps.array);
    if (timestamps.encoding === 'uncompressed') deepStrictEqual(encodeTimestamps(timestamps.array), encoded);
  }
  equal(zlibSeen, usesZlib);
}

export function bolt7(): Suite[] {
  const { vectors } = fixture<{ readonly vectors: readonly QueryVector[] }>('wire', 'extended-queries');
  return [
    {
      bolt: 7,
      file: 'bolt07-extended-queries',
      published: 10,
      vectors: vectors.map((vector) => ({ name: vector.name, run: () => check(vector) })),
    },
    {
      bolt: 7,
      file: 'bolt07-routing-example',
      published: 3,
      vectors: [],
      notDone: { count: 3, reason: 'the example of fees and delays along routes' },
    },
  ];
}
