import { type BlockHeight, msat, paymentHashOf } from '@boltwright/base';
import type { ChannelMessage, PaymentId } from '@boltwright/interfaces';
import { createSimCrypto } from '@boltwright/sim-crypto';
import { expect, test } from '@jest/globals';
import { config } from '../../../tooling/simulate/src/channel/config.ts';
import { Pair } from '../../../tooling/simulate/src/channel/pair.ts';
import { drive } from '../examples/drive-a-channel.ts';
import { decodeChannelState, encodeChannelState } from '../src/index.ts';

const crypto = createSimCrypto();

test('the README’s example drives a channel to its end', () => {
  const { alice } = new Pair({ crypto, alice: config, bob: config }).open();
  const sent: ChannelMessage[] = [];
  const { channelId } = alice.state;
  const message = { type: 'update_fulfill_htlc', channelId, id: 9n, paymentPreimage: new Uint8Array(32) } as const;
  const state = drive(alice.state, { kind: 'message', message }, alice.env, (out) => sent.push(out));
  expect([state.kind, sent.map(({ type }) => type)]).toEqual(['closed', ['error']]);
});

test('a stored channel is small: under 2 kB idle, under 200 kB with 483 HTLCs each way', () => {
  const pair = new Pair({ crypto, alice: config, bob: config, fundingSatoshis: 10_000_000n, pushMsat: 5_000_000_000n });
  pair.open();
  expect(encodeChannelState(pair.alice.state).length).toBeLessThan(2000);
  for (const party of pair.parties) party.isStored = false;
  for (let i = 0; i < 483; i++) {
    for (const party of pair.parties) {
      const refused = party.feed({
        kind: 'command',
        command: {
          kind: 'addHtlc',
          amountMsat: msat(2_000_000n),
          paymentHash: paymentHashOf(crypto.sha256(Uint8Array.of(i, i >> 8))),
          cltvExpiry: 500 as BlockHeight,
          onionRoutingPacket: new Uint8Array(1366),
          source: { kind: 'payment', paymentId: '55'.repeat(32) as PaymentId, part: i },
        },
      });
      expect(refused).toBeUndefined();
    }
  }
  pair.settle();
  expect(pair.violations).toEqual([]);
  expect(pair.bob.of('htlcReceived')).toHaveLength(483);
  const bytes = encodeChannelState(pair.alice.state);
  expect(bytes.length).toBeLessThan(200_000);
  const decoded = decodeChannelState(bytes);
  expect(decoded.ok && decoded.value).toEqual(pair.alice.state);
});

test('bytes that are no state are an error, whatever they are', () => {
  const { alice } = new Pair({ crypto, alice: config, bob: config }).open();
  const bytes = encodeChannelState(alice.state);
  expect(decodeChannelState(new Uint8Array(0)).ok).toBe(false);
  expect(decodeChannelState(Uint8Array.from(bytes, (byte, i) => (i === 0 ? 2 : byte))).ok).toBe(false);
  for (let length = 1; length < bytes.length; length += 7)
    expect(decodeChannelState(bytes.subarray(0, length)).ok).toBe(false);
  for (let at = 1; at < bytes.length; at += 3)
    expect(() =>
      decodeChannelState(Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 0xff : byte))),
    ).not.toThrow();
});
