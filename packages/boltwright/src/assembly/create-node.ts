import { randomBytes } from 'node:crypto';
import { unwrap } from '@boltwright/base';
import { regtestChainHash } from '@boltwright/chain-regtest';
import { ChannelManager } from '@boltwright/channel-manager';
import type { BlockLocation, RecordKey } from '@boltwright/interfaces';
import { KeysManager } from '@boltwright/keys';
import { ManyChannelMonitor } from '@boltwright/monitor';
import { PeerManager } from '@boltwright/peer-manager';
import { DefaultRouter, NetGraphMsgHandler, NetworkGraph, ProbabilisticScorer, SeamScorer } from '@boltwright/routing';
import { MemoryStore } from '@boltwright/store-memory';
import { createTurns } from '@boltwright/store-turns';
import { OnChainWallet, readWalletRecords, Sweeper } from '@boltwright/wallet';
import { LightningNode } from '../lightning-node.ts';
import { defaultConfig } from './default-config.ts';
import { defaultCrypto } from './default-crypto.ts';
import type { NodeOptions } from './node-options.ts';
import { routingMessages } from './routing-messages.ts';
import { walletKeys } from './wallet-keys.ts';

const silent = { log: () => {} };

/**
 * The default assembly: reads the store, puts the parts together in the order in which they need one another, brings
 * all of them to the chain's tip, and starts the timers. It listens to nobody yet: see {@link LightningNode.listen}.
 *
 * @throws Error where the store's records cannot be read: nothing was started, nothing changed.
 */
export async function createNode(options: NodeOptions): Promise<LightningNode> {
  const { chain, logger = silent, now = Date.now } = options;
  const crypto = options.crypto ?? (await defaultCrypto());
  const store = options.store ?? new MemoryStore();
  const handle = await store.open(options.storeName ?? 'boltwright');
  const records: (readonly [RecordKey, Uint8Array])[] = [];
  for await (const entry of handle.list('')) records.push(entry);

  const entropy = options.entropy ?? ((length: number) => new Uint8Array(randomBytes(length)));
  const tip = chain.tip();
  const turns = createTurns(handle);
  const walletRecords = unwrap(readWalletRecords(records));
  const birthday = earliest(options.birthday, walletRecords.keys?.birthday) ?? tip;
  const wallet = new OnChainWallet({
    crypto,
    seed: options.seed,
    network: 'regtest',
    birthday,
    turns,
    records: walletRecords,
  });
  const ownKeys = new KeysManager({ seed: options.seed, crypto, entropy, network: 'testnet' });
  const keys = walletKeys(ownKeys, wallet);
  const { feeEstimator, broadcaster, chainWatch } = chain;
  const watched = chainWatch === undefined ? {} : { chainWatch };

  const monitors = unwrap(
    ManyChannelMonitor.restore(
      { crypto, signerProvider: keys, feeEstimator, broadcaster, ...watched, feeWallet: wallet, turns, logger, tip },
      records,
    ),
  );
  const sweeper = new Sweeper({ crypto, signerProvider: keys, feeEstimator, broadcaster, logger, tip: birthday });
  const secret = (): number => entropy(4).reduce((sum, byte) => sum * 256 + byte, 0);
  const graph = new NetworkGraph({ hashSeed: secret() });
  const learning = new ProbabilisticScorer(graph);
  const scorer = options.scorer ?? learning;
  const pricing = options.scorer === undefined ? learning : new SeamScorer(graph, options.scorer);
  const router = options.router ?? new DefaultRouter({ graph, scorer: pricing });
  const manager = unwrap(
    ChannelManager.restore(
      {
        crypto,
        keys,
        feeEstimator,
        broadcaster,
        ...watched,
        watch: monitors,
        router,
        scorer,
        turns,
        logger,
        config: options.config ?? defaultConfig,
        chainHash: regtestChainHash,
        network: 'regtest',
        tip,
      },
      records,
    ),
  );
  turns.addListener(monitors);
  turns.addListener(manager);

  const gossip = new NetGraphMsgHandler({
    graph,
    crypto,
    chainHash: regtestChainHash,
    ...watched,
    logger,
    seed: secret(),
    now: now(),
  });
  gossip.bestBlockUpdated(tip.height);
  const peers = new PeerManager({
    crypto,
    keys,
    chains: [regtestChainHash],
    logger,
    channelMessages: manager,
    routingMessages: routingMessages(gossip, manager),
  });
  return new LightningNode({
    chain,
    crypto,
    gossip,
    graph,
    handle,
    keys,
    logger,
    manager,
    monitors,
    now,
    options,
    peers,
    sweeper,
    turns,
    wallet,
  });
}

/** The lower of two blocks, where there are two: from there on nothing of the wallet's is missed. */
const earliest = (...blocks: readonly (BlockLocation | undefined)[]): BlockLocation | undefined =>
  blocks.reduce((low, block) => (block === undefined || (low && low.height <= block.height) ? low : block));
