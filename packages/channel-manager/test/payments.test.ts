import { copyBytes, msat, unwrap } from '@boltwright/base';
import type { Event, Scorer } from '@boltwright/interfaces';
import { decodeInvoice } from '@boltwright/invoice';
import { createSimCrypto } from '@boltwright/sim-crypto';
import { describe, expect, test } from '@jest/globals';
import { config } from './support/config.ts';
import { balanceOf, Network, paymentIdOf } from './support/network.ts';
import type { TestNode } from './support/test-node.ts';

const crypto = createSimCrypto();
const now = 1_700_100_000_000;

const atRest = (node: TestNode): void => {
  // What a payment needs while it is under way is gone; its own record stays.
  expect(node.records().filter((key) => /^(inbound|settlement|watch|event)\//.test(key))).toEqual([]);
  expect(node.log.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
};

function line(options: Partial<ConstructorParameters<typeof Network>[0]> = {}) {
  const network = new Network({ crypto, ...options });
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => network.add(name)) as [
    TestNode,
    TestNode,
    TestNode,
  ];
  network.open(alice, bob);
  network.open(bob, carol);
  return { network, alice, bob, carol };
}

describe('between two nodes', () => {
  test.each([1, 2, 3])('payments go both ways, several at once (seed %i)', (seed) => {
    const network = new Network({ crypto, seed });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    network.open(alice, bob);
    const before = balanceOf(alice);
    let sum = 0n;
    for (let i = 0; i < 6; i++) {
      const amount = BigInt(1_000_000 + i * 333_333);
      if (i % 2 === 0) network.pay(alice, bob, amount, i);
      else network.pay(bob, alice, amount, i);
      sum += i % 2 === 0 ? -amount : amount;
      for (let k = 0; k < seed * 3; k++) network.step();
    }
    network.settle();
    expect(alice.events('paymentSent')).toHaveLength(3);
    expect(bob.events('paymentSent')).toHaveLength(3);
    expect(alice.events('paymentClaimed')).toHaveLength(3);
    expect(balanceOf(alice)).toBe(before + sum);
    expect(balanceOf(alice) + balanceOf(bob)).toBe(1_000_000_000n);
    atRest(alice);
    atRest(bob);
  });

  test('nothing leaves before its turn is durable', () => {
    const network = new Network({ crypto });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    network.open(alice, bob);
    const { invoice } = unwrap(bob.manager.createInvoice({ amountMsat: msat(5000n), description: '', now }));
    unwrap(alice.manager.sendPayment(invoice, paymentIdOf(1)));
    expect(alice.takeMessages()).toEqual([]);
    alice.turns.commitNext();
    expect(alice.takeMessages().map((event) => event.message?.type)).toEqual(['update_add_htlc', 'commitment_signed']);
  });

  test('nothing leaves after the store has failed', () => {
    const network = new Network({ crypto });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    network.open(alice, bob);
    const { invoice } = unwrap(bob.manager.createInvoice({ amountMsat: msat(5000n), description: '', now }));
    alice.store.failNextCommit();
    unwrap(alice.manager.sendPayment(invoice, paymentIdOf(1)));
    alice.turns.commitNext();
    expect(alice.takeMessages()).toEqual([]);
    expect(alice.manager.sendPayment(invoice, paymentIdOf(2))).toMatchObject({ error: { code: 'storeFailed' } });
    expect(alice.manager.pendingEvents()).toEqual([]);
    network.restart(alice);
    network.settle();
    expect(alice.manager.listPayments()).toEqual([]);
    network.pay(alice, bob, 5000n, 1);
    network.settle();
    expect(alice.events('paymentSent')).toHaveLength(1);
  });

  test('an HTLC beyond the dust that we bear is failed back, over a restart too, and its preimage stays unknown', () => {
    for (const restarts of [false, true]) {
      const network = new Network({ crypto });
      const channel = { ...config.channel, maxDustHtlcExposureMsat: msat(250_000n) };
      const [alice, bob] = [network.add('alice'), network.add('bob', { config: { ...config, channel } })];
      network.open(alice, bob);
      // 300 sat have no output in a commitment: all of it is dust
      network.pay(alice, bob, 300_000n, 1);
      if (restarts) network.restart(bob);
      network.settle();
      expect(bob.events('paymentClaimable')).toHaveLength(0);
      expect(alice.events('paymentFailed')).toHaveLength(1);
      network.pay(alice, bob, 200_000n, 2);
      network.settle();
      expect(alice.events('paymentSent')).toHaveLength(1);
    }
  });

  test('a payment id pays once, and what cannot be paid leaves no trace', () => {
    const network = new Network({ crypto });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    network.open(alice, bob);
    const { invoice } = unwrap(bob.manager.createInvoice({ amountMsat: msat(7000n), description: '', now }));
    unwrap(alice.manager.sendPayment(invoice, paymentIdOf(1)));
    expect(alice.manager.sendPayment(invoice, paymentIdOf(1))).toMatchObject({ error: { code: 'duplicatePayment' } });
    network.settle();
    network.restart(alice);
    network.settle();
    expect(alice.manager.sendPayment(invoice, paymentIdOf(1))).toMatchObject({ error: { code: 'duplicatePayment' } });
    const cases: [string, Parameters<typeof alice.manager.sendPayment>[2], string][] = [
      ['nonsense', {}, 'invalidInvoice'],
      [invoice, { now: now + 4_000_000 }, 'invoiceExpired'],
      [invoice, { amountMsat: msat(15_000n) }, 'invalidAmount'],
      [unwrap(alice.manager.createInvoice({ description: '', now })).invoice, { amountMsat: msat(1n) }, 'refused'],
      [unwrap(bob.manager.createInvoice({ description: '', now })).invoice, {}, 'invalidAmount'],
      [
        unwrap(bob.manager.createInvoice({ description: '', now })).invoice,
        { amountMsat: msat(900_000_000n) },
        'routeNotFound',
      ],
    ];
    const [last] = cases.splice(1, 1);
    for (const [text, options, code] of [...cases, last!]) {
      expect(alice.manager.sendPayment(text, paymentIdOf(9), options)).toMatchObject({ error: { code } });
    }
    expect(alice.manager.listPayments().map(({ state }) => state)).toEqual(['succeeded']);
    expect(() => alice.manager.sendPayment(invoice, 'x' as never)).toThrow(RangeError);
    unwrap(alice.manager.forgetPayment(paymentIdOf(1)));
    expect(alice.manager.listPayments()).toEqual([]);
  });

  test('several channels carry one payment in parts, claimed as one', () => {
    const network = new Network({ crypto });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    network.open(alice, bob, 200_000n, 0n);
    network.open(alice, bob, 200_000n, 0n);
    network.open(alice, bob, 200_000n, 0n);
    network.pay(alice, bob, 400_000_000n, 1);
    network.settle();
    expect(alice.events('paymentSent')).toHaveLength(1);
    expect(bob.events('paymentClaimed')).toMatchObject([{ amountMsat: 400_000_000n }]);
    expect(balanceOf(bob)).toBe(400_000_000n);
    expect(network.delivered.filter(({ message }) => message.type === 'update_add_htlc').length).toBeGreaterThan(2);
    atRest(alice);
    atRest(bob);
  });

  test('a set that stays incomplete is failed after its time, and its parts come back', () => {
    const network = new Network({ crypto });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    const first = network.open(alice, bob, 200_000n, 0n);
    const second = network.open(alice, bob, 200_000n, 0n);
    const { invoice } = unwrap(bob.manager.createInvoice({ amountMsat: msat(250_000_000n), description: '', now }));
    unwrap(alice.manager.sendPayment(invoice, paymentIdOf(1), { retryAttempts: 0 }));
    // One part never gets there: what is said on that channel is lost.
    for (let i = 0; i < 500; i++) {
      for (const { queue } of network.links) {
        for (let k = queue.length - 1; k >= 0; k--) {
          if (containsId(queue[k]!, second)) queue.splice(k, 1);
        }
      }
      if (!network.step()) break;
    }
    expect(bob.manager.listChannels().find(({ channelId }) => channelId === first)?.isUsable).toBe(true);
    for (let tick = 0; tick < 3; tick++) bob.manager.timerTick();
    network.settle();
    expect(alice.events('paymentPathFailed')).toMatchObject([{ failure: 'mpp_timeout' }]);
    expect(bob.events('paymentClaimable')).toEqual([]);
    expect(alice.manager.listPayments()).toMatchObject([{ partsInFlight: 1 }]);
  });

  test('the user refuses a payment, or lets its time pass', () => {
    const network = new Network({ crypto });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    network.open(alice, bob);
    const before = balanceOf(alice);
    const claimable: Event[] = [];
    network.application = (_node, event) => {
      if (event.kind === 'paymentClaimable') claimable.push(event);
    };
    network.pay(alice, bob, 5_000_000n, 1);
    network.settle();
    const [event] = claimable;
    if (event?.kind !== 'paymentClaimable') throw new Error('no event');
    unwrap(bob.manager.failHtlcBackwards(event.paymentHash));
    network.settle();
    expect(alice.events('paymentFailed')).toMatchObject([{ reason: 'recipientRejected' }]);
    expect(bob.manager.claimFunds(event.preimage!)).toMatchObject({ error: { code: 'unknownPayment' } });
    network.pay(alice, bob, 5_000_000n, 2);
    network.settle();
    network.mine(30);
    expect(alice.events('paymentFailed')).toHaveLength(2);
    expect(balanceOf(alice)).toBe(before);
    atRest(alice);
    atRest(bob);
  });

  test('what BOLT 4 tells a final node to refuse is refused, by the failures that it names', () => {
    const network = new Network({ crypto });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    network.open(alice, bob);
    const other = network.add('other');
    // An invoice of the same node's key, whose secret is not one of its own making.
    const foreign = unwrap(other.manager.createInvoice({ amountMsat: msat(4000n), description: '', now }));
    network.known.push({
      source: bob.id,
      target: other.id,
      shortChannelId: 77n as never,
      feeBaseMsat: 0,
      feeProportionalMillionths: 0,
      cltvExpiryDelta: 40,
    });
    unwrap(alice.manager.sendPayment(foreign.invoice, paymentIdOf(1)));
    network.settle();
    expect(alice.events('paymentPathFailed')).toMatchObject([{ failure: 'unknown_next_peer', failedAt: 77n }]);
    expect(alice.events('paymentFailed')).toMatchObject([{ reason: 'routeNotFound' }]);
    // Late: so many blocks come that the HTLC has too little time left at bob's.
    const { invoice } = unwrap(bob.manager.createInvoice({ amountMsat: msat(4000n), description: '', now }));
    unwrap(alice.manager.sendPayment(invoice, paymentIdOf(2)));
    network.chain.mine(5);
    network.chain.sync(bob.manager);
    network.settle();
    expect(alice.events('paymentPathFailed').at(-1)).toMatchObject({ failure: 'incorrect_or_unknown_payment_details' });
    expect(alice.events('paymentFailed').at(-1)).toMatchObject({ reason: 'recipientRejected' });
    atRest(bob);
  });
});

describe('over a middle node', () => {
  test.each([1, 2, 3, 4])('a payment goes through, and the middle earns its fee (seed %i)', (seed) => {
    const { network, alice, bob, carol } = line({ seed });
    const [a, b, c] = [balanceOf(alice), balanceOf(bob), balanceOf(carol)];
    network.pay(alice, carol, 20_000_000n, 1);
    network.pay(carol, alice, 3_000_000n, 2);
    network.settle();
    expect(alice.events('paymentSent')).toMatchObject([{ feePaidMsat: 3000n }]);
    expect(carol.events('paymentSent')).toMatchObject([{ feePaidMsat: 1300n }]);
    expect(bob.events('paymentForwarded')).toHaveLength(2);
    expect(balanceOf(alice)).toBe(a - 20_003_000n + 3_000_000n);
    expect(balanceOf(bob)).toBe(b + 4300n);
    expect(balanceOf(carol)).toBe(c + 20_000_000n - 3_001_300n);
    for (const node of [alice, bob, carol]) atRest(node);
  });

  test('a hint in the invoice leads over a private channel', () => {
    const { network, alice, bob, carol } = line();
    network.known.length = 0;
    const { invoice } = unwrap(carol.manager.createInvoice({ amountMsat: msat(9_000_000n), description: '', now }));
    const [hint] = unwrap(decodeInvoice(invoice, { crypto })).routeHints;
    expect(hint).toMatchObject([{ sourceNodeId: bob.id, feeBaseMsat: 1000, cltvExpiryDelta: 40 }]);
    unwrap(alice.manager.sendPayment(invoice, paymentIdOf(1)));
    network.settle();
    expect(alice.events('paymentSent')).toHaveLength(1);
  });

  test('with a batch, forwards wait until they are called for', () => {
    const { network, alice, bob, carol } = line({ batchForwards: true });
    network.pay(alice, carol, 5_000_000n, 1);
    network.settle();
    expect(carol.events('paymentClaimable')).toEqual([]);
    bob.manager.processPendingHtlcForwards();
    network.settle();
    expect(alice.events('paymentSent')).toHaveLength(1);
  });

  test.each([
    ['fee_insufficient', { feeBaseMsat: 999 }],
    ['incorrect_cltv_expiry', { cltvExpiryDelta: 39 }],
    ['unknown_next_peer', { shortChannelId: 4711n }],
  ])('a forward against the policy fails with %s', (failure, change) => {
    const { network, alice, bob, carol } = line();
    const from = network.known.findIndex(({ source, target }) => source === bob.id && target === carol.id);
    network.known[from] = { ...network.known[from]!, ...(change as object) };
    const before = balanceOf(alice);
    network.useHints = false;
    network.pay(alice, carol, 6_000_000n, 1);
    network.settle();
    expect(alice.events('paymentPathFailed')).toMatchObject([
      { failure, failedAt: network.known[from]!.shortChannelId },
    ]);
    expect(alice.events('paymentFailed')).toMatchObject([{ reason: 'routeNotFound' }]);
    expect(balanceOf(alice)).toBe(before);
    for (const node of [alice, bob, carol]) atRest(node);
  });

  test('a channel without room is avoided by the next attempt', () => {
    const network = new Network({ crypto });
    const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => network.add(name)) as [
      TestNode,
      TestNode,
      TestNode,
    ];
    network.open(alice, bob);
    network.open(bob, carol, 100_000n, 90_000_000n);
    network.open(bob, carol);
    const before = balanceOf(carol);
    network.useHints = false;
    network.pay(alice, carol, 50_000_000n, 1);
    network.settle();
    expect(alice.events('paymentPathFailed')).toMatchObject([{ failure: 'temporary_channel_failure' }]);
    expect(alice.events('paymentSent')).toHaveLength(1);
    expect(balanceOf(carol)).toBe(before + 50_000_000n);
  });

  test('an abandoned payment that arrives is paid; one that fails is not tried again', () => {
    const { network, alice, carol } = line();
    network.application = (node, event) => {
      if (event.kind === 'paymentClaimable') node.manager.failHtlcBackwards(event.paymentHash);
    };
    network.pay(alice, carol, 5_000_000n, 1);
    unwrap(alice.manager.abandonPayment(paymentIdOf(1)));
    network.settle();
    expect(alice.events('paymentFailed')).toHaveLength(1);
    expect(alice.manager.listPayments()).toMatchObject([{ state: 'failed', partsInFlight: 0 }]);
  });

  test('the next node went away: the HTLC comes back, and the money with it', () => {
    const { network, alice, bob, carol } = line();
    network.disconnect(bob, carol);
    const before = balanceOf(alice);
    network.useHints = false;
    network.pay(alice, carol, 5_000_000n, 1);
    network.settle();
    expect(alice.events('paymentPathFailed')).toMatchObject([{ failure: 'temporary_channel_failure' }]);
    expect(balanceOf(alice)).toBe(before);
    network.connect(bob, carol);
    network.settle();
    network.pay(alice, carol, 5_000_000n, 2);
    network.settle();
    expect(alice.events('paymentSent')).toHaveLength(1);
  });
});

describe('closing', () => {
  test('a mutual close ends at the script of each side, and the event says so', () => {
    const network = new Network({ crypto });
    const [alice, bob] = [network.add('alice'), network.add('bob')];
    const id = network.open(alice, bob);
    network.pay(alice, bob, 5_000_000n, 1);
    unwrap(alice.manager.closeChannel(id));
    network.settle();
    expect(alice.events('paymentSent')).toHaveLength(1);
    expect(network.chain.mempool.size).toBe(1);
    for (const node of [alice, bob]) {
      node.watch.see({
        kind: 'fundingSpent',
        channelId: id,
        txid: [...network.chain.mempool.keys()][0]!,
        spend: 'cooperative',
        height: 110 as never,
      });
      node.manager.handleMonitorEvents();
    }
    network.settle();
    for (const node of [alice, bob]) {
      expect(node.events('channelClosed')).toMatchObject([{ reason: { kind: 'cooperative' } }]);
      node.watch.see({ kind: 'resolved', channelId: id });
      node.manager.handleMonitorEvents();
      network.settle();
      expect(node.manager.listChannels()).toEqual([]);
      expect(
        node.records().filter((key) => /^(channel|inbound|settlement|watch|funding|peer-policy)/.test(key)),
      ).toEqual([]);
    }
  });

  test('a preimage and a timeout seen on chain travel upstream', () => {
    for (const kind of ['htlcFulfilledOnChain', 'htlcTimedOutOnChain'] as const) {
      const { network, alice, bob, carol } = line();
      let claimable: Extract<Event, { kind: 'paymentClaimable' }> | undefined;
      network.application = (_node, event) => {
        if (event.kind === 'paymentClaimable') claimable = event;
      };
      network.pay(alice, carol, 5_000_000n, 1);
      network.settle();
      const downstream = carol.manager.listChannels()[0]!.channelId;
      network.disconnect(bob, carol);
      unwrap(bob.manager.forceCloseChannel(downstream, 'a test'));
      network.settle();
      const { preimage, paymentHash } = claimable!;
      bob.watch.see(
        kind === 'htlcFulfilledOnChain'
          ? { kind, channelId: downstream, htlcId: 0n, paymentHash, preimage: copyBytes(preimage!) }
          : { kind, channelId: downstream, htlcId: 0n, paymentHash },
      );
      bob.manager.timerTick();
      expect(bob.watch.monitorEvents()).toEqual([]);
      network.settle();
      expect(alice.events(kind === 'htlcFulfilledOnChain' ? 'paymentSent' : 'paymentPathFailed')).toHaveLength(1);
    }
  });
});

const containsId = (bytes: Uint8Array, id: string): boolean =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .includes(id);

describe('what a scorer learns', () => {
  /** Keeps what it hears. */
  function listening() {
    const heard: (readonly [string, ...unknown[]])[] = [];
    const scorer: Scorer = {
      penaltyMsat: () => 0,
      pathFailed: (path, failedAt) => heard.push(['failed', path.hops.length, failedAt]),
      pathSucceeded: ({ hops }) => heard.push(['succeeded', hops.length, hops.at(-1)?.feeMsat]),
      timePassed: (seconds) => heard.push(['passed', seconds]),
    };
    return { heard, scorer };
  }

  test('a part that failed at a channel, and the part that took its place', () => {
    const network = new Network({ crypto });
    const { heard, scorer } = listening();
    const alice = network.add('alice', { scorer });
    const [bob, carol] = [network.add('bob'), network.add('carol')];
    network.open(alice, bob);
    network.open(bob, carol, 100_000n, 90_000_000n);
    const tooSmall = network.known.at(-2)!;
    expect([tooSmall.source, tooSmall.target]).toEqual([bob.id, carol.id]);
    network.open(bob, carol);
    network.useHints = false;
    network.pay(alice, carol, 50_000_000n, 1);
    network.settle();
    expect(heard).toEqual([
      ['failed', 2, tooSmall.shortChannelId],
      ['succeeded', 2, 50_000_000n],
    ]);
  });

  test('each part of a payment, once', () => {
    const network = new Network({ crypto });
    const { heard, scorer } = listening();
    const [alice, bob] = [network.add('alice', { scorer }), network.add('bob')];
    network.open(alice, bob, 200_000n, 0n);
    network.open(alice, bob, 200_000n, 0n);
    network.pay(alice, bob, 250_000_000n, 1);
    network.settle();
    network.restart(alice);
    network.settle();
    expect(heard.map(([what]) => what)).toEqual(['succeeded', 'succeeded']);
    expect(heard.reduce((sum, [, , part]) => sum + (part as bigint), 0n)).toBe(250_000_000n);
  });

  test("nothing by a payee's refusal, nor by what never left", () => {
    const { heard, scorer } = listening();
    const { network, alice, bob, carol } = line({ scorer });
    network.application = (node, event) => {
      if (event.kind === 'paymentClaimable') node.manager.failHtlcBackwards(event.paymentHash);
    };
    network.pay(alice, carol, 5_000_000n, 1);
    network.settle();
    expect(alice.events('paymentFailed')).toMatchObject([{ reason: 'recipientRejected' }]);
    const { invoice } = unwrap(carol.manager.createInvoice({ amountMsat: msat(5000n), description: '', now }));
    network.disconnect(alice, bob);
    expect(alice.manager.sendPayment(invoice, paymentIdOf(2)).ok).toBe(false);
    expect(heard).toEqual([]);
  });

  test('how many seconds passed between two ticks', () => {
    const { heard, scorer } = listening();
    const { alice } = line({ scorer });
    for (const time of [now, now + 60_000, undefined, now + 150_000, now + 100_000, now + 100_500, now + 102_000]) {
      alice.manager.timerTick(time);
    }
    // The first says when it starts, and time that goes back is none that passes.
    expect(heard.map(([, seconds]) => seconds)).toEqual([60, 60, 30, 2]);
  });

  test('one that throws is logged, and the payment goes its way', () => {
    const fails = (): never => {
      throw new Error('no room');
    };
    const scorer: Scorer = { penaltyMsat: fails, pathFailed: fails, pathSucceeded: fails, timePassed: fails };
    const { network, alice, carol } = line({ scorer });
    network.pay(alice, carol, 5_000_000n, 1);
    network.settle();
    alice.manager.timerTick();
    expect(alice.events('paymentSent')).toHaveLength(1);
    expect(alice.manager.listChannels()).toMatchObject([{ isUsable: true }]);
    expect(alice.log.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'the scorer threw', fields: { message: 'no room' } },
      { message: 'the scorer threw', fields: { message: 'no room' } },
    ]);
  });
});
