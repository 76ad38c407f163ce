import { type ChannelId, type Msat, msat, type PaymentHash, pending, sat, unwrap } from '@boltwright/base';
import type { ChannelDetails, Event, PaymentId, Route, RouteRequestId, Router } from '@boltwright/interfaces';
import { createInvoice } from '@boltwright/invoice';
import { createSimCrypto } from '@boltwright/sim-crypto';
import { featuresFromBits } from '@boltwright/wire';
import { describe, expect, test } from '@jest/globals';
import { liveChannel } from '../src/channels/live-channel.ts';
import { Core } from '../src/core/core.ts';
import { TurnRunner } from '../src/core/turn-runner.ts';
import { deadlines, maxUnfundedChannels, maxUnfundedChannelsPerPeer } from '../src/index.ts';
import { balanceOf, Network, paymentIdOf } from './support/network.ts';
import type { TestNode } from './support/test-node.ts';

const crypto = createSimCrypto();
const now = 1_700_100_000_000;

type Claimable = Extract<Event, { kind: 'paymentClaimable' }>;

/** The user looks on: nothing is claimed by itself. */
function holding(network: Network): Claimable[] {
  const seen: Claimable[] = [];
  const act = network.application;
  network.application = (node, event) => {
    if (event.kind === 'paymentClaimable') seen.push(event);
    else act(node, event);
  };
  return seen;
}

function line(options: Partial<ConstructorParameters<typeof Network>[0]> = {}) {
  const network = new Network({ crypto });
  const alice = network.add('alice');
  const bob = network.add('bob', options);
  const carol = network.add('carol');
  const first = network.open(alice, bob);
  const second = network.open(bob, carol);
  return { network, alice, bob, carol, first, second };
}

/** A channel that nothing is done with any more: the watch could not keep an update of it. */
function freeze(network: Network, alice: TestNode, bob: TestNode, id: ChannelId): void {
  const update = bob.watch.updateChannel.bind(bob.watch);
  bob.watch.updateChannel = (told) => (told.channelId === id ? 'failed' : update(told));
  alice.feerate = 333;
  alice.manager.timerTick();
  network.settle();
  bob.watch.updateChannel = update;
  expect(bob.events('channelFrozen')).toMatchObject([{ channelId: id }]);
}

/** Answers when it is told to. */
class LateRouter implements Router {
  readonly asked: { readonly request: RouteRequestId; readonly amountMsat: Msat }[] = [];
  firstHops: readonly ChannelDetails[] = [];

  findRoute(request: RouteRequestId, _payer: unknown, parameters: { amountMsat: Msat }, hops: typeof this.firstHops) {
    this.asked.push({ request, amountMsat: parameters.amountMsat });
    this.firstHops = hops;
    return pending;
  }
}

const over = (hops: readonly ChannelDetails[], amounts: readonly bigint[]): Route => ({
  paths: amounts.map((amount, i) => ({
    hops: [
      {
        nodeId: hops[i]!.counterparty,
        shortChannelId: hops[i]!.outboundScid!,
        feeMsat: msat(amount),
        cltvExpiryDelta: deadlines.minFinalCltvExpiryDelta,
      },
    ],
  })) as Route['paths'],
});

describe('a router elsewhere', () => {
  test('of two answers that cross, one is taken: nothing is paid twice', () => {
    const router = new LateRouter();
    const network = new Network({ crypto });
    const alice = network.add('alice', { router });
    const bob = network.add('bob');
    network.open(alice, bob, 500_000n, 0n);
    network.open(alice, bob, 500_000n, 0n);
    const before = balanceOf(bob);
    network.pay(alice, bob, 300_000_000n, 1);
    const hops = router.firstHops;
    network.disconnect(alice, bob);
    // Both parts find no peer, and each is tried again.
    alice.manager.routeFound(router.asked[0]!.request, {
      ok: true,
      value: over(hops, [150_000_000n, 150_000_000n]),
    });
    network.connect(alice, bob);
    network.settle();
    const again = router.asked.slice(1);
    expect(again.length).toBeGreaterThan(0);
    for (const { request, amountMsat } of again) {
      alice.manager.routeFound(request, { ok: true, value: over([...hops].reverse(), [amountMsat]) });
    }
    network.settle();
    expect(alice.manager.listPayments()).toMatchObject([{ state: 'succeeded' }]);
    expect(balanceOf(bob) - before).toBe(300_000_000n);
  });

  test('one that never answers leaves no payment open beyond its invoice', () => {
    const router = new LateRouter();
    const network = new Network({ crypto });
    const alice = network.add('alice', { router });
    const bob = network.add('bob');
    network.open(alice, bob);
    network.pay(alice, bob, 1_000_000n, 1);
    alice.manager.timerTick(now + 3_000_000);
    expect(alice.manager.listPayments()).toMatchObject([{ state: 'pending' }]);
    alice.manager.timerTick(network.chain.now + 3_700_000);
    network.settle();
    expect(alice.events('paymentFailed')).toMatchObject([{ reason: 'paymentExpired' }]);
    alice.manager.routeFound(router.asked[0]!.request, { ok: true, value: over(router.firstHops, [1_000_000n]) });
    expect(alice.manager.listPayments()).toMatchObject([{ state: 'failed', partsInFlight: 0 }]);
  });
});

