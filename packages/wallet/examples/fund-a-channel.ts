import { fromHex, sat, unwrap } from '@boltwright/base';
import { RegtestChain } from '@boltwright/chain-regtest';
import { noble } from '@boltwright/crypto';
import { OnChainWallet } from '@boltwright/wallet';

const chain = new RegtestChain();
const seed = fromHex('000102030405060708090a0b0c0d0e0f');
const wallet = new OnChainWallet({ crypto: noble, seed, network: 'regtest', birthday: chain.tip });
chain.attach(wallet);
chain.fund({ script: wallet.newScript(), value: sat(1_000_000n) });
const channelScript = fromHex(`0020${'11'.repeat(32)}`); // the P2WSH of both nodes' funding keys
const funding = unwrap(
  wallet.buildFunding([{ script: channelScript, value: sat(600_000n) }], chain.feerate('anchorChannel')),
);
chain.broadcastPackage([funding]);
chain.mine();
console.log(`${wallet.balance().confirmed} sat are left`);
