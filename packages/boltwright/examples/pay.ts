import { msat, sat, unwrap } from '@boltwright/base';
import { RegtestChain } from '@boltwright/chain-regtest';
import { createNode, embeddedChain } from 'boltwright';

const chain = new RegtestChain();
const alice = await createNode({ seed: new Uint8Array(32).fill(1), chain: embeddedChain(chain) });
const bob = await createNode({ seed: new Uint8Array(32).fill(2), chain: embeddedChain(chain) });
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};

chain.fund({ script: alice.wallet.newScript(), value: sat(2_000_000n) });
const address = unwrap(await bob.listen({ host: '127.0.0.1', port: 0 }));
unwrap(await alice.connect(bob.nodeId, address));
unwrap(alice.openChannel(bob.nodeId, sat(1_000_000n)));
await until(() => chain.mempool().length > 0); // the funding transaction
chain.mine(6);
await until(() => alice.channels().some((channel) => channel.isUsable));

const { invoice } = unwrap(bob.createInvoice(msat(25_000_000n), 'a bicycle'));
export const outcome = unwrap(await alice.pay(invoice)); // { kind: 'sent', preimage, feePaidMsat: 0n }
await alice.stop();
await bob.stop();
