import { channelId, fromHex, msat, toHex, unwrap } from '@boltwright/base';
import { describe, expect, test } from '@jest/globals';
import {
  boltMessages,
  decodeMessage,
  encodeMessage,
  errorData,
  errorText,
  init,
  type Message,
  message,
  messageRegistry,
  ping,
  signedMessage,
  struct,
  t,
  tlv,
  tlvStream,
  updateFee,
} from '../../src/index.ts';

const id = channelId('11'.repeat(32));

describe('errors name what is wrong and where', () => {
  test('missing bytes: message, field, offset, section and lengths', () => {
    const bytes = encodeMessage({ type: 'update_fee', channelId: id, feeratePerKw: 253 as never });
    expect(decodeMessage(bytes.subarray(0, 36))).toEqual({
      ok: false,
      error: {
        kind: 'truncated',
        needed: 4,
        available: 2,
        messageName: 'update_fee',
        field: 'feeratePerKw',
        offset: 34,
        spec: 'BOLT #2: Updating Fees: `update_fee`',
        reaction: 'disconnect',
        message: 'update_fee.feeratePerKw at byte 34: needs 4 bytes, 2 remain (BOLT #2: Updating Fees: `update_fee`)',
      },
    });
  });

  test('errors are plain data', () => {
    const decoded = decodeMessage(fromHex('001000000000ca012a'));
    if (decoded.ok) throw new Error('an error was expected');
    expect(structuredClone(decoded.error)).toEqual(decoded.error);
  });

  test('a field inside a TLV record is named by its path', () => {
    const head = `0088${'11'.repeat(32)}${'00'.repeat(16)}${'00'.repeat(32)}02${'22'.repeat(32)}`;
    expect(decodeMessage(fromHex(`${head}0120${'33'.repeat(32)}`))).toMatchObject({
      ok: false,
      error: { kind: 'truncated', messageName: 'channel_reestablish', field: 'nextFunding.retransmitFlags' },
    });
    expect(decodeMessage(fromHex(`${head}0122${'33'.repeat(34)}`))).toMatchObject({
      ok: false,
      error: { kind: 'tlv_trailing_bytes', tlvType: 1n, extra: 1, field: 'nextFunding' },
    });
  });

  test('a record too short does not read into the next', () => {
    const bytes = fromHex(`0024${'11'.repeat(32)}02${'22'.repeat(32)}0107${'33'.repeat(7)}0b0144`);
    expect(decodeMessage(bytes)).toMatchObject({
      ok: false,
      error: { kind: 'truncated', needed: 8, available: 7, field: 'shortChannelId', offset: 69 },
    });
  });

  test('a point that begins with neither 2 nor 3 is refused', () => {
    const bytes = fromHex(`0024${'11'.repeat(32)}04${'22'.repeat(32)}`);
    expect(decodeMessage(bytes)).toMatchObject({
      ok: false,
      error: { kind: 'invalid_value', field: 'secondPerCommitmentPoint', offset: 34 },
    });
  });

  test('no type, and more bytes than a message has', () => {
    expect(decodeMessage(new Uint8Array(1))).toMatchObject({ ok: false, error: { kind: 'truncated', needed: 2 } });
    expect(decodeMessage(new Uint8Array(65536))).toMatchObject({ ok: false, error: { kind: 'too_long' } });
    expect(ping.decode(new Uint8Array(65536))).toMatchObject({ ok: false, error: { kind: 'too_long' } });
  });

  test("another message's type is no message of the codec", () => {
    expect(ping.decode(fromHex('00130000'))).toMatchObject({
      ok: false,
      error: { kind: 'wrong_type', expected: 18, actual: 19, field: 'type', offset: 0 },
    });
  });

  test('a count beyond the bytes is refused before anything is read', () => {
    const bytes = fromHex(`0084${'11'.repeat(32)}${'22'.repeat(64)}ffff${'33'.repeat(64)}`);
    expect(decodeMessage(bytes)).toMatchObject({
      ok: false,
      error: { kind: 'truncated', field: 'htlcSignatures', needed: 65535 * 64, available: 64 },
    });
  });
});

