import { formatShortChannelId, fromHex, type ShortChannelId, shortChannelId, toHex, unwrap } from '@boltwright/base';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  channelUpdateChecksum,
  crc32c,
  decodeMessage,
  decodeNodeAddresses,
  decodeQueryFlags,
  decodeShortChannelIds,
  decodeTimestamps,
  encodeMessage,
  encodeNodeAddresses,
  encodeQueryFlags,
  encodeShortChannelIds,
  encodeTimestamps,
  type NodeAddress,
  signedPart,
} from '../../src/index.ts';
import { vectorFile } from '../vector-file.ts';

interface Encoded<T> {
  readonly encoding: 'uncompressed' | 'zlib';
  readonly array: readonly T[];
}
type ArrayField = 'queryOption' | 'encodedShortIds' | 'queryFlags' | 'timestamps';
interface QueryVector {
  readonly name: string;
  readonly bytes: string;
  readonly usesZlib: boolean;
  readonly expected: {
    readonly messageType: number;
    readonly name: string;
    readonly chainHash: string;
    readonly firstBlocknum?: number;
    readonly numberOfBlocks?: number;
    readonly syncComplete?: number;
    readonly queryOption?: { readonly wantTimestamps: boolean; readonly wantChecksums: boolean };
    readonly shortChannelIds?: Encoded<string>;
    readonly queryFlags?: Encoded<number>;
    readonly timestamps?: Encoded<{ timestampNodeId1: number; timestampNodeId2: number }>;
    readonly checksums?: readonly { checksumNodeId1: number; checksumNodeId2: number }[];
  };
}

describe('BOLT 7, extended queries', () => {
  const { vectors } = vectorFile<{ readonly vectors: readonly QueryVector[] }>('extended-queries');

  test.each(vectors)('$name', ({ bytes, usesZlib, expected }) => {
    const decoded = unwrap(decodeMessage(fromHex(bytes)));
    expect(toHex(encodeMessage(decoded))).toBe(bytes);
    expect(decoded.type).toBe(expected.name);
    const message = decoded as unknown as Record<
      'chainHash' | 'firstBlocknum' | 'numberOfBlocks' | 'syncComplete' | 'checksums' | ArrayField,
      unknown
    >;
    for (const name of ['chainHash', 'firstBlocknum', 'numberOfBlocks', 'syncComplete', 'checksums'] as const) {
      expect(message[name]).toEqual(expected[name]);
    }
    if (expected.queryOption !== undefined) {
      const { wantTimestamps, wantChecksums } = expected.queryOption;
      expect(message.queryOption).toBe((wantTimestamps ? 1n : 0n) | (wantChecksums ? 2n : 0n));
    }
    let isZlibSeen = false;
    /** Arrays in zlib, which BOLT 7 forbids by now, are refused; the others decode and encode again to their bytes. */
    const expectArray = (encoding: string, result: { ok: boolean; value?: unknown }, array: unknown): void => {
      if (encoding === 'zlib') {
        isZlibSeen = true;
        expect(result).toMatchObject({ ok: false, error: { kind: 'invalid_value', spec: 'BOLT #7: Query Messages' } });
      } else {
        expect(result).toEqual({ ok: true, value: array });
      }
    };
    const { shortChannelIds, queryFlags, timestamps } = expected;
    if (shortChannelIds !== undefined) {
      const encoded = message.encodedShortIds as Uint8Array;
      const ids = shortChannelIds.array.map(parseId);
      expectArray(shortChannelIds.encoding, decodeShortChannelIds(encoded), ids);
      if (shortChannelIds.encoding === 'uncompressed') expect(encodeShortChannelIds(ids)).toEqual(encoded);
    }
    if (queryFlags !== undefined) {
      const encoded = message.queryFlags as Parameters<typeof decodeQueryFlags>[0];
      expectArray(
        queryFlags.encoding,
        decodeQueryFlags(encoded, queryFlags.array.length),
        queryFlags.array.map(BigInt),
      );
    }
    if (timestamps !== undefined) {
      const encoded = message.timestamps as Parameters<typeof decodeTimestamps>[0];
      expectArray(timestamps.encoding, decodeTimestamps(encoded, timestamps.array.length), timestamps.array);
      if (timestamps.encoding === 'uncompressed') expect(encodeTimestamps(timestamps.array)).toEqual(encoded);
    }
    expect(isZlibSeen).toBe(usesZlib);
  });
});

