import { copyBytes, equalBytes, fromHex, reverseBytes, toHex } from '@boltwright/base';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeMessage, encodeMessage, maxMessageLength, type WireError } from '../../src/index.ts';
import { anyMessage, codecs } from './any-message.ts';

const seed = 20;
function check<T>(property: fc.IProperty<T>, numRuns: number): void {
  fc.assert(property, { seed, numRuns });
}

const kinds = new Set([
  'truncated',
  'not_minimal',
  'tlv_order',
  'unknown_even_tlv',
  'tlv_trailing_bytes',
  'trailing_bytes',
  'out_of_range',
  'too_long',
  'wrong_type',
  'invalid_value',
]);

// Called some hundred thousand times: plain comparisons, since Jest's take far longer than what they compare.
function expectWireError(error: WireError, length: number): void {
  const isRight =
    kinds.has(error.kind) &&
    error.offset >= 0 &&
    error.offset <= length &&
    /^BOLT #\d+: /.test(error.spec) &&
    error.message.includes(error.messageName);
  if (!isRight) throw new Error(`no proper error: ${error.message}`);
}

/** What must hold for any bytes: a typed error, or a message that encodes to the very same bytes. */
function expectExact(bytes: Uint8Array): void {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) {
    expectWireError(decoded.error, bytes.length);
    return;
  }
  const again = encodeMessage(decoded.value);
  // Compared as bytes first: Jest is slow on strings of 130,000 digits.
  if (!equalBytes(again, bytes)) expect(toHex(again)).toBe(toHex(bytes));
}

/** The names and values of all hex strings of 32 bytes in a message, also in its records. */
function idsIn(value: object): [string, string][] {
  return Object.entries(value).flatMap(([name, part]: [string, unknown]): [string, string][] => {
    if (typeof part === 'string') return part.length === 64 ? [[name, part]] : [];
    if (Array.isArray(part)) return idsIn(Object.fromEntries(part.map((item, i) => [`${name}${i}`, item])));
    return typeof part === 'object' && part !== null && !(part instanceof Uint8Array) ? idsIn(part) : [];
  });
}

describe.each(codecs.map((codec) => [codec.name, codec] as const))('%s', (_name, codec) => {
  const any = anyMessage(codec);

  test('decoding what was encoded gives the same message, and encoding it the same bytes', () => {
    check(
      fc.property(any, (message) => {
        const bytes = encodeMessage(message);
        expect(toHex(bytes.subarray(0, 2))).toBe(codec.number.toString(16).padStart(4, '0'));
        const decoded = decodeMessage(bytes);
        if (!decoded.ok) throw new Error(decoded.error.message);
        expect(decoded.value).toEqual(message);
        expect(codec.decode(bytes)).toEqual(decoded);
        expect(toHex(encodeMessage(decoded.value))).toBe(toHex(bytes));
      }),
      60,
    );
  });

  test('txids stand backwards in its bytes, other ids as they are displayed', () => {
    check(
      fc.property(any, (message) => {
        const hex = toHex(encodeMessage(message));
        for (const [name, id] of idsIn(message)) {
          expect(hex).toContain(/txid$/i.test(name) ? toHex(reverseBytes(fromHex(id))) : id);
        }
      }),
      5,
    );
  });

  test('cut anywhere it is a typed error or an exact shorter message', () => {
    check(
      fc.property(any, (message) => {
        const bytes = encodeMessage(message);
        const fixed = 2 + Object.values(codec.fields).reduce((sum, { minSize }) => sum + minSize, 0);
        for (let length = 0; length < bytes.length; length += length > 300 ? 37 : 1) {
          const cut = bytes.subarray(0, length);
          expectExact(cut);
          if (length >= fixed) continue;
          const decoded = decodeMessage(cut);
          if (decoded.ok || decoded.error.kind !== 'truncated') throw new Error(`${length} bytes: no 'truncated'`);
        }
      }),
      2,
    );
  });

  test('with bits flipped it is a typed error or an exact other message', () => {
    check(
      fc.property(any, fc.array(fc.nat(), { minLength: 1, maxLength: 60 }), (message, flips) => {
        const bytes = encodeMessage(message);
        for (const flip of flips) {
          const changed = copyBytes(bytes);
          const bit = flip % (8 * bytes.length);
          changed[bit >> 3]! ^= 1 << (bit & 7);
          expectExact(changed);
        }
      }),
      10,
    );
  });

  test('hostile lengths in place of its own are a typed error or an exact message', () => {
    check(
      fc.property(
        any,
        fc.array(fc.tuple(fc.nat(), fc.constantFrom('ffff', 'fdffff', 'feffffffff', 'ffffffffffffffffff', 'fd00fc'))),
        (message, places) => {
          const bytes = encodeMessage(message);
          for (const [place, filler] of places) {
            const changed = copyBytes(bytes);
            const at = 2 + (place % Math.max(1, bytes.length - 2));
            for (let i = 0; i < filler.length / 2 && at + i < changed.length; i++) {
              changed[at + i] = Number.parseInt(filler.slice(2 * i, 2 * i + 2), 16);
            }
            expectExact(changed);
          }
        },
      ),
      10,
    );
  });

  test('any bytes after its type are a typed error or an exact message', () => {
    check(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.nat(9).map((n) => n === 0),
        (payload, isMaximal) => {
          const bytes = new Uint8Array(isMaximal ? maxMessageLength : 2 + payload.length);
          bytes[0] = codec.number >>> 8;
          bytes[1] = codec.number & 0xff;
          bytes.set(payload, 2);
          expectExact(bytes);
        },
      ),
      25,
    );
  });
});

test('any bytes at all are a typed error, an unknown message or an exact one', () => {
  check(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => expectExact(bytes)),
    2000,
  );
});

test('the message with the most records takes a bounded time', () => {
  // 65535 bytes of unknown odd records as small as they get: a BigSize type each, no value.
  const bytes = new Uint8Array(maxMessageLength);
  bytes.set([0, 16, 0, 0, 0, 0]);
  let at = 6;
  for (let type = 5; at + 4 <= bytes.length; type += 2) {
    if (type < 0xfd) {
      bytes[at] = type;
      at += 2;
    } else {
      bytes.set([0xfd, type >>> 8, type & 0xff, 0], at);
      at += 4;
    }
  }
  const message = bytes.subarray(0, at);
  const start = performance.now();
  const decoded = decodeMessage(message);
  expect(decoded.ok).toBe(true);
  expectExact(message);
  expect(performance.now() - start).toBeLessThan(2000);
});
