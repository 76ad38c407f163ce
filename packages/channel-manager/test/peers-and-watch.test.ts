import { type ChannelId, channelId, feeratePerKw, fromHex, msat, sat, unwrap } from '@boltwright/base';
import type { ChannelMessage, ConnectionId, Event, WatchAnswer } from '@boltwright/interfaces';
import { createSimCrypto } from '@boltwright/sim-crypto';
import { featuresFromBits, type Message } from '@boltwright/wire';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { maxUnfundedChannelsPerPeer } from '../src/index.ts';
import { config } from './support/config.ts';
import { Network, paymentIdOf } from './support/network.ts';
import { payTo } from './support/sim-chain.ts';
import type { TestNode } from './support/test-node.ts';

const crypto = createSimCrypto();
const now = 1_700_100_000_000;

function pair(options: Partial<ConstructorParameters<typeof Network>[0]> = {}) {
  const network = new Network({ crypto, ...options });
  const [alice, bob] = [network.add('alice'), network.add('bob')];
  return { network, alice, bob };
}

const messagesOf = (node: TestNode): readonly Message[] =>
  node.takeMessages().flatMap((event) => (event.message === undefined ? [] : [event.message]));

const textOf = (message: Message | undefined): string =>
  message !== undefined && 'data' in message ? String.fromCharCode(...message.data) : '';

