import { type BlockHeight, type FeeratePerKw, msat, paymentHashOf, sat } from '@boltwright/base';
import type { ChannelMessage, PaymentId } from '@boltwright/interfaces';
import { createSimCrypto } from '@boltwright/sim-crypto';
import type { ChannelReestablish } from '@boltwright/wire';
import { describe, expect, test } from '@jest/globals';
import { config, features } from '../../../tooling/simulate/src/channel/config.ts';
import { Pair } from '../../../tooling/simulate/src/channel/pair.ts';
import { type Party, seedOf } from '../../../tooling/simulate/src/channel/party.ts';
import { closingAt } from '../src/closing/closing-terms.ts';
import { isShutdownScript } from '../src/closing/shutdown-script.ts';
import { type ChannelCommand, isFunded, localSpec, pendingReceivedHtlcs, remoteSpec } from '../src/index.ts';
import { described, violationOf } from './support/expect-violation.ts';

const crypto = createSimCrypto();
const newPair = () => new Pair({ crypto, alice: config, bob: config }).open();
const preimage = seedOf(crypto, 'the preimage');
const { channelId } = newPair().alice.state;
const command = (party: Party, it: ChannelCommand) => described(party.feed({ kind: 'command', command: it }));
const add = (amount: bigint): ChannelCommand => ({
  kind: 'addHtlc',
  amountMsat: msat(amount),
  paymentHash: paymentHashOf(crypto.sha256(preimage)),
  cltvExpiry: 500 as BlockHeight,
  onionRoutingPacket: new Uint8Array(1366),
  source: { kind: 'payment', paymentId: '55'.repeat(32) as PaymentId, part: 0 },
});
const types = (party: Party) => party.out.map(({ type }) => type);

describe('BOLT 2 shutdown', () => {
  const segwit = (version: number, length: number) => Uint8Array.of(version, length, ...new Uint8Array(length));

  test('takes the forms that the BOLT allows, and no others', () => {
    expect([isShutdownScript(segwit(0, 20), false), isShutdownScript(segwit(0, 32), false)]).toEqual([true, true]);
    expect([isShutdownScript(segwit(0, 21), true), isShutdownScript(segwit(0x51, 41), true)]).toEqual([false, false]);
    expect([isShutdownScript(segwit(0x51, 32), true), isShutdownScript(segwit(0x51, 32), false)]).toEqual([
      true,
      false,
    ]);
    expect([isShutdownScript(segwit(0x51, 1), true), isShutdownScript(Uint8Array.of(0x6a, 0), true)]).toEqual([
      false,
      false,
    ]);
  });

  test('refuses another script than the upfront one, one of no allowed form, and a repeated one', () => {
    const pair = newPair();
    const other = { type: 'shutdown', channelId, scriptpubkey: segwit(0, 20) } as const;
    expect(violationOf(pair.bob, other)).toBe('disconnect: not_upfront_script (scriptpubkey)');
    command(pair.alice, { kind: 'close' });
    const [message] = pair.alice.out;
    if (message?.type !== 'shutdown') throw new Error('no shutdown');
    command(pair.bob, add(2_000_000n));
    pair.deliver(pair.alice);
    expect(violationOf(pair.bob, message)).toBe('warn: repeated_shutdown (scriptpubkey)');
  });

  test('a repeated one is no reason to fail a channel whose fee is being negotiated', () => {
    const pair = newPair();
    command(pair.alice, { kind: 'close' });
    const [message] = pair.alice.out;
    pair.deliver(pair.alice);
    expect(pair.bob.state.kind).toBe('negotiating');
    if (message === undefined) throw new Error('no shutdown');
    expect(violationOf(pair.bob, message)).toBe('warn: repeated_shutdown (scriptpubkey)');
  });

  test('waits for our updates to be signed, and for HTLCs to be gone before the fee is negotiated', () => {
    const pair = newPair();
    command(pair.alice, add(20_000_000n));
    command(pair.alice, { kind: 'close' });
    expect(types(pair.alice)).toEqual(['update_add_htlc']);
    pair.commit(pair.alice);
    expect(types(pair.alice)).toEqual(['update_add_htlc', 'commitment_signed', 'shutdown']);
    pair.settle();
    expect([pair.alice.state.kind, pair.bob.state.kind]).toEqual(['shuttingDown', 'shuttingDown']);
    expect(command(pair.bob, add(1_000_000n))).toBe('refused: notUsable');
    command(pair.bob, { kind: 'fulfillHtlc', id: 0n, preimage });
    pair.settle();
    expect(pair.alice.of('closed')).toHaveLength(1);
    expect(pair.violations).toEqual([]);
  });

  test('refuses update_add_htlc after shutdown', () => {
    const pair = newPair();
    command(pair.bob, add(2_000_000n));
    const [message] = pair.bob.out.splice(0);
    const alice = newPair();
    command(alice.alice, add(20_000_000n));
    alice.settle();
    command(alice.bob, { kind: 'close' });
    alice.deliver(alice.bob);
    if (message === undefined) throw new Error('no message');
    expect(violationOf(alice.alice, message)).toBe('failChannel: add_after_shutdown');
  });
});

