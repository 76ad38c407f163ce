import { msat, ready, unwrap } from '@boltwright/base';
import { RegtestChain, regtestChainHash } from '@boltwright/chain-regtest';
import { ChannelManager } from '@boltwright/channel-manager';
import { noble } from '@boltwright/crypto';
import type { Router } from '@boltwright/interfaces';
import { KeysManager } from '@boltwright/keys';
import { MemoryStore } from '@boltwright/store-memory';
import { createTurns } from '@boltwright/store-turns';
import { config, watch } from './parts.ts';

const chain = new RegtestChain();
const handle = await new MemoryStore().open('node');
const turns = createTurns(handle);
const router: Router = { findRoute: () => ready({ ok: false, error: { kind: 'noRoute', message: 'no map' } }) };
const keys = new KeysManager({ seed: new Uint8Array(32).fill(7), crypto: noble, entropy: (n) => new Uint8Array(n) });
const network = { chainHash: regtestChainHash, network: 'regtest', tip: await chain.bestBlock() } as const;
const parts = {
  crypto: noble,
  keys,
  feeEstimator: chain,
  broadcaster: chain,
  watch,
  router,
  turns,
  config,
  ...network,
};

// From an empty store a new manager, from records the one that was: where its last durable turn left it.
export const manager = unwrap(ChannelManager.restore({ ...parts, logger: { log: () => {} } }, handle.listNow('')));
turns.addListener(manager); // what a turn promises leaves once the turn is durable
chain.attach(manager);

const request = { amountMsat: msat(5_000_000n), description: 'coffee', now: 1_800_000_000_000 };
export const { invoice } = unwrap(manager.createInvoice(request));
for (const { id, event } of manager.pendingEvents()) {
  if (event.kind === 'paymentClaimable') manager.claimFunds(event.preimage!);
  manager.eventHandled(id); // until then it comes again, after a restart too
}