describe('what others write', () => {
  test('an invoice that never expires does not keep its payer from starting again', () => {
    const network = new Network({ crypto });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    network.open(alice, bob);
    const answer = createInvoice(
      {
        network: 'regtest',
        amountMsat: msat(1_000_000n),
        timestamp: 1_700_100_000,
        paymentHash: '11'.repeat(32) as PaymentHash,
        paymentSecret: new Uint8Array(32).fill(7),
        description: { kind: 'text', text: 'for ever' },
        expirySeconds: Number.MAX_SAFE_INTEGER,
        features: featuresFromBits([8, 14]),
      },
      bob.keys,
      crypto,
    );
    if (answer.kind === 'pending') throw new Error('the signer answers at once');
    unwrap(alice.manager.sendPayment(answer.value, paymentIdOf(1), { now }));
    alice.turns.commitAll();
    network.restart(alice);
    network.settle();
    expect(alice.events('paymentFailed')).toHaveLength(1);
  });

  test('a broadcaster that throws keeps nothing else from leaving', () => {
    const network = new Network({ crypto });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    const broadcast = network.chain.broadcastPackage.bind(network.chain);
    network.chain.broadcastPackage = () => {
      throw new Error('no route to the chain');
    };
    network.connect(alice, bob);
    unwrap(alice.manager.createChannel(bob.id, sat(500_000n)));
    network.settle();
    network.chain.broadcastPackage = broadcast;
    network.mine(5);
    expect(alice.manager.listChannels()).toMatchObject([{ isUsable: true }]);
  });
});

describe('peers who open and do not fund', () => {
  test('leave room for those who have a channel with us', () => {
    const network = new Network({ crypto });
    const bob = network.add('bob');
    const friend = network.add('friend');
    network.open(friend, bob);
    network.application = () => undefined;
    for (let i = 0; i * maxUnfundedChannelsPerPeer < maxUnfundedChannels; i++) {
      const mallory = network.add(`mallory ${i}`);
      network.connect(mallory, bob);
      for (let k = 0; k < maxUnfundedChannelsPerPeer; k++) {
        unwrap(mallory.manager.createChannel(bob.id, sat(100_000n)));
      }
    }
    network.settle();
    expect(bob.manager.listChannels()).toHaveLength(1 + maxUnfundedChannels);
    for (let k = 0; k <= maxUnfundedChannelsPerPeer; k++) {
      unwrap(friend.manager.createChannel(bob.id, sat(100_000n)));
    }
    network.settle();
    expect(bob.manager.listChannels()).toHaveLength(1 + maxUnfundedChannels + maxUnfundedChannelsPerPeer);
  });
});

describe('what leaves', () => {
  test('leaves in order, though the broadcaster calls back', () => {
    const released: string[] = [];
    const turns = { put: () => undefined, delete: () => undefined, endTurn: () => undefined };
    const core = new Core({ turns } as never, { tip: { hash: '', height: 0 } as never, time: 0, run: 0 });
    const channel = liveChannel({ kind: 'aborted' } as never, '' as never, {} as never, {} as never, false);
    const say = (reason: string): void => core.say(channel, { kind: 'disconnect', connection: 1 as never, reason }, []);
    const runner = new TurnRunner(core, {} as never, {
      release(_channel, outgoing) {
        const reason = outgoing.kind === 'disconnect' ? outgoing.reason : outgoing.kind;
        released.push(reason);
        if (reason === 'one') runner.run(() => say('three'));
      },
    });
    runner.run(() => {
      say('one');
      say('two');
    });
    expect(released).toEqual(['one', 'two', 'three']);
  });
});