function parseId(text: string): ShortChannelId {
  const [block, transaction, output] = text.split('x').map(BigInt) as [bigint, bigint, bigint];
  const id = shortChannelId((block << 40n) | (transaction << 16n) | output);
  expect(formatShortChannelId(id)).toBe(text);
  return id;
}

describe('encoded arrays', () => {
  const anyIds = fc
    .uniqueArray(fc.bigInt(0n, (1n << 64n) - 1n), { maxLength: 20 })
    .map((ids) => ids.sort((a, b) => (a < b ? -1 : 1)).map(shortChannelId));
  const u32 = fc.nat(0xffff_ffff);

  test('come back as they went', () => {
    fc.assert(
      fc.property(
        anyIds,
        fc.array(fc.bigInt(0n, (1n << 64n) - 1n)),
        fc.array(fc.record({ timestampNodeId1: u32, timestampNodeId2: u32 })),
        (ids, flags, pairs) => {
          expect(decodeShortChannelIds(encodeShortChannelIds(ids))).toEqual({ ok: true, value: ids });
          expect(decodeQueryFlags(encodeQueryFlags(flags), flags.length)).toEqual({ ok: true, value: flags });
          expect(decodeTimestamps(encodeTimestamps(pairs), pairs.length)).toEqual({ ok: true, value: pairs });
          expect(decodeQueryFlags(encodeQueryFlags(flags), flags.length + 1).ok).toBe(false);
          expect(decodeTimestamps(encodeTimestamps(pairs), pairs.length + 1).ok).toBe(false);
        },
      ),
      { seed: 7 },
    );
  });

  test('of any bytes are a typed error or exact', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const ids = decodeShortChannelIds(bytes);
        if (ids.ok) expect(encodeShortChannelIds(ids.value)).toEqual(bytes);
        const flags = { encodingType: 0, encodedQueryFlags: bytes };
        for (let count = 0; count < 40; count++) {
          const decoded = decodeQueryFlags(flags, count);
          if (decoded.ok) expect(encodeQueryFlags(decoded.value)).toEqual(flags);
        }
      }),
      { seed: 7 },
    );
  });

  test('with half an id, in no order, doubled or empty of an encoding are refused', () => {
    const ids = (...list: bigint[]): string => `00${list.map((id) => id.toString(16).padStart(16, '0')).join('')}`;
    for (const [bytes, kind] of [
      ['', 'truncated'],
      ['0000', 'truncated'],
      [ids(2n, 1n), 'invalid_value'],
      [ids(2n, 2n), 'invalid_value'],
    ] as const) {
      expect(decodeShortChannelIds(fromHex(bytes))).toMatchObject({ ok: false, error: { kind } });
    }
    expect(() => encodeShortChannelIds([2n, 1n].map(shortChannelId))).toThrow('after');
    expect(decodeShortChannelIds(fromHex('00'))).toEqual({ ok: true, value: [] });
  });
});

