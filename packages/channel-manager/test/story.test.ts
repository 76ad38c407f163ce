import { msat, type RawTransaction, type Script, sat, unwrap } from '@boltwright/base';
import { faucetScript, RegtestChain, regtestChainHash } from '@boltwright/chain-regtest';
import { noble } from '@boltwright/crypto';
import type { ChannelMessage, ConnectionId, Event } from '@boltwright/interfaces';
import { KeysManager } from '@boltwright/keys';
import { ManyChannelMonitor } from '@boltwright/monitor';
import { MemoryStore } from '@boltwright/store-memory';
import { createTurns } from '@boltwright/store-turns';
import { toRawTransaction } from '@boltwright/transactions';
import { expect, test } from '@jest/globals';
import { ChannelManager, deadlines } from '../src/index.ts';
import { config } from './support/config.ts';
import { DirectRouter, type KnownChannel } from './support/direct-router.ts';
import { paymentIdOf } from './support/network.ts';
import { Random } from './support/random.ts';

/** What routers know besides invoices' hints. */
const known: KnownChannel[] = [];

/** Spends a coin of the faucet, whose witness script is `OP_1`, to `script`. */
function fundingTransaction(chain: RegtestChain, value: bigint, script: Script): RawTransaction {
  const { outpoints } = chain.fund({ script: faucetScript, value: sat(value + 1000n) });
  return toRawTransaction(noble, {
    version: 2,
    lockTime: 0,
    inputs: [
      {
        outpoint: outpoints[0]!,
        sequence: 0xffff_fffd,
        scriptSig: new Uint8Array(0),
        witness: [Uint8Array.of(0x51)],
      },
    ],
    outputs: [{ value: sat(value), script }],
  });
}

async function node(name: number, chain: RegtestChain) {
  const random = new Random(name);
  const turns = createTurns(await new MemoryStore().open('node'));
  const keys = new KeysManager({
    seed: random.bytes(32),
    crypto: noble,
    entropy: (length) => random.bytes(length),
    network: 'testnet',
  });
  const logger = { log: () => undefined };
  const tip = await chain.bestBlock();
  const monitor = new ManyChannelMonitor({
    crypto: noble,
    signerProvider: keys,
    feeEstimator: chain,
    broadcaster: chain,
    turns,
    logger,
    tip,
  });
  const manager = new ChannelManager({
    crypto: noble,
    keys,
    feeEstimator: chain,
    broadcaster: chain,
    chainWatch: chain,
    watch: monitor,
    router: new DirectRouter(
      () => known,
      () => true,
    ),
    turns,
    logger,
    config,
    chainHash: regtestChainHash,
    network: 'regtest',
    tip,
  });
  turns.addListener(manager);
  turns.addListener(monitor);
  chain.attach(monitor);
  chain.attach(manager);
  return { id: keys.nodeId(), manager, monitor, turns };
}

type Node = Awaited<ReturnType<typeof node>>;

/** Nodes that are all connected to each other, and what they do until nothing moves. */
function joined(chain: RegtestChain, nodes: readonly Node[], holds: (at: Node) => boolean = () => false) {
  const peers = nodes.flatMap((self, i) =>
    nodes.flatMap((peer, k) => (k === i ? [] : [{ self, peer, connection: (100 * i + k) as ConnectionId }])),
  );
  const heard: { readonly at: Node; readonly event: Event }[] = [];
  const gone = new Set<Node>();
  for (const { self, peer, connection } of peers) {
    const features = peer.manager.providedInitFeatures(self.id);
    unwrap(
      self.manager.peerConnected(peer.id, connection, { type: 'init', globalFeatures: new Uint8Array(0), features }),
    );
  }
  const settle = async (): Promise<void> => {
    for (let quiet = 0; quiet < 3; ) {
      let moved = false;
      for (const at of nodes) {
        if (gone.has(at)) continue;
        await at.turns.idle();
        for (const { peer, message } of at.manager.getAndClearPendingMsgEvents()) {
          moved = true;
          const link = peers.find(({ self, peer: other }) => self.id === peer && other === at);
          if (message === undefined || message.type === 'channel_update' || link === undefined) continue;
          if (gone.has(link.self)) continue;
          link.self.manager.handleMessage(at.id, link.connection, message as ChannelMessage);
        }
        for (const { id, event } of at.manager.pendingEvents()) {
          moved = true;
          heard.push({ at, event });
          if (event.kind === 'fundingGenerationReady') {
            const transaction = fundingTransaction(chain, event.value, event.script);
            unwrap(at.manager.fundingTransactionGenerated(event.temporaryChannelId, transaction));
          }
          if (event.kind === 'paymentClaimable' && !holds(at)) unwrap(at.manager.claimFunds(event.preimage!));
          at.manager.eventHandled(id);
        }
      }
      quiet = moved ? 0 : quiet + 1;
    }
  };
  const mine = async (blocks: number): Promise<void> => {
    for (let i = 0; i < blocks; i++) {
      chain.mine();
      await settle();
      for (const at of nodes) if (!gone.has(at)) at.manager.handleMonitorEvents();
      await settle();
    }
  };
  const events = <K extends Event['kind']>(at: Node, kind: K) =>
    heard.flatMap(({ at: who, event }) =>
      who === at && event.kind === kind ? [event as Extract<Event, { readonly kind: K }>] : [],
    );
  /** A node that says nothing any more, and hears nothing but blocks. */
  const leave = (who: Node): void => {
    gone.add(who);
    for (const { self, peer, connection } of peers) {
      if (self !== who && peer === who) self.manager.peerDisconnected(who.id, connection);
    }
  };
  return { settle, mine, events, leave };
}

