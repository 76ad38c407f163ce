import { type BlockHeight, type FeeratePerKw, msat, type PaymentHash, paymentHashOf } from '@boltwright/base';
import type { ChannelMessage, PaymentId } from '@boltwright/interfaces';
import { createSimCrypto } from '@boltwright/sim-crypto';
import type { CommitmentSigned, RevokeAndAck, UpdateAddHtlc } from '@boltwright/wire';
import { describe, expect, test } from '@jest/globals';
import { config, withHandshake } from '../../../tooling/simulate/src/channel/config.ts';
import { Pair } from '../../../tooling/simulate/src/channel/pair.ts';
import { type Party, seedOf } from '../../../tooling/simulate/src/channel/party.ts';
import { knownParts } from '../src/commitments/known-parts.ts';
import { type ChannelCommand, canAddHtlc, channelDetails, hasPendingCommit, isFunded } from '../src/index.ts';
import { described, violationOf } from './support/expect-violation.ts';

const crypto = createSimCrypto();
const newPair = () => new Pair({ crypto, alice: config, bob: config }).open();
const preimage = seedOf(crypto, 'the preimage');
const paymentHash = paymentHashOf(crypto.sha256(preimage));

const add = (amount: bigint, hash: PaymentHash = paymentHash): ChannelCommand => ({
  kind: 'addHtlc',
  amountMsat: msat(amount),
  paymentHash: hash,
  cltvExpiry: 500 as BlockHeight,
  onionRoutingPacket: new Uint8Array(1366),
  source: { kind: 'payment', paymentId: '55'.repeat(32) as PaymentId, part: 0 },
});
const command = (party: Party, it: ChannelCommand) => described(party.feed({ kind: 'command', command: it }));
const sent = <T extends ChannelMessage['type']>(party: Party, type: T): Extract<ChannelMessage, { type: T }> => {
  const found = party.out.find((message) => message.type === type);
  if (found === undefined) throw new Error(`${party.name} sent no ${type}`);
  return found as Extract<ChannelMessage, { type: T }>;
};

