import { formatShortChannelId, fromHex, type ShortChannelId, toHex } from '@boltwright/base';
import { describe, expect, test } from '@jest/globals';
import { Reader } from '../../src/codec/reader.ts';
import { Writer } from '../../src/codec/writer.ts';
import {
  decodeBigSize,
  decodeMessage,
  encodeBigSize,
  encodeMessage,
  type FieldType,
  readBigSize,
  struct,
  t,
  tlv,
  tlvStream,
} from '../../src/index.ts';
import { vectorFile } from '../vector-file.ts';

describe('BOLT 1, Appendix A: BigSize', () => {
  interface File {
    readonly decode: readonly { name: string; bytes: string; value?: string; error?: string }[];
    readonly encode: readonly { name: string; value: string; bytes: string }[];
  }
  const { decode, encode } = vectorFile<File>('big-size');

  test.each(decode)('decodes: $name', ({ bytes, value, error }) => {
    const decoded = decodeBigSize(fromHex(bytes));
    if (value !== undefined) {
      expect(decoded).toEqual({ ok: true, value: BigInt(value) });
      expect(readBigSize(fromHex(`00${bytes}aa`), 1)).toEqual({
        ok: true,
        value: { value: BigInt(value), length: bytes.length / 2 },
      });
    } else {
      expect(decoded).toMatchObject({ ok: false, error: { kind: error } });
    }
  });

  test.each(encode)('encodes: $name', ({ value, bytes }) => {
    expect(toHex(encodeBigSize(BigInt(value)))).toBe(bytes);
  });

  test('refuses bytes after a BigSize that should be all', () => {
    expect(decodeBigSize(fromHex('fc00'))).toMatchObject({ ok: false, error: { kind: 'trailing_bytes', extra: 1 } });
  });

  test('encodes nothing outside a u64', () => {
    expect(() => encodeBigSize(-1n)).toThrow(RangeError);
    expect(() => encodeBigSize(1n << 64n)).toThrow(RangeError);
  });
});

// The namespaces of Appendix B.
const namespaces = {
  n1: tlvStream('n1', {
    tlv1: tlv(1n, struct({ amountMsat: t.tMsat })),
    tlv2: tlv(2n, struct({ scid: t.shortChannelId })),
    tlv3: tlv(3n, struct({ nodeId: t.point, amountMsat1: t.u64, amountMsat2: t.u64 })),
    tlv4: tlv(254n, struct({ cltvDelta: t.u16 })),
  }),
  n2: tlvStream('n2', {
    tlv1: tlv(0n, struct({ amountMsat: t.tu64 })),
    tlv2: tlv(11n, struct({ cltvExpiry: t.tu32 })),
  }),
};
type Namespace = keyof typeof namespaces;

interface StreamVector {
  readonly namespaces: readonly Namespace[];
  readonly stream: string;
}
interface Streams {
  readonly valid: readonly (StreamVector & { records: Record<string, Record<string, string>> })[];
  readonly invalid: readonly (StreamVector & { reason: string; kind: string })[];
  readonly invalidOrder: readonly (StreamVector & { reason: string; kind: string })[];
}

