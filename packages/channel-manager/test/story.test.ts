import { msat, type RawTransaction, type Script, sat, unwrap } from '@boltwright/base';
import { faucetScript, RegtestChain, regtestChainHash } from '@boltwright/chain-regtest';
import { noble } from '@boltwright/crypto';
import type { ChannelMessage, ConnectionId, Event } from '@boltwright/interfaces';
import { KeysManager } from '@boltwright/keys';
import { MemoryStore } from '@boltwright/store-memory';
import { createTurns } from '@boltwright/store-turns';
import { toRawTransaction } from '@boltwright/transactions';
import { expect, test } from '@jest/globals';
import { ChannelManager } from '../src/index.ts';
import { config } from './support/config.ts';
import { DirectRouter } from './support/direct-router.ts';
import { paymentIdOf } from './support/network.ts';
import { Random } from './support/random.ts';
import { RecordingWatch } from './support/recording-watch.ts';

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
  const manager = new ChannelManager({
    crypto: noble,
    keys,
    feeEstimator: chain,
    broadcaster: chain,
    chainWatch: chain,
    watch: new RecordingWatch(turns),
    router: new DirectRouter(
      () => [],
      () => true,
    ),
    turns,
    logger: { log: () => undefined },
    config,
    chainHash: regtestChainHash,
    network: 'regtest',
    tip: await chain.bestBlock(),
  });
  turns.addListener(manager);
  chain.attach(manager);
  return { id: keys.nodeId(), manager, turns };
}

test('with real signatures and a chain that checks them: open, pay both ways, close', async () => {
  const chain = new RegtestChain();
  const [alice, bob] = [await node(1, chain), await node(2, chain)];
  const peers = [
    [alice, bob, 1 as ConnectionId],
    [bob, alice, 2 as ConnectionId],
  ] as const;
  for (const [self, peer, connection] of peers) {
    const features = peer.manager.providedInitFeatures(self.id);
    unwrap(
      self.manager.peerConnected(peer.id, connection, { type: 'init', globalFeatures: new Uint8Array(0), features }),
    );
  }
  const heard: Event[] = [];
  const settle = async (): Promise<void> => {
    for (let quiet = 0; quiet < 3; ) {
      let moved = false;
      for (const [self, peer, connection] of peers) {
        await self.turns.idle();
        const other = connection === 1 ? (2 as ConnectionId) : (1 as ConnectionId);
        for (const event of self.manager.getAndClearPendingMsgEvents()) {
          moved = true;
          if (event.message === undefined || event.message.type === 'channel_update') continue;
          peer.manager.handleMessage(self.id, other, event.message as ChannelMessage);
        }
        for (const { id, event } of self.manager.pendingEvents()) {
          moved = true;
          heard.push(event);
          if (event.kind === 'fundingGenerationReady') {
            const transaction = fundingTransaction(chain, event.value, event.script);
            unwrap(self.manager.fundingTransactionGenerated(event.temporaryChannelId, transaction));
          }
          if (event.kind === 'paymentClaimable') unwrap(self.manager.claimFunds(event.preimage!));
          self.manager.eventHandled(id);
        }
      }
      quiet = moved ? 0 : quiet + 1;
    }
  };
  unwrap(alice.manager.createChannel(bob.id, sat(1_000_000n)));
  await settle();
  chain.mine(4);
  await settle();
  const now = 1_800_000_000_000;
  const pay = async (from: typeof alice, to: typeof alice, amountMsat: bigint, id: number): Promise<void> => {
    const { invoice } = unwrap(to.manager.createInvoice({ amountMsat: msat(amountMsat), description: 'a story', now }));
    unwrap(from.manager.sendPayment(invoice, paymentIdOf(id), { now }));
    await settle();
  };
  await pay(alice, bob, 300_000_000n, 1);
  await pay(bob, alice, 100_000_000n, 2);
  expect(heard.filter(({ kind }) => kind === 'paymentSent')).toHaveLength(2);
  const [channel] = alice.manager.listChannels();
  expect(channel).toMatchObject({ isUsable: true, balanceMsat: 800_000_000n });
  unwrap(alice.manager.closeChannel(channel!.channelId));
  await settle();
  expect(chain.takeRefused()).toEqual([]);
  expect(chain.mempool()).toHaveLength(1);
  chain.mine();
  expect(chain.spender(channel!.fundingOutpoint!)).toBeDefined();
});