describe('a frozen channel', () => {
  test('still lets its monitor know the preimage that was learnt downstream', () => {
    const { network, alice, bob, carol, first } = line();
    const claimable = holding(network);
    network.pay(alice, carol, 5_000_000n, 1);
    network.settle();
    freeze(network, alice, bob, first);
    unwrap(carol.manager.claimFunds(claimable[0]!.preimage!));
    network.settle();
    expect(bob.watch.knows(first, claimable[0]!.paymentHash)).toBe(true);
  });

  test('holds a claim back that it would take a part of', () => {
    const network = new Network({ crypto });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    const ids = [network.open(alice, bob, 200_000n, 0n), network.open(alice, bob, 200_000n, 0n)];
    const claimable = holding(network);
    network.pay(alice, bob, 300_000_000n, 1);
    network.settle();
    freeze(network, alice, bob, ids[0]!);
    const answer = bob.manager.claimFunds(claimable[0]!.preimage!);
    expect(answer).toMatchObject({ ok: false, error: { code: 'frozen' } });
    network.settle();
    expect(network.delivered.filter(({ message }) => message.type === 'update_fulfill_htlc')).toEqual([]);
  });

  test('that its monitor closes is closed, and what it never signed comes back', () => {
    const { network, alice, bob, carol, second } = line();
    const update = bob.watch.updateChannel.bind(bob.watch);
    bob.watch.updateChannel = (told) => (told.channelId === second ? 'failed' : update(told));
    network.pay(alice, carol, 5_000_000n, 1);
    network.settle();
    expect(bob.events('channelFrozen')).toMatchObject([{ channelId: second }]);
    bob.watch.see({ kind: 'closing', channelId: second, reason: 'a deadline' });
    bob.manager.handleMonitorEvents();
    network.settle();
    expect(bob.events('channelClosed')).toMatchObject([{ channelId: second }]);
    expect(alice.events('paymentPathFailed')).toMatchObject([{ paymentId: paymentIdOf(1) }]);
  });
});

describe('an HTLC that is offered and not signed', () => {
  test('comes back before its previous channel would close for it', () => {
    const { network, alice, bob, carol, second } = line();
    carol.manager.getAndClearPendingMsgEvents = () => [];
    network.pay(alice, carol, 5_000_000n, 1);
    network.settle();
    network.pay(alice, carol, 6_000_000n, 2);
    network.settle();
    network.mine(deadlines.minFinalCltvExpiryDelta + 40 + deadlines.paymentHeightSlack - deadlines.failBackBlocks - 1);
    expect(alice.events('paymentPathFailed')).toEqual([]);
    network.mine(1);
    expect(alice.events('paymentPathFailed')).toMatchObject([{ paymentId: paymentIdOf(2) }]);
    expect(bob.events('channelClosed')).toMatchObject([{ channelId: second }]);
    expect(alice.events('channelClosed')).toEqual([]);
  });
});

describe('a watch that has not said where it stands', () => {
  test('keeps no block and no close from its channel', () => {
    const network = new Network({ crypto });
    const alice = network.add('alice', { watch: 'remote' });
    const bob = network.add('bob');
    network.connect(alice, bob);
    unwrap(alice.manager.createChannel(bob.id, sat(500_000n)));
    network.settle();
    const { lastUpdateId } = alice.watch;
    alice.watch.lastUpdateId = () => pending;
    network.restart(alice);
    network.mine(5);
    const { channelId } = alice.manager.listChannels()[0]!;
    alice.watch.lastUpdateId = lastUpdateId;
    alice.manager.watchAnswered(channelId, 0n);
    network.settle();
    expect(alice.manager.listChannels()).toMatchObject([{ isUsable: true }]);

    alice.watch.lastUpdateId = () => pending;
    network.restart(alice);
    alice.watch.see({ kind: 'closing', channelId, reason: 'a deadline' });
    alice.manager.handleMonitorEvents();
    network.settle();
    expect(alice.events('channelClosed')).toHaveLength(1);
  });

  test('after lost data an HTLC that was settled in the lost part is not forwarded again', () => {
    const { network, alice, bob, carol } = line({ watch: 'remote', batchForwards: true });
    const { invoice } = unwrap(
      carol.manager.createInvoice({ amountMsat: msat(5_000_000n), description: '', now: network.chain.now }),
    );
    unwrap(alice.manager.sendPayment(invoice, paymentIdOf(1), { retryAttempts: 0 }));
    network.settle();
    const old = bob.store.fork();
    network.disconnect(bob, carol);
    bob.manager.processPendingHtlcForwards();
    network.settle();
    expect(alice.events('paymentFailed')).toHaveLength(1);
    network.disconnect(alice, bob);
    bob.kill();
    bob.store = old;
    bob.start();
    network.connect(bob, alice);
    network.connect(bob, carol);
    network.settle();
    for (let i = 0; i < 4; i++) {
      bob.manager.processPendingHtlcForwards();
      bob.manager.timerTick();
      network.settle();
    }
    expect(bob.events('channelFrozen')).toHaveLength(1);
    expect(carol.events('paymentClaimable')).toEqual([]);
  });
});

