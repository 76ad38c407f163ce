import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { formatShortChannelId, fromHex, type ShortChannelId, toHex, unwrap } from '@boltwright/base';
import {
  decodeBigSize,
  decodeMessage,
  encodeBigSize,
  encodeMessage,
  type FieldType,
  struct,
  t,
  tlv,
  tlvStream,
} from '@boltwright/wire';
import { fixture } from './fixture.ts';
import type { Suite } from './suite.ts';

// BOLT 1, Appendix B: the namespaces that its streams are read in.
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

interface Stream {
  readonly namespaces: readonly Namespace[];
  readonly stream: string;
}

const text = (name: string, value: unknown): string => {
  if (name === 'scid') return formatShortChannelId(value as ShortChannelId);
  return value instanceof Uint8Array ? toHex(value) : String(value);
};

function expectError(result: ReturnType<typeof decodeMessage> | ReturnType<typeof decodeBigSize>, kind: string): void {
  ok(!result.ok, 'it decoded');
  equal(result.error.kind, kind);
}

/** Every signed integer alone in a TLV, as the field types have no codec of their own. */
function signedInteger(type: 's8' | 's16' | 's32' | 's64', value: string, bytes: string): void {
  const number = type === 's64' ? BigInt(value) : Number(value);
  const codec = tlvStream('signed', { field: tlv(1n, struct({ value: t[type] as FieldType<number | bigint> })) });
  const stream = `01${(bytes.length / 2).toString(16).padStart(2, '0')}${bytes}`;
  equal(toHex(codec.encode({ field: { value: number } })), stream);
  deepStrictEqual(unwrap(codec.decode(fromHex(stream))), { field: { value: number } });
}

export function bolt1(): Suite[] {
  const bigSize = fixture<{
    readonly decode: readonly { name: string; bytes: string; value?: string; error?: string }[];
    readonly encode: readonly { name: string; value: string; bytes: string }[];
  }>('wire', 'big-size');
  const streams = fixture<{
    readonly valid: readonly (Stream & { readonly records: Record<string, Record<string, string>> })[];
    readonly invalid: readonly (Stream & { readonly reason: string; readonly kind: string })[];
    readonly invalidOrder: readonly (Stream & { readonly reason: string; readonly kind: string })[];
  }>('wire', 'tlv-streams');
  const extensions = fixture<{
    readonly vectors: readonly { bytes: string; about: string; unknown?: [string, string][]; kind?: string }[];
  }>('wire', 'message-extension').vectors;
  const integers = fixture<{
    readonly vectors: readonly { type: 's8' | 's16' | 's32' | 's64'; value: string; bytes: string }[];
  }>('wire', 'signed-integers').vectors;

  const refused = (vectors: typeof streams.invalid) =>
    vectors.map(({ namespaces: names, stream, reason, kind }) => ({
      name: `${stream} (${reason})`,
      run: () => {
        for (const name of names) {
          const result = namespaces[name].decode(fromHex(stream));
          ok(!result.ok, `${name} took it`);
          equal(result.error.kind, kind);
        }
      },
    }));

  return [
    {
      bolt: 1,
      file: 'bolt01-bigsize-decode',
      published: 18,
      vectors: bigSize.decode.map(({ name, bytes, value, error }) => ({
        name,
        run: () => {
          const result = decodeBigSize(fromHex(bytes));
          if (value === undefined) expectError(result, error ?? '');
          else equal(unwrap(result), BigInt(value));
        },
      })),
    },
    {
      bolt: 1,
      file: 'bolt01-bigsize-encode',
      published: 8,
      vectors: bigSize.encode.map(({ name, value, bytes }) => ({
        name,
        run: () => equal(toHex(encodeBigSize(BigInt(value))), bytes),
      })),
    },
    {
      bolt: 1,
      file: 'bolt01-message-extension',
      published: 5,
      vectors: extensions.map(({ bytes, about, unknown, kind }) => ({
        name: about,
        run: () => {
          const result = decodeMessage(fromHex(bytes));
          if (kind !== undefined) return expectError(result, kind);
          const message = unwrap(result);
          ok(message.type === 'init', 'init expected');
          const records = (message.unknownTlvs ?? []).map(({ type, value }) => [String(type), toHex(value)]);
          deepStrictEqual(records, unknown);
          equal(toHex(encodeMessage(message)), bytes);
        },
      })),
    },
    {
      bolt: 1,
      file: 'bolt01-signed-integers',
      published: 23,
      vectors: integers.map(({ type, value, bytes }) => ({
        name: `${value} as ${type}`,
        run: () => signedInteger(type, value, bytes),
      })),
    },
    { bolt: 1, file: 'bolt01-tlv-decode-failure', published: 33, vectors: refused(streams.invalid) },
    {
      bolt: 1,
      file: 'bolt01-tlv-decode-success',
      published: 19,
      vectors: streams.valid.map(({ namespaces: names, stream, records }) => ({
        name: stream,
        run: () => {
          for (const name of names) {
            const codec = namespaces[name] as (typeof namespaces)['n1'];
            const decoded = unwrap(codec.decode(fromHex(stream)));
            const { unknownTlvs, ...known } = decoded;
            const shown = Object.entries(known).map(([record, fields]) => [
              record,
              Object.fromEntries(Object.entries(fields ?? {}).map(([field, value]) => [field, text(field, value)])),
            ]);
            deepStrictEqual(Object.fromEntries(shown), records);
            ok(unknownTlvs?.every(({ type }) => type % 2n === 1n) ?? true, 'an unknown even type was kept');
            equal(toHex(codec.encode(decoded)), stream);
          }
        },
      })),
    },
    { bolt: 1, file: 'bolt01-tlv-stream-failure', published: 5, vectors: refused(streams.invalidOrder) },
  ];
}