describe('BOLT 2 update_add_htlc', () => {
  const cases: readonly (readonly [string, Partial<UpdateAddHtlc>, string])[] = [
    ['an amount of 0', { amountMsat: msat(0n) }, 'zero_amount (amount_msat)'],
    ['an amount below our minimum', { amountMsat: msat(999n) }, 'below_minimum (amount_msat)'],
    ['more than the sender has above its reserve', { amountMsat: msat(699_000_000n) }, 'cannot_afford (amount_msat)'],
    ['a cltv_expiry of 500000000', { cltvExpiry: 500_000_000 as BlockHeight }, 'expiry_too_large (cltv_expiry)'],
    ['an id that is not the next', { id: 1n }, 'unexpected_htlc_id (id)'],
  ];
  test.each(cases)('refuses %s', (_name, change, expected) => {
    const pair = new Pair({ crypto, alice: config, bob: withHandshake({ htlcMinimumMsat: msat(1000n) }) }).open();
    command(pair.alice, add(20_000_000n));
    const message = sent(pair.alice, 'update_add_htlc');
    expect(violationOf(pair.bob, { ...message, ...change })).toBe(`failChannel: ${expected}`);
  });

  test('refuses more than max_accepted_htlcs, and never offers more', () => {
    const pair = new Pair({ crypto, alice: config, bob: withHandshake({ maxAcceptedHtlcs: 5 }) }).open();
    for (let i = 0; i < 5; i++) expect(command(pair.alice, add(2_000_000n))).toBe('accepted');
    expect(command(pair.alice, add(2_000_000n))).toBe('refused: too_many_htlcs');
    const last = sent(pair.alice, 'update_add_htlc');
    pair.settle();
    expect(violationOf(pair.bob, { ...last, id: 5n })).toBe('failChannel: too_many_htlcs (id)');
  });

  test('refuses more than max_htlc_value_in_flight_msat, and never offers more', () => {
    const pair = new Pair({ crypto, alice: config, bob: withHandshake({ maxHtlcValueInFlightPercent: 10 }) }).open();
    expect(command(pair.alice, add(100_000_001n))).toBe('refused: too_much_in_flight');
    expect(command(pair.alice, add(60_000_000n))).toBe('accepted');
    const first = sent(pair.alice, 'update_add_htlc');
    pair.settle();
    expect(violationOf(pair.bob, { ...first, id: 1n })).toBe('failChannel: too_much_in_flight (amount_msat)');
  });

  test('the opener keeps its reserve and a buffer for a doubled feerate', () => {
    const { alice } = newPair();
    // 700,000 sat less 10,000 of reserve, less twice the fee of a commitment with two HTLCs at 1000 sat/kw.
    const most = 700_000_000n - 10_000_000n - 2n * (724n + 2n * 172n) * 1000n;
    expect(command(alice, add(most + 1000n))).toBe('refused: fee_buffer');
    expect(command(alice, add(most))).toBe('accepted');
  });

  test('what a fulfilment brings is spent once that is signed for: before, LDK would close the channel', () => {
    const pair = newPair();
    const { alice, bob } = pair;
    command(alice, add(20_000_000n));
    pair.settle();
    // bob has 300,000 sat, 10,000 of them as reserve
    const limit = (): bigint => channelDetails(bob.state)?.nextOutboundHtlcLimitMsat ?? -1n;
    expect(command(bob, { kind: 'fulfillHtlc', id: 0n, preimage })).toBe('accepted');
    expect(limit()).toBe(290_000_000n);
    expect(command(bob, add(300_000_000n))).toBe('refused: cannot_afford');
    expect(canAddHtlc(bob.state, msat(290_000_000n), bob.env).ok).toBe(true);
    pair.commit(bob);
    expect(limit()).toBe(310_000_000n);
    expect(command(bob, add(300_000_000n))).toBe('accepted');
    pair.settle();
    expect(pair.violations).toEqual([]);
  });

  test('dust exposure is bounded on our side', () => {
    const alice = { ...config, channel: { ...config.channel, maxDustHtlcExposureMsat: msat(1_000_000n) } };
    const pair = new Pair({ crypto, alice, bob: config }).open();
    expect(command(pair.alice, add(600_000n))).toBe('accepted');
    expect(command(pair.alice, add(600_000n))).toBe('refused: dust_exposure');
    expect(canAddHtlc(pair.alice.state, msat(600_000n), pair.alice.env).ok).toBe(false);
    expect(canAddHtlc(pair.alice.state, msat(20_000_000n), pair.alice.env).ok).toBe(true);
  });

  test('an HTLC that exceeds the dust exposure comes with the mark to fail it', () => {
    const bob = { ...config, channel: { ...config.channel, maxDustHtlcExposureMsat: msat(1_000_000n) } };
    const pair = new Pair({ crypto, alice: config, bob }).open();
    command(pair.alice, add(600_000n));
    command(pair.alice, add(600_000n));
    pair.settle();
    expect(pair.bob.of('htlcReceived').map(({ htlc }) => htlc.exceedsDustExposure)).toEqual([true, true]);
  });

  test('HTLCs of one payment hash are told apart', () => {
    const pair = newPair();
    command(pair.alice, add(5_000_000n));
    command(pair.alice, add(5_000_000n));
    pair.settle();
    expect(pair.bob.of('htlcReceived').map(({ htlc }) => htlc.id)).toEqual([0n, 1n]);
    expect(pair.violations).toEqual([]);
  });
});

describe('BOLT 2 Removing an HTLC', () => {
  const withHtlc = () => {
    const pair = newPair();
    command(pair.alice, add(20_000_000n));
    pair.settle();
    return pair;
  };
  const { channelId } = newPair().alice.state;

  test.each<[string, ChannelMessage, string]>([
    [
      'an unknown id',
      { type: 'update_fulfill_htlc', channelId, id: 7n, paymentPreimage: preimage },
      'unknown_htlc (id)',
    ],
    [
      'a wrong preimage',
      { type: 'update_fulfill_htlc', channelId, id: 0n, paymentPreimage: new Uint8Array(32) },
      'wrong_preimage (payment_preimage)',
    ],
    [
      'a failure_code without BADONION',
      { type: 'update_fail_malformed_htlc', channelId, id: 0n, sha256OfOnion: preimage, failureCode: 5 },
      'no_bad_onion (failure_code)',
    ],
  ])('refuses %s', (_name, message, expected) => {
    expect(violationOf(withHtlc().alice, message)).toBe(`failChannel: ${expected}`);
  });

  test('refuses a removal before the HTLC is irrevocably committed', () => {
    const pair = newPair();
    command(pair.alice, add(20_000_000n));
    pair.commit(pair.alice);
    expect(violationOf(pair.alice, { type: 'update_fulfill_htlc', channelId, id: 0n, paymentPreimage: preimage })).toBe(
      'failChannel: unknown_htlc (id)',
    );
  });

  test('an HTLC is settled once', () => {
    const { bob } = withHtlc();
    expect(command(bob, { kind: 'fulfillHtlc', id: 0n, preimage: new Uint8Array(32) })).toBe('refused: wrongPreimage');
    expect(command(bob, { kind: 'fulfillHtlc', id: 0n, preimage })).toBe('accepted');
    expect(command(bob, { kind: 'failHtlc', id: 0n, reason: new Uint8Array(0) })).toBe('refused: unknownHtlc');
  });

  test('the monitor has the preimage before update_fulfill_htlc leaves', () => {
    const { bob } = withHtlc();
    const before = bob.effects.length;
    command(bob, { kind: 'fulfillHtlc', id: 0n, preimage });
    const [first, second] = bob.effects.slice(before);
    expect(first?.kind === 'updateMonitor' && first.update.steps.map(({ kind }) => kind)).toEqual(['paymentPreimage']);
    expect(second?.kind === 'send' && second.message.type).toBe('update_fulfill_htlc');
  });

  test('a preimage is told at once, a failure only when it is irrevocable', () => {
    const pair = withHtlc();
    command(pair.alice, add(20_000_000n));
    pair.settle();
    command(pair.bob, { kind: 'fulfillHtlc', id: 0n, preimage });
    command(pair.bob, { kind: 'failHtlc', id: 1n, reason: Uint8Array.of(1) });
    pair.deliver(pair.bob);
    pair.deliver(pair.bob);
    expect(pair.alice.of('htlcFulfilled')).toHaveLength(1);
    expect(pair.alice.of('htlcFailed')).toHaveLength(0);
    pair.commit(pair.bob);
    pair.deliver(pair.bob);
    pair.commit(pair.alice);
    expect(pair.alice.of('htlcFailed')).toHaveLength(0);
    pair.settle();
    expect(pair.alice.of('htlcFailed')).toHaveLength(1);
  });
});

