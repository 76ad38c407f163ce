import { type BlockHeight, chainHash, channelId, msat, sat, shortChannelIdOf } from '@boltwright/base';
import { createSimCrypto } from '@boltwright/sim-crypto';
import type { AcceptChannel, OpenChannel } from '@boltwright/wire';
import { featuresFromBits } from '@boltwright/wire';
import { describe, expect, test } from '@jest/globals';
import { config } from '../../../tooling/simulate/src/channel/config.ts';
import { Pair } from '../../../tooling/simulate/src/channel/pair.ts';
import { acceptChannel, channelIdOfOutpoint, openChannel } from '../src/index.ts';
import { described, violationOf } from './support/expect-violation.ts';

const crypto = createSimCrypto();
const newPair = () => new Pair({ crypto, alice: config, bob: config });

function opened(): { pair: Pair; open: OpenChannel } {
  const pair = newPair();
  const { alice } = pair;
  const step = openChannel({ ...alice.parameters, fundingSatoshis: sat(1_000_000n), pushMsat: msat(0n) }, alice.env);
  if (!step.ok) throw new Error(step.error.message);
  alice.take(step.value);
  const [message] = alice.out.splice(0);
  if (message?.type !== 'open_channel') throw new Error('no open_channel');
  return { pair, open: message };
}

const badPoint = new Uint8Array(33);

describe('BOLT 2 open_channel', () => {
  const cases: readonly (readonly [string, Partial<OpenChannel>, string])[] = [
    ['a chain that is not ours', { chainHash: chainHash('00'.repeat(32)) }, 'unknown_chain (chain_hash)'],
    ['no channel_type', { channelType: undefined }, 'no_channel_type (channel_type)'],
    [
      'a channel_type without static_remotekey',
      { channelType: featuresFromBits([22]) },
      'unsuitable_channel_type (channel_type)',
    ],
    [
      'a channel_type with option_zeroconf',
      { channelType: featuresFromBits([12, 46, 50]) },
      'unsuitable_channel_type (channel_type)',
    ],
    [
      'option_scid_alias for an announced channel',
      { channelFlags: 1, channelType: featuresFromBits([12, 46]) },
      'unsuitable_channel_type (channel_type)',
    ],
    ['push_msat above the funding', { pushMsat: msat(1_000_000_001n) }, 'push_too_large (push_msat)'],
    ['funding_satoshis too small', { fundingSatoshis: sat(9_999n) }, 'unacceptable_funding (funding_satoshis)'],
    ['a feerate too low', { feeratePerKw: 252 as never }, 'feerate_too_low (feerate_per_kw)'],
    ['a feerate too high', { feeratePerKw: 20_001 as never }, 'feerate_too_high (feerate_per_kw)'],
    ['a funding_pubkey that is no point', { fundingPubkey: badPoint }, 'invalid_pubkey (funding_pubkey)'],
    ['an htlc_basepoint that is no point', { htlcBasepoint: badPoint }, 'invalid_pubkey (htlc_basepoint)'],
    [
      'a first_per_commitment_point that is no point',
      { firstPerCommitmentPoint: badPoint },
      'invalid_point (first_per_commitment_point)',
    ],
    ['max_accepted_htlcs above 483', { maxAcceptedHtlcs: 484 }, 'too_many_htlcs (max_accepted_htlcs)'],
    ['max_accepted_htlcs too small', { maxAcceptedHtlcs: 4 }, 'too_few_htlcs (max_accepted_htlcs)'],
    [
      'dust_limit_satoshis below 354',
      { dustLimitSatoshis: sat(353n) },
      'unacceptable_dust_limit (dust_limit_satoshis)',
    ],
    [
      'dust_limit_satoshis above channel_reserve_satoshis',
      { dustLimitSatoshis: sat(1001n), channelReserveSatoshis: sat(1000n) },
      'dust_above_reserve (dust_limit_satoshis)',
    ],
    ['to_self_delay unreasonably long', { toSelfDelay: 2017 }, 'delay_too_long (to_self_delay)'],
    [
      'channel_reserve_satoshis too large',
      { channelReserveSatoshis: sat(1_000_001n) },
      'reserve_too_large (channel_reserve_satoshis)',
    ],
    ['htlc_minimum_msat too large', { htlcMinimumMsat: msat(1_000_001n) }, 'minimum_too_large (htlc_minimum_msat)'],
    [
      'max_htlc_value_in_flight_msat too small',
      { maxHtlcValueInFlightMsat: msat(999_999n) },
      'too_little_in_flight (max_htlc_value_in_flight_msat)',
    ],
    [
      'an upfront_shutdown_script of no allowed form',
      { upfrontShutdownScript: Uint8Array.of(1, 2, 3) },
      'invalid_script (upfront_shutdown_script)',
    ],
    [
      'an opener who cannot pay the fee',
      { fundingSatoshis: sat(10_000n), pushMsat: msat(9_900_000n) },
      'cannot_pay_fee (funding_satoshis)',
    ],
    [
      'both sides at or below the reserve',
      { fundingSatoshis: sat(20_000n), pushMsat: msat(9_000_000n), channelReserveSatoshis: sat(11_000n) },
      'both_below_reserve (channel_reserve_satoshis)',
    ],
  ];
  test.each(cases)('refuses %s', (_name, change, expected) => {
    const { pair, open } = opened();
    const result = acceptChannel({ ...open, ...change }, pair.bob.parameters, pair.bob.env);
    expect(result.ok ? 'accepted' : described(result.error)).toBe(`failChannel: ${expected}`);
  });

  test('ignores undefined bits in channel_flags', () => {
    const { pair, open } = opened();
    expect(acceptChannel({ ...open, channelFlags: 0xfe }, pair.bob.parameters, pair.bob.env).ok).toBe(true);
  });

  test('is not sent for 2^24 satoshi without option_support_large_channel', () => {
    const { alice } = newPair();
    const step = openChannel({ ...alice.parameters, fundingSatoshis: sat(1n << 24n), pushMsat: msat(0n) }, alice.env);
    expect(step.ok ? 'sent' : step.error.code).toBe('too_large');
  });

  test('waits for a signer that has no first point', () => {
    const { alice } = newPair();
    alice.late.isAway = true;
    const parameters = { ...alice.parameters, fundingSatoshis: sat(100_000n), pushMsat: msat(0n) };
    const step = openChannel(parameters, alice.env);
    expect(step.ok ? 'sent' : step.error.code).toBe('signerPending');
    alice.late.isAway = false;
    expect(openChannel(parameters, alice.env).ok).toBe(true);
  });
});

