import { readFileSync } from 'node:fs';
import { fromHex, type Msat, toHex } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type { RecordKey } from '@boltwright/interfaces';
import { decodeInvoice } from '@boltwright/invoice';
import { createSimCrypto } from '@boltwright/sim-crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { invoice } from '../examples/take-a-payment.ts';
import { ChannelManager, deadlines } from '../src/index.ts';
import { makeInboundSecret, readInboundSecret } from '../src/payments/inbound-secret.ts';
import { eventCodec, inboundCodec, paymentCodec, settlementCodec, tipCodec, watchCodec } from '../src/records.ts';
import { recordCodec } from '../src/stored/record-codec.ts';
import {
  bigintOf,
  blob,
  field,
  flag,
  list,
  numberOf,
  oneOf,
  optional,
  record,
  text,
  variant,
} from '../src/stored/stored.ts';
import { Network } from './support/network.ts';

const seed = { seed: 11, numRuns: 200 };

const everything = recordCodec(
  3,
  record({
    big: field(0, bigintOf()),
    small: field(2, numberOf()),
    bytes: optional(4, blob),
    words: field(6, list(text)),
    yes: field(8, flag),
    one: field(10, oneOf('a', 'b')),
    either: field(
      12,
      variant({ left: [0, record({ x: field(0, numberOf()) })], right: [1, record({ y: field(0, text) })] }),
    ),
  }),
);

test('what is written is read', () => {
  fc.assert(
    fc.property(
      fc.record(
        {
          big: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
          small: fc.nat(),
          bytes: fc.uint8Array(),
          words: fc.array(fc.string({ unit: 'grapheme' })),
          yes: fc.boolean(),
          one: fc.constantFrom('a' as const, 'b' as const),
          either: fc.oneof(
            fc.record({ kind: fc.constant('left' as const), x: fc.nat() }),
            fc.record({ kind: fc.constant('right' as const), y: fc.string() }),
          ),
        },
        { requiredKeys: ['big', 'small', 'words', 'yes', 'one', 'either'] },
      ),
      (value) => {
        const read = everything.decode('k', everything.encode(value));
        expect(read).toEqual({ ok: true, value });
      },
    ),
    seed,
  );
});

test('older code passes over odd fields that it does not know, and stops at even ones', () => {
  const older = recordCodec(1, record({ a: field(0, numberOf()) }));
  const odd = recordCodec(1, record({ a: field(0, numberOf()), b: field(3, text) }));
  const even = recordCodec(1, record({ a: field(0, numberOf()), b: field(4, text) }));
  expect(older.decode('k', odd.encode({ a: 7, b: 'x' }))).toEqual({ ok: true, value: { a: 7 } });
  expect(older.decode('k', even.encode({ a: 7, b: 'x' }))).toMatchObject({ ok: false, error: { key: 'k' } });
  expect(odd.decode('k', older.encode({ a: 7 }))).toMatchObject({ ok: false });
});

test('whatever bytes stand in a record, reading it throws nothing', () => {
  const codecs = [eventCodec, inboundCodec, paymentCodec, settlementCodec, tipCodec, watchCodec, everything];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(codecs.length - 1), (bytes, which) => {
      const first = which === codecs.length - 1 ? 3 : 1;
      const read = codecs[which]!.decode('k', Uint8Array.of(first, ...bytes));
      if (!read.ok) expect(read.error.kind).toBe('badRecord');
    }),
    { seed: 12, numRuns: 2000 },
  );
});

test('a stored record of version 1 reads the same for good', () => {
  const tip = { hash: '77'.repeat(32) as never, height: 100 as never, time: 1_700_000_000, run: 2 };
  expect(toHex(tipCodec.encode(tip))).toBe(
    '010400207777777777777777777777777777777777777777777777777777777777777777020164040580e2cfaa06060102',
  );
  expect(tipCodec.decode('tip', tipCodec.encode(tip))).toEqual({ ok: true, value: tip });
});

test('a restart from records that cannot be read is an error that names the record', () => {
  const network = new Network({ crypto: createSimCrypto() });
  const [alice, bob] = [network.add('alice'), network.add('bob')];
  network.open(alice, bob);
  network.pay(alice, bob, 5_000_000n, 1);
  network.settle();
  const handle = alice.store.fork().openNow('node');
  const records = handle.listNow('');
  for (const [key, bytes] of records) {
    if (key.startsWith('monitor/')) continue;
    const broken = records.map(([other, value]): readonly [RecordKey, Uint8Array] =>
      other === key ? [other, bytes.subarray(0, bytes.length - 1)] : [other, value],
    );
    expect(ChannelManager.restore(alice.parts(), broken)).toMatchObject({
      ok: false,
      error: { kind: 'badRecord', key },
    });
  }
});

test('a payment secret carries its invoice, and nobody else can make one', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.bigInt({ min: 0n, max: 1n << 62n }),
      fc.nat(),
      fc.nat(255),
      (key, iv, amount, expiresAt, flip) => {
        const terms = { amountMsat: amount as Msat, expiresAt };
        const made = makeInboundSecret(noble, key, iv, terms);
        const hash = fromHex(made.paymentHash);
        expect(readInboundSecret(noble, key, hash, made.paymentSecret)).toEqual({ preimage: made.preimage, terms });
        const other = Uint8Array.from(made.paymentSecret);
        other[flip % 32]! ^= 1 << (flip % 8);
        expect(readInboundSecret(noble, key, hash, other)).toBeUndefined();
        const otherKey = Uint8Array.from(key);
        otherKey[flip % 32]! ^= 1;
        expect(readInboundSecret(noble, otherKey, hash, made.paymentSecret)).toBeUndefined();
      },
    ),
    seed,
  );
});

test('the deadlines leave each step the time that it needs', () => {
  const { claimBlocks, graceBlocks, failBackBlocks, leastFinalBlocks, minFinalCltvExpiryDelta, leastOutgoingBlocks } =
    deadlines;
  // Failed back before the monitor would have to claim, with time for the peer to take the failure.
  expect(failBackBlocks).toBeGreaterThanOrEqual(claimBlocks + graceBlocks);
  // What is taken in is not failed back at once, and a block or two may come while a payment travels.
  expect(leastFinalBlocks).toBeGreaterThan(failBackBlocks);
  expect(minFinalCltvExpiryDelta).toBeGreaterThan(leastFinalBlocks);
  expect(leastOutgoingBlocks).toBeGreaterThan(graceBlocks);
});

test("the README's example is the file that runs here", () => {
  expect(decodeInvoice(invoice, { crypto: noble })).toMatchObject({ ok: true, value: { amountMsat: 5_000_000n } });
  const [readme, example] = ['../README.md', '../examples/take-a-payment.ts'].map((path) =>
    readFileSync(new URL(path, import.meta.url), 'utf8'),
  );
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});
