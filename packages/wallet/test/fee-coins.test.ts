import {
  concatBytes,
  feeratePerKw,
  fromHex,
  outPointKey,
  type RawTransaction,
  type Sat,
  sat,
  toHex,
  unwrap,
} from '@boltwright/base';
import { RegtestChain } from '@boltwright/chain-regtest';
import { noble } from '@boltwright/crypto';
import type { RecordKey } from '@boltwright/interfaces';
import type { FeeCoin } from '@boltwright/monitor';
import {
  feeForWeight,
  inputWeight,
  p2wpkhWitnessWeight,
  type Transaction,
  toRawTransaction,
  unsignedInput,
  withWitness,
} from '@boltwright/transactions';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OnChainWallet, readWalletRecords } from '../src/index.ts';

const seed = fromHex('000102030405060708090a0b0c0d0e0f');
const feerate = feeratePerKw(2000);
const channelScript = fromHex(`0020${'11'.repeat(32)}`);
const purpose = `${'ab'.repeat(32)}:${'cd'.repeat(32)}:0`;
const costOfCoin = feeForWeight(feerate, inputWeight + p2wpkhWitnessWeight);

/** A wallet on a chain, with records that outlive it. */
function setUp(...values: bigint[]) {
  const chain = new RegtestChain();
  const birthday = chain.tip;
  const records = new Map<RecordKey, Uint8Array>();
  const turns = {
    put: (key: RecordKey, value: Uint8Array) => void records.set(key, value),
    delete: (key: RecordKey) => void records.delete(key),
  };
  const make = (): OnChainWallet => {
    const read = unwrap(readWalletRecords(records));
    const wallet = new OnChainWallet({ crypto: noble, seed, network: 'regtest', birthday, turns, records: read });
    chain.attach(wallet);
    return wallet;
  };
  const wallet = make();
  if (values.length > 0) chain.fund(...values.map((value) => ({ script: wallet.newScript(), value: sat(value) })));
  return { chain, wallet, make, records };
}

const worth = (coins: readonly FeeCoin[] | undefined): bigint =>
  (coins ?? []).reduce((sum, coin) => sum + coin.value - costOfCoin, 0n);
const keys = (coins: readonly FeeCoin[] | undefined): string[] =>
  (coins ?? []).map(({ outpoint }) => outPointKey(outpoint));

/** Spends these coins to the purpose's change, all of it but 1000 sat. */
function spend(wallet: OnChainWallet, coins: readonly FeeCoin[], to = wallet.changeScript(purpose)): RawTransaction {
  const total = coins.reduce((sum, coin) => sum + coin.value, 0n);
  const unsigned: Transaction = {
    version: 2,
    inputs: coins.map(({ outpoint }) => unsignedInput(outpoint, 0xfffffffd)),
    outputs: [{ value: (total - 1000n) as Sat, script: to }],
    lockTime: 0,
  };
  const raw = toRawTransaction(noble, unsigned);
  const signed = coins.reduce(
    (tx, coin, input) => withWitness(tx, input, wallet.signFeeInput(raw, input, coin)),
    unsigned,
  );
  return toRawTransaction(noble, signed);
}

