import { unwrap } from '@boltwright/base';
import type { RegtestChain } from '@boltwright/chain-regtest';
import { noble as crypto } from '@boltwright/crypto';
import type { InitialMonitor } from '@boltwright/interfaces';
import type { KeysManager } from '@boltwright/keys';
import { ManyChannelMonitor } from '@boltwright/monitor';
import { MemoryStore } from '@boltwright/store-memory';
import { createSyncTurns } from '@boltwright/store-turns';

/** Watches a channel; the whole of what it takes. */
export function watch(chain: RegtestChain, keys: KeysManager, initial: InitialMonitor): ManyChannelMonitor {
  const store = new MemoryStore().openNow('node');
  const turns = createSyncTurns(store);
  const logger = { log: () => undefined };
  const { tip } = chain;
  const parts = { crypto, signerProvider: keys, feeEstimator: chain, broadcaster: chain, turns, logger, tip };
  const monitor = unwrap(ManyChannelMonitor.restore(parts, store.listNow('')));
  turns.addListener(monitor);
  chain.attach(monitor);
  monitor.watchChannel(initial); // 'completed': durable with the turn
  turns.endTurn();
  turns.commitAll();
  return monitor;
}