describe('BOLT 1, Appendix B: TLV streams', () => {
  const { valid, invalid, invalidOrder } = vectorFile<Streams>('tlv-streams');
  const decodeAs = (namespace: Namespace, hex: string) => namespaces[namespace].decode(fromHex(hex));
  const perNamespace = <V extends StreamVector>(vectors: readonly V[]) =>
    vectors.flatMap((vector) => vector.namespaces.map((namespace) => ({ ...vector, namespace })));

  const asText = (name: string, value: unknown): string => {
    if (name === 'scid') return formatShortChannelId(value as ShortChannelId);
    return value instanceof Uint8Array ? toHex(value) : String(value);
  };

  test.each(perNamespace(valid))('$namespace decodes $stream and gives the same bytes back', (vector) => {
    const codec = namespaces[vector.namespace] as (typeof namespaces)['n1'];
    const decoded = codec.decode(fromHex(vector.stream));
    if (!decoded.ok) throw new Error(decoded.error.message);
    const { unknownTlvs, ...known } = decoded.value;
    const text = Object.fromEntries(
      Object.entries(known).map(([name, fields]) => [
        name,
        Object.fromEntries(Object.entries(fields ?? {}).map(([key, value]) => [key, asText(key, value)])),
      ]),
    );
    expect(text).toEqual(vector.records);
    expect(unknownTlvs?.every(({ type }) => type % 2n === 1n) ?? true).toBe(true);
    expect(toHex(codec.encode(decoded.value))).toBe(vector.stream);
  });

  test.each(perNamespace(invalid))('$namespace refuses $stream: $reason', ({ namespace, stream, kind }) => {
    expect(decodeAs(namespace, stream)).toMatchObject({ ok: false, error: { kind } });
  });

  test.each(perNamespace(invalidOrder))('$namespace refuses $stream: $reason', ({ namespace, stream, kind }) => {
    expect(decodeAs(namespace, stream)).toMatchObject({ ok: false, error: { kind } });
  });

  test('an invalid stream after a valid one is refused', () => {
    for (const good of perNamespace(valid)) {
      for (const bad of perNamespace(invalid)) {
        if (good.namespace !== bad.namespace) continue;
        expect(decodeAs(good.namespace, good.stream + bad.stream).ok).toBe(false);
      }
    }
  });

  test('a valid stream after a valid one of lower types is accepted', () => {
    const lastType = (hex: string): bigint => {
      const reader = new Reader(fromHex(hex));
      let type = -1n;
      while (reader.remaining > 0) {
        type = BigInt(reader.bigSize());
        reader.view(Number(reader.bigSize()));
      }
      return type;
    };
    const firstType = (hex: string): bigint => (hex === '' ? 1n << 65n : BigInt(new Reader(fromHex(hex)).bigSize()));
    let tried = 0;
    for (const low of perNamespace(valid)) {
      for (const high of perNamespace(valid)) {
        if (low.namespace !== high.namespace || lastType(low.stream) >= firstType(high.stream)) continue;
        tried++;
        expect(decodeAs(low.namespace, low.stream + high.stream).ok).toBe(true);
      }
    }
    expect(tried).toBeGreaterThan(50);
  });
});

describe('BOLT 1, Appendix C: Message Extension', () => {
  interface File {
    readonly vectors: readonly { bytes: string; about: string; unknown?: [string, string][]; kind?: string }[];
  }
  test.each(vectorFile<File>('message-extension').vectors)('init with $about', ({ bytes, unknown, kind }) => {
    const decoded = decodeMessage(fromHex(bytes));
    if (kind !== undefined) {
      expect(decoded).toMatchObject({ ok: false, error: { kind, messageName: 'init' } });
      return;
    }
    if (!decoded.ok || decoded.value.type !== 'init') throw new Error('init expected');
    const records = decoded.value.unknownTlvs ?? [];
    expect(records.map(({ type, value }) => [String(type), toHex(value)])).toEqual(unknown);
    expect(toHex(encodeMessage(decoded.value))).toBe(bytes);
  });
});

describe('BOLT 1, Appendix D: Signed Integers', () => {
  interface File {
    readonly vectors: readonly { type: 's8' | 's16' | 's32' | 's64'; value: string; bytes: string }[];
  }
  test.each(vectorFile<File>('signed-integers').vectors)('$value as $type', ({ type, value, bytes }) => {
    const codec = t[type] as FieldType<number | bigint>;
    const own = type === 's64' ? BigInt(value) : Number(value);
    const writer = new Writer(bytes.length / 2);
    codec.write(writer, own);
    expect(toHex(writer.bytes)).toBe(bytes);
    expect(codec.size(own)).toBe(bytes.length / 2);
    expect(codec.read(new Reader(fromHex(bytes)))).toBe(own);
  });

  test.each([
    [t.s8, 128, -129],
    [t.s16, 32768, -32769],
    [t.s32, 2 ** 31, -(2 ** 31) - 1],
    [t.s64, 1n << 63n, -(1n << 63n) - 1n],
  ])('values outside are refused', (type, above, below) => {
    const codec = type as FieldType<number | bigint>;
    expect(() => codec.write(new Writer(8), above)).toThrow(RangeError);
    expect(() => codec.write(new Writer(8), below)).toThrow(RangeError);
  });
});