describe('BOLT 2 accept_channel', () => {
  const cases: readonly (readonly [string, Partial<AcceptChannel>, string])[] = [
    ['another channel_type', { channelType: featuresFromBits([12, 22]) }, 'wrong_channel_type (channel_type)'],
    ['no channel_type', { channelType: undefined }, 'wrong_channel_type (channel_type)'],
    ['minimum_depth unreasonably large', { minimumDepth: 101 }, 'depth_too_large (minimum_depth)'],
    [
      'channel_reserve_satoshis below our dust limit',
      { channelReserveSatoshis: sat(353n), dustLimitSatoshis: sat(354n) },
      'dust_above_reserve (dust_limit_satoshis)',
    ],
    [
      'dust_limit_satoshis above the reserve of open_channel',
      { dustLimitSatoshis: sat(10_000n), channelReserveSatoshis: sat(9_999n) },
      'dust_above_reserve (dust_limit_satoshis)',
    ],
  ];
  test.each(cases)('refuses %s', (_name, change, expected) => {
    const { pair, open } = opened();
    const accepted = acceptChannel(open, pair.bob.parameters, pair.bob.env);
    if (!accepted.ok) throw new Error(accepted.error.message);
    pair.bob.take(accepted.value);
    const [answer] = pair.bob.out.splice(0);
    if (answer?.type !== 'accept_channel') throw new Error('no accept_channel');
    expect(violationOf(pair.alice, { ...answer, ...change })).toBe(`failChannel: ${expected}`);
  });
});

