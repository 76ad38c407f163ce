import { type RawTransaction, type Sat, type Script, sat } from '@boltwright/base';
import { RegtestChain } from '@boltwright/chain-regtest';
import { describe, expect, test } from '@jest/globals';
import { build, spendKey, testKey } from './keys.ts';

const alice = testKey(1);
const bob = testKey(2);

test('smoke', () => {
  const t = performance.now();
  const chain = new RegtestChain();
  const made = performance.now() - t;
  const funding = chain.fund({ script: alice.p2wpkh, value: sat(1_000_000n) });
  const tx = build({ spends: [spendKey(alice, funding.outpoints[0]!, 1_000_000n)], outputs: [[bob.p2wpkh, 999_000n]] });
  const t2 = performance.now();
  expect(chain.submit(tx)).toMatchObject({ ok: true });
  const t3 = performance.now();
  chain.mine();
  expect(chain.confirmations(tx.txid)).toBe(1);
  console.log(made, t3 - t2, performance.now() - t3);
});