describe('BOLT 2 commitment_signed and revoke_and_ack', () => {
  const signed = () => {
    const pair = newPair();
    command(pair.alice, add(20_000_000n));
    pair.deliver(pair.alice);
    pair.commit(pair.alice);
    return { pair, message: sent(pair.alice, 'commitment_signed') };
  };

  test.each<[string, (message: CommitmentSigned) => Partial<CommitmentSigned>, string]>([
    ['a wrong signature', () => ({ signature: new Uint8Array(64).fill(1) }), 'invalid_signature (signature)'],
    ['too few HTLC signatures', () => ({ htlcSignatures: [] }), 'wrong_signature_count (num_htlcs)'],
    [
      'too many HTLC signatures',
      ({ htlcSignatures }) => ({ htlcSignatures: [...htlcSignatures, ...htlcSignatures] }),
      'wrong_signature_count (num_htlcs)',
    ],
    [
      'a wrong HTLC signature',
      ({ signature }) => ({ htlcSignatures: [signature] }),
      'invalid_htlc_signature (htlc_signature)',
    ],
  ])('refuses %s', (_name, change, expected) => {
    const { pair, message } = signed();
    expect(violationOf(pair.bob, { ...message, ...change(message) })).toBe(`failChannel: ${expected}`);
  });

  test.each<[string, (message: RevokeAndAck) => Partial<RevokeAndAck>, string]>([
    [
      'a secret of another commitment',
      () => ({ perCommitmentSecret: preimage }),
      'wrong_secret (per_commitment_secret)',
    ],
    [
      'a secret that is no key',
      () => ({ perCommitmentSecret: new Uint8Array(32) }),
      'wrong_secret (per_commitment_secret)',
    ],
    [
      'a next point that is none',
      () => ({ nextPerCommitmentPoint: new Uint8Array(33) }),
      'invalid_point (next_per_commitment_point)',
    ],
  ])('refuses %s', (_name, change, expected) => {
    const { pair } = signed();
    pair.deliver(pair.alice);
    const message = sent(pair.bob, 'revoke_and_ack');
    expect(violationOf(pair.alice, { ...message, ...change(message) })).toBe(`failChannel: ${expected}`);
  });

  test('refuses a revocation that nothing asked for', () => {
    const { pair } = signed();
    pair.deliver(pair.alice);
    const message = sent(pair.bob, 'revoke_and_ack');
    pair.settle();
    expect(violationOf(pair.alice, message)).toBe('failChannel: out_of_order (per_commitment_secret)');
  });

  test('nothing is signed while a revocation is awaited, and nothing is lost by it', () => {
    const { pair } = signed();
    command(pair.alice, add(20_000_000n));
    const before = pair.alice.out.length;
    pair.commit(pair.alice);
    expect(pair.alice.out).toHaveLength(before);
    expect(hasPendingCommit(pair.alice.state)).toBe(true);
    pair.settle();
    expect(hasPendingCommit(pair.alice.state)).toBe(false);
  });

  test('what is the same in all commitments of a channel is hashed once', () => {
    const { alice, bob } = newPair();
    alice.isStored = false;
    const { state } = alice;
    if (!isFunded(state)) throw new Error('not funded');
    const basepoints = [state.parameters.local, state.parameters.remote].map(({ pubkeys }) => pubkeys.paymentBasepoint);
    let hashed = 0;
    const counting = {
      ...crypto,
      sha256: (bytes: Uint8Array) => {
        if (bytes.length === 66 && basepoints.every((point) => bytes.join().includes(point.join()))) hashed++;
        return crypto.sha256(bytes);
      },
    };
    const once = knownParts(counting, state.transactions);
    expect([knownParts(counting, state.transactions), hashed]).toEqual([once, 1]);
    expect(isFunded(bob.state) && knownParts(counting, bob.state.transactions)).toEqual(once);
  });

  test('no commitment_signed goes out without an update in it', () => {
    const { alice } = newPair();
    command(alice, { kind: 'commit' });
    expect(alice.out).toEqual([]);
  });
});