describe('node addresses', () => {
  const onion = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion';
  const onionBytes = '79bcc625184b05194975c28b66b66b0469f7f6556fb1ac3189a79b40dda32f1f214703';
  const all: NodeAddress[] = [
    { kind: 'ipv4', host: '192.0.2.1', port: 9735 },
    { kind: 'ipv6', host: '2001:db8::ff00:42:8329', port: 9736 },
    { kind: 'torV3', host: onion, port: 0 },
    { kind: 'dns', host: 'node.example.com', port: 65535 },
  ];
  const bytes =
    '01c00002012607' +
    '0220010db8000000000000ff00004283292608' +
    `04${onionBytes}0000` +
    `0510${toHex(Uint8Array.from('node.example.com', (c) => c.charCodeAt(0)))}ffff`;

  test('of every kind, in ascending order', () => {
    expect(toHex(encodeNodeAddresses([...all].reverse()))).toBe(bytes);
    expect(decodeNodeAddresses(fromHex(bytes))).toEqual({
      ok: true,
      value: { addresses: all, hasSeveralHostnames: false, unknown: new Uint8Array() },
    });
  });

  test('port 0, Tor v2 and a second host name are left out', () => {
    const decoded = decodeNodeAddresses(
      fromHex(`01c000020100000300112233445566778899aabb0501610001050162000201c00002020001`),
    );
    expect(unwrap(decoded)).toEqual({
      addresses: [
        { kind: 'dns', host: 'a', port: 1 },
        { kind: 'ipv4', host: '192.0.2.2', port: 1 },
      ],
      hasSeveralHostnames: true,
      unknown: new Uint8Array(),
    });
  });

  test('from the first unknown type on the bytes are kept', () => {
    const decoded = unwrap(decodeNodeAddresses(fromHex('01c00002010001' + '2a01c00002010001')));
    expect(decoded.addresses).toHaveLength(1);
    expect(toHex(decoded.unknown)).toBe('2a01c00002010001');
  });

  test('cut anywhere they are a typed error or fewer addresses', () => {
    const whole = fromHex(bytes);
    const ends = new Set([0, 7, 26, 64]);
    for (let length = 0; length < whole.length; length++) {
      const decoded = decodeNodeAddresses(whole.subarray(0, length));
      if (ends.has(length)) expect(decoded.ok).toBe(true);
      else expect(decoded).toMatchObject({ ok: false, error: { kind: 'truncated', messageName: 'addresses' } });
    }
  });

  test.each([
    ['0500ffff', 'empty'],
    ['0501e40001', 'no ASCII'],
    ['0502610a0001', 'a control character'],
    ['050161', 'cut'],
  ])('the host name of %s, %s, is refused', (hex) => {
    expect(decodeNodeAddresses(fromHex(hex)).ok).toBe(false);
  });

  test.each<[string, NodeAddress[]]>([
    ['an IPv4 part above 255', [{ kind: 'ipv4', host: '1.2.3.256', port: 1 }]],
    ['an IPv4 part with a leading zero', [{ kind: 'ipv4', host: '1.2.3.04', port: 1 }]],
    ['IPv6 with two gaps', [{ kind: 'ipv6', host: '1::2::3', port: 1 }]],
    ['IPv6 with nine parts', [{ kind: 'ipv6', host: '1:2:3:4:5:6:7:8:9', port: 1 }]],
    ['IPv6 with seven parts', [{ kind: 'ipv6', host: '1:2:3:4:5:6:7', port: 1 }]],
    ['IPv6 with a gap for nothing', [{ kind: 'ipv6', host: '1:2:3:4::5:6:7:8', port: 1 }]],
    ['IPv6 with a zone', [{ kind: 'ipv6', host: 'fe80::1%eth0', port: 1 }]],
    ['Tor v2', [{ kind: 'torV3', host: 'expyuzz4wqqyqhjn.onion', port: 1 }]],
    [
      'Tor of the right length without its ending',
      [{ kind: 'torV3', host: onion.replace('.onion', 'aaaaaa'), port: 1 }],
    ],
    ['Tor that is too short for its ending', [{ kind: 'torV3', host: onion.substring(1), port: 1 }]],
    ['Tor that is too long for its ending', [{ kind: 'torV3', host: `a${onion}`, port: 1 }]],
    ['Tor with a digit that is none', [{ kind: 'torV3', host: `1${onion.slice(1)}`, port: 1 }]],
    ['a host name that is no ASCII', [{ kind: 'dns', host: 'nöde', port: 1 }]],
    ['an empty host name', [{ kind: 'dns', host: '', port: 1 }]],
    ['a host name of 256 characters', [{ kind: 'dns', host: 'a'.repeat(256), port: 1 }]],
    ['port 0', [{ kind: 'ipv4', host: '1.2.3.4', port: 0 }]],
    ['port 65536', [{ kind: 'ipv4', host: '1.2.3.4', port: 65536 }]],
    [
      'two host names',
      [
        { kind: 'dns', host: 'a', port: 1 },
        { kind: 'dns', host: 'b', port: 1 },
      ],
    ],
  ])('%s is not encoded', (_about, addresses) => {
    expect(() => encodeNodeAddresses(addresses)).toThrow(RangeError);
  });

  test.each([
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['1::', '00010000000000000000000000000000'],
    ['1:0:0:2::3', '00010000000000020000000000000003'],
    ['1:2:3:4:5:6:0:8', '00010002000300040005000600000008'],
    ['0:1:0:1:0:1:0:1', '00000001000000010000000100000001'],
  ])('the IPv6 address %s has one shortest text', (host, hex) => {
    const address: NodeAddress = { kind: 'ipv6', host, port: 1 };
    expect(toHex(encodeNodeAddresses([address]))).toBe(`02${hex}0001`);
    expect(unwrap(decodeNodeAddresses(fromHex(`02${hex}0001`))).addresses).toEqual([address]);
  });

  test('a host name has up to 255 characters', () => {
    const longest = { kind: 'dns', host: 'a'.repeat(255), port: 0xffff } as const;
    expect(unwrap(decodeNodeAddresses(encodeNodeAddresses([longest]))).addresses).toEqual([longest]);
  });

  test('IPv6 with :: for a single group is taken, wherever it stands', () => {
    for (const host of ['1:2:3:4:5:6:7::', '::2:3:4:5:6:7:8', '1:2:3::5:6:7:8']) {
      const [address] = unwrap(decodeNodeAddresses(encodeNodeAddresses([{ kind: 'ipv6', host, port: 1 }]))).addresses;
      expect(address?.host.split(':').map((group) => group || '0')).toEqual(
        host.replace('::', ':0:').replace(/^:|:$/g, '').split(':'),
      );
    }
    expect(() => encodeNodeAddresses([{ kind: 'ipv6', host: '1:2:3:4::5:6:7:8', port: 1 }])).toThrow(RangeError);
  });

  test('IPv6 with a dotted end is taken', () => {
    const hex = toHex(encodeNodeAddresses([{ kind: 'ipv6', host: '::FFFF:192.0.2.1', port: 1 }]));
    expect(hex).toBe('0200000000000000000000ffffc00002010001');
  });

  test('any address comes back as it went, any bytes never throw', () => {
    const port = fc.integer({ min: 1, max: 65535 });
    const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(
        bytesOf(4),
        bytesOf(16),
        bytesOf(35),
        port,
        fc.uint8Array({ maxLength: 60 }),
        (v4, v6, v3, at, any) => {
          const raw = Uint8Array.of(
            1,
            ...v4,
            at >> 8,
            at & 255,
            2,
            ...v6,
            at >> 8,
            at & 255,
            4,
            ...v3,
            at >> 8,
            at & 255,
          );
          const { addresses } = unwrap(decodeNodeAddresses(raw));
          expect(toHex(encodeNodeAddresses(addresses))).toBe(toHex(raw));
          const decoded = decodeNodeAddresses(any);
          if (decoded.ok) encodeNodeAddresses(decoded.value.addresses);
          else expect(decoded.error.spec).toContain('BOLT #7');
        },
      ),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe('what signatures and checksums cover', () => {
  const update = `0102${'ab'.repeat(64)}${'06'.repeat(32)}000102030405060765000000010100280000000000000001000003e8000000640000000005f5e100`;

  test('the signed part is all that follows the signatures, unknown bytes included', () => {
    expect(toHex(signedPart(fromHex(`${update}ffee`)))).toBe(`${update.slice(2 * 66)}ffee`);
    expect(toHex(signedPart(fromHex(`0100${'ab'.repeat(256)}0102`)))).toBe('0102');
    expect(toHex(signedPart(fromHex(`0101${'ab'.repeat(64)}03`)))).toBe('03');
    expect(() => signedPart(fromHex('0101ab'))).toThrow(RangeError);
    expect(() => signedPart(fromHex('01'))).toThrow(RangeError);
    expect(() => signedPart(fromHex(`0012${'ab'.repeat(64)}`))).toThrow(RangeError);
  });

  // RFC 3720, Appendix B.4.
  test.each([
    ['00'.repeat(32), 0x8a9136aa],
    ['ff'.repeat(32), 0x62a8ab43],
    [Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0')).join(''), 0x46dd794e],
  ])('CRC32C of %s', (hex, crc) => {
    expect(crc32c(fromHex(hex))).toBe(crc);
  });

  test("a channel_update's checksum leaves out signature and timestamp and nothing else", () => {
    const bytes = fromHex(update);
    expect(bytes).toHaveLength(138);
    const rest = Uint8Array.of(...bytes.subarray(66, 106), ...bytes.subarray(110));
    const checksum = channelUpdateChecksum(bytes);
    expect(checksum).toBe(crc32c(rest));
    for (let i = 2; i < bytes.length; i++) {
      const changed = Uint8Array.from(bytes);
      changed[i]! ^= 1;
      expect(channelUpdateChecksum(changed) === checksum).toBe(i < 66 || (i >= 106 && i < 110));
    }
    expect(() => channelUpdateChecksum(bytes.subarray(0, 137))).toThrow(RangeError);
    expect(() => channelUpdateChecksum(fromHex(`0101${update.slice(4)}`))).toThrow(RangeError);
  });
});