describe('opening', () => {
  test('the user may decide on each inbound channel', () => {
    const { network, alice, bob } = pair({ config: { ...config, manuallyAcceptInboundChannels: true } });
    network.connect(alice, bob);
    const requests: Extract<Event, { kind: 'openChannelRequest' }>[] = [];
    const act = network.application;
    network.application = (node, event) => {
      if (event.kind === 'openChannelRequest') requests.push(event);
      else act(node, event);
    };
    unwrap(alice.manager.createChannel(bob.id, sat(500_000n)));
    unwrap(alice.manager.createChannel(bob.id, sat(600_000n)));
    network.settle();
    expect(requests.map(({ fundingSatoshis }) => fundingSatoshis)).toEqual([500_000n, 600_000n]);
    unwrap(bob.manager.acceptChannel(requests[0]!.temporaryChannelId, alice.id));
    unwrap(bob.manager.rejectChannel(requests[1]!.temporaryChannelId, alice.id, 'no room'));
    network.settle();
    network.mine(4);
    expect(bob.manager.listChannels()).toMatchObject([{ channelValueSatoshis: 500_000n, isUsable: true }]);
    expect(alice.events('channelClosed')).toHaveLength(1);
    expect(bob.manager.acceptChannel(requests[0]!.temporaryChannelId, alice.id)).toMatchObject({ ok: false });
  });

  test('a peer that opens and does not fund is bounded', () => {
    const { network, alice, bob } = pair();
    network.application = () => undefined;
    network.connect(alice, bob);
    for (let i = 0; i <= maxUnfundedChannelsPerPeer; i++) unwrap(alice.manager.createChannel(bob.id, sat(100_000n)));
    network.settle();
    expect(bob.manager.listChannels()).toHaveLength(maxUnfundedChannelsPerPeer);
    network.disconnect(alice, bob);
    expect(bob.manager.listChannels()).toEqual([]);
    expect(alice.manager.listChannels()).toEqual([]);
  });

  test('the funding transaction is broadcast only when all is durable, and again until it is confirmed', () => {
    const { network, alice, bob } = pair({ watch: 'remote' });
    network.connect(alice, bob);
    unwrap(alice.manager.createChannel(bob.id, sat(500_000n)));
    while (!alice.events('fundingGenerationReady').length) network.step();
    for (let i = 0; i < 300 && network.chain.mempool.size === 0; i++) {
      expect(alice.manager.listChannels().length + bob.manager.listChannels().length).toBeGreaterThan(0);
      network.step();
    }
    expect(alice.watch.updates(alice.manager.listChannels()[0]!.channelId)).toBe(1);
    expect(alice.watch.lastUpdateId(alice.manager.listChannels()[0]!.channelId)).toMatchObject({ value: 0n });
    network.chain.mempool.clear();
    network.mine();
    expect(network.chain.mempool.size).toBe(1);
    network.restart(alice);
    network.chain.mempool.clear();
    network.mine();
    expect(network.chain.mempool.size).toBe(1);
    network.mine(4);
    expect(alice.manager.listChannels()).toMatchObject([{ isUsable: true }]);
  });

  test('one transaction funds two channels, and waits for both', () => {
    const { network, alice, bob } = pair();
    const carol = network.add('carol');
    network.connect(alice, bob);
    network.connect(alice, carol);
    const asked: Extract<Event, { kind: 'fundingGenerationReady' }>[] = [];
    network.application = (_node, event) => {
      if (event.kind === 'fundingGenerationReady') asked.push(event);
    };
    for (const peer of [bob, carol]) unwrap(alice.manager.createChannel(peer.id, sat(500_000n)));
    network.settle();
    const transaction = payTo(crypto, network.random.bytes(32), asked);
    unwrap(alice.manager.fundingTransactionGenerated(asked[0]!.temporaryChannelId, transaction, 0));
    unwrap(alice.manager.fundingTransactionGenerated(asked[1]!.temporaryChannelId, transaction, 1));
    const links = network.links;
    network.links = links.filter(({ to, from }) => to !== carol && from !== carol);
    network.settle();
    expect(network.delivered.some(({ message }) => message.type === 'funding_signed')).toBe(true);
    expect(network.chain.mempool.size).toBe(0);
    network.disconnect(alice, carol);
    network.settle();
    // Carol never signed: her channel is given up, and the transaction must not go out for bob's alone.
    expect(alice.events('discardFunding')).toHaveLength(2);
    network.mine(2);
    expect(network.chain.mempool.size).toBe(0);
    expect(alice.manager.listChannels().map(({ state }) => state)).toEqual(['closed']);
  });

  test('an opening that dies before it is durable frees its coins', () => {
    const { network, alice, bob } = pair();
    network.connect(alice, bob);
    unwrap(alice.manager.createChannel(bob.id, sat(500_000n)));
    while (!network.delivered.some(({ message }) => message.type === 'funding_created')) network.step();
    network.restart(alice, 9);
    network.settle();
    expect(alice.events('discardFunding')).toHaveLength(1);
    expect(alice.records().filter((key) => key.startsWith('funding/'))).toEqual([]);
  });

  test('calls that cannot be done say why and change nothing', () => {
    const { network, alice, bob } = pair();
    expect(alice.manager.createChannel(bob.id, sat(500_000n))).toMatchObject({ error: { code: 'notConnected' } });
    network.connect(alice, bob);
    expect(alice.manager.createChannel(bob.id, sat(0n))).toMatchObject({ error: { code: 'refused' } });
    const unknown = channelId('ab'.repeat(32));
    const { manager } = alice;
    const raw = { txid: 'ab'.repeat(32), bytes: new Uint8Array(3) } as never;
    for (const [result, code] of [
      [manager.closeChannel(unknown), 'unknownChannel'],
      [manager.forceCloseChannel(unknown, 'x'), 'unknownChannel'],
      [manager.fundingTransactionGenerated(unknown, raw), 'unknownChannel'],
      [manager.acceptChannel(unknown, bob.id), 'unknownChannel'],
      [manager.abandonPayment(paymentIdOf(3)), 'unknownPayment'],
      [manager.forgetPayment(paymentIdOf(3)), 'unknownPayment'],
      [manager.claimFunds(new Uint8Array(32)), 'unknownPayment'],
      [manager.claimFunds(new Uint8Array(3)), 'unknownPayment'],
      [manager.failHtlcBackwards('ab'.repeat(32) as never), 'unknownPayment'],
      [manager.createInvoice({ description: 'x'.repeat(700), now }), 'refused'],
      [manager.createInvoice({ amountMsat: msat(0n), description: '', now }), 'invalidAmount'],
      [manager.createInvoice({ description: '', now: -1 }), 'refused'],
    ] as const) {
      expect(result).toMatchObject({ ok: false, error: { kind: 'apiError', code } });
    }
    network.application = () => undefined;
    const temporary = unwrap(manager.createChannel(bob.id, sat(500_000n)));
    expect(manager.fundingTransactionGenerated(temporary, raw)).toMatchObject({ error: { code: 'wrongState' } });
    network.settle();
    expect(manager.fundingTransactionGenerated(temporary, raw)).toMatchObject({
      error: { code: 'invalidTransaction' },
    });
  });
});