describe('BOLT 2 update_fee', () => {
  const { channelId } = newPair().alice.state;
  const fee = (feeratePerKw: number): ChannelMessage => ({
    type: 'update_fee',
    channelId,
    feeratePerKw: feeratePerKw as never,
  });

  test('is refused from the side that does not pay', () => {
    expect(violationOf(newPair().alice, fee(500))).toBe('failChannel: not_opener');
    expect(command(newPair().bob, { kind: 'updateFee', feeratePerKw: 500 as never })).toBe('refused: notOpener');
  });

  test('a later feerate takes the place of one that no commitment_signed covers yet, on both sides', () => {
    const pair = newPair();
    const { alice, bob } = pair;
    for (const feeratePerKw of [2000, 3000] as FeeratePerKw[]) command(alice, { kind: 'updateFee', feeratePerKw });
    pair.deliver(alice);
    pair.deliver(alice);
    for (const { state } of pair.parties) {
      expect(isFunded(state) && state.commitments.feeUpdates).toEqual([{ feeratePerKw: 3000, stage: 'proposed' }]);
    }
    pair.settle();
    expect([pair.violations, bob.of('closed')]).toEqual([[], []]);
    for (const { state } of pair.parties) expect(isFunded(state) && state.commitments.feeratePerKw).toBe(3000);
    // One that is signed stays beside the next.
    command(alice, { kind: 'updateFee', feeratePerKw: 1000 as FeeratePerKw });
    pair.commit(alice);
    command(alice, { kind: 'updateFee', feeratePerKw: 1500 as FeeratePerKw });
    expect(isFunded(alice.state) && alice.state.commitments.feeUpdates).toHaveLength(2);
    pair.settle();
    for (const { state } of pair.parties) expect(isFunded(state) && state.commitments.feeratePerKw).toBe(1500);
  });

  test('is not sent any more once a closing channel has no HTLC in either commitment', () => {
    const pair = newPair();
    const { alice, bob } = pair;
    command(alice, add(20_000_000n));
    pair.settle();
    command(bob, { kind: 'close' });
    pair.settle();
    const feeratePerKw = 2000 as FeeratePerKw;
    command(bob, { kind: 'fulfillHtlc', id: 0n, preimage });
    pair.commit(bob);
    for (let i = 0; i < 2; i++) pair.deliver(bob);
    pair.commit(alice);
    // The peer may have revoked its last commitment with the HTLC already, and wait for closing_signed alone.
    expect(command(alice, { kind: 'updateFee', feeratePerKw })).toBe('refused: notUsable');
    pair.settle();
    expect([pair.violations, alice.of('closed').length]).toEqual([[], 1]);
  });

  test('below our bounds it is taken where it is an improvement: to refuse would leave the channel worse off', () => {
    const pair = newPair();
    const { alice, bob } = pair;
    bob.leastFeerate = 1500;
    command(alice, { kind: 'updateFee', feeratePerKw: 1200 as FeeratePerKw });
    pair.settle();
    expect(pair.violations).toEqual([]);
    command(alice, { kind: 'updateFee', feeratePerKw: 1100 as FeeratePerKw });
    pair.deliver(alice);
    expect(pair.violations).toMatchObject([expect.stringContaining('feerate_too_low')]);
  });

  test('is refused too low, too high, and where the opener cannot afford it', () => {
    expect(violationOf(newPair().bob, fee(252))).toBe('failChannel: feerate_too_low (feerate_per_kw)');
    expect(violationOf(newPair().bob, fee(20_001))).toBe('failChannel: feerate_too_high (feerate_per_kw)');
    const poor = new Pair({
      crypto,
      alice: config,
      bob: config,
      fundingSatoshis: 40_000n,
      pushMsat: 30_000_000n,
    }).open();
    expect(violationOf(poor.bob, fee(15_000))).toBe('failChannel: cannot_afford (feerate_per_kw)');
    expect(command(poor.alice, { kind: 'updateFee', feeratePerKw: 15_000 as never })).toBe('refused: cannot_afford');
  });
});
