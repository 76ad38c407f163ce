import { readFileSync } from 'node:fs';
import { type BlockHeight, cltvDelta, fromHex, type Msat, toHex } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type { RecordKey } from '@boltwright/interfaces';
import { decodeInvoice } from '@boltwright/invoice';
import { deadlines as monitorDeadlines } from '@boltwright/monitor';
import { createSimCrypto } from '@boltwright/sim-crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { invoice } from '../examples/take-a-payment.ts';
import { forwardProblem } from '../src/forwarding/forward-policy.ts';
import { ChannelManager, type ChannelManagerParts, deadlines } from '../src/index.ts';
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
import { config } from './support/config.ts';
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

describe('the deadlines', () => {
  test('are one table with the monitors', () => {
    for (const name of ['claimBlocks', 'graceBlocks', 'burialBlocks'] as const) {
      expect(deadlines[name]).toBe(monitorDeadlines[name]);
    }
  });

  test('leave each step the time that it needs', () => {
    const { claimBlocks, graceBlocks, failBackBlocks, leastFinalBlocks, minFinalCltvExpiryDelta, leastOutgoingBlocks } =
      deadlines;
    // Failed back before the monitor would have to claim, with time for the peer to take the failure.
    expect(failBackBlocks).toBeGreaterThanOrEqual(claimBlocks + graceBlocks);
    // What is taken in is not failed back at once, and a block or two may come while a payment travels.
    expect(leastFinalBlocks).toBeGreaterThan(failBackBlocks);
    expect(minFinalCltvExpiryDelta).toBeGreaterThan(leastFinalBlocks);
    expect(leastOutgoingBlocks).toBeGreaterThan(graceBlocks);
  });

  test('whatever is forwarded, and whenever its end is learnt: there is time for the previous hop', () => {
    const { claimBlocks, graceBlocks, burialBlocks } = monitorDeadlines;
    const amount = 1_000_000n as Msat;
    let taken = 0;
    fc.assert(
      fc.property(
        fc.record({
          height: fc.integer({ min: 1, max: 800_000 }),
          outgoingIn: fc.integer({ min: -5, max: 100 }),
          incomingAfter: fc.integer({ min: -5, max: 100 }),
          delta: fc.integer({ min: deadlines.leastCltvExpiryDelta, max: 60 }),
          /** Blocks that the close and what spends from it take to confirm. */
          confirms: fc.integer({ min: 1, max: claimBlocks }),
        }),
        ({ height, outgoingIn, incomingAfter, delta, confirms }) => {
          const outgoing = height + outgoingIn;
          const incoming = outgoing + incomingAfter;
          const problem = forwardProblem(
            {
              incomingAmountMsat: amount,
              incomingCltvExpiry: incoming as BlockHeight,
              amtToForward: amount,
              outgoingCltvValue: outgoing as BlockHeight,
            },
            {
              forwardingFeeBaseMsat: 0,
              forwardingFeeProportionalMillionths: 0,
              cltvExpiryDelta: cltvDelta(delta),
              htlcMinimumMsat: amount,
            },
            height as BlockHeight,
          );
          if (problem !== undefined) return;
          taken++;
          // Not closed for as soon as it is offered.
          expect(outgoing + graceBlocks).toBeGreaterThan(height);
          // The peer is silent: our monitor closes, and the timeout, or a preimage in the last moment, confirms.
          const ends = outgoing + graceBlocks + confirms;
          // A preimage: time to claim the incoming HTLC on chain.
          expect(incoming - ends).toBeGreaterThanOrEqual(claimBlocks);
          // The timeout, buried: the incoming one is failed back before its payer closes for it.
          expect(incoming - (ends + burialBlocks)).toBeGreaterThan(graceBlocks);
        },
      ),
      { seed: 4, numRuns: 500 },
    );
    expect(taken).toBeGreaterThan(50);
  });

  test('an HTLC to us is either ours to claim, with time for the chain, or on its way back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 3000 }), fc.integer({ min: 0, max: 3000 }), (expiry, height) => {
        const claimable = height < expiry - deadlines.failBackBlocks;
        const monitorCloses = height + monitorDeadlines.claimBlocks >= expiry;
        // Between the last block in which it is claimed and the close, the peer has time to take the preimage.
        if (claimable) expect(monitorCloses).toBe(false);
        if (monitorCloses) expect(height - (expiry - deadlines.failBackBlocks)).toBeGreaterThanOrEqual(3);
      }),
      { seed: 5 },
    );
  });

  test('a configuration that asks for less is refused', () => {
    const parts = (cltvExpiryDelta: number) =>
      ({
        config: { ...config, channel: { ...config.channel, cltvExpiryDelta: cltvDelta(cltvExpiryDelta) } },
      }) as ChannelManagerParts;
    expect(() => new ChannelManager(parts(deadlines.leastCltvExpiryDelta - 1))).toThrow(RangeError);
  });
});

test("the README's example is the file that runs here", () => {
  expect(decodeInvoice(invoice, { crypto: noble })).toMatchObject({ ok: true, value: { amountMsat: 5_000_000n } });
  const [readme, example] = ['../README.md', '../examples/take-a-payment.ts'].map((path) =>
    readFileSync(new URL(path, import.meta.url), 'utf8'),
  );
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});