describe('a payment that can be claimed', () => {
  test('can be claimed after a restart too, though a new one would come too late by then', () => {
    const network = new Network({ crypto });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    network.open(alice, bob);
    const claimable = holding(network);
    network.pay(alice, bob, 5_000_000n, 1);
    network.settle();
    network.mine(deadlines.minFinalCltvExpiryDelta - deadlines.leastFinalBlocks + 2);
    network.restart(bob);
    bob.manager.timerTick(network.chain.now + 7_200_000);
    network.restart(bob);
    network.settle();
    unwrap(bob.manager.claimFunds(claimable[0]!.preimage!));
    network.settle();
    expect(alice.events('paymentSent')).toHaveLength(1);
  });
});

describe('the end of a channel', () => {
  test('that its monitor decided keeps our latest commitment, and no payment without an outcome', () => {
    const network = new Network({ crypto, watch: 'monitor' });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    const id = network.open(alice, bob);
    const answer = bob.manager.createInvoice({ amountMsat: msat(5_000_000n), description: '', now: network.chain.now });
    // The monitor decides, and the manager has not heard of it yet.
    expect(alice.monitor!.forceClose(id, 'a test')).toBe(true);
    unwrap(alice.manager.sendPayment(unwrap(answer).invoice, paymentIdOf(1), { retryAttempts: 0 }));
    network.settle();
    const revoked = network.delivered.filter(
      ({ from, message }) => from === 'alice' && message.type === 'revoke_and_ack',
    );
    expect(revoked).toEqual([]);
    network.mine(8);
    expect(alice.events('channelClosed')).toHaveLength(1);
    expect(bob.events('channelClosed')).toHaveLength(1);
    expect(alice.manager.listPayments()).toMatchObject([{ state: 'failed', partsInFlight: 0 }]);
    expect(bob.events('paymentClaimable')).toEqual([]);
  });

  test('leaves no HTLC of another channel without an outcome', () => {
    const { network, alice, bob, carol, second } = line();
    holding(network);
    network.pay(alice, carol, 5_000_000n, 1);
    network.settle();
    network.disconnect(bob, carol);
    bob.watch.see({
      kind: 'fundingSpent',
      channelId: second,
      txid: '22'.repeat(32) as never,
      spend: 'unknown',
      height: 110 as never,
    });
    bob.watch.see({ kind: 'resolved', channelId: second });
    bob.manager.handleMonitorEvents();
    network.settle();
    expect(alice.events('paymentPathFailed')).toHaveLength(1);
    expect(bob.records().filter((key) => /^(inbound|settlement)\//.test(key))).toEqual([]);
  });
});

describe('fundings and time', () => {
  test('funding transactions that are not confirmed are told, after a restart too', () => {
    const network = new Network({ crypto });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    network.connect(alice, bob);
    unwrap(alice.manager.createChannel(bob.id, sat(500_000n)));
    network.settle();
    const txids = () => alice.manager.pendingFundings().map(({ txid }) => txid);
    expect(txids()).toEqual([...network.chain.mempool.keys()]);
    expect(txids()).toHaveLength(1);
    network.restart(alice);
    expect(txids()).toHaveLength(1);
    expect(bob.manager.pendingFundings()).toEqual([]);
    network.mine(1);
    expect(txids()).toEqual([]);
  });

  test('the time that we are told counts, where blocks say another', () => {
    const network = new Network({ crypto });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    network.open(alice, bob);
    // Blocks come quicker than their times pass: after these the chain is hours ahead.
    network.mine(20);
    const early = now - 3_600_000;
    const created = bob.manager.createInvoice({ amountMsat: msat(1_000_000n), description: '', now: early });
    const paymentId: PaymentId = paymentIdOf(1);
    unwrap(alice.manager.sendPayment(unwrap(created).invoice, paymentId, { now: early }));
    network.settle();
    expect(alice.events('paymentSent')).toHaveLength(1);
    // A mistaken time does no lasting harm.
    alice.manager.timerTick(Number.MAX_SAFE_INTEGER);
    const next = bob.manager.createInvoice({ amountMsat: msat(1_000_000n), description: '', now: early });
    unwrap(alice.manager.sendPayment(unwrap(next).invoice, paymentIdOf(2), { now: early }));
    network.settle();
    expect(alice.events('paymentSent')).toHaveLength(2);
  });
});