describe('hostile peers', () => {
  test('messages of unknown channels are answered with an error, and so is a message too early', () => {
    const { network, alice, bob } = pair();
    const id = network.open(alice, bob);
    const connection = bob.peers.get(alice.id)!;
    const unknown = channelId('cd'.repeat(32));
    bob.manager.handleMessage(alice.id, connection, {
      type: 'commitment_signed',
      channelId: unknown,
      signature: new Uint8Array(64),
      htlcSignatures: [],
    });
    expect(messagesOf(bob)).toMatchObject([{ type: 'error', channelId: unknown }]);
    // Another peer names alice's channel: it is not his.
    const mallory = network.add('mallory');
    network.connect(mallory, bob);
    bob.manager.handleMessage(mallory.id, bob.peers.get(mallory.id)!, {
      type: 'shutdown',
      channelId: id,
      scriptpubkey: fromHex(`0014${'11'.repeat(20)}`),
    });
    bob.turns.commitAll();
    expect(messagesOf(bob)).toMatchObject([{ type: 'error', channelId: id }]);
    expect(bob.manager.listChannels()[0]?.state).toBe('normal');
    // A connection that is gone says nothing any more.
    bob.manager.handleMessage(alice.id, 999 as ConnectionId, { type: 'error', channelId: id, data: new Uint8Array(0) });
    expect(bob.manager.listChannels()[0]?.state).toBe('normal');
  });

  test('a violation fails its channel alone, by the monitor, and names section and field', () => {
    const { network, alice, bob } = pair();
    const carol = network.add('carol');
    const id = network.open(alice, bob);
    network.open(bob, carol);
    bob.manager.handleMessage(alice.id, bob.peers.get(alice.id)!, {
      type: 'update_add_htlc',
      channelId: id,
      id: 5n,
      amountMsat: msat(1000n),
      paymentHash: 'ab'.repeat(32) as never,
      cltvExpiry: 500 as never,
      onionRoutingPacket: new Uint8Array(1366),
    });
    const updates = bob.watch.updates(id);
    bob.turns.commitAll();
    const answer = messagesOf(bob).find((message) => message.type === 'error');
    expect(textOf(answer)).toMatch(/BOLT 2.*id/);
    expect(bob.watch.updates(id)).toBe(updates);
    expect(bob.manager.listChannels().find(({ channelId }) => channelId === id)?.state).toBe('closed');
    network.settle();
    expect(bob.events('channelClosed')).toMatchObject([{ channelId: id, reason: { kind: 'protocolViolation' } }]);
    network.pay(bob, carol, 5_000_000n, 1);
    network.settle();
    expect(bob.events('paymentSent')).toHaveLength(1);
  });

  test('an error of the peer fails the channel that it names, or all of them', () => {
    for (const all of [false, true]) {
      const { network, alice, bob } = pair();
      const [first] = [network.open(alice, bob), network.open(alice, bob)];
      bob.manager.handleMessage(alice.id, bob.peers.get(alice.id)!, {
        type: 'error',
        channelId: all ? channelId('00'.repeat(32)) : first!,
        data: fromHex('6f6f7073'),
      });
      expect(bob.manager.listChannels().filter(({ state }) => state === 'closed')).toHaveLength(all ? 2 : 1);
      network.settle();
      expect(bob.events('channelClosed')[0]).toMatchObject({ reason: { kind: 'counterpartyForceClosed' } });
    }
  });

  test('features that we must know and do not refuse the peer', () => {
    const { alice, bob } = pair();
    const refused = alice.manager.peerConnected(bob.id, 1 as ConnectionId, {
      type: 'init',
      globalFeatures: new Uint8Array(0),
      features: featuresFromBits([200]),
    });
    expect(refused).toMatchObject({ ok: false, error: { kind: 'peerRefused' } });
  });

  test('whatever a peer says, in whatever order, nothing throws and other channels go on', () => {
    const ids = (network: Network, id: ChannelId): readonly ChannelMessage[] => {
      const point = crypto.publicKey(network.random.bytes(32));
      const bytes = (length: number) => network.random.bytes(length);
      return [
        { type: 'channel_ready', channelId: id, secondPerCommitmentPoint: point },
        { type: 'shutdown', channelId: id, scriptpubkey: bytes(22) },
        { type: 'closing_signed', channelId: id, feeSatoshis: sat(5n), signature: bytes(64) },
        {
          type: 'update_add_htlc',
          channelId: id,
          id: 0n,
          amountMsat: msat(50_000n),
          paymentHash: 'ab'.repeat(32) as never,
          cltvExpiry: 200 as never,
          onionRoutingPacket: bytes(1366),
        },
        { type: 'update_fulfill_htlc', channelId: id, id: 0n, paymentPreimage: bytes(32) },
        { type: 'update_fail_htlc', channelId: id, id: 0n, reason: bytes(40) },
        { type: 'update_fail_malformed_htlc', channelId: id, id: 0n, sha256OfOnion: bytes(32), failureCode: 0x8000 },
        { type: 'commitment_signed', channelId: id, signature: bytes(64), htlcSignatures: [] },
        { type: 'revoke_and_ack', channelId: id, perCommitmentSecret: bytes(32), nextPerCommitmentPoint: point },
        { type: 'update_fee', channelId: id, feeratePerKw: feeratePerKw(5000) },
        {
          type: 'channel_reestablish',
          channelId: id,
          nextCommitmentNumber: 1n,
          nextRevocationNumber: 0n,
          yourLastPerCommitmentSecret: bytes(32),
          myCurrentPerCommitmentPoint: point,
        },
        { type: 'funding_signed', channelId: id, signature: bytes(64) },
        {
          type: 'accept_channel',
          temporaryChannelId: id,
          dustLimitSatoshis: sat(354n),
          maxHtlcValueInFlightMsat: msat(1n),
          channelReserveSatoshis: sat(1n),
          htlcMinimumMsat: msat(1n),
          minimumDepth: 1,
          toSelfDelay: 1,
          maxAcceptedHtlcs: 1,
          fundingPubkey: point,
          revocationBasepoint: point,
          paymentBasepoint: point,
          delayedPaymentBasepoint: point,
          htlcBasepoint: point,
          firstPerCommitmentPoint: point,
        },
        {
          type: 'funding_created',
          temporaryChannelId: id,
          fundingTxid: 'ab'.repeat(32) as never,
          fundingOutputIndex: 0,
          signature: bytes(64),
        },
        { type: 'warning', channelId: id, data: bytes(5) },
        { type: 'stfu', channelId: id, initiator: 1 } as never,
      ];
    };
    const network = new Network({ crypto });
    const bob = network.add('bob');
    const carol = network.add('carol');
    network.open(bob, carol);
    let number = 0;
    fc.assert(
      fc.property(fc.array(fc.nat(15), { minLength: 1, maxLength: 12 }), fc.boolean(), (choices, mine) => {
        const mallory = network.add(`mallory${number++}`);
        const id = network.open(mallory, bob, 200_000n, 50_000_000n);
        for (const choice of choices) {
          const connection = bob.peers.get(mallory.id);
          if (connection === undefined) break;
          const target = mine ? id : network.random.below(2) === 0 ? id : channelId('ee'.repeat(32));
          bob.manager.handleMessage(mallory.id, connection, ids(network, target)[choice]!);
          network.step();
        }
        network.settle();
        network.disconnect(bob, mallory);
        network.nodes.pop();
      }),
      { seed: 5, numRuns: 25 },
    );
    expect(bob.events('channelFrozen')).toEqual([]);
    network.pay(bob, carol, 5_000_000n, 1);
    network.settle();
    expect(bob.events('paymentSent')).toHaveLength(1);
  });
});