describe('BOLT 2 closing_signed', () => {
  const negotiating = () => {
    const pair = newPair();
    command(pair.bob, { kind: 'close' });
    pair.deliver(pair.bob);
    const [shutdown, closing] = pair.alice.out;
    if (shutdown?.type !== 'shutdown' || closing?.type !== 'closing_signed') throw new Error('no closing_signed');
    pair.deliver(pair.alice);
    return { pair, closing };
  };

  test('refuses a signature that is valid for no variant', () => {
    const { pair, closing } = negotiating();
    expect(violationOf(pair.bob, { ...closing, feeSatoshis: sat(closing.feeSatoshis + 1n) })).toBe(
      'failChannel: invalid_signature (signature)',
    );
  });

  test('is agreed on after two messages where the fee is in both ranges', () => {
    const { pair, closing } = negotiating();
    pair.deliver(pair.alice);
    expect(pair.bob.out).toMatchObject([{ type: 'closing_signed', feeSatoshis: closing.feeSatoshis }]);
    pair.deliver(pair.bob);
    expect(types(pair.alice)).toEqual([]);
    expect(pair.alice.of('broadcast')).toEqual(pair.bob.of('broadcast'));
  });

  test('the monitor knows the closing transaction before the signature on it leaves', () => {
    const { pair } = negotiating();
    const index = pair.alice.effects.findIndex(
      (effect) => effect.kind === 'send' && effect.message.type === 'closing_signed',
    );
    const before = pair.alice.effects
      .slice(0, index)
      .flatMap((effect) => (effect.kind === 'updateMonitor' ? effect.update.steps : []));
    expect(before.map(({ kind }) => kind)).toEqual(['shutdownScript', 'closingTransaction']);
  });

  test('begins anew after a lost connection, with what was agreed on', () => {
    const { pair } = negotiating();
    pair.deliver(pair.alice);
    pair.disconnect();
    pair.reconnect();
    pair.settle();
    expect(pair.violations).toEqual([]);
    expect(pair.alice.of('broadcast')).toHaveLength(1);
    expect([pair.alice.of('closed').length, pair.bob.of('closed').length]).toEqual([1, 1]);
    pair.alice.feed({ kind: 'fundingSpent', spend: 'cooperative' });
    expect(pair.alice.of('closed')).toHaveLength(1);
    expect(pair.alice.state.kind).toBe('closed');
  });

  /** As a node that knows no fee_range: `from` signs the closing transaction at a fee. */
  const legacy = (from: Party, feeSatoshis: bigint): ChannelMessage => {
    const { state } = from;
    if (state.kind !== 'negotiating') throw new Error(`${from.name} is ${state.kind}`);
    const variant = closingAt(state, sat(feeSatoshis), 'local');
    const signed = variant.ok ? from.late.keys.signClosing(variant.value) : undefined;
    if (signed?.kind !== 'ready') throw new Error('nothing to sign');
    return { type: 'closing_signed', channelId, feeSatoshis: sat(feeSatoshis), signature: signed.value };
  };
  const fees = (party: Party) =>
    party.out.flatMap((message) => (message.type === 'closing_signed' ? [message.feeSatoshis] : []));

  test('without fee_range it goes by proposals that lie between the last two, down to one that is accepted', () => {
    const { pair } = negotiating();
    const { alice } = pair;
    const [first] = fees(alice);
    if (first === undefined) throw new Error('no proposal');
    alice.out.length = 0;
    // 100 sat are below what is relayed: the answer lies between.
    alice.feed({ kind: 'message', message: legacy(pair.bob, 100n) });
    const [second] = fees(alice);
    expect(second).toBe((first + 100n) / 2n);
    expect(violationOf(alice, legacy(pair.bob, 90n))).toBe('disconnect: no_progress (fee_satoshis)');
    expect(alice.of('broadcast')).toEqual([]);
    alice.feed({ kind: 'message', message: legacy(pair.bob, second ?? 0n) });
    expect(alice.of('broadcast')).toHaveLength(1);
  });

  test('without fee_range nobody talks the opener into a fee above its maximum', () => {
    const { pair, closing } = negotiating();
    const { alice, bob } = pair;
    alice.out.length = 0;
    // 600,000 sat: nearly all that the opener has.
    alice.feed({ kind: 'message', message: legacy(bob, 600_000n) });
    const most = closing.feeRange?.maxFeeSatoshis;
    expect(fees(alice)).toEqual([most]);
    expect(violationOf(alice, legacy(bob, 500_000n))).toBe('disconnect: no_progress (fee_satoshis)');
    alice.feed({ kind: 'message', message: legacy(bob, most ?? 0n) });
    expect(alice.of('broadcast')).toHaveLength(1);
  });

  test('once agreed on, repeating it makes no work: nothing is signed, stored or broadcast again', () => {
    const { pair } = negotiating();
    const { alice, bob } = pair;
    pair.deliver(alice);
    const [reply] = bob.out;
    if (reply === undefined) throw new Error('no reply');
    pair.deliver(bob);
    const effects = alice.effects.length;
    for (let i = 0; i < 3; i++) expect(described(alice.feed({ kind: 'message', message: reply }))).toBe('accepted');
    expect(alice.effects).toHaveLength(effects);
    expect([alice.of('broadcast').length, alice.of('closed').length]).toEqual([1, 1]);
    expect(violationOf(alice, legacy(bob, 300n))).toBe('warn: agreed_already (fee_satoshis)');
  });

  test('a peer that stays silent, or never names a fee that fits, has the channel failed after some ticks', () => {
    const { pair } = negotiating();
    const tick = (party: Party, times: number) => {
      for (let i = 0; i < times; i++) party.feed({ kind: 'timerTick' });
    };
    tick(pair.alice, 4);
    // A new connection begins anew, and so does a proposal that brings the negotiation on.
    pair.disconnect();
    pair.reconnect();
    // channel_reestablish, channel_ready and shutdown
    for (let i = 0; i < 3; i++) for (const party of pair.parties) pair.deliver(party);
    pair.alice.out.length = 0;
    expect(pair.alice.state.kind).toBe('negotiating');
    tick(pair.alice, 4);
    pair.alice.feed({ kind: 'message', message: legacy(pair.bob, 100n) });
    tick(pair.alice, 4);
    expect(pair.alice.of('closed')).toEqual([]);
    tick(pair.alice, 1);
    expect(pair.alice.of('closed')).toMatchObject([{ reason: { kind: 'protocolViolation' } }]);
    expect(pair.alice.of('updateMonitor').at(-1)?.update.steps).toMatchObject([
      { kind: 'forceClose', broadcast: true },
    ]);
  });

  test('ticks end no negotiation that is done, or that waits for our own signer', () => {
    const { pair } = negotiating();
    pair.settle();
    for (const party of pair.parties) for (let i = 0; i < 20; i++) party.feed({ kind: 'timerTick' });
    expect(pair.parties.map(({ state }) => state.kind)).toEqual(['negotiating', 'negotiating']);
    const late = newPair();
    command(late.bob, { kind: 'close' });
    late.alice.late.isAway = true;
    late.deliver(late.bob);
    for (let i = 0; i < 20; i++) late.alice.feed({ kind: 'timerTick' });
    expect(late.alice.of('closed')).toEqual([]);
    late.alice.late.isAway = false;
    late.alice.feed({ kind: 'signerUnblocked' });
    late.settle();
    expect(late.alice.of('closed')).toMatchObject([{ reason: { kind: 'cooperative' } }]);
  });

  test('before its turn it fails the channel', () => {
    const message: ChannelMessage = {
      type: 'closing_signed',
      channelId,
      feeSatoshis: sat(200n),
      signature: new Uint8Array(64),
    };
    expect(violationOf(newPair().bob, message)).toBe('failChannel: out_of_order');
  });
});

