import { describe, expect, test } from '@jest/globals';
import { boltMessages } from '../../src/index.ts';
import { vectorFile } from '../vector-file.ts';

// Every message's declaration against the layouts of the BOLTs themselves.

type Layout = readonly (readonly [type: string, name: string])[];
interface File {
  readonly messages: readonly {
    readonly number: number;
    readonly name: string;
    readonly fields: Layout;
    readonly tlvs: readonly { readonly number: number; readonly name: string; readonly fields: Layout }[];
  }[];
}

const sizes: Record<string, number> = {
  byte: 1,
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  s64: 8,
  point: 33,
  signature: 64,
  sha256: 32,
  channel_id: 32,
  chain_hash: 32,
  short_channel_id: 8,
  '32*byte': 32,
  '3*byte': 3,
  '1366*byte': 1366,
  '20*u32': 80,
  '210*sha256[..4]': 840,
};

/** Where our name is not the BOLT's in camelCase. */
const renamed: Record<string, string> = {
  globalfeatures: 'globalFeatures',
  htlcSignature: 'htlcSignatures',
  onionMessagePacket: 'onionMessagePacket',
  blindedPath: 'pathKey',
  timestampsTlv: 'timestamps',
  checksumsTlv: 'checksums',
};

const camelCase = (name: string): string => {
  const camel = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return renamed[camel] ?? camel;
};

/** Fields without those that only count the next, each with its fixed size or `undefined`. */
function expectedFields(fields: Layout): [string, number | undefined][] {
  return fields.flatMap(([type, name], i): [string, number | undefined][] => {
    const next = fields[i + 1]?.[0] ?? '';
    return next.startsWith(`${name}*`) ? [] : [[camelCase(name), sizes[type]]];
  });
}

const { messages } = vectorFile<File>('layouts');

describe("the messages' declarations are those of the BOLTs", () => {
  test('every message of the BOLTs is there, and no other', () => {
    expect([...boltMessages.byNumber.keys()].sort((a, b) => a - b)).toEqual(
      messages.map(({ number }) => number).sort((a, b) => a - b),
    );
  });

  test.each(messages)('$number $name', ({ number, name, fields, tlvs }) => {
    const codec = boltMessages.byNumber.get(number);
    if (codec === undefined) throw new Error(`${name} is missing`);
    expect(codec.name).toBe(name);
    expect(boltMessages.byName.get(name)).toBe(codec);
    expect(
      Object.entries(codec.fields).map(([field, type]) => [field, type.isFixed ? type.minSize : undefined]),
    ).toEqual(expectedFields(fields));
    expect(Object.entries(codec.tlvs).map(([field, { type }]) => [field, type])).toEqual(
      tlvs.map((record) => [camelCase(record.name), BigInt(record.number)]),
    );
    for (const record of tlvs) {
      const { value } = codec.tlvs[camelCase(record.name)]!;
      const expected = record.fields.map(([type]) => sizes[type]);
      const isFixed = expected.every((size) => size !== undefined);
      expect(value.isFixed).toBe(isFixed);
      if (isFixed) expect(value.minSize).toBe(expected.reduce((sum, size) => (sum ?? 0) + (size ?? 0), 0));
    }
  });
});