describe('the watch', () => {
  test('where it answers late, that channel waits and the others go on', () => {
    const network = new Network({ crypto });
    const alice = network.add('alice', { watch: 'remote' });
    const [bob, carol] = [network.add('bob'), network.add('carol')];
    network.open(alice, bob);
    network.open(alice, carol);
    const complete = alice.watch.completeNext.bind(alice.watch);
    const slow = alice.manager.listChannels().find(({ counterparty }) => counterparty === bob.id)!.channelId;
    alice.watch.completeNext = () => {
      const held = alice.watch.pending.filter(({ channelId }) => channelId === slow);
      alice.watch.pending = alice.watch.pending.filter(({ channelId }) => channelId !== slow);
      const done = complete();
      alice.watch.pending.push(...held);
      return done;
    };
    network.pay(alice, bob, 5_000_000n, 1);
    network.pay(alice, carol, 5_000_000n, 2);
    for (let i = 0; i < 2000; i++) network.step();
    expect(alice.events('paymentSent')).toMatchObject([{ paymentId: paymentIdOf(2) }]);
    expect(
      network.delivered.filter(({ to, message }) => to === 'bob' && message.type === 'commitment_signed'),
    ).toHaveLength(0);
    alice.watch.completeNext = complete;
    network.settle();
    expect(alice.events('paymentSent')).toHaveLength(2);
  });

  test.each([
    ['closing', 'channelClosed'],
    ['failed', 'channelFrozen'],
  ] as const)('%s drops the step: nothing of it is sent', (answer: WatchAnswer, event) => {
    const { network, alice, bob } = pair();
    const id = network.open(alice, bob);
    if (answer === 'closing') alice.watch.close(id);
    else alice.watch.nextAnswer = answer;
    const { invoice } = unwrap(bob.manager.createInvoice({ amountMsat: msat(5000n), description: '', now }));
    alice.manager.sendPayment(invoice, paymentIdOf(1));
    network.settle();
    expect(network.delivered.filter(({ message }) => message.type === 'commitment_signed')).toEqual([]);
    expect(alice.events(event)).toHaveLength(1);
    if (answer === 'closing') {
      expect(alice.manager.listPayments()).toMatchObject([{ state: 'failed', partsInFlight: 0 }]);
    }
    expect(alice.manager.listChannels()[0]?.isUsable).toBe(false);
  });

  test('a watch that is ahead of us means that we lost data: the channel is frozen and says nothing', () => {
    const { network, alice, bob } = pair({ watch: 'remote' });
    network.open(alice, bob);
    const old = alice.store.fork();
    network.pay(alice, bob, 5_000_000n, 1);
    network.settle();
    alice.kill();
    network.disconnect(alice, bob);
    alice.store = old;
    alice.start();
    network.connect(alice, bob);
    network.settle();
    expect(alice.events('channelFrozen')).toMatchObject([{ message: expect.stringContaining('data was lost') }]);
    expect(network.delivered.filter(({ from, message }) => from === 'alice' && message.type === 'error')).toEqual([]);
  });

  test('no part of a claim is fulfilled before the preimage is durable for each', () => {
    const network = new Network({ crypto });
    const alice = network.add('alice');
    const bob = network.add('bob', { watch: 'remote' });
    const ids = [network.open(alice, bob, 200_000n, 0n), network.open(alice, bob, 200_000n, 0n)];
    const complete = bob.watch.completeNext.bind(bob.watch);
    const act = network.application;
    network.application = (node, event) => {
      act(node, event);
      if (event.kind === 'paymentClaimable') bob.watch.completeNext = () => undefined;
    };
    network.pay(alice, bob, 300_000_000n, 1);
    for (let i = 0; i < 4000; i++) network.step();
    expect(bob.watch.pending.length).toBeGreaterThanOrEqual(2);
    // One part's is durable, the other's is not.
    const done = complete()!;
    bob.manager.updateCompleted(done.channelId, done.updateId);
    for (let i = 0; i < 500; i++) network.step();
    const fulfils = () => network.delivered.filter(({ message }) => message.type === 'update_fulfill_htlc');
    expect(fulfils()).toEqual([]);
    bob.watch.completeNext = complete;
    network.settle();
    expect(new Set(fulfils().map(({ message }) => (message as { channelId: ChannelId }).channelId))).toEqual(
      new Set(ids),
    );
    expect(alice.events('paymentSent')).toHaveLength(1);
  });
});

