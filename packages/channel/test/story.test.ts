import { type BlockHeight, msat, paymentHashOf } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type { PaymentId } from '@boltwright/interfaces';
import { createSimCrypto } from '@boltwright/sim-crypto';
import { describe, expect, test } from '@jest/globals';
import { withHandshake } from '../../../tooling/simulate/src/channel/config.ts';
import { Pair } from '../../../tooling/simulate/src/channel/pair.ts';
import { seedOf } from '../../../tooling/simulate/src/channel/party.ts';
import { channelDetails, offeredHtlcs, pendingReceivedHtlcs } from '../src/index.ts';

const sim = createSimCrypto();

const backends = [
  ['real crypto', noble],
  ['simulated crypto', sim],
] as const;

describe.each(backends)('with %s', (_name, crypto) => {
  test.each([false, true])('two sides open, pay each other and close (anchors: %s)', (anchors) => {
    const pair = new Pair({ crypto, alice: withHandshake({ anchors }), bob: withHandshake({ anchors }) }).open();
    const { alice, bob } = pair;
    expect(pair.violations).toEqual([]);
    expect([alice.state.kind, bob.state.kind]).toEqual(['normal', 'normal']);
    for (const [from, to, amount] of [
      [alice, bob, 20_000_000n],
      [bob, alice, 7_000_001n],
      [alice, bob, 1234n],
    ] as const) {
      const preimage = seedOf(crypto, `preimage ${amount}`);
      const refused = from.feed({
        kind: 'command',
        command: {
          kind: 'addHtlc',
          amountMsat: msat(amount),
          paymentHash: paymentHashOf(crypto.sha256(preimage)),
          cltvExpiry: 500 as BlockHeight,
          onionRoutingPacket: new Uint8Array(1366),
          source: { kind: 'payment', paymentId: '55'.repeat(32) as PaymentId, part: 0 },
        },
      });
      expect(refused).toBeUndefined();
      expect(offeredHtlcs(from.state)).toHaveLength(1);
      pair.settle();
      const [pendingHtlc] = pendingReceivedHtlcs(to.state);
      expect(pendingHtlc?.amountMsat).toBe(amount);
      const id = to.of('htlcReceived').at(-1)?.htlc.id ?? -1n;
      expect(to.feed({ kind: 'command', command: { kind: 'fulfillHtlc', id, preimage } })).toBeUndefined();
      pair.settle();
      expect(from.of('htlcFulfilled').at(-1)?.preimage).toEqual(preimage);
      expect(to.of('htlcRemoved').at(-1)?.id).toBe(id);
    }
    const balance = 700_000_000n - 20_000_000n + 7_000_001n - 1234n;
    expect(channelDetails(alice.state)?.balanceMsat).toBe(balance);
    expect(channelDetails(bob.state)?.balanceMsat).toBe(1_000_000_000n - balance);
    bob.feed({ kind: 'command', command: { kind: 'close' } });
    pair.settle();
    expect(pair.violations).toEqual([]);
    expect(alice.of('broadcast')).toHaveLength(1);
    expect(bob.of('broadcast').at(-1)?.transaction).toEqual(alice.of('broadcast')[0]?.transaction);
    expect(alice.of('closed')).toEqual([{ kind: 'closed', reason: { kind: 'cooperative' } }]);
    expect(bob.of('closed')).toHaveLength(1);
    expect([alice.manyUpdates, bob.manyUpdates]).toEqual([0, 0]);
  });
});
