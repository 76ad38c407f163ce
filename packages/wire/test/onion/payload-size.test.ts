import { blockHeight, fromHex, msat, shortChannelId, shortChannelIdOf, toHex, unwrap } from '@boltwright/base';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  hopPayloadSize,
  hopPayloadsSize,
  type OnionPayload,
  onionPayload,
  payloadsFit,
  readBigSize,
} from '../../src/index.ts';
import { anyBytes } from '../messages/any-message.ts';
import { vectorFile } from '../vector-file.ts';

const amount = fc.bigInt(0n, 2_100_000_000_000_000_000n).map(msat);
const anyPayload: fc.Arbitrary<OnionPayload> = fc.record(
  {
    amtToForward: amount,
    outgoingCltvValue: fc.nat(0xffff_ffff).map(blockHeight),
    shortChannelId: fc.nat(0xffff).map((n) => shortChannelIdOf(n, n, n)),
    paymentData: fc.record({ paymentSecret: anyBytes(32), totalMsat: amount }),
    encryptedRecipientData: fc.uint8Array({ maxLength: 300 }),
    currentPathKey: anyBytes(32).map((x) => Uint8Array.of(2, ...x)),
    paymentMetadata: fc.uint8Array({ maxLength: 300 }),
    totalAmountMsat: amount,
    keysendPreimage: anyBytes(32),
    unknownTlvs: fc.uint8Array({ maxLength: 300 }).map((value) => [{ type: 65537n, value }]),
  },
  { requiredKeys: [] },
);

describe('payloads of a payment onion', () => {
  test('have the size that is said before, and come back as they went', () => {
    fc.assert(
      fc.property(anyPayload, (payload) => {
        const bytes = onionPayload.encode(payload);
        expect(onionPayload.size(payload)).toBe(bytes.length);
        expect(hopPayloadSize(payload)).toBe(bytes.length + (bytes.length < 253 ? 1 : 3) + 32);
        expect(unwrap(onionPayload.decode(bytes))).toEqual(payload);
      }),
      { seed: 4 },
    );
  });

  test.each(vectorFile<{ readonly payloads: string[] }>('onion-payloads').payloads)(
    'decode as in BOLT 4: %.40s',
    (hex) => {
      const withLength = fromHex(hex);
      const { length } = unwrap(readBigSize(withLength));
      const bytes = withLength.subarray(length);
      const payload = unwrap(onionPayload.decode(bytes));
      expect(toHex(onionPayload.encode(payload))).toBe(toHex(bytes));
      expect(hopPayloadSize(payload)).toBe(withLength.length + 32);
    },
  );

  test('lay out as BOLT 4 has them', () => {
    const payload: OnionPayload = {
      amtToForward: msat(12_500n),
      outgoingCltvValue: blockHeight(1250),
      shortChannelId: shortChannelId(3n),
    };
    expect(toHex(onionPayload.encode(payload))).toBe('020230d4040204e206080000000000000003');
    expect(
      toHex(onionPayload.encode({ paymentData: { paymentSecret: new Uint8Array(32), totalMsat: msat(0n) } })),
    ).toBe(`0820${'00'.repeat(32)}`);
    expect(onionPayload.decode(fromHex('14012a'))).toMatchObject({ ok: false, error: { kind: 'unknown_even_tlv' } });
  });

  test('fit 1300 bytes to the last', () => {
    const payload: OnionPayload = { amtToForward: msat(1000n), outgoingCltvValue: blockHeight(800_000) };
    const size = hopPayloadSize(payload);
    expect(size).toBe(4 + 5 + 1 + 32);
    const hops = Array.from({ length: 20 }, () => payload);
    expect(hopPayloadsSize(hops)).toBe(20 * size);
    const left = 1300 - 20 * size;
    const last = (length: number): OnionPayload => ({ paymentMetadata: new Uint8Array(length) });
    const room = left - 32 - 3 - 1 - 1 - 2;
    expect(payloadsFit([...hops, last(room)])).toBe(true);
    expect(payloadsFit([...hops, last(room + 1)])).toBe(false);
    expect(payloadsFit([payload], size)).toBe(true);
    expect(payloadsFit([payload], size - 1)).toBe(false);
  });
});