describe('events and time', () => {
  test('an event outlives restarts until it is handled', () => {
    const { network, alice, bob } = pair();
    network.open(alice, bob);
    network.application = () => undefined;
    const heard = bob.manager.pendingEvents.bind(bob.manager);
    expect(heard()).toEqual([]);
    network.pay(alice, bob, 5_000_000n, 1);
    for (let i = 0; i < 500 && bob.manager.pendingEvents().length === 0; i++) network.step();
    const [first] = bob.manager.pendingEvents();
    for (let i = 0; i < 3; i++) {
      network.restart(bob);
      expect(bob.manager.pendingEvents()).toEqual([first]);
    }
    bob.manager.eventHandled(first!.id);
    bob.turns.commitAll();
    expect(bob.records().filter((key) => key.startsWith('event/'))).toEqual([]);
  });

  test('the opener follows the feerate, and the channel goes on', () => {
    const { network, alice, bob } = pair();
    network.open(alice, bob);
    alice.feerate = 2000;
    alice.manager.timerTick(now);
    network.settle();
    expect(network.delivered.filter(({ message }) => message.type === 'update_fee')).toHaveLength(1);
    alice.manager.timerTick(now);
    network.settle();
    expect(network.delivered.filter(({ message }) => message.type === 'update_fee')).toHaveLength(1);
    network.pay(alice, bob, 5_000_000n, 1);
    network.settle();
    expect(alice.events('paymentSent')).toHaveLength(1);
  });

  test('a reorg takes the confirmation back, and a block told twice changes nothing', () => {
    const { network, alice, bob } = pair();
    network.connect(alice, bob);
    unwrap(alice.manager.createChannel(bob.id, sat(500_000n)));
    network.settle();
    network.mine();
    const commits = alice.store.commits;
    const height = alice.manager.tip().height;
    alice.manager.blockConnected(network.chain.blocks[height]!, height);
    alice.manager.blockConnected(network.chain.blocks[height - 3]!, (height - 3) as never);
    alice.turns.commitAll();
    expect(alice.store.commits).toBe(commits);
    expect(alice.manager.listChannels()).toMatchObject([{ confirmedAt: height }]);
    const fork = network.chain.reorg(1);
    for (const node of network.nodes) node.manager.blocksDisconnected(fork);
    expect(alice.manager.listChannels()[0]?.confirmedAt).toBeUndefined();
    network.mine(4);
    expect(alice.manager.listChannels()).toMatchObject([{ isUsable: true, confirmedAt: height }]);
  });
});