describe('BOLT 2 funding_created and funding_signed', () => {
  test('refuses a signature that is not valid', () => {
    const pair = newPair();
    pair.fund();
    const { bob } = newPair();
    const { open } = opened();
    const accepted = acceptChannel(open, bob.parameters, bob.env);
    if (!accepted.ok) throw new Error(accepted.error.message);
    bob.take(accepted.value);
    expect(
      violationOf(bob, {
        type: 'funding_created',
        temporaryChannelId: bob.state.channelId,
        fundingTxid: pair.outpoint.txid,
        fundingOutputIndex: 0,
        signature: new Uint8Array(64).fill(1),
      }),
    ).toBe('failChannel: invalid_signature (signature)');
  });

  test('the monitor knows the channel before funding_signed leaves, and before the funding transaction does', () => {
    const pair = newPair();
    pair.fund();
    const kinds = (party: typeof pair.alice) =>
      party.effects.map((effect) => (effect.kind === 'send' ? effect.message.type : effect.kind));
    expect(kinds(pair.bob)).toEqual([
      'accept_channel',
      'channelIdAssigned',
      'watchChannel',
      'watchFunding',
      'funding_signed',
    ]);
    expect(kinds(pair.alice)).toEqual([
      'open_channel',
      'fundingNeeded',
      'funding_created',
      'channelIdAssigned',
      'watchChannel',
      'watchFunding',
      'broadcastFunding',
    ]);
  });

  test('the channel id is the txid altered by the output index', () => {
    const outpoint = { txid: `${'00'.repeat(31)}ff`, vout: 0x0102 } as never;
    expect(channelIdOfOutpoint(outpoint)).toBe(channelId(`ff${'00'.repeat(29)}0102`));
  });

  test('a connection lost before funding_signed ends the channel on the opener’s side', () => {
    const pair = newPair();
    const step = openChannel(
      { ...pair.alice.parameters, fundingSatoshis: sat(100_000n), pushMsat: msat(0n) },
      pair.alice.env,
    );
    if (!step.ok) throw new Error(step.error.message);
    pair.alice.take(step.value);
    pair.alice.feed({ kind: 'disconnected' });
    expect(pair.alice.of('closed')).toEqual([{ kind: 'closed', reason: { kind: 'disconnectedBeforeFunding' } }]);
    expect(pair.alice.state.kind).toBe('aborted');
  });
});

describe('BOLT 2 channel_ready', () => {
  const confirmed = (height: number) =>
    ({
      kind: 'fundingConfirmed',
      height: height as BlockHeight,
      shortChannelId: shortChannelIdOf(height, 1, 1),
    }) as const;

  test('waits for minimum_depth', () => {
    const pair = newPair();
    pair.fund();
    pair.alice.height = 106;
    pair.alice.feed(confirmed(105));
    expect(pair.alice.out).toHaveLength(0);
    pair.alice.height = 107;
    pair.alice.feed({ kind: 'block', height: 107 as BlockHeight });
    expect(pair.alice.out.map(({ type }) => type)).toEqual(['channel_ready']);
  });

  test('starts over when a reorg takes the funding transaction out', () => {
    const pair = newPair();
    pair.fund();
    pair.alice.height = 106;
    pair.alice.feed(confirmed(105));
    pair.alice.feed({ kind: 'fundingUnconfirmed' });
    pair.alice.height = 200;
    pair.alice.feed({ kind: 'block', height: 200 as BlockHeight });
    expect(pair.alice.out).toHaveLength(0);
    pair.alice.feed(confirmed(198));
    expect(pair.alice.out.map(({ type }) => type)).toEqual(['channel_ready']);
  });

  test('a fundee forgets the channel after 2016 blocks without a funding transaction, an opener does not', () => {
    const pair = newPair();
    pair.fund();
    for (const party of pair.parties) {
      party.height = 100 + 2016;
      party.feed({ kind: 'block', height: party.height as BlockHeight });
    }
    expect(pair.bob.of('closed')).toEqual([{ kind: 'closed', reason: { kind: 'fundingTimedOut' } }]);
    expect(pair.alice.of('closed')).toEqual([]);
  });

  test('a fundee forgets it, too, where a close was asked for in the meantime', () => {
    const pair = newPair();
    pair.fund();
    const { bob } = pair;
    bob.feed({ kind: 'disconnected' });
    bob.feed({ kind: 'command', command: { kind: 'close' } });
    bob.height = 100 + 2016;
    bob.feed({ kind: 'block', height: bob.height as BlockHeight });
    expect(bob.of('closed')).toEqual([{ kind: 'closed', reason: { kind: 'fundingTimedOut' } }]);
  });

  test('is sent again on a new connection, and ignored where it is known', () => {
    const pair = newPair().open();
    pair.disconnect();
    pair.reconnect();
    pair.settle();
    expect(pair.violations).toEqual([]);
    expect(pair.alice.of('send').filter(({ message }) => message.type === 'channel_ready')).toHaveLength(2);
    expect(pair.alice.of('ready')).toHaveLength(1);
  });

  test('operation does not begin before it went both ways', () => {
    const pair = newPair();
    pair.fund();
    const { channelId: id } = pair.bob.state;
    expect(violationOf(pair.bob, { type: 'update_fee', channelId: id, feeratePerKw: 500 as never })).toBe(
      'failChannel: out_of_order',
    );
  });
});
