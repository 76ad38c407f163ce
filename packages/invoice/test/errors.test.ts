import {
  type CltvDelta,
  cltvDelta,
  fromHex,
  msat,
  nodeIdOf,
  paymentHash,
  type ShortChannelId,
  shortChannelId,
  toHex,
} from '@boltwright/base';
import { boltFeatures, featuresFromBits, featureTable } from '@boltwright/wire';
import { describe, expect, test } from '@jest/globals';
import {
  createInvoice,
  decodeInvoice,
  type FallbackAddress,
  type Invoice,
  type InvoiceDetails,
  type InvoiceError,
  type InvoiceFault,
  isDescribedBy,
  isExpired,
  tags,
  unsignedInvoice,
  withSignature,
} from '../src/index.ts';
import {
  appendWords,
  bytesField,
  craft,
  descriptionField,
  field,
  hashField,
  leastFields,
  payee,
  payeeField,
  secret,
  secretField,
  wasm,
} from './craft.ts';

const options = { crypto: wasm };
const bytes = (length: number, byte = 7): Uint8Array => new Uint8Array(length).fill(byte);

function decoded(text: string): Invoice {
  const result = decodeInvoice(text, options);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function refused(text: string): InvoiceError {
  const result = decodeInvoice(text, options);
  if (result.ok) throw new Error('the invoice was taken');
  return result.error;
}

const good = craft(leastFields);
/** Where the first field's data starts: `lnbc1`, timestamp, type and length. */
const firstData = 5 + 7 + 3;
const leastEnd = firstData - 3 + leastFields.reduce((sum, { words }) => sum + 3 + words.length, 0);
const badX = fromHex(`02${'05'.padStart(64, '0')}`);
const hop = (key: Uint8Array): Uint8Array => Uint8Array.from([...key, ...bytes(18, 1)]);

describe('texts', () => {
  const cases: readonly (readonly [string, string, InvoiceFault, string, number])[] = [
    ['nothing', '', { kind: 'no_separator' }, 'prefix', 0],
    ['a scheme alone', 'lightning:', { kind: 'no_separator' }, 'prefix', 10],
    ['slashes', `lightning://${good}`, { kind: 'unknown_prefix', prefix: '//lnbc' }, 'prefix', 10],
    ['a space in front', ` ${good}`, { kind: 'invalid_character', character: ' ' }, 'invoice', 0],
    ['a line end behind', `${good}\n`, { kind: 'invalid_character', character: '\n' }, 'invoice', good.length],
    ['a letter that is not ASCII', `${good}é`, { kind: 'invalid_character', character: 'é' }, 'invoice', good.length],
    ['no bech32 character', `${good}b`, { kind: 'invalid_character', character: 'b' }, 'invoice', good.length],
    ['too many characters', 'q'.repeat(16_385), { kind: 'too_long', length: 16_385, max: 16_384 }, 'invoice', 16_384],
    ['one upper-case letter', `L${good.substring(1)}`, { kind: 'mixed_case' }, 'invoice', 1],
    ['an address', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', { kind: 'unknown_prefix', prefix: 'bc' }, 'prefix', 0],
  ];
  test.each(cases)('%s', (_name, text, fault, fieldName, position) => {
    expect(refused(text)).toMatchObject({ ...fault, field: fieldName, position });
  });

  test.each(['a', 'z'])('the first and the last letter have a case as any other: %s', (letter) => {
    const upper = letter.toUpperCase();
    expect(refused(`${good}${upper}`)).toMatchObject({ kind: 'mixed_case', position: good.length });
    expect(refused(`${good.toUpperCase()}${letter}`)).toMatchObject({ kind: 'mixed_case', position: good.length });
  });

  test('the longest text that is read is read to its end', () => {
    expect(refused('q'.repeat(16_384))).toMatchObject({ kind: 'no_separator' });
  });

  test('a scheme and upper case are taken', () => {
    expect(decoded(`LIGHTNING:${good.toUpperCase()}`)).toEqual(decoded(good));
    expect(decoded(`Lightning:${good}`).text).toBe(good);
  });
});

describe('prefixes and amounts', () => {
  test.each([
    ['lnbc', 'bitcoin', undefined],
    ['lntb', 'testnet', undefined],
    ['lntbs', 'signet', undefined],
    ['lnbcrt', 'regtest', undefined],
    ['lnbc1', 'bitcoin', 100_000_000_000n],
    ['lnbc1m', 'bitcoin', 100_000_000n],
    ['lntbs1u', 'signet', 100_000n],
    ['lnbcrt1n', 'regtest', 100n],
    ['lntb10p', 'testnet', 1n],
    ['lnbc10000m', 'bitcoin', 1_000_000_000_000n],
    ['lnbc21000000', 'bitcoin', 2_100_000_000_000_000_000n],
    ['lnbc184467440737095516150p', 'bitcoin', (1n << 64n) - 1n],
  ])('%s', (prefix, network, amount) => {
    expect(decoded(craft(leastFields, { prefix }))).toMatchObject({ network });
    expect(decoded(craft(leastFields, { prefix })).amountMsat).toBe(amount);
  });

  test.each(['ln', 'lnxy', 'lnsb', 'lnbcm', 'lnbc-1', 'lntbsx5u'])('%s is no prefix', (prefix) => {
    expect(refused(craft(leastFields, { prefix }))).toMatchObject({ kind: 'unknown_prefix', position: 0 });
  });

  test.each([
    ['0', 'zero', 4],
    ['0p', 'zero', 4],
    ['00', 'leading_zero', 4],
    ['01m', 'leading_zero', 4],
    ['1k', 'multiplier', 5],
    ['1mm', 'digits', 5],
    ['1m5', 'digits', 5],
    ['2.5m', 'digits', 5],
    ['9p', 'sub_millisatoshi', 4],
    ['1234567p', 'sub_millisatoshi', 10],
    ['184467440737095516160p', 'too_large', 4],
    ['184467441', 'too_large', 4],
    [`1${'0'.repeat(4000)}`, 'too_large', 4],
  ])('an amount of %s is refused', (amount, reason, position) => {
    const error = refused(craft(leastFields, { prefix: `lnbc${amount}` }));
    expect(error).toMatchObject({ kind: 'invalid_amount', field: 'amount', amount, reason, position });
  });
});

describe('fields', () => {
  const hops = Uint8Array.from([...hop(payee), ...hop(badX)]);
  const extra = (added: ReturnType<typeof field>) => [added, ...leastFields];
  const cases: readonly (readonly [string, string, InvoiceFault, string, number])[] = [
    [
      'no payment hash',
      craft([secretField, descriptionField]),
      { kind: 'missing_field' },
      'payment_hash',
      5 + 7 + 55 + 13,
    ],
    [
      'no payment secret',
      craft([hashField, descriptionField]),
      { kind: 'missing_field' },
      'payment_secret',
      5 + 7 + 55 + 13,
    ],
    ['no description', craft([secretField, hashField]), { kind: 'missing_field' }, 'description', 5 + 7 + 110],
    ['no fields', craft([]), { kind: 'missing_field' }, 'payment_hash', 12],
    [
      'both descriptions',
      craft([...leastFields, bytesField(tags.descriptionHash, bytes(32))]),
      { kind: 'two_descriptions' },
      'description_hash',
      leastEnd + 3,
    ],
    [
      'a payment hash of another length only',
      craft([field(tags.paymentHash, bytes(51)), secretField, descriptionField]),
      { kind: 'wrong_length', length: 51, expected: 52 },
      'payment_hash',
      firstData,
    ],
    [
      'a payment secret of another length only',
      craft([field(tags.paymentSecret, bytes(53)), hashField, descriptionField]),
      { kind: 'wrong_length', length: 53, expected: 52 },
      'payment_secret',
      firstData,
    ],
    [
      'padding that is not zero',
      craft([field(tags.paymentHash, bytes(52, 31)), secretField, descriptionField]),
      { kind: 'invalid_padding' },
      'payment_hash',
      firstData,
    ],
    [
      'a description with a word too many',
      craft([field(tags.description, bytes(1, 0)), secretField, hashField]),
      { kind: 'invalid_padding' },
      'description',
      firstData,
    ],
    [
      'a description that is no UTF-8',
      craft([bytesField(tags.description, bytes(3, 0xff)), secretField, hashField]),
      { kind: 'invalid_utf8' },
      'description',
      firstData,
    ],
    [
      'half a surrogate pair',
      craft([bytesField(tags.description, fromHex('eda080')), secretField, hashField]),
      { kind: 'invalid_utf8' },
      'description',
      firstData,
    ],
    [
      'an expiry with a zero in front',
      craft(extra(field(tags.expiry, [0, 1]))),
      { kind: 'not_minimal' },
      'expiry',
      firstData,
    ],
    [
      'a final delta with a zero in front',
      craft(extra(field(tags.minFinalCltvExpiryDelta, [0]))),
      { kind: 'not_minimal' },
      'min_final_cltv_expiry_delta',
      firstData,
    ],
    [
      'features with a zero in front',
      craft(extra(field(tags.features, [0, 16, 0]))),
      { kind: 'not_minimal' },
      'features',
      firstData,
    ],
    [
      'an expiry beyond counting',
      craft(extra(field(tags.expiry, bytes(1023, 31)))),
      { kind: 'out_of_range', max: Number.MAX_SAFE_INTEGER },
      'expiry',
      firstData,
    ],
    [
      'a final delta above 16 bits',
      craft(extra(field(tags.minFinalCltvExpiryDelta, [2, 0, 0, 0]))),
      { kind: 'out_of_range', max: 65_535 },
      'min_final_cltv_expiry_delta',
      firstData,
    ],
    [
      'a payee that is no point',
      craft(extra(bytesField(tags.payee, badX))),
      { kind: 'invalid_point' },
      'payee',
      firstData,
    ],
    [
      'a hint over a node that is no point',
      craft(extra(bytesField(tags.routeHint, hops))),
      { kind: 'invalid_point' },
      'route_hint',
      firstData + 81,
    ],
    [
      'an empty hint',
      craft(extra(field(tags.routeHint, []))),
      { kind: 'wrong_length', length: 0, expected: 82 },
      'route_hint',
      firstData,
    ],
    [
      'a hint and a half',
      craft(extra(bytesField(tags.routeHint, hops.subarray(0, 80)))),
      { kind: 'wrong_length', length: 128, expected: 82 },
      'route_hint',
      firstData,
    ],
    [
      'an empty fallback',
      craft(extra(field(tags.fallbackAddress, []))),
      { kind: 'invalid_fallback', version: -1, length: 0 },
      'fallback_address',
      firstData,
    ],
    ...(
      [
        [0, 21],
        [0, 0],
        [1, 1],
        [2, 41],
        [16, 1],
        [17, 19],
        [18, 32],
      ] as const
    ).map(([version, length]) => {
      const address = field(tags.fallbackAddress, [version, ...bytesField(0, bytes(length)).words]);
      const fault: InvoiceFault = { kind: 'invalid_fallback', version, length: address.words.length };
      const name = `a fallback of version ${version} and ${length} bytes`;
      return [name, craft(extra(address)), fault, 'fallback_address', firstData] as const;
    }),
    [
      'a feature that is compulsory and unknown',
      craft(extra(field(tags.features, [16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]))),
      { kind: 'unknown_feature', bit: 104 },
      'features',
      firstData,
    ],
    [
      'a feature that is compulsory and has no place in invoices (option_anchors)',
      craft(extra(field(tags.features, [4, 0, 0, 0, 0]))),
      { kind: 'unknown_feature', bit: 22 },
      'features',
      firstData,
    ],
  ];
  test.each(cases)('%s', (_name, text, fault, fieldName, position) => {
    const error = refused(text);
    expect(error).toMatchObject({ ...fault, field: fieldName, position });
    expect(refused(`lightning:${text}`)).toMatchObject({ ...fault, position: position + 10 });
  });

  test.each([
    ['payment_hash', hashField],
    ['payment_secret', secretField],
    ['description', descriptionField],
    ['payee', payeeField],
    ['expiry', field(tags.expiry, [1])],
    ['min_final_cltv_expiry_delta', field(tags.minFinalCltvExpiryDelta, [1])],
    ['payment_metadata', bytesField(tags.paymentMetadata, bytes(4))],
    ['features', field(tags.features, [16, 8, 0])],
  ] as const)('%s may not stand twice', (name, twice) => {
    const others = leastFields.filter(({ tag }) => tag !== twice.tag);
    const position = 12 + 3 + twice.words.length + 3;
    expect(refused(craft([twice, twice, ...others]))).toMatchObject({ kind: 'duplicate_field', field: name, position });
    expect(decoded(craft([twice, ...others])).payee).toBe(nodeIdOf(payee));
  });

  test.each([
    [[6], 0, 0],
    [[6, 0], 0, 0],
    [[6, 0, 5, 1, 2], 5, 2],
    [[6, 31, 31], 1023, 0],
    [[6, 0, 1], 1, 0],
  ])('a field of %j goes past the signature', (words, needed, available) => {
    const text = appendWords(good, words);
    expect(refused(text)).toMatchObject({ kind: 'truncated', field: 'expiry', position: leastEnd, needed, available });
  });

  test('an optional feature that has no place in invoices is passed over', () => {
    const features = field(tags.features, [8, 0, 0, 0, 0]);
    expect([...decoded(craft([...leastFields, features])).features]).toEqual([0x80, 0, 0]);
  });

  test('a feature without the one it stands on is refused', () => {
    const table = featureTable(
      [
        { name: 'base_feature', bit: 200, contexts: ['invoice'], dependencies: [], isAssumed: false },
        { name: 'my_feature', bit: 202, contexts: ['invoice'], dependencies: ['base_feature'], isAssumed: false },
      ],
      boltFeatures,
    );
    const details = { ...plain, features: featuresFromBits([8, 14, 202]) };
    const text = signed(details);
    expect(refused(text)).toMatchObject({ kind: 'unknown_feature', bit: 202 });
    expect(decodeInvoice(text, { ...options, featureTable: table })).toMatchObject({
      ok: false,
      error: { kind: 'missing_feature_dependency', feature: 'my_feature', dependency: 'base_feature' },
    });
    const whole = signed({ ...plain, features: featuresFromBits([8, 14, 200, 202]) });
    expect(decodeInvoice(whole, { ...options, featureTable: table }).ok).toBe(true);
  });

  test('what is passed over is kept', () => {
    const later = field(tags.fallbackAddress, [19, 1, 2, 3]);
    const unknown = field(2, [1, 2, 3, 4, 5]);
    const shortHash = field(tags.descriptionHash, bytes(51));
    const invoice = decoded(craft([unknown, ...leastFields, later, shortHash]));
    expect(invoice.unknownFields).toEqual([unknown, later, shortHash]);
    expect(invoice.fallbackAddresses).toEqual([]);
  });

  test('numbers and features may be empty', () => {
    const empty = [field(tags.expiry, []), field(tags.minFinalCltvExpiryDelta, []), field(tags.features, [])];
    const invoice = decoded(craft([...leastFields, ...empty]));
    expect(invoice).toMatchObject({ expirySeconds: 0, minFinalCltvExpiryDelta: 0 });
    expect(invoice.features).toHaveLength(0);
  });
});

describe('signatures', () => {
  test('a high S is taken where the payee is recovered, and refused beside a payee field', () => {
    expect(decodeInvoice(craft(leastFields, { highS: true }), options).ok).toBe(true);
    const error = refused(craft([...leastFields, payeeField], { highS: true }));
    expect(error).toMatchObject({ kind: 'high_s', field: 'signature' });
  });

  test('a payee field must be the signer', () => {
    const other = wasm.scalarAdd(secret, secret)!;
    expect(decoded(craft([...leastFields, payeeField])).payee).toBe(nodeIdOf(payee));
    const error = refused(craft([...leastFields, payeeField], { secret: other }));
    expect(error).toMatchObject({ kind: 'invalid_signature', field: 'signature', position: leastEnd + 56 });
    expect(decoded(craft(leastFields, { secret: other })).payee).toBe(nodeIdOf(wasm.publicKey(other)));
  });

  test('beside a payee field the recovery id does not matter, but must be one', () => {
    for (const recoveryId of [0, 1, 2, 3]) {
      expect(decoded(craft([...leastFields, payeeField], { recoveryId })).recoveryId).toBe(recoveryId);
    }
    for (const recoveryId of [4, 255]) {
      const error = refused(craft([...leastFields, payeeField], { recoveryId }));
      expect(error).toMatchObject({ kind: 'invalid_recovery_id', recoveryId, position: leastEnd + 56 + 102 });
    }
    expect(refused(craft(leastFields, { recoveryId: 2 })).kind).toBe('invalid_signature');
  });
});

const plain: InvoiceDetails = {
  network: 'regtest',
  timestamp: 1_700_000_000,
  paymentHash: paymentHash('ab'.repeat(32)),
  paymentSecret: bytes(32),
  description: { kind: 'text', text: 'coffee' },
};
const signer = {
  signInvoice: (hash: Uint8Array) => ({ kind: 'ready' as const, value: wasm.signRecoverable(hash, secret) }),
};

function signed(details: InvoiceDetails): string {
  const text = createInvoice(details, signer, wasm);
  if (text.kind === 'pending') throw new Error('the signer was ready');
  return text.value;
}

describe('writing', () => {
  test('the least invoice has the defaults of BOLT 11', () => {
    const invoice = decoded(signed(plain));
    expect(invoice).toMatchObject({
      network: 'regtest',
      amountMsat: undefined,
      expirySeconds: 3600,
      minFinalCltvExpiryDelta: 18,
      payee: nodeIdOf(payee),
    });
    expect(toHex(invoice.features)).toBe('4100');
    expect(decoded(signed({ ...plain, paymentMetadata: bytes(1) })).features).toEqual(featuresFromBits([8, 14, 48]));
  });

  test.each([
    [1n, '10p'],
    [99n, '990p'],
    [100n, '1n'],
    [250_000_000n, '2500u'],
    [2_000_000_000n, '20m'],
    [100_000_000_000n, '1'],
    [967_878_534n, '9678785340p'],
  ])('%d msat are written as %s', (amount, written) => {
    expect(signed({ ...plain, amountMsat: msat(amount) }).startsWith(`lnbcrt${written}1`)).toBe(true);
  });

  const routeHop = {
    sourceNodeId: nodeIdOf(payee),
    shortChannelId: shortChannelId(1n),
    feeBaseMsat: 1,
    feeProportionalMillionths: 2,
    cltvExpiryDelta: cltvDelta(3),
  };
  const wrongs: readonly (readonly [string, Partial<InvoiceDetails>])[] = [
    ['an amount of zero', { amountMsat: msat(0n) }],
    ['a timestamp of 36 bits', { timestamp: 2 ** 35 }],
    ['half a second', { timestamp: 0.5 }],
    ['a short secret', { paymentSecret: bytes(31) }],
    ['a description above 639 bytes', { description: { kind: 'text', text: 'é'.repeat(320) } }],
    ['half a surrogate pair', { description: { kind: 'text', text: '\ud800' } }],
    ['a short description hash', { description: { kind: 'hash', hash: bytes(20) } }],
    ['too much metadata', { paymentMetadata: bytes(640) }],
    ['a negative expiry', { expirySeconds: -1 }],
    ['half a second of expiry', { expirySeconds: 1.5 }],
    ['an address of the wrong length', { fallbackAddresses: [{ kind: 'p2pkh', hash: bytes(32) }] }],
    ['a witness program that is taproot', { fallbackAddresses: [{ kind: 'witness', version: 1, program: bytes(32) }] }],
    ['a witness version of 17', { fallbackAddresses: [{ kind: 'witness', version: 17, program: bytes(20) }] }],
    ['a negative witness version', { fallbackAddresses: [{ kind: 'witness', version: -1, program: bytes(20) }] }],
    ['a hint without hops', { routeHints: [[]] }],
    ['a hint of 13 hops', { routeHints: [Array.from({ length: 13 }, () => routeHop)] }],
    ['a fee beyond a u32', { routeHints: [[{ ...routeHop, feeBaseMsat: 2 ** 32 }]] }],
    ['both bits of a feature', { features: featuresFromBits([8, 14, 16, 17]) }],
    ['a feature that is not for invoices', { features: featuresFromBits([8, 14, 22]) }],
    ['a tag of six bits', { unknownFields: [field(32, [])] }],
    ['a word of six bits', { unknownFields: [field(2, [32])] }],
    ['a field of 1024 words', { unknownFields: [field(2, bytes(1024, 1))] }],
    ['a second payment hash', { unknownFields: [hashField] }],
    ['a payment secret that strict readers refuse', { unknownFields: [field(tags.paymentSecret, [1])] }],
    ['an expiry beside its own property', { unknownFields: [field(tags.expiry, [1])] }],
    [
      'a fallback of a known version beside its own property',
      { unknownFields: [field(tags.fallbackAddress, [18, 1])] },
    ],
    ['a fallback without a version', { unknownFields: [field(tags.fallbackAddress, [])] }],
    ['a final delta beyond a u16', { minFinalCltvExpiryDelta: 0x1_0000 as CltvDelta }],
    ["a hop's delta beyond a u16", { routeHints: [[{ ...routeHop, cltvExpiryDelta: 0x1_0000 as CltvDelta }]] }],
    [
      "a hop's channel beyond a u64",
      { routeHints: [[{ ...routeHop, shortChannelId: (1n << 64n) as ShortChannelId }]] },
    ],
    ['more than a reader reads', { unknownFields: Array.from({ length: 17 }, () => field(2, bytes(1000, 1))) }],
  ];
  test.each(wrongs)('%s throws a RangeError', (_name, wrong) => {
    expect(() => unsignedInvoice({ ...plain, ...wrong }, wasm)).toThrow(RangeError);
  });

  test('what just fits comes back', () => {
    const fits: readonly Partial<InvoiceDetails>[] = [
      { description: { kind: 'text', text: 'a'.repeat(639) } },
      { paymentMetadata: bytes(639, 7) },
      { routeHints: [Array.from({ length: 12 }, () => routeHop)] },
      { unknownFields: [field(2, bytes(1023, 1))] },
      { timestamp: 2 ** 35 - 1 },
      { minFinalCltvExpiryDelta: cltvDelta(0xffff) },
      { expirySeconds: Number.MAX_SAFE_INTEGER },
      { routeHints: [[{ ...routeHop, feeBaseMsat: 2 ** 32 - 1, feeProportionalMillionths: 2 ** 32 - 1 }]] },
    ];
    for (const part of fits) expect(decoded(signed({ ...plain, ...part }))).toMatchObject(part);
  });

  test('a fallback of a version to come may be written among the unknown fields', () => {
    const later = field(tags.fallbackAddress, [19, 1, 2]);
    expect(decoded(signed({ ...plain, unknownFields: [later] })).unknownFields).toEqual([later]);
  });

  test('a signature must have its lengths', () => {
    const unsigned = unsignedInvoice(plain, wasm);
    expect(() => withSignature(unsigned, { signature: bytes(63), recoveryId: 0 })).toThrow(RangeError);
    expect(() => withSignature(unsigned, { signature: bytes(64), recoveryId: 4 })).toThrow(RangeError);
  });

  test('a signer that is not ready leaves the invoice pending; the two halves finish it later', () => {
    const later = { signInvoice: () => ({ kind: 'pending' as const }) };
    expect(createInvoice(plain, later, wasm)).toEqual({ kind: 'pending' });
    const unsigned = unsignedInvoice(plain, wasm);
    expect(withSignature(unsigned, wasm.signRecoverable(unsigned.hash, secret))).toBe(signed(plain));
  });

  test('every kind of address comes back', () => {
    const fallbackAddresses: readonly FallbackAddress[] = [
      { kind: 'p2tr', outputKey: bytes(32) },
      { kind: 'p2wsh', hash: bytes(32) },
      { kind: 'p2wpkh', hash: bytes(20) },
      { kind: 'p2sh', hash: bytes(20) },
      { kind: 'p2pkh', hash: bytes(20) },
      { kind: 'witness', version: 1, program: bytes(2) },
      { kind: 'witness', version: 16, program: bytes(40) },
    ];
    expect(decoded(signed({ ...plain, fallbackAddresses })).fallbackAddresses).toEqual(fallbackAddresses);
  });
});

test('an invoice has expired once timestamp and expiry have passed', () => {
  const invoice = decoded(signed({ ...plain, expirySeconds: 60 }));
  expect(isExpired(invoice, 1_700_000_060)).toBe(false);
  expect(isExpired(invoice, 1_700_000_061)).toBe(true);
});

test('a description is compared as text or by its hash', () => {
  const hashed = decoded(signed({ ...plain, description: { kind: 'hash', hash: wasm.sha256(fromHex('c3a9')) } }));
  expect(isDescribedBy(hashed, 'é', wasm)).toBe(true);
  expect(isDescribedBy(hashed, 'e', wasm)).toBe(false);
  expect(isDescribedBy(hashed, '\ud800', wasm)).toBe(false);
  const plainText = decoded(signed(plain));
  expect(isDescribedBy(plainText, 'coffee', wasm)).toBe(true);
  expect(isDescribedBy(plainText, 'tea', wasm)).toBe(false);
});