describe("a caller's mistakes throw and name the field", () => {
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    [
      'a number above its width',
      { type: 'ping', numPongBytes: 65536, ignored: new Uint8Array() },
      /ping\.numPongBytes/,
    ],
    ['a fraction', { type: 'ping', numPongBytes: 1.5, ignored: new Uint8Array() }, /ping\.numPongBytes/],
    ['a missing field', { type: 'ping', numPongBytes: 1 }, /ping\.ignored/],
    ['bytes above a u16 length', { type: 'ping', numPongBytes: 1, ignored: new Uint8Array(65536) }, /ping/],
    ['a message above 65535 bytes', { type: 'ping', numPongBytes: 1, ignored: new Uint8Array(65530) }, /65536 bytes/],
    ['an id that is no hex', { type: 'tx_complete', channelId: 'zz'.repeat(32) }, /tx_complete\.channelId/],
    ['an id of another length', { type: 'tx_complete', channelId: '11' }, /tx_complete\.channelId/],
    ['an id in upper case', { type: 'tx_complete', channelId: 'AA'.repeat(32) }, /tx_complete\.channelId/],
    ['an unknown name', { type: 'no_such_message' }, /no_such_message/],
    [
      'an unknown record of a known type',
      {
        type: 'channel_ready',
        channelId: id,
        secondPerCommitmentPoint: new Uint8Array(33).fill(2),
        unknownTlvs: [{ type: 1n, value: new Uint8Array(8) }],
      },
      /channel_ready: unknownTlvs: type 1 is known/,
    ],
    [
      'unknown records out of order',
      {
        type: 'tx_complete',
        channelId: id,
        unknownTlvs: [
          { type: 5n, value: new Uint8Array() },
          { type: 3n, value: new Uint8Array() },
        ],
      },
      /out of order/,
    ],
    [
      'an unknown even record, which no peer would take',
      { type: 'tx_complete', channelId: id, unknownTlvs: [{ type: 4n, value: new Uint8Array() }] },
      /even/,
    ],
    [
      'a record of the wrong length',
      {
        type: 'update_fulfill_htlc',
        channelId: id,
        id: 0n,
        paymentPreimage: new Uint8Array(32),
        attributionData: { htlcHoldTimes: new Uint8Array(79), truncatedHmacs: new Uint8Array(840) },
      },
      /attributionData/,
    ],
    [
      'a negative amount',
      { type: 'closing_signed', channelId: id, feeSatoshis: -1n, signature: new Uint8Array(64) },
      /feeSatoshis/,
    ],
    [
      'an amount above a u64',
      { type: 'closing_signed', channelId: id, feeSatoshis: 1n << 64n, signature: new Uint8Array(64) },
      /feeSatoshis/,
    ],
  ];
  test.each(cases)('%s', (_about, value, text) => {
    expect(() => encodeMessage(value as Message)).toThrow(text);
  });
});

describe('messages of unknown type', () => {
  test('are values with their bytes, even ones required', () => {
    for (const [bytes, isRequired] of [
      ['9c41aabb', false],
      ['9c40aabb', true],
    ] as const) {
      const decoded = unwrap(decodeMessage(fromHex(bytes)));
      expect(decoded).toEqual({
        type: 'unknown',
        number: Number.parseInt(bytes.slice(0, 4), 16),
        isRequired,
        payload: fromHex('aabb'),
      });
      expect(toHex(encodeMessage(decoded))).toBe(bytes);
    }
  });
});

describe("a user's own messages", () => {
  const greeting = message(
    40001,
    'greeting',
    { text: t.bytesU8, numbers: t.arrayU8(t.u16) },
    { mood: tlv(2n, t.tu16) },
  );
  const registry = messageRegistry([greeting], boltMessages);

  test('go through the same codec, beside those of the BOLTs', () => {
    const value = { type: 'greeting', text: errorData('hi'), numbers: [1, 65535], mood: 7 } as const;
    const bytes = encodeMessage(value, registry);
    expect(toHex(bytes)).toBe('9c410268690200' + '01ffff' + '020107');
    expect(decodeMessage(bytes, registry)).toEqual({ ok: true, value });
    expect(decodeMessage(fromHex('00130000'), registry)).toMatchObject({ ok: true, value: { type: 'pong' } });
    expect(decodeMessage(bytes)).toMatchObject({ ok: true, value: { type: 'unknown', number: 40001 } });
    expect(decodeMessage(fromHex('9c41020000'), registry)).toMatchObject({
      ok: false,
      error: { messageName: 'greeting', kind: 'truncated' },
    });
  });

  test('have truncated integers up to their largest', () => {
    const numbers = tlvStream('numbers', { two: tlv(1n, t.tu16), four: tlv(3n, t.tu32), eight: tlv(5n, t.tu64) });
    const largest = { two: 0xffff, four: 0xffff_ffff, eight: 0xffff_ffff_ffff_ffffn };
    expect(toHex(numbers.encode(largest))).toBe(`0102ffff0304ffffffff0508${'ff'.repeat(8)}`);
    expect(unwrap(numbers.decode(numbers.encode(largest)))).toEqual(largest);
    for (const above of [{ two: 0x1_0000 }, { four: 0x1_0000_0000 }, { eight: 1n << 64n }]) {
      expect(() => numbers.encode(above)).toThrow(RangeError);
    }
  });

  test('whose own field type is broken say so: its exception is no WireError', () => {
    const broken = {
      ...t.u8,
      read: () => {
        throw new Error('a bug');
      },
    };
    const bytes = Uint8Array.of(0x9c, 0x43, 0);
    expect(() => message(40003, 'x', { broken }).decode(bytes)).toThrow('a bug');
    const inRecord = tlvStream('y', { broken: tlv(1n, struct({ broken })) });
    expect(() => inRecord.decode(Uint8Array.of(1, 1, 0))).toThrow('a bug');
  });

  test('whose own field type writes another number of bytes than its size are not encoded', () => {
    for (const size of [0, 2]) {
      const lying = { ...t.u8, isFixed: false, size: () => size };
      expect(() => message(40003, 'x', { lying, last: t.u8 }).encode({ type: 'x', lying: 1, last: 2 })).toThrow('size');
      expect(() =>
        tlvStream('y', { lying: tlv(1n, lying), last: tlv(3n, t.u8) }).encode({ lying: 1, last: 2 }),
      ).toThrow('size');
    }
  });

  test('are refused where a number, a name or a property is taken', () => {
    expect(() => messageRegistry([message(18, 'other', {})], boltMessages)).toThrow('18');
    expect(() => messageRegistry([message(40003, 'ping', {})], boltMessages)).toThrow('ping');
    expect(() => messageRegistry([message(40003, 'unknown', {})])).toThrow('unknown');
    expect(() => message(65536, 'x', {})).toThrow('65536');
    expect(() => message(40003, 'x', { type: t.u8 })).toThrow('type');
    expect(() => message(40003, 'x', { a: t.u8 }, { a: tlv(1n, t.rest) })).toThrow("'a'");
    expect(() => message(40003, 'x', {}, { a: tlv(1n, t.rest), b: tlv(1n, t.rest) })).toThrow('twice');
    expect(() => tlv(1n << 64n, t.rest)).toThrow('u64');
    expect(() => t.arrayRest(t.rest)).toThrow('at least one byte');
  });

  test('that are signed keep what follows their fields as it is', () => {
    const vote = signedMessage(40005, 'vote', { signature: t.signature, yes: t.u8 });
    const bytes = fromHex(`9c45${'ab'.repeat(64)}01fd00`);
    const value = unwrap(vote.decode(bytes));
    expect(value).toEqual({ type: 'vote', signature: fromHex('ab'.repeat(64)), yes: 1, extension: fromHex('fd00') });
    expect(vote.encode(value)).toEqual(bytes);
  });
});