describe('fee coins', () => {
  test('are worth what was asked beyond their own inputs, the smallest that does, and are nobody else’s', () => {
    const { wallet } = setUp(50_000n, 20_000n, 5000n);
    const small = wallet.feeCoins(purpose, sat(10_000n), feerate);
    expect(small).toMatchObject([{ value: 20_000n, witnessWeight: p2wpkhWitnessWeight }]);
    expect(wallet.feeCoins('other', sat(10_000n), feerate)).toMatchObject([{ value: 50_000n }]);
    expect(wallet.feeCoins('third', sat(10_000n), feerate)).toBeUndefined();
    expect(wallet.balance()).toEqual({ confirmed: 5000n, unconfirmed: 0n });
    const funding = wallet.buildFunding([{ script: channelScript, value: sat(10_000n) }], feerate);
    expect(funding).toMatchObject({ ok: false, error: { kind: 'insufficientFunds', available: 5000n } });
  });

  test('of a purpose are the same again, and more where they no longer suffice', () => {
    const { wallet } = setUp(50_000n, 20_000n, 5000n);
    const first = wallet.feeCoins(purpose, sat(10_000n), feerate);
    expect(wallet.feeCoins(purpose, sat(9000n), feerate)).toEqual(first);
    const more = wallet.feeCoins(purpose, sat(30_000n), feerate);
    expect(keys(more).slice(0, 1)).toEqual(keys(first));
    expect(more).toHaveLength(2);
    expect(wallet.feeCoins(purpose, sat(500_000n), feerate)).toBeUndefined();
    expect(wallet.feeCoins(purpose, sat(10_000n), feerate)).toEqual(more);
    expect(wallet.changeScript(purpose)).toEqual(wallet.changeScript(purpose));
    expect(wallet.changeScript('other')).not.toEqual(wallet.changeScript(purpose));
  });

  test('are confirmed ones: neither change that waits nor a coin that funds a channel', () => {
    const { wallet, chain } = setUp(100_000n);
    const funding = unwrap(wallet.buildFunding([{ script: channelScript, value: sat(50_000n) }], feerate));
    expect(wallet.feeCoins(purpose, sat(1000n), feerate)).toBeUndefined();
    chain.broadcastPackage([funding]);
    chain.mine();
    expect(wallet.feeCoins(purpose, sat(1000n), feerate)).toHaveLength(1);
  });

  test('are free when their purpose is released', () => {
    const { wallet, records } = setUp(50_000n);
    wallet.feeCoins(purpose, sat(10_000n), feerate);
    wallet.releaseFeeCoins(purpose);
    wallet.releaseFeeCoins(purpose);
    expect(wallet.balance().confirmed).toBe(50_000n);
    expect([...records.keys()]).toEqual(['wallet_keys']);
    expect(wallet.feeCoins('other', sat(10_000n), feerate)).toHaveLength(1);
  });

  test('are spent by the witness that the wallet makes, and what is left comes back', () => {
    const { wallet, chain } = setUp(50_000n, 20_000n);
    const coins = wallet.feeCoins(purpose, sat(60_000n), feerate)!;
    expect(chain.submit(spend(wallet, coins)).ok).toBe(true);
    chain.mine();
    expect(wallet.balance()).toEqual({ confirmed: 69_000n, unconfirmed: 0n });
    const foreign = { ...coins[0]!, script: channelScript };
    expect(() => wallet.signFeeInput(spend(wallet, coins), 0, foreign)).toThrow(RangeError);
  });

  test('are kept over a reorg, also of the block that spent them with others’ inputs', () => {
    const { wallet, chain } = setUp(50_000n);
    const stranger = new OnChainWallet({
      crypto: noble,
      seed: fromHex('ff'.repeat(16)),
      network: 'regtest',
      birthday: chain.tip,
    });
    chain.attach(stranger);
    chain.fund({ script: stranger.newScript(), value: sat(30_000n) });
    const coins = wallet.feeCoins(purpose, sat(10_000n), feerate)!;
    const theirs = stranger.feeCoins('x', sat(1n), feerate)!;
    const unsigned = {
      version: 2,
      inputs: [...theirs, ...coins].map(({ outpoint }) => unsignedInput(outpoint, 0xfffffffd)),
      outputs: [{ value: sat(70_000n), script: wallet.changeScript(purpose) }],
      lockTime: 0,
    };
    const raw = toRawTransaction(noble, unsigned);
    const half = withWitness(unsigned, 0, stranger.signFeeInput(raw, 0, theirs[0]!));
    const whole = toRawTransaction(noble, withWitness(half, 1, wallet.signFeeInput(raw, 1, coins[0]!)));
    unwrap(chain.mineBlock([whole]));
    expect(wallet.balance().confirmed).toBe(70_000n);
    unwrap(chain.reorg(1));
    expect(wallet.balance().confirmed).toBe(0n);
    expect(wallet.feeCoins(purpose, sat(10_000n), feerate)).toEqual(coins);
  });

  test('are the same after a restart, which hands out no key twice and finds coins behind many unused ones', () => {
    const { wallet, chain, make } = setUp(50_000n, 20_000n);
    const coins = wallet.feeCoins(purpose, sat(10_000n), feerate);
    const change = wallet.changeScript(purpose);
    const scripts = Array.from({ length: 60 }, () => wallet.newScript());
    chain.fund({ script: scripts[59]!, value: sat(7000n) });
    const again = make();
    expect(again.balance()).toEqual({ confirmed: 57_000n, unconfirmed: 0n });
    expect(again.feeCoins(purpose, sat(10_000n), feerate)).toEqual(coins);
    expect(again.changeScript(purpose)).toEqual(change);
    expect(again.changeScript('other')).not.toEqual(change);
    expect(scripts.map(toHex)).not.toContain(toHex(again.newScript()));
  });

  test('never serve two purposes, whatever is asked and released', () => {
    const { wallet } = setUp(50_000n, 20_000n, 5000n, 80_000n, 30_000n, 12_000n);
    const step = fc.record({
      purpose: fc.constantFrom('a', 'b', 'c', 'd'),
      value: fc.integer({ min: 1, max: 120_000 }),
      release: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        for (const name of 'abcd') wallet.releaseFeeCoins(name);
        const owned = new Map<string, string[]>();
        for (const { purpose: name, value, release } of steps) {
          if (release) {
            wallet.releaseFeeCoins(name);
            owned.delete(name);
          } else {
            const coins = wallet.feeCoins(name, sat(BigInt(value)), feerate);
            if (coins === undefined) continue;
            expect(worth(coins)).toBeGreaterThanOrEqual(BigInt(value));
            expect(keys(coins)).toEqual(expect.arrayContaining(owned.get(name) ?? []));
            owned.set(name, keys(coins));
          }
          const all = [...owned.values()].flat();
          expect(new Set(all).size).toBe(all.length);
          const free = wallet.coins().map(({ outpoint }) => outPointKey(outpoint) as string);
          expect(free.filter((key) => all.includes(key))).toEqual([]);
          expect(free.length + all.length).toBe(6);
        }
      }),
      { seed: 20, numRuns: 100 },
    );
  });
});

describe('records', () => {
  test('that are no records are refused by name, others’ are passed over', () => {
    const { records } = setUp();
    const [[key, bytes]] = [...records] as [[RecordKey, Uint8Array]];
    expect(readWalletRecords([['monitor/x' as RecordKey, fromHex('ff')]])).toMatchObject({
      ok: true,
      value: { fees: [] },
    });
    expect(readWalletRecords([[key, fromHex('02')]])).toMatchObject({ ok: false, error: { key } });
    expect(readWalletRecords([[key, bytes.subarray(0, 1)]])).toMatchObject({ ok: false, error: { key } });
    expect(readWalletRecords([[key, concatBytes(bytes, fromHex('ff'))]])).toMatchObject({ ok: false });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (noise) => {
        for (const name of ['wallet_keys', `wallet_fees/${'00'.repeat(32)}`] as RecordKey[]) {
          readWalletRecords([[name, concatBytes(fromHex('01'), noise)]]);
        }
      }),
      { seed: 21 },
    );
  });
});
