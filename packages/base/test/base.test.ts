import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { channel, left, pay, same } from '../examples/amounts-and-ids.ts';
import * as base from '../src/index.ts';

const {
  addMsat,
  addSat,
  blockHash,
  blockHashBytes,
  blockHashOf,
  blockHeight,
  chainHash,
  channelId,
  channelIdBytes,
  channelIdOf,
  cltvDelta,
  compareBytes,
  concatBytes,
  copyBytes,
  equalBytes,
  equalBytesConstantTime,
  feeratePerKw,
  formatShortChannelId,
  fromHex,
  msat,
  nodeId,
  nodeIdBytes,
  nodeIdOf,
  paymentHash,
  paymentHashBytes,
  paymentHashOf,
  reverseBytes,
  sat,
  shortChannelId,
  shortChannelIdOf,
  shortChannelIdParts,
  subtractMsat,
  subtractSat,
  toHex,
  toMsat,
  toSat,
  txid,
  txidBytes,
  txidOf,
} = base;

const u64 = 1n << 64n;
const anyU64 = fc.bigInt({ min: 0n, max: u64 - 1n });
const anyBytes = fc.uint8Array({ maxLength: 80 });
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const seeded = { seed: 20, numRuns: 300 } as const;

function holds<T extends [unknown, ...unknown[]]>(
  ...args: [...{ [K in keyof T]: fc.Arbitrary<T[K]> }, (...values: T) => void]
): void {
  const check = args.pop() as (...values: T) => void;
  const property = fc.property as unknown as (...of: unknown[]) => fc.IProperty<T>;
  fc.assert(property(...args, check), seeded);
}

test('every value that is exported has a test here', () => {
  const source = readFileSync(new URL(import.meta.url), 'utf8');
  const untested = Object.keys(base).filter((name) => source.split(new RegExp(`\\b${name}\\b`)).length < 3);
  // These are called through the namespace.
  expect(untested.filter((name) => !source.includes(`base.${name}`))).toEqual([]);
});

