import { cltvDelta, concatBytes, equalBytes, msat, nodeIdOf, paymentHashOf, shortChannelId } from '@boltwright/base';
import { featuresFromBits } from '@boltwright/wire';
import { expect, test } from '@jest/globals';
import { bech32, utf8 } from '@scure/base';
import fc from 'fast-check';
import { readAmount, writeAmount } from '../src/amount.ts';
import {
  createInvoice,
  decodeInvoice,
  encodeInvoice,
  type FallbackAddress,
  type InvoiceDetails,
  type InvoiceNetwork,
  type TaggedField,
} from '../src/index.ts';
import {
  bitFieldToWords,
  bytesToWords,
  numberToWords,
  wordsToBitField,
  wordsToBytes,
  wordsToNumber,
} from '../src/words.ts';
import { craft, leastFields, secret, wasm } from './craft.ts';

const options = { crypto: wasm };
const runs = (numRuns: number) => ({ seed: 11, numRuns });
const bytes = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength });
const secretKey = bytes(32).filter((key) => wasm.isSecretKey(key));
const point = secretKey.map((key) => wasm.publicKey(key));
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const delta = fc.integer({ min: 0, max: 0xffff }).map(cltvDelta);
const signer = {
  signInvoice: (hash: Uint8Array) => ({ kind: 'ready' as const, value: wasm.signRecoverable(hash, secret) }),
};

function signed(details: InvoiceDetails): string {
  const answer = createInvoice(details, signer, wasm);
  if (answer.kind === 'pending') throw new Error('the signer was ready');
  return answer.value;
}

const text = fc.string({ unit: 'binary', maxLength: 150 }).filter((value) => utf8Length(value) <= 639);
function utf8Length(value: string): number {
  try {
    return utf8.decode(value).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

const address: fc.Arbitrary<FallbackAddress> = fc.oneof(
  bytes(20).map((hash) => ({ kind: 'p2pkh' as const, hash })),
  bytes(20).map((hash) => ({ kind: 'p2sh' as const, hash })),
  bytes(20).map((hash) => ({ kind: 'p2wpkh' as const, hash })),
  bytes(32).map((hash) => ({ kind: 'p2wsh' as const, hash })),
  bytes(32).map((outputKey) => ({ kind: 'p2tr' as const, outputKey })),
  fc.record({ kind: fc.constant('witness' as const), version: fc.integer({ min: 2, max: 16 }), program: bytes(2, 40) }),
);

const hop = fc.record({
  sourceNodeId: point.map(nodeIdOf),
  shortChannelId: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(shortChannelId),
  feeBaseMsat: u32,
  feeProportionalMillionths: u32,
  cltvExpiryDelta: delta,
});

const unknownField: fc.Arbitrary<TaggedField> = fc.record({
  tag: fc.constantFrom(0, 2, 4, 7, 8, 10, 11, 12, 14, 15, 17, 18, 20, 21, 22, 25, 26, 28, 29, 30, 31),
  words: fc.array(fc.nat(31), { maxLength: 60 }).map((words) => Uint8Array.from(words)),
});

const details: fc.Arbitrary<InvoiceDetails> = fc.record(
  {
    network: fc.constantFrom<InvoiceNetwork>('bitcoin', 'testnet', 'signet', 'regtest'),
    timestamp: fc.integer({ min: 0, max: 2 ** 35 - 1 }),
    paymentHash: bytes(32).map(paymentHashOf),
    paymentSecret: bytes(32),
    description: fc.oneof(
      text.map((value) => ({ kind: 'text' as const, text: value })),
      bytes(32).map((hash) => ({ kind: 'hash' as const, hash })),
    ),
    amountMsat: fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }).map(msat),
    payee: fc.constant(nodeIdOf(wasm.publicKey(secret))),
    expirySeconds: fc.maxSafeNat(),
    minFinalCltvExpiryDelta: delta,
    paymentMetadata: bytes(0, 639),
    features: fc.subarray([9, 14, 17, 25, 49, 99, 1001, 5113]).map(featuresFromBits),
    fallbackAddresses: fc.array(address, { maxLength: 4 }),
    routeHints: fc.array(fc.array(hop, { minLength: 1, maxLength: 4 }), { maxLength: 3 }),
    unknownFields: fc.array(unknownField, { maxLength: 3 }),
  },
  { requiredKeys: ['network', 'timestamp', 'paymentHash', 'paymentSecret', 'description'] },
);

/** Refused as it should be: a typed error whose place is in the text. */
function expectTypedError(given: string): void {
  const result = decodeInvoice(given, options);
  if (result.ok) throw new Error(`taken: ${given}`);
  const { kind, field, position, spec, message } = result.error;
  expect(kind).toMatch(/^[a-z_0-9]+$/);
  expect(position).toBeGreaterThanOrEqual(0);
  expect(position).toBeLessThanOrEqual(given.length);
  expect(spec).toMatch(/^BOLT #11: /);
  expect(message.startsWith(`${field} at ${position}: `)).toBe(true);
  expect(message.length).toBeLessThan(160);
}

test('what is written is read back', () => {
  fc.assert(
    fc.property(details, (given) => {
      const written = signed(given);
      const result = decodeInvoice(written, options);
      if (!result.ok) throw new Error(result.error.message);
      const invoice = result.value;
      const { payee, ...said } = given;
      expect(invoice).toMatchObject({ fallbackAddresses: [], routeHints: [], unknownFields: [], ...said });
      expect(invoice.payee).toBe(nodeIdOf(wasm.publicKey(secret)));
      expect(encodeInvoice(invoice)).toBe(written);
      expect(decodeInvoice(`LIGHTNING:${written.toUpperCase()}`, options)).toEqual(result);
    }),
    runs(150),
  );
});

test('an invoice cut anywhere is refused with a typed error', () => {
  const written = signed({
    network: 'bitcoin',
    timestamp: 1_700_000_000,
    paymentHash: paymentHashOf(new Uint8Array(32)),
    paymentSecret: new Uint8Array(32),
    description: { kind: 'text', text: 'cut' },
    payee: nodeIdOf(wasm.publicKey(secret)),
  });
  for (let length = 0; length < written.length; length++) expectTypedError(written.substring(0, length));
  for (let start = 1; start < written.length; start++) expectTypedError(written.substring(start));
});

test('a character changed to any other is refused with a typed error', () => {
  const written = craft(leastFields, { prefix: 'lnbc25m' });
  fc.assert(
    fc.property(fc.nat(written.length - 1), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), (at, other) => {
      if (written[at] !== other) expectTypedError(written.substring(0, at) + other + written.substring(at + 1));
    }),
    runs(1500),
  );
});

