import {
  type FeeratePerKw,
  feeratePerKw,
  fromHex,
  type RawTransaction,
  type Sat,
  sat,
  toHex,
  unwrap,
} from '@boltwright/base';
import { RegtestChain, syncListeners } from '@boltwright/chain-regtest';
import { noble } from '@boltwright/crypto';
import { describe, expect, test } from '@jest/globals';
import { Transaction } from 'bitcoinjs-lib/src/transaction';
import fc from 'fast-check';
import { OnChainWallet } from '../src/index.ts';

// BIP 84's test vector: 'abandon' eleven times and 'about', as the seed of BIP 39
const bip84Seed = fromHex(
  '5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc1' +
    '9a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4',
);
const channelScript = fromHex(`0020${'11'.repeat(32)}`);
const feerate = feeratePerKw(1000);

function setUp(...values: bigint[]) {
  const chain = new RegtestChain();
  const birthday = chain.tip;
  const make = () => new OnChainWallet({ crypto: noble, seed: bip84Seed, network: 'regtest', birthday });
  const wallet = make();
  chain.attach(wallet);
  if (values.length > 0) chain.fund(...values.map((value) => ({ script: wallet.newScript(), value: sat(value) })));
  const fund = (value: bigint, rate: FeeratePerKw = feerate) =>
    wallet.buildFunding([{ script: channelScript, value: sat(value) }], rate);
  return { chain, wallet, make, fund };
}

const feeOf = (chain: RegtestChain, tx: RawTransaction): Sat => unwrap(chain.submit(tx)).fee;

describe('keys', () => {
  test("are BIP 84's, by its test vector", () => {
    const birthday = { hash: '00'.repeat(32) as never, height: 0 as never };
    const wallet = new OnChainWallet({ crypto: noble, seed: bip84Seed, network: 'mainnet', birthday });
    expect(wallet.newAddress()).toBe('bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu');
    expect(wallet.newAddress()).toBe('bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g');
    // the first change key of the vector: bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el
    expect(wallet.isOurs(fromHex('00143e34985dca6fddc9fb369940e4c7d8e2873f529c'))).toBe(true);
    expect(wallet.isOurs(channelScript)).toBe(false);
  });

  test('on which a coin was seen are not handed out again', () => {
    const { chain, wallet, make } = setUp();
    const scripts = Array.from({ length: 15 }, () => wallet.newScript());
    chain.fund({ script: scripts[14]!, value: sat(5000n) });
    const again = make();
    chain.attach(again);
    expect(again.balance()).toEqual({ confirmed: 5000n, unconfirmed: 0n });
    expect(scripts.map(toHex)).not.toContain(toHex(again.newScript()));
  });
});

