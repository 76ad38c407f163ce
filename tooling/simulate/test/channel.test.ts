import { nodeBackend } from '@boltwright/crypto-node';
import { createWasmBackend } from '@boltwright/crypto-wasm';
import { createSimCrypto } from '@boltwright/sim-crypto';
import { expect, test } from '@jest/globals';
import { channelRun, stepsUpTo } from '../src/channel/channel-run.ts';

const sim = createSimCrypto();

test('no order of events gets two sides stuck or loses a millisatoshi', () => {
  const total = { offered: 0, fulfilled: 0, failed: 0, reconnects: 0 };
  for (let seed = 1; seed <= 300; seed++) {
    const summary = channelRun({ seed, steps: stepsUpTo(60), crypto: sim, lateSigners: seed % 2 === 0 });
    total.offered += summary.offered;
    total.fulfilled += summary.fulfilled;
    total.failed += summary.failed;
    total.reconnects += summary.reconnects;
  }
  expect(total.offered).toBeGreaterThan(300);
  expect(total.fulfilled).toBeGreaterThan(100);
  expect(total.failed).toBeGreaterThan(50);
  expect(total.reconnects).toBeGreaterThan(100);
});

test('with real signatures every transaction that could go to the chain passes an interpreter not ours', () => {
  const crypto = nodeBackend(createWasmBackend());
  let transactions = 0;
  for (let seed = 1; seed <= 3; seed++) {
    const options = { seed, steps: stepsUpTo(40), crypto, lateSigners: seed % 2 === 0, checksScripts: true };
    transactions += channelRun(options).transactions;
  }
  expect(transactions).toBeGreaterThan(20);
});