const now = 1_800_000_000_000;

async function pay(from: Node, to: Node, amountMsat: bigint, id: number, settle: () => Promise<void>): Promise<void> {
  const { invoice } = unwrap(
    to.manager.createInvoice({ amountMsat: msat(amountMsat), description: 'a story', expirySeconds: 10_000_000, now }),
  );
  unwrap(from.manager.sendPayment(invoice, paymentIdOf(id), { now, retryAttempts: 0 }));
  await settle();
}

test('with real signatures, monitors and a chain that checks them: open, pay both ways, close', async () => {
  const chain = new RegtestChain();
  const [alice, bob] = [await node(1, chain), await node(2, chain)];
  const { settle, mine, events } = joined(chain, [alice, bob]);
  unwrap(alice.manager.createChannel(bob.id, sat(1_000_000n)));
  await settle();
  await mine(4);
  await pay(alice, bob, 300_000_000n, 1, settle);
  await pay(bob, alice, 100_000_000n, 2, settle);
  expect([...events(alice, 'paymentSent'), ...events(bob, 'paymentSent')]).toHaveLength(2);
  const [channel] = alice.manager.listChannels();
  expect(channel).toMatchObject({ isUsable: true, balanceMsat: 800_000_000n });
  unwrap(alice.manager.closeChannel(channel!.channelId));
  await settle();
  expect(chain.takeRefused()).toEqual([]);
  expect(chain.mempool()).toHaveLength(1);
  await mine(7);
  expect(chain.spender(channel!.fundingOutpoint!)).toBeDefined();
  for (const at of [alice, bob]) {
    expect(events(at, 'channelClosed')).toMatchObject([{ reason: { kind: 'cooperative' } }]);
    expect(at.manager.listChannels()).toEqual([]);
  }
});

test.each([
  ['shows the preimage on chain alone', true],
  ['falls silent', false],
] as const)('the next hop %s: the previous channel lives, and its HTLC ends the same way', async (_name, claims) => {
  const chain = new RegtestChain();
  const [alice, bob, carol] = [await node(1, chain), await node(2, chain), await node(3, chain)];
  const { settle, mine, events, leave } = joined(chain, [alice, bob, carol], (at) => at === carol);
  unwrap(alice.manager.createChannel(bob.id, sat(1_000_000n)));
  await settle();
  unwrap(bob.manager.createChannel(carol.id, sat(1_000_000n)));
  await settle();
  await mine(4);
  const next = carol.manager.listChannels()[0]!;
  known.push({
    source: bob.id,
    target: carol.id,
    shortChannelId: next.inboundScidAlias!,
    feeBaseMsat: config.channel.forwardingFeeBaseMsat,
    feeProportionalMillionths: config.channel.forwardingFeeProportionalMillionths,
    cltvExpiryDelta: config.channel.cltvExpiryDelta,
  });
  await pay(alice, carol, 50_000_000n, 1, settle);
  known.length = 0;
  const [claimable] = events(carol, 'paymentClaimable');
  expect(claimable).toBeDefined();
  leave(carol);
  if (claims) {
    unwrap(carol.manager.claimFunds(claimable!.preimage!));
    unwrap(carol.manager.forceCloseChannel(next.channelId, 'bob is away'));
    await carol.turns.idle();
    await mine(4);
  } else {
    await mine(claimable!.claimDeadline + deadlines.failBackBlocks + deadlines.graceBlocks - chain.height + 12);
  }
  expect(chain.takeRefused()).toEqual([]);
  expect(events(alice, claims ? 'paymentSent' : 'paymentFailed')).toHaveLength(1);
  expect(events(alice, claims ? 'paymentFailed' : 'paymentSent')).toEqual([]);
  expect(events(alice, 'channelClosed')).toEqual([]);
  expect(events(bob, 'channelClosed')).toMatchObject([{ channelId: next.channelId }]);
});