describe('bytes', () => {
  test('hex is lower case, two digits a byte, and read in either case', () => {
    expect(toHex(Uint8Array.of(0, 1, 0x0a, 0x9f, 0xa9, 0xff))).toBe('00010a9fa9ff');
    expect(fromHex('00010A9fa9fF')).toEqual(Uint8Array.of(0, 1, 0x0a, 0x9f, 0xa9, 0xff));
    expect(toHex(new Uint8Array(0))).toBe('');
    expect(fromHex('')).toEqual(new Uint8Array(0));
    holds(anyBytes, (bytes) => {
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
      expect(fromHex(toHex(bytes))).toEqual(bytes);
      expect(fromHex(toHex(bytes).toUpperCase())).toEqual(bytes);
    });
  });

  test('what is no hex is refused with its length or position', () => {
    expect(() => fromHex('abc')).toThrow(new RangeError('hex string has an odd length of 3'));
    expect(() => fromHex('0g')).toThrow(new RangeError('no hex digit at position 1'));
    expect(() => fromHex('00g0')).toThrow(new RangeError('no hex digit at position 2'));
    // The characters just outside of each range of digits, and some that look like digits elsewhere.
    for (const character of '/:@G`g xX-+.٠０é\0') expect(() => fromHex(`0${character}`)).toThrow(RangeError);
    holds(fc.string({ minLength: 2, maxLength: 2 }), (text) => {
      if (/^[0-9a-fA-F]{2}$/.test(text)) expect(toHex(fromHex(text))).toBe(text.toLowerCase());
      else expect(() => fromHex(text)).toThrow(RangeError);
    });
  });

  test('joined, copied and reversed bytes are in memory of their own', () => {
    holds(fc.array(anyBytes, { maxLength: 5 }), (parts) => {
      const before = parts.map((part) => [...part]);
      const joined = concatBytes(...parts);
      expect([...joined]).toEqual(before.flat());
      joined.fill(0xee);
      expect(parts.map((part) => [...part])).toEqual(before);
    });
    const whole = Uint8Array.of(1, 2, 3, 4);
    const [one, copy, reversed] = [concatBytes(whole), copyBytes(whole.subarray(1, 3)), reverseBytes(whole)];
    expect([[...one], [...copy], [...reversed]]).toEqual([
      [1, 2, 3, 4],
      [2, 3],
      [4, 3, 2, 1],
    ]);
    expect(copy.buffer.byteLength).toBe(2);
    for (const bytes of [one, copy, reversed]) bytes.fill(9);
    expect(whole).toEqual(Uint8Array.of(1, 2, 3, 4));
    // A Buffer's own slice would share its memory.
    const buffer = Buffer.from([5, 6]);
    const [copied, turned] = [copyBytes(buffer), reverseBytes(buffer)];
    buffer.fill(0);
    expect([...copied, ...turned]).toEqual([5, 6, 6, 5]);
  });

  test('both comparisons for equality look at every byte and at the length', () => {
    for (const equal of [equalBytes, equalBytesConstantTime]) {
      holds(anyBytes, (bytes) => {
        expect(equal(bytes, copyBytes(bytes))).toBe(true);
        expect(equal(bytes, concatBytes(bytes, Uint8Array.of(0)))).toBe(false);
        expect(equal(concatBytes(bytes, Uint8Array.of(0)), bytes)).toBe(false);
        for (let i = 0; i < bytes.length; i++) {
          const other = copyBytes(bytes);
          other[i]! ^= 1 << (i % 8);
          expect(equal(bytes, other)).toBe(false);
        }
      });
    }
  });

  test('two differences do not cancel each other out', () => {
    expect(equalBytesConstantTime(Uint8Array.of(1, 1), Uint8Array.of(2, 2))).toBe(false);
    expect(equalBytesConstantTime(Uint8Array.of(1, 2), Uint8Array.of(2, 1))).toBe(false);
  });

  test('bytes are ordered as their hex is', () => {
    expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0);
    expect(compareBytes(Uint8Array.of(255), Uint8Array.of(1, 0))).toBeGreaterThan(0);
    expect(compareBytes(new Uint8Array(0), new Uint8Array(0))).toBe(0);
    const few = fc.uint8Array({ maxLength: 3, max: 2 });
    holds(few, few, (a, b) => {
      const [x, y] = [toHex(a), toHex(b)];
      expect(Math.sign(compareBytes(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0);
      expect(Math.sign(compareBytes(b, a)) + Math.sign(compareBytes(a, b))).toBe(0);
    });
  });
});

describe('units', () => {
  const bounds: [string, (value: never) => unknown, bigint | number][] = [
    ['msat', msat, u64 - 1n],
    ['sat', sat, u64 - 1n],
    ['feerate', feeratePerKw, 0xffff_ffff],
    ['block height', blockHeight, 0xffff_ffff],
    ['cltv delta', cltvDelta, 0xffff],
  ];

  test.each(bounds)('%s goes from zero to its largest, and no further', (name, make, max) => {
    const of = make as (value: bigint | number) => unknown;
    const [zero, one] = typeof max === 'bigint' ? [0n, 1n] : [0, 1];
    expect([of(zero), of(max)]).toEqual([zero, max]);
    for (const wrong of [(zero as number) - (one as number), (max as number) + (one as number)]) {
      expect(() => of(wrong)).toThrow(RangeError);
      expect(() => of(wrong)).toThrow(name);
      expect(() => of(wrong)).toThrow(String(wrong));
    }
    if (typeof max === 'number') {
      for (const wrong of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => of(wrong)).toThrow(RangeError);
    }
  });

  test('sums and differences are exact, or refused', () => {
    const pairs = [
      [addMsat, subtractMsat, msat],
      [addSat, subtractSat, sat],
    ] as unknown as [(a: bigint, b: bigint) => bigint, (a: bigint, b: bigint) => bigint, (value: bigint) => bigint][];
    for (const [add, subtract, make] of pairs) {
      expect(() => add(make(u64 - 1n), make(1n))).toThrow(RangeError);
      expect(() => subtract(make(0n), make(1n))).toThrow(RangeError);
      holds(anyU64, anyU64, (a, b) => {
        if (a + b < u64) {
          expect(add(make(a), make(b))).toBe(a + b);
          expect(subtract(make(a + b), make(b))).toBe(a);
        } else {
          expect(() => add(make(a), make(b))).toThrow(RangeError);
        }
        if (a < b) expect(() => subtract(make(a), make(b))).toThrow(RangeError);
      });
    }
  });

  test('a satoshi has 1000 millisatoshis; what is left over is rounded down', () => {
    expect([toSat(msat(1999n)), toSat(msat(999n)), toMsat(sat(3n))]).toEqual([1n, 0n, 3000n]);
    expect([base.zeroMsat, base.zeroSat]).toEqual([0n, 0n]);
    expect(() => toMsat(sat((u64 - 1n) / 1000n + 1n))).toThrow(RangeError);
    holds(anyU64, (amount) => {
      const whole = toMsat(toSat(msat(amount)));
      expect(whole <= amount && amount - whole < 1000n).toBe(true);
    });
  });
});

describe('ids', () => {
  const ids: [string, number, (text: string) => string][] = [
    ['node id', 33, nodeId],
    ['channel id', 32, channelId],
    ['payment hash', 32, paymentHash],
    ['txid', 32, txid],
    ['block hash', 32, blockHash],
    ['chain hash', 32, chainHash],
  ];

  test.each(ids)('a %s of %i bytes is their hex in lower case', (name, length, of) => {
    const text = 'aB'.repeat(length);
    expect(of(text)).toBe(text.toLowerCase());
    for (const wrong of ['', text.substring(1), `${text}0`, `${text.substring(1)}g`, `${text.substring(1)} `]) {
      expect(() => of(wrong)).toThrow(new RangeError(`'${wrong}' is no ${name}: ${2 * length} hex digits are`));
    }
  });

  const pairs: [string, number, boolean, (bytes: Uint8Array) => string, (id: never) => Uint8Array][] = [
    ['node id', 33, false, nodeIdOf, nodeIdBytes],
    ['channel id', 32, false, channelIdOf, channelIdBytes],
    ['payment hash', 32, false, paymentHashOf, paymentHashBytes],
    ['txid', 32, true, txidOf, txidBytes],
    ['block hash', 32, true, blockHashOf, blockHashBytes],
  ];

  test.each(pairs)('a %s and its %i bytes are the same thing twice', (name, length, isReversed, of, bytesOfId) => {
    const make = ids.find(([other]) => other === name)![2];
    holds(bytesOf(length), (bytes) => {
      const id = of(bytes);
      expect(id).toBe(toHex(isReversed ? reverseBytes(bytes) : bytes));
      expect(make(id)).toBe(id);
      expect(bytesOfId(id as never)).toEqual(bytes);
    });
    for (const wrong of [0, length - 1, length + 1, 2 * length]) {
      expect(() => of(new Uint8Array(wrong))).toThrow(new RangeError(`${wrong} bytes are no ${name}: ${length} are`));
    }
  });

  test('a txid is displayed backwards: that of the genesis block', () => {
    const hash = fromHex('3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a');
    expect(txidOf(hash)).toBe('4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b');
    expect(blockHashOf(hash)).toBe(txidOf(hash));
  });

  test('a short channel id is block, transaction and output in one u64 (BOLT 7)', () => {
    expect(shortChannelIdOf(539_268, 845, 1)).toBe(0x083a84_00034d_0001n);
    expect(formatShortChannelId(shortChannelId(0x083a84_00034d_0001n))).toBe('539268x845x1');
    expect(shortChannelIdOf(0xff_ffff, 0xff_ffff, 0xffff)).toBe(u64 - 1n);
    holds(anyU64, (value) => {
      const { block, transaction, output } = shortChannelIdParts(shortChannelId(value));
      expect(shortChannelIdOf(block, transaction, output)).toBe(value);
      expect(formatShortChannelId(shortChannelId(value))).toBe(`${block}x${transaction}x${output}`);
    });
  });

  test('a part that does not fit is refused by its name', () => {
    for (const wrong of [-1, 0x100_0000, 0.5, Number.NaN, 2 ** 32, 2 ** 40]) {
      expect(() => shortChannelIdOf(wrong, 0, 0)).toThrow(`block ${wrong} does not fit 24 bits`);
      expect(() => shortChannelIdOf(0, wrong, 0)).toThrow(`transaction ${wrong} does not fit 24 bits`);
      expect(() => shortChannelIdOf(0, 0, wrong)).toThrow(`output ${wrong} does not fit 16 bits`);
    }
    expect(() => shortChannelIdOf(0, 0, 0x1_0000)).toThrow('output 65536 does not fit 16 bits');
    for (const wrong of [-1n, u64]) expect(() => shortChannelId(wrong)).toThrow(RangeError);
  });

  test('an outpoint is a key by its txid and index', () => {
    const id = txid('ab'.repeat(32));
    expect(base.outPointKey({ txid: id, vout: 7 })).toBe(`${id}:7`);
  });
});

describe('results', () => {
  test('a result holds a value or an error', () => {
    expect(base.ok(1)).toEqual({ ok: true, value: 1 });
    expect(base.err('why')).toEqual({ ok: false, error: 'why' });
    expect(base.unwrap(base.ok(undefined))).toBeUndefined();
  });

  test('unwrap throws the error itself, or what it says', () => {
    const error = new TypeError('as it is');
    const thrown = (value: unknown): unknown => {
      try {
        return base.unwrap(base.err(value));
      } catch (caught) {
        return caught;
      }
    };
    expect(thrown(error)).toBe(error);
    expect(thrown({ kind: 'bad', message: 'in words' })).toEqual(new Error('in words'));
    expect([thrown('text'), thrown(null), thrown(undefined), thrown(5n)]).toEqual([
      new Error('text'),
      new Error('null'),
      new Error('undefined'),
      new Error('5'),
    ]);
    expect(thrown({ kind: 'mute' })).toBeInstanceOf(Error);
  });

  test('an answer is ready or pending', () => {
    expect(base.ready(3)).toEqual({ kind: 'ready', value: 3 });
    expect(base.pending).toEqual({ kind: 'pending' });
  });

  test('a broken invariant and a variant that cannot be throw, saying what', () => {
    expect(() => base.invariant(true, 'never')).not.toThrow();
    expect(() => base.invariant(false, 'two and two')).toThrow(new Error('invariant broken: two and two'));
    const variant = { kind: 'new', amount: 5n, list: [1] };
    expect(() => base.assertNever(variant as never)).toThrow(
      new Error('unexpected variant: {"kind":"new","amount":"5n","list":[1]}'),
    );
  });
});

test("the README's example is the file that runs here, and says what comes out", () => {
  expect([left, channel, same]).toEqual([1n, '539268x845x1', true]);
  expect(pay(msat(1n), msat(2n))).toEqual({ ok: false, error: '1 msat do not cover 2' });
  const [readme, example] = ['../README.md', '../examples/amounts-and-ids.ts'].map((path) =>
    readFileSync(new URL(path, import.meta.url), 'utf8'),
  );
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});