describe('funding', () => {
  test('pays the outputs in order, the exact fee, and change back', () => {
    const { chain, wallet, fund } = setUp(1_000_000n);
    const tx = unwrap(fund(600_000n));
    expect(wallet.balance()).toEqual({ confirmed: 0n, unconfirmed: 399_390n });
    expect(feeOf(chain, tx)).toBe(610n);
    const outs = Transaction.fromBuffer(tx.bytes).outs;
    expect([toHex(outs[0]!.script), outs[0]!.value, outs.length]).toEqual([toHex(channelScript), 600_000n, 2]);
    chain.mine();
    expect(wallet.balance()).toEqual({ confirmed: 399_390n, unconfirmed: 0n });
    expect(wallet.pending()).toEqual([]);
  });

  test('locks its coins, so that two fundings never spend the same', () => {
    const { chain, wallet, fund } = setUp(300_000n, 300_000n, 300_000n);
    const txs = [unwrap(fund(250_000n)), unwrap(fund(250_000n)), unwrap(fund(250_000n))];
    expect(txs.map((tx) => chain.submit(tx).ok)).toEqual([true, true, true]);
    const spent = txs.flatMap((tx) =>
      Transaction.fromBuffer(tx.bytes).ins.map((input) => `${toHex(input.hash)}:${input.index}`),
    );
    expect(new Set(spent).size).toBe(spent.length);
    expect(wallet.pending().map((tx) => tx.txid)).toEqual(txs.map((tx) => tx.txid));
  });

  test('spends its own unconfirmed change where nothing else suffices, and release gives up both', () => {
    const { chain, wallet, fund } = setUp(1_000_000n);
    const first = unwrap(fund(400_000n));
    const second = unwrap(fund(400_000n));
    expect(chain.submitPackage([first, second]).ok).toBe(true);
    wallet.release(first.txid);
    expect([wallet.balance(), wallet.pending()]).toEqual([{ confirmed: 1_000_000n, unconfirmed: 0n }, []]);
    expect(fund(999_000n).ok).toBe(true);
  });

  test('however many were given up, a wallet made anew from the seed finds the change of the one that was not', () => {
    const { chain, wallet, make, fund } = setUp(1_000_000n, 1_000_000n);
    for (let attempt = 0; attempt < 15; attempt++) {
      const [first, second] = [unwrap(fund(300_000n)), unwrap(fund(300_000n))];
      wallet.release(attempt % 2 === 0 ? first.txid : second.txid);
      wallet.release(attempt % 2 === 0 ? second.txid : first.txid);
    }
    chain.broadcastPackage([unwrap(fund(600_000n)), unwrap(fund(600_000n))]);
    chain.mine();
    const anew = make();
    chain.attach(anew);
    expect(anew.balance()).toEqual(wallet.balance());
    const change = wallet.coins().map(({ key }) => [key.branch, key.index]);
    expect(change).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  test('says what is missing', () => {
    const { wallet, fund } = setUp(100_000n, 50_000n);
    expect(fund(150_000n)).toMatchObject({
      ok: false,
      error: { kind: 'insufficientFunds', needed: 150_758n, available: 150_000n },
    });
    expect(fund(329n)).toMatchObject({ ok: false, error: { kind: 'dust', output: 0, limit: 330n } });
    const hash = '22'.repeat(20);
    for (const [script, limit] of [
      [`76a914${hash}88ac`, 546n],
      [`a914${hash}87`, 540n],
      [`0014${hash}`, 294n],
      [`5120${hash}${'22'.repeat(12)}`, 330n],
    ] as const) {
      const outputs = [{ script: fromHex(script), value: sat(limit - 1n) }];
      expect(wallet.buildFunding(outputs, feerate)).toMatchObject({ error: { kind: 'dust', limit } });
    }
    expect(fund(149_243n).ok).toBe(false);
    expect(fund(149_242n).ok).toBe(true);
    expect(wallet.balance()).toEqual({ confirmed: 0n, unconfirmed: 0n });
    expect(fund(1000n)).toMatchObject({ ok: false, error: { kind: 'insufficientFunds', available: 0n } });
    expect(() => wallet.buildFunding([], feerate)).toThrow(RangeError);
    expect(() => fund(1000n, feeratePerKw(252))).toThrow(RangeError);
  });

  test('whatever the coins, amount and feerate: the mempool takes it, or the funds do not suffice', () => {
    const amount = fc.bigInt({ min: 1000n, max: 100_000n });
    const rate = fc.integer({ min: 253, max: 20_000 });
    fc.assert(
      fc.property(
        fc.array(amount, { minLength: 1, maxLength: 4 }),
        fc.bigInt({ min: 330n, max: 300_000n }),
        rate,
        (coins, value, perKw) => {
          const { chain, fund } = setUp(...coins);
          const total = coins.reduce((sum, coin) => sum + coin, 0n);
          const built = fund(value, feeratePerKw(perKw));
          if (!built.ok) {
            expect(built.error).toMatchObject({ kind: 'insufficientFunds', available: total });
            if (built.error.kind === 'insufficientFunds') expect(built.error.needed).toBeGreaterThan(total);
            return;
          }
          const fee = feeOf(chain, built.value);
          const weight = Transaction.fromBuffer(built.value.bytes).weight();
          expect(fee).toBeGreaterThanOrEqual((BigInt(weight) * BigInt(perKw)) / 1000n);
          // not a coin more than asked for, but for what is no output: up to dust and the weight of an output, and
          // two bytes of witness an input
          const slack = 294n + (BigInt(4 * 31 + 2 * coins.length + 1) * BigInt(perKw)) / 1000n + 1n;
          expect(fee - (BigInt(weight) * BigInt(perKw)) / 1000n).toBeLessThanOrEqual(slack);
        },
      ),
      { seed: 11, numRuns: 25 },
    );
  });
});

describe('the chain', () => {
  test('a coinbase can be spent after a hundred blocks', () => {
    const birthday = new RegtestChain({ initialBlocks: 0 }).tip;
    const wallet = new OnChainWallet({ crypto: noble, seed: bip84Seed, network: 'regtest', birthday });
    const chain = new RegtestChain({ minerScript: wallet.newScript(), initialBlocks: 99 });
    chain.attach(wallet);
    const outputs = [{ script: channelScript, value: sat(1_000_000n) }];
    expect(wallet.buildFunding(outputs, feerate)).toMatchObject({ ok: false, error: { available: 0n } });
    chain.mine();
    expect(chain.submit(unwrap(wallet.buildFunding(outputs, feerate))).ok).toBe(true);
  });

  test('a reorg makes our transaction wait again and takes away what was received in it', () => {
    const { chain, wallet, fund } = setUp(1_000_000n);
    const tx = unwrap(fund(600_000n));
    chain.broadcastPackage([tx]);
    chain.mine();
    chain.fund({ script: wallet.newScript(), value: sat(7000n) });
    expect(wallet.balance()).toEqual({ confirmed: 406_390n, unconfirmed: 0n });
    chain.reorg(2);
    expect(wallet.balance()).toEqual({ confirmed: 0n, unconfirmed: 399_390n });
    expect(wallet.pending().map((each) => each.txid)).toEqual([tx.txid]);
    chain.mine();
    expect(wallet.balance()).toEqual({ confirmed: 406_390n, unconfirmed: 0n });
  });

  test('a reorg that takes the coins of a waiting transaction leaves them locked when they come back', () => {
    const { chain, wallet, fund } = setUp(1_000_000n);
    const tx = unwrap(fund(600_000n));
    chain.reorg(1);
    expect([wallet.balance(), wallet.pending()]).toEqual([{ confirmed: 0n, unconfirmed: 0n }, []]);
    chain.mine();
    expect(wallet.balance()).toEqual({ confirmed: 0n, unconfirmed: 399_390n });
    expect(wallet.pending().map((each) => each.txid)).toEqual([tx.txid]);
    expect(chain.submit(tx).ok).toBe(true);
  });

  test('a reorg under a chain of waiting transactions forgets none of them', () => {
    const { chain, wallet, fund } = setUp(1_000_000n);
    const txs = [unwrap(fund(300_000n)), unwrap(fund(300_000n)), unwrap(fund(300_000n))];
    const before = wallet.balance();
    chain.reorg(1);
    expect([wallet.balance(), wallet.pending()]).toEqual([{ confirmed: 0n, unconfirmed: 0n }, []]);
    chain.mine();
    expect(wallet.pending().map((each) => each.txid)).toEqual(txs.map((tx) => tx.txid));
    expect(wallet.balance()).toEqual(before);
  });

  test('a waiting transaction that a reorg takes one of its coins from keeps all of them', () => {
    const { chain, wallet, fund } = setUp(500_000n);
    chain.fund({ script: wallet.newScript(), value: sat(400_000n) });
    const tx = unwrap(fund(800_000n));
    const before = wallet.balance();
    chain.reorg(1);
    // neither the coin that stays nor change of a transaction that spends nothing
    expect([wallet.balance(), wallet.pending()]).toEqual([{ confirmed: 0n, unconfirmed: 0n }, []]);
    expect(fund(100_000n).ok).toBe(false);
    chain.mine();
    expect(wallet.balance()).toEqual(before);
    expect(wallet.pending().map((each) => each.txid)).toEqual([tx.txid]);
    expect(fund(300_000n).ok).toBe(false);
    chain.reorg(1);
    wallet.release(tx.txid);
    expect(wallet.balance()).toEqual({ confirmed: 500_000n, unconfirmed: 0n });
  });

  test('a spend by someone else who has the seed drops what waited on the coin', () => {
    const { chain, wallet, make, fund } = setUp(1_000_000n);
    const other = make();
    chain.attach(other);
    const ours = unwrap(fund(600_000n));
    const theirs = unwrap(other.buildFunding([{ script: channelScript, value: sat(100_000n) }], feerate));
    expect(unwrap(chain.mineBlock([theirs])).height).toBe(103);
    expect(wallet.pending()).toEqual([]);
    expect(wallet.balance()).toEqual(other.balance());
    expect(wallet.coins().some((coin) => coin.outpoint.txid === ours.txid)).toBe(false);
  });

  test('a wallet made anew finds its coins, and what it adopts is locked', async () => {
    const { chain, wallet, make, fund } = setUp(1_000_000n, 500_000n);
    const tx = unwrap(fund(1_200_000n));
    const anew = make();
    await syncListeners(chain, [anew]);
    expect(anew.balance()).toEqual({ confirmed: 1_500_000n, unconfirmed: 0n });
    expect([anew.adopt(tx), anew.adopt(tx)]).toEqual([true, true]);
    expect(anew.balance()).toEqual(wallet.balance());
    chain.broadcastPackage([tx]);
    chain.mine();
    await syncListeners(chain, [anew]);
    expect(anew.balance()).toEqual(wallet.balance());
    expect(make().adopt(tx)).toBe(false);
    expect(anew.adopt({ txid: tx.txid, bytes: new Uint8Array(3) })).toBe(false);
  });
});
