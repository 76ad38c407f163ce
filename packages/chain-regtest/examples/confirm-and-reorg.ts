import { sat } from '@boltwright/base';
import { faucetScript, RegtestChain } from '@boltwright/chain-regtest';

const chain = new RegtestChain();
const { transaction, outpoints } = chain.fund({ script: faucetScript, value: sat(50_000n) });
console.log(`${chain.confirmations(transaction.txid)} confirmation at height ${chain.height}`);
console.log(`${chain.coin(outpoints[0]!)?.value} sat can be spent`);
chain.reorg(1); // the block goes, two empty ones come
console.log(`${chain.confirmations(transaction.txid)} confirmations at height ${chain.height}`);
chain.mine();
console.log(`${chain.confirmations(transaction.txid)} confirmation at height ${chain.height}`);
