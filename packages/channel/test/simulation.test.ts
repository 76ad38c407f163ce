import { noble } from '@boltwright/crypto';
import { createSimCrypto } from '@boltwright/sim-crypto';
import { expect, test } from '@jest/globals';
import { randomRun } from './support/run.ts';

const sim = createSimCrypto();

test('no order of events gets two sides stuck or loses a millisatoshi', () => {
  const total = { offered: 0, fulfilled: 0, failed: 0, reconnects: 0 };
  for (let seed = 1; seed <= 300; seed++) {
    const summary = randomRun({ seed, steps: 60, crypto: sim, lateSigners: seed % 2 === 0 });
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

test('a share of the runs holds with real signatures', () => {
  for (let seed = 1; seed <= 3; seed++) randomRun({ seed, steps: 40, crypto: noble, lateSigners: seed % 2 === 0 });
});