test('any text is answered', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.string({ maxLength: 400 })), (given) => {
      expectTypedError(given);
      expectTypedError(`lnbc1${given}`);
    }),
    runs(600),
  );
});

test('any words behind a right checksum are answered, and what is taken is written the same', () => {
  const word = fc.nat(31);
  // Random words, and fields whose lengths lie.
  const hostileField = fc
    .tuple(word, fc.oneof(fc.nat(1023), fc.constantFrom(0, 1, 51, 52, 53)), fc.array(word, { maxLength: 120 }))
    .map(([tag, length, words]) => [tag, length >> 5, length & 31, ...words]);
  const honestField = fc
    .tuple(word, fc.array(word, { maxLength: 90 }))
    .map(([tag, words]) => [tag, words.length >> 5, words.length & 31, ...words]);
  const anyFields = fc.array(fc.oneof(hostileField, honestField, honestField), { maxLength: 6 });
  const least = leastFields.flatMap(({ tag, words }) => [tag, words.length >> 5, words.length & 31, ...words]);
  // Random, with a recovery id in range: half of them have a signer.
  const signature = fc
    .tuple(fc.array(word, { minLength: 102, maxLength: 102 }), fc.nat(3), fc.nat(1))
    .map(([words, high, id]) => [...words, high << 3, id]);
  let taken = 0;
  fc.assert(
    fc.property(
      fc.constantFrom('lnbc', 'lntb20m', 'lnbcrt1p', 'lntbs', 'lnbc10p'),
      fc.boolean(),
      anyFields,
      signature,
      (prefix, hasLeast, fields, signed) => {
        const words = [...[1, 2, 3, 4, 5, 6, 7], ...(hasLeast ? least : []), ...fields.flat(), ...signed];
        const given = bech32.encode(prefix, words, false);
        const result = decodeInvoice(given, options);
        if (!result.ok) return expectTypedError(given);
        taken++;
        expect(encodeInvoice(result.value)).toBe(given);
      },
    ),
    runs(1500),
  );
  expect(taken).toBeGreaterThan(50);
});

test('signed fields in any order and number are answered, and what is taken is written the same', () => {
  const anyField: fc.Arbitrary<TaggedField> = fc.oneof(
    unknownField,
    fc.record({
      tag: fc.nat(31),
      words: fc.array(fc.nat(31), { maxLength: 100 }).map((words) => Uint8Array.from(words)),
    }),
  );
  let taken = 0;
  fc.assert(
    fc.property(fc.array(anyField, { maxLength: 4 }), fc.nat(3), (fields, at) => {
      const given = craft([...leastFields.slice(0, at), ...fields, ...leastFields.slice(at)]);
      const result = decodeInvoice(given, options);
      if (!result.ok) return expectTypedError(given);
      taken++;
      expect(encodeInvoice(result.value)).toBe(given);
      expect(result.value.raw.fields).toHaveLength(fields.length + leastFields.length);
    }),
    runs(500),
  );
  expect(taken).toBeGreaterThan(100);
});

test('amounts are exact in every form', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }), (amount) => {
      expect(readAmount(writeAmount(msat(amount)), 0)).toBe(amount);
      expect(readAmount(`${amount * 10n}p`, 0)).toBe(amount);
    }),
    runs(1000),
  );
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 100_000_000n }), (count) => {
      expect(readAmount(`${count}n`, 0)).toBe(count * 100n);
      expect(readAmount(`${count}u`, 0)).toBe(count * 100_000n);
      expect(readAmount(`${count}m`, 0)).toBe(count * 100_000_000n);
      expect(readAmount(`${count}`, 0)).toBe(count * 100_000_000_000n);
    }),
    runs(300),
  );
});

test('words and bytes turn into each other', () => {
  fc.assert(
    fc.property(bytes(0, 200), (given) => {
      expect(wordsToBytes(bytesToWords(given))).toEqual(given);
      expect([...bytesToWords(given)]).toEqual(bech32.toWords(given));
      const start = given.findIndex((byte) => byte !== 0);
      const bits = start === -1 ? new Uint8Array(0) : given.subarray(start);
      expect(equalBytes(wordsToBitField(bitFieldToWords(given)), bits)).toBe(true);
      expect(wordsToBitField(concatBytes(new Uint8Array(3), bitFieldToWords(given)))).toEqual(Uint8Array.from(bits));
    }),
    runs(500),
  );
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      expect(wordsToNumber(numberToWords(value), Number.MAX_SAFE_INTEGER)).toBe(value);
      expect(numberToWords(value)[0]).not.toBe(0);
      if (value > 0) expect(wordsToNumber(numberToWords(value), value - 1)).toBeUndefined();
    }),
    runs(500),
  );
});