describe('BOLT 2 Message Retransmission', () => {
  const reestablishing = () => {
    const pair = newPair();
    command(pair.alice, add(20_000_000n));
    pair.settle();
    pair.disconnect();
    pair.reconnect();
    const [message] = pair.alice.out.splice(0);
    if (message?.type !== 'channel_reestablish') throw new Error('no channel_reestablish');
    return { pair, message };
  };

  test.each<[string, Partial<ChannelReestablish>, string]>([
    ['next_commitment_number of 0', { nextCommitmentNumber: 0n }, 'zero_commitment_number (next_commitment_number)'],
    [
      'a next_commitment_number behind',
      { nextCommitmentNumber: 1n },
      'wrong_commitment_number (next_commitment_number)',
    ],
    [
      'a next_revocation_number behind',
      { nextRevocationNumber: 5n },
      'wrong_revocation_number (next_revocation_number)',
    ],
    [
      'a wrong secret',
      { yourLastPerCommitmentSecret: new Uint8Array(32) },
      'wrong_secret (your_last_per_commitment_secret)',
    ],
  ])('refuses %s', (_name, change, expected) => {
    const { pair, message } = reestablishing();
    expect(violationOf(pair.bob, { ...message, ...change })).toBe(`failChannel: ${expected}`);
  });

  test('who lost data finds out, broadcasts nothing, and asks the peer to close', () => {
    const pair = newPair();
    const old = pair.bob.state;
    command(pair.alice, add(20_000_000n));
    pair.settle();
    pair.disconnect();
    pair.bob.state = old;
    pair.bob.feed({ kind: 'disconnected' });
    pair.reconnect();
    pair.bob.lastUpdateId = 0n;
    pair.deliver(pair.alice);
    expect(pair.bob.of('closed')).toMatchObject([{ reason: { kind: 'staleState' } }]);
    const steps = pair.bob.of('updateMonitor').at(-1)?.update.steps;
    expect(steps).toMatchObject([{ kind: 'forceClose', broadcast: false }]);
    expect(types(pair.bob)).toEqual(['channel_reestablish', 'error']);
  });

  test('messages before channel_reestablish are out of order', () => {
    const { pair } = reestablishing();
    expect(violationOf(pair.bob, { type: 'shutdown', channelId, scriptpubkey: pair.alice.script })).toBe(
      'failChannel: out_of_order',
    );
  });

  test('settlements are taken while the peer is away, and sent once it is back', () => {
    const pair = newPair();
    command(pair.alice, add(20_000_000n));
    pair.settle();
    pair.disconnect();
    expect(command(pair.bob, { kind: 'fulfillHtlc', id: 0n, preimage })).toBe('accepted');
    expect(types(pair.bob)).toEqual([]);
    expect(command(pair.alice, add(1_000_000n))).toBe('refused: notConnected');
    pair.reconnect();
    pair.settle();
    expect(pair.alice.of('htlcFulfilled')).toHaveLength(1);
  });
});