describe('standalone streams', () => {
  const stream = tlvStream('payload', { pair: tlv(5n, struct({ a: t.u8, b: t.tu32 })), amount: tlv(2n, t.tMsat) });
  const keeping = tlvStream('payload', { amount: tlv(2n, t.tMsat) }, { unknownEven: 'keep' });

  test('keep unknown even records only where that was asked for', () => {
    const bytes = fromHex('020103' + '0400');
    expect(stream.decode(bytes)).toMatchObject({ ok: false, error: { kind: 'unknown_even_tlv', tlvType: 4n } });
    const value = unwrap(keeping.decode(bytes));
    expect(value).toEqual({ amount: msat(3n), unknownTlvs: [{ type: 4n, value: new Uint8Array() }] });
    expect(keeping.encode(value)).toEqual(bytes);
    expect(() => stream.encode({ amount: msat(3n), unknownTlvs: [{ type: 4n, value: new Uint8Array() }] })).toThrow(
      'even',
    );
  });

  test('truncated amounts stay within 21 million bitcoin', () => {
    const max = 2_100_000_000_000_000_000n;
    expect(unwrap(stream.decode(stream.encode({ amount: msat(max) })))).toEqual({ amount: max });
    expect(() => stream.encode({ amount: msat(max + 1n) })).toThrow('payload.amount');
    expect(stream.decode(fromHex('02081d24b2dfac520001'))).toMatchObject({
      ok: false,
      error: { kind: 'out_of_range', value: max + 1n, max, field: 'amount' },
    });
  });

  test('are in the order of their types, whatever the order of the declaration', () => {
    const value = { pair: { a: 1, b: 0 }, amount: msat(1n) };
    expect(toHex(stream.encode(value))).toBe('020101050101');
    expect(unwrap(stream.decode(fromHex('020101050101')))).toEqual(value);
  });

  test('say their size before they are encoded', () => {
    const value = {
      amount: msat(300n),
      pair: { a: 1, b: 0 },
      unknownTlvs: [{ type: 65537n, value: new Uint8Array(300) }],
    };
    expect(stream.size(value)).toBe(stream.encode(value).length);
  });
});

describe('the text of errors', () => {
  test('shows printable ASCII and nothing else', () => {
    expect(errorText(fromHex('68690a1b5b31'))).toBe('hi..[1');
    expect(errorText(new Uint8Array(5000).fill(65), 3)).toBe('AAA…');
    expect(toHex(errorData('a\nü~'))).toBe('613f3f7e');
  });
});

test('the exported codecs are those of the registry', () => {
  expect(boltMessages.byName.get('init')).toBe(init);
  expect(boltMessages.byNumber.get(134)).toBe(updateFee);
});
