import { createSimCrypto } from '@boltwright/sim-crypto';
import { expect, test } from '@jest/globals';
import { balanceOf, Network } from './support/network.ts';

const crypto = createSimCrypto();

test('two nodes open a channel and pay each other', () => {
  const network = new Network({ crypto });
  const alice = network.add('alice');
  const bob = network.add('bob');
  network.open(alice, bob);
  const before = balanceOf(alice);
  network.pay(alice, bob, 10_000_000n, 1);
  network.settle();
  expect(alice.events('paymentSent')).toHaveLength(1);
  expect(balanceOf(alice)).toBe(before - 10_000_000n);
});