describe('BOLT 2 Message Retransmission, from every point at which a connection can break', () => {
  /** What is under way when it breaks, made anew for each point. */
  const stories: Record<string, (pair: Pair) => void> = {
    'HTLCs of both sides are added': (pair) => {
      command(pair.alice, add(20_000_000n));
      command(pair.bob, add(30_000_000n));
    },
    'HTLCs of both sides are removed, with a new feerate': (pair) => {
      command(pair.alice, add(20_000_000n));
      command(pair.bob, add(30_000_000n));
      pair.settle();
      command(pair.alice, { kind: 'fulfillHtlc', id: 0n, preimage });
      command(pair.bob, { kind: 'failHtlc', id: 0n, reason: new Uint8Array(292) });
      command(pair.alice, { kind: 'updateFee', feeratePerKw: 1500 as FeeratePerKw });
    },
    'it closes': (pair) => {
      command(pair.bob, { kind: 'close' });
    },
  };

  /** Delivers up to `count` messages, by `order`'s bits from the one side or the other; who can signs after each. */
  const deliver = (pair: Pair, order: number, count: number): void => {
    for (let i = 0; i < count; i++) {
      const [first, second] = ((order >> i) & 1) === 0 ? [pair.alice, pair.bob] : [pair.bob, pair.alice];
      if (!pair.deliver(first)) pair.deliver(second);
      for (const party of pair.parties) pair.commit(party);
    }
  };

  const breakAt = (begin: (pair: Pair) => void, order: number, count: number, again: number): void => {
    const pair = newPair();
    for (const party of pair.parties) party.isStored = false;
    begin(pair);
    for (const party of pair.parties) if ((order & 1) === 0) pair.commit(party);
    deliver(pair, order, count);
    pair.disconnect();
    pair.reconnect();
    // The second connection breaks as well, in the middle of what is sent again.
    if (again > 0) {
      deliver(pair, order >> 1, again);
      pair.disconnect();
      pair.reconnect();
    }
    pair.settle();
    for (const party of pair.parties) {
      for (const { id, outcome } of pendingReceivedHtlcs(party.state)) {
        if (outcome === undefined) command(party, { kind: 'fulfillHtlc', id, preimage });
      }
    }
    pair.settle();
    expect(pair.violations).toEqual([]);
    const [alice, bob] = pair.parties.map(({ state }) => state);
    if (alice === undefined || bob === undefined || !isFunded(alice) || !isFunded(bob)) throw new Error('not funded');
    expect([alice.commitments.htlcs, bob.commitments.htlcs]).toEqual([[], []]);
    expect([remoteSpec(alice), remoteSpec(bob)]).toEqual([localSpec(bob), localSpec(alice)]);
    if (alice.kind !== 'normal') expect(pair.parties.map((party) => party.of('closed').length)).toEqual([1, 1]);
  };

  test.each(Object.entries(stories))('while %s', (_name, begin) => {
    for (let order = 0; order < 64; order += 9) {
      for (let count = 0; count <= 10; count++) {
        for (const again of count % 3 === 0 ? [0, 2, 5] : [0]) breakAt(begin, order, count, again);
      }
    }
  });
});

describe('the end of a channel', () => {
  test('an error of the peer ends it, by the monitor alone', () => {
    const { alice } = newPair();
    alice.feed({ kind: 'message', message: { type: 'error', channelId, data: Uint8Array.of(104, 105) } });
    expect(alice.of('closed')).toEqual([
      { kind: 'closed', reason: { kind: 'counterpartyForceClosed', message: 'hi' } },
    ]);
    expect(alice.of('updateMonitor').at(-1)?.update.steps).toMatchObject([{ kind: 'forceClose', broadcast: true }]);
    expect(alice.of('broadcast')).toEqual([]);
  });

  test('a violation that comes back as `fail` ends it, and the peer hears why on every connection', () => {
    const { alice } = newPair();
    const error = alice.feed({
      kind: 'message',
      message: { type: 'update_fulfill_htlc', channelId, id: 0n, paymentPreimage: preimage },
    });
    if (error?.kind !== 'channelError') throw new Error('accepted');
    alice.feed({ kind: 'fail', error });
    expect(types(alice)).toEqual(['error']);
    alice.feed({ kind: 'disconnected' });
    alice.feed({ kind: 'connected', localFeatures: features, remoteFeatures: features });
    expect(types(alice)).toEqual(['error', 'error']);
    expect(alice.of('closed')).toHaveLength(1);
  });

  test('a closed channel still gives the monitor a preimage', () => {
    const pair = newPair();
    command(pair.alice, add(20_000_000n));
    pair.settle();
    command(pair.bob, { kind: 'forceClose', message: 'enough' });
    expect(command(pair.bob, { kind: 'fulfillHtlc', id: 0n, preimage })).toBe('accepted');
    expect(pair.bob.of('updateMonitor').at(-1)?.update.steps).toMatchObject([{ kind: 'paymentPreimage' }]);
  });

  test('messages of features that were not negotiated end the connection', () => {
    expect(violationOf(newPair().alice, { type: 'stfu', channelId, initiator: 1 })).toBe('disconnect: not_negotiated');
  });
});
