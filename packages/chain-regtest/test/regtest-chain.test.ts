import {
  type Block,
  type BlockHeight,
  concatBytes,
  fromHex,
  type OutPoint,
  type RawTransaction,
  type Script,
  sat,
  shortChannelIdOf,
  toHex,
  unwrap,
} from '@boltwright/base';
import {
  blockBytes,
  type Refusal,
  RegtestChain,
  rawTransaction,
  regtestChainHash,
  syncListeners,
} from '@boltwright/chain-regtest';
import { noble } from '@boltwright/crypto';
import type { BlockLocation, ChainListener } from '@boltwright/interfaces';
import { describe, expect, test } from '@jest/globals';
import { Block as BitcoinBlock } from 'bitcoinjs-lib/src/block';
import { Transaction } from 'bitcoinjs-lib/src/transaction';
import fc from 'fast-check';
import { build, p2wsh, type Spend, spendKey, type TestKey, testKey } from './keys.ts';

const alice = testKey(1);
const bob = testKey(2);
const carol = testKey(3);
const million = 1_000_000n;

/** Coins of a million satoshis each, confirmed in one block. */
const coinsFor = (chain: RegtestChain, script: Script, count = 1): readonly OutPoint[] =>
  chain.fund(...Array.from({ length: count }, () => ({ script, value: sat(million) }))).outpoints;

/** Alice's coin to Bob at this fee. */
const pay = (outpoint: OutPoint, fee = 1000n, sequence?: number, from: TestKey = alice): RawTransaction =>
  build({ spends: [spendKey(from, outpoint, million, sequence)], outputs: [[bob.p2wpkh, million - fee]] });

const refusal = (result: { ok: true } | { ok: false; error: Refusal }): Partial<Refusal> | undefined =>
  result.ok
    ? undefined
    : { kind: result.error.kind, ...(result.error.input === undefined ? {} : { input: result.error.input }) };

/** Follows a chain and checks that each block stands on the one before. */
class Follower implements ChainListener {
  readonly heard: string[] = [];
  #tip: BlockLocation;

  constructor(tip: BlockLocation) {
    this.#tip = tip;
  }
  tip(): BlockLocation {
    return this.#tip;
  }
  blockConnected(block: Block, height: BlockHeight): void {
    expect(block.header.previous).toBe(this.#tip.hash);
    expect(height).toBe(this.#tip.height + 1);
    this.#tip = { hash: block.header.hash, height };
    this.heard.push(`+${height}:${block.transactions.length}`);
  }
  blocksDisconnected(fork: BlockLocation): void {
    expect(fork.height).toBeLessThan(this.#tip.height);
    this.#tip = fork;
    this.heard.push(`-${fork.height}`);
  }
}

describe('scripts, run by an interpreter not ours', () => {
  const opReturnTrue = Uint8Array.of(0x51);
  const number = (value: number): Uint8Array =>
    value <= 16
      ? Uint8Array.of(0x50 + value)
      : value < 128
        ? Uint8Array.of(1, value)
        : Uint8Array.of(2, value & 255, value >> 8);
  const push = (bytes: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(bytes.length), bytes);
  const multisig = concatBytes(Uint8Array.of(0x52), push(alice.point), push(bob.point), Uint8Array.of(0x52, 0xae));
  const delayed = (opcode: number, value: number): Uint8Array =>
    concatBytes(number(value), Uint8Array.of(opcode, 0x75), push(alice.point), Uint8Array.of(0xac));
  /** If one: Alice's, else Bob's. */
  const choice = concatBytes(
    Uint8Array.of(0x63),
    push(alice.point),
    Uint8Array.of(0x67),
    push(bob.point),
    Uint8Array.of(0x68, 0xac),
  );

  const spendScript = (
    outpoint: OutPoint,
    witnessScript: Uint8Array,
    witness: Spend['witness'],
    sequence?: number,
  ): Spend => ({
    outpoint,
    output: { value: sat(million), script: p2wsh(witnessScript) },
    ...(sequence === undefined ? {} : { sequence }),
    witness: (sign, tx) => [...witness(sign, tx), witnessScript],
  });

  test('a P2WPKH coin takes its own key alone', () => {
    const chain = new RegtestChain();
    const [coin] = coinsFor(chain, alice.p2wpkh);
    const forged = build({
      spends: [{ ...spendKey(bob, coin!, million), output: { value: sat(million), script: alice.p2wpkh } }],
      outputs: [[bob.p2wpkh, 999_000n]],
    });
    expect(refusal(chain.submit(forged))).toEqual({ kind: 'script', input: 0 });
    const good = pay(coin!);
    for (const flip of [good.bytes.length - 50, good.bytes.length - 100]) {
      const bytes = Uint8Array.from(good.bytes);
      bytes[flip]! ^= 1;
      expect(refusal(chain.submit(rawTransaction(bytes)))?.kind).toBe('script');
    }
    expect(unwrap(chain.submit(good))).toEqual({ txid: good.txid, fee: 1000n, vsize: 110, replaced: [] });
  });

  test('a signature over another amount does not hold (BIP 143)', () => {
    const chain = new RegtestChain();
    const [coin] = coinsFor(chain, alice.p2wpkh);
    const wrong = build({ spends: [spendKey(alice, coin!, million + 1n)], outputs: [[bob.p2wpkh, 999_000n]] });
    expect(refusal(chain.submit(wrong))).toEqual({ kind: 'script', input: 0 });
  });

  test('a 2-of-2 coin takes both signatures in order, and an empty dummy', () => {
    const chain = new RegtestChain();
    const coins = coinsFor(chain, p2wsh(multisig), 4);
    const spend = (coin: OutPoint | undefined, witness: Spend['witness']): RawTransaction =>
      build({ spends: [spendScript(coin!, multisig, witness)], outputs: [[bob.p2wpkh, 999_000n]] });
    const empty = new Uint8Array();
    const a = (sign: Parameters<Spend['witness']>[0]): Uint8Array => sign(alice, multisig);
    const b = (sign: Parameters<Spend['witness']>[0]): Uint8Array => sign(bob, multisig);
    expect(chain.submit(spend(coins[0], (sign) => [empty, a(sign), b(sign)])).ok).toBe(true);
    expect(refusal(chain.submit(spend(coins[1], (sign) => [empty, b(sign), a(sign)])))?.kind).toBe('script');
    expect(refusal(chain.submit(spend(coins[2], (sign) => [empty, a(sign), a(sign)])))?.kind).toBe('script');
    expect(refusal(chain.submit(spend(coins[3], (sign) => [Uint8Array.of(1), a(sign), b(sign)])))?.kind).toBe('script');
  });

  test('a pay-to-anchor coin is anyone’s, without a witness', () => {
    const chain = new RegtestChain();
    const script = fromHex('51024e73');
    const [coin] = coinsFor(chain, script);
    const spend = (witness: Uint8Array[]): Spend => ({
      outpoint: coin!,
      output: { value: sat(million), script },
      witness: () => witness,
    });
    const outputs = [[bob.p2wpkh, 999_000n]] as const;
    const shown = chain.submit(build({ spends: [spend([Uint8Array.of(1)])], outputs }));
    expect(refusal(shown)).toEqual({ kind: 'nonStandardWitness', input: 0 });
    expect(refusal(chain.submit(build({ spends: [spend([])], outputs })))).toBeUndefined();
  });

  test('a taproot coin takes a Schnorr signature of its key', () => {
    const chain = new RegtestChain();
    const coins = coinsFor(chain, alice.p2tr, 2);
    const spend = (coin: OutPoint | undefined, by: TestKey): RawTransaction =>
      build({
        spends: [
          {
            outpoint: coin!,
            output: { value: sat(million), script: alice.p2tr },
            witness: (_, tx) => [noble.schnorrSign(tx.hashForWitnessV1(0, [alice.p2tr], [million], 0), by.secret)],
          },
        ],
        outputs: [[bob.p2wpkh, 999_000n]],
      });
    expect(chain.submit(spend(coins[0], alice)).ok).toBe(true);
    expect(refusal(chain.submit(spend(coins[1], bob)))).toEqual({ kind: 'script', input: 0 });
  });

  test('CHECKLOCKTIMEVERIFY holds from its height on, and a locktime not reached is not final', () => {
    const chain = new RegtestChain();
    const script = delayed(0xb1, 110);
    const [coin] = coinsFor(chain, p2wsh(script));
    const spend = (locktime: number, sequence?: number): RawTransaction =>
      build({
        spends: [spendScript(coin!, script, (sign) => [sign(alice, script)], sequence)],
        outputs: [[bob.p2wpkh, 999_000n]],
        locktime,
      });
    expect(chain.height).toBe(102);
    expect(refusal(chain.submit(spend(102)))).toEqual({ kind: 'script', input: 0 });
    expect(refusal(chain.submit(spend(110)))).toEqual({ kind: 'notFinal' });
    expect(refusal(chain.submit(spend(110, 0xffff_ffff)))).toEqual({ kind: 'script', input: 0 });
    chain.mine(7);
    expect(refusal(chain.submit(spend(110)))).toEqual({ kind: 'notFinal' });
    chain.mine();
    expect(chain.submit(spend(110)).ok).toBe(true);
  });

  test('CHECKSEQUENCEVERIFY holds when the coin is old enough, and not before (BIP 68, BIP 112)', () => {
    const chain = new RegtestChain();
    const script = delayed(0xb2, 6);
    const [coin] = coinsFor(chain, p2wsh(script));
    const spend = (sequence: number, version = 2): RawTransaction =>
      build({
        spends: [spendScript(coin!, script, (sign) => [sign(alice, script)], sequence)],
        outputs: [[bob.p2wpkh, 999_000n]],
        version,
      });
    expect(refusal(chain.submit(spend(0)))).toEqual({ kind: 'script', input: 0 });
    expect(refusal(chain.submit(spend(6)))).toEqual({ kind: 'sequenceLock', input: 0 });
    chain.mine(4);
    expect(refusal(chain.submit(spend(6)))).toEqual({ kind: 'sequenceLock', input: 0 });
    chain.mine();
    expect(refusal(chain.submit(spend(6, 1)))).toEqual({ kind: 'script', input: 0 });
    expect(refusal(chain.submit(spend(5)))).toEqual({ kind: 'script', input: 0 });
    expect(chain.submit(spend(6)).ok).toBe(true);
  });

  test('an IF takes nothing or one, as relaying asks', () => {
    const chain = new RegtestChain();
    const coins = coinsFor(chain, p2wsh(choice), 3);
    const spend = (coin: OutPoint | undefined, by: TestKey, condition: Uint8Array): RawTransaction =>
      build({
        spends: [spendScript(coin!, choice, (sign) => [sign(by, choice), condition])],
        outputs: [[bob.p2wpkh, 999_000n]],
      });
    expect(chain.submit(spend(coins[0], alice, Uint8Array.of(1))).ok).toBe(true);
    expect(chain.submit(spend(coins[1], bob, new Uint8Array())).ok).toBe(true);
    const odd = spend(coins[2], alice, Uint8Array.of(2));
    expect(chain.submit(odd)).toMatchObject({ ok: false, error: { kind: 'script', message: 'SCRIPT_ERR_MINIMALIF' } });
    expect(chain.mineBlock([odd]).ok).toBe(true);
  });

  test('an undefined hash type and a high S are refused', () => {
    const chain = new RegtestChain();
    const [coin] = coinsFor(chain, alice.p2wpkh);
    const good = Transaction.fromBuffer(pay(coin!).bytes);
    const change = (edit: (signature: Uint8Array) => Uint8Array): RawTransaction => {
      const tx = good.clone();
      tx.setWitness(0, [edit(Uint8Array.from(good.ins[0]!.witness[0]!)), alice.point]);
      return rawTransaction(tx.toBuffer());
    };
    const hashType = change((signature) => {
      signature[signature.length - 1] = 4;
      return signature;
    });
    expect(chain.submit(hashType)).toMatchObject({ error: { message: 'SCRIPT_ERR_SIG_HASHTYPE' } });
    const highS = change((der) => {
      const rEnd = 4 + der[3]!;
      const s = der.subarray(rEnd + 2, der.length - 1);
      const order = BigInt('0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');
      const high = concatBytes(
        Uint8Array.of(0),
        fromHex((order - BigInt(`0x${toHex(s)}`)).toString(16).padStart(64, '0')),
      );
      const body = concatBytes(der.subarray(2, rEnd), Uint8Array.of(2, high.length), high);
      return concatBytes(Uint8Array.of(0x30, body.length), body, Uint8Array.of(1));
    });
    expect(chain.submit(highS)).toMatchObject({ error: { message: 'SCRIPT_ERR_SIG_DER_HIGH_S' } });
  });

  test('a witness script with an item too many on the stack does not hold', () => {
    const chain = new RegtestChain();
    const [coin] = coinsFor(chain, p2wsh(opReturnTrue));
    const tx = build({
      spends: [spendScript(coin!, opReturnTrue, () => [Uint8Array.of(1)])],
      outputs: [[bob.p2wpkh, 999_000n]],
    });
    expect(refusal(chain.submit(tx))).toEqual({ kind: 'script', input: 0 });
  });
});

describe('the mempool', () => {
  test('dust is told by the type of the script', () => {
    const chain = new RegtestChain();
    const [coin] = coinsFor(chain, alice.p2wpkh);
    const scripts: readonly (readonly [name: string, script: Script, limit: bigint])[] = [
      ['p2wpkh', bob.p2wpkh, 294n],
      ['p2wsh', p2wsh(alice.point), 330n],
      ['p2tr', bob.p2tr, 330n],
      ['p2pkh', concatBytes(fromHex('76a914'), bob.p2wpkh.subarray(2), fromHex('88ac')), 546n],
      ['p2sh', concatBytes(fromHex('a914'), bob.p2wpkh.subarray(2), fromHex('87')), 540n],
      ['a witness to come', fromHex('52021234'), 240n],
    ];
    const tx = (script: Script, value: bigint): RawTransaction =>
      build({
        spends: [spendKey(alice, coin!, million, 0xffff_fffd)],
        outputs: [
          [script, value],
          [bob.p2wpkh, 900_000n],
        ],
      });
    for (const [name, script, limit] of scripts) {
      const dust = chain.submit(tx(script, limit - 1n));
      expect([name, dust.ok || dust.error.kind]).toEqual([name, 'dust']);
      const fresh = new RegtestChain();
      coinsFor(fresh, alice.p2wpkh);
      expect([name, fresh.submit(tx(script, limit)).ok]).toEqual([name, true]);
    }
  });

  test('fees, versions, scripts and sizes keep to what is relayed', () => {
    const chain = new RegtestChain();
    const [coin] = coinsFor(chain, alice.p2wpkh);
    const spends = [spendKey(alice, coin!, million)];
    const kind = (tx: RawTransaction): string | undefined => refusal(chain.submit(tx))?.kind;
    expect(kind(pay(coin!, 109n))).toBe('minRelayFee');
    expect(kind(pay(coin!, -1n))).toBe('negativeFee');
    expect(kind(build({ spends, outputs: [[bob.p2wpkh, 999_000n]], version: 3 }))).toBe('version');
    expect(kind(build({ spends, outputs: [[concatBytes(Uint8Array.of(0x51), bob.p2wpkh), 999_000n]] }))).toBe(
      'nonStandardOutput',
    );
    const data = concatBytes(fromHex('6a04'), fromHex('01020304'));
    expect(
      kind(
        build({
          spends,
          outputs: [
            [data, 0n],
            [data, 0n],
          ],
        }),
      ),
    ).toBe('opReturn');
    const longest = concatBytes(fromHex('6a4c50'), new Uint8Array(80));
    const [other] = coinsFor(chain, alice.p2wpkh);
    expect(kind(build({ spends: [spendKey(alice, other!, million)], outputs: [[longest, 0n]] }))).toBeUndefined();
    const long = concatBytes(fromHex('6a4c51'), new Uint8Array(81));
    expect(kind(build({ spends, outputs: [[long, 0n]] }))).toBe('nonStandardOutput');
    const many = Array.from({ length: 3300 }, () => [bob.p2wpkh, 300n] as const);
    expect(kind(build({ spends, outputs: many }))).toBe('weight');
    expect(kind({ txid: pay(coin!).txid, bytes: Uint8Array.of(1, 2, 3) })).toBe('malformed');
    expect(kind({ txid: coin!.txid, bytes: pay(coin!).bytes })).toBe('malformed');
    expect(kind(build({ spends: [...spends, ...spends], outputs: [[bob.p2wpkh, 999_000n]] }))).toBe('duplicateInput');
    expect(kind(pay({ txid: coin!.txid, vout: 7 }))).toBe('missingInput');
    expect(kind(chain.blockAt(5)!.transactions[0]!)).toBe('alreadyConfirmed');
    expect(
      kind(
        build({
          spends,
          outputs: [
            [data, 0n],
            [bob.p2wpkh, 999_000n],
          ],
        }),
      ),
    ).toBeUndefined();
  });

  test('a coinbase waits for a hundred blocks', () => {
    const chain = new RegtestChain({ minerScript: alice.p2wpkh, initialBlocks: 99 });
    const coinbase = { txid: chain.blockAt(1)!.transactions[0]!.txid, vout: 0 };
    const tx = build({ spends: [spendKey(alice, coinbase, 5_000_000_000n)], outputs: [[bob.p2wpkh, 4_999_000_000n]] });
    expect(refusal(chain.submit(tx))).toEqual({ kind: 'immatureCoinbase', input: 0 });
    chain.mine();
    expect(chain.submit(tx).ok).toBe(true);
  });

  test('a replacement pays for what it pushes out and for itself', () => {
    const chain = new RegtestChain();
    const [coin, other] = coinsFor(chain, alice.p2wpkh, 2);
    const first = pay(coin!, 1000n, 0xffff_ffff);
    expect(chain.submit(first).ok).toBe(true);
    expect(unwrap(chain.submit(first)).replaced).toEqual([]);
    const child = build({
      spends: [spendKey(bob, { txid: first.txid, vout: 0 }, 999_000n)],
      outputs: [[carol.p2wpkh, 997_000n]],
    });
    expect(chain.submit(child).ok).toBe(true);
    expect(refusal(chain.submit(pay(coin!, 999n)))?.kind).toBe('replacementFee');
    expect(refusal(chain.submit(pay(coin!, 3109n)))?.kind).toBe('replacementFee');
    const parent = pay(other!, 1000n);
    expect(chain.submit(parent).ok).toBe(true);
    const spends = [spendKey(alice, coin!, million)];
    const withConflict = build({
      spends: [...spends, spendKey(carol, { txid: child.txid, vout: 0 }, 997_000n)],
      outputs: [[bob.p2wpkh, 1_900_000n]],
    });
    expect(refusal(chain.submit(withConflict))).toEqual({ kind: 'spendsConflict', input: 1 });
    const withUnconfirmed = build({
      spends: [...spends, spendKey(bob, { txid: parent.txid, vout: 0 }, 999_000n)],
      outputs: [[bob.p2wpkh, 1_900_000n]],
    });
    expect(refusal(chain.submit(withUnconfirmed))).toEqual({ kind: 'replacementNewUnconfirmed', input: 1 });
    const replacement = pay(coin!, 3110n);
    expect(new Set(unwrap(chain.submit(replacement)).replaced)).toEqual(new Set([first.txid, child.txid]));
    expect(chain.mempool().map((tx) => tx.txid)).toEqual([parent.txid, replacement.txid]);
    expect(chain.confirmations(child.txid)).toBeUndefined();
  });

  test('a chain of unconfirmed transactions ends at twenty-five', () => {
    const chain = new RegtestChain();
    let [coin] = coinsFor(chain, alice.p2wpkh);
    for (let i = 1; i <= 26; i++) {
      const value = million - BigInt(i) * 1000n;
      const tx = build({ spends: [spendKey(alice, coin!, value + 1000n)], outputs: [[alice.p2wpkh, value]] });
      const result = chain.submit(tx);
      expect([i, refusal(result)?.kind]).toEqual([i, i <= 25 ? undefined : 'tooLongChain']);
      coin = { txid: tx.txid, vout: 0 };
    }
  });

  test("a child pays for a parent below the mempool's minimum, never for one below the relay minimum", () => {
    const chain = new RegtestChain();
    const coins = coinsFor(chain, alice.p2wpkh, 2);
    const pair = (coin: OutPoint | undefined, parentFee: bigint, childFee: bigint): readonly RawTransaction[] => {
      const parent = pay(coin!, parentFee);
      const value = million - parentFee;
      const spends = [spendKey(bob, { txid: parent.txid, vout: 0 }, value)];
      return [parent, build({ spends, outputs: [[carol.p2wpkh, value - childFee]] })];
    };
    chain.setMempoolMinFeerate(5000n);
    const [parent, child] = pair(coins[0], 110n, 990n);
    expect(refusal(chain.submit(parent!))?.kind).toBe('mempoolMinFee');
    expect(refusal(chain.submitPackage(pair(coins[0], 110n, 989n)))?.kind).toBe('mempoolMinFee');
    expect(refusal(chain.submitPackage(pair(coins[0], 0n, 5000n)))?.kind).toBe('minRelayFee');
    expect(chain.mempool()).toEqual([]);
    expect(unwrap(chain.submitPackage([parent!, child!])).map((each) => each.fee)).toEqual([110n, 990n]);
    chain.mine();
    expect([chain.confirmations(parent!.txid), chain.confirmations(child!.txid)]).toEqual([1, 1]);
  });

  test('the broadcaster never throws, keeps refusals, and is silent about what is confirmed', () => {
    const accepted: string[] = [];
    const chain = new RegtestChain({ onAccepted: (tx) => accepted.push(tx.txid) });
    const [coin] = coinsFor(chain, alice.p2wpkh);
    const good = pay(coin!);
    chain.broadcastPackage([good]);
    chain.broadcastPackage([good]);
    chain.mine();
    chain.broadcastPackage([good]);
    expect(chain.refused).toEqual([]);
    chain.broadcastPackage([pay(coin!, 5000n)]);
    chain.broadcastPackage([{ txid: good.txid, bytes: new Uint8Array() }]);
    expect(chain.takeRefused().map((each) => each.kind)).toEqual(['missingInput', 'malformed']);
    expect(chain.refused).toEqual([]);
    expect(accepted).toEqual([coin!.txid, good.txid]);
    // and of what a reorg brings that was never in the mempool, not of what was
    const better = pay(coin!, 6000n);
    expect(chain.reorg(1, [[better], []]).ok).toBe(true);
    expect(chain.reorg(2, [[better], [], []]).ok).toBe(true);
    expect(accepted).toEqual([coin!.txid, good.txid, better.txid]);
  });
});

describe('blocks', () => {
  test("start at regtest's genesis and are ones that another implementation reads and finds whole", () => {
    const chain = new RegtestChain();
    const [coin] = coinsFor(chain, alice.p2wpkh);
    chain.submit(pay(coin!));
    chain.mine();
    for (let height = 0; height <= chain.height; height++) {
      const { header, transactions } = chain.blockAt(height)!;
      expect(header.bytes.length).toBe(80);
      const block = BitcoinBlock.fromBuffer(blockBytes({ header, transactions }));
      expect(block.getId()).toBe(header.hash);
      expect(block.checkTxRoots()).toBe(true);
      if (height > 0) expect(block.checkProofOfWork()).toBe(true);
      if (height > 0) expect(block.version).toBe(0x2000_0000);
      expect(block.timestamp).toBe(1_296_688_602 + 600 * height);
      if (height > 0) expect(header.previous).toBe(chain.blockAt(height - 1)!.header.hash);
    }
    expect(noble.hash256(chain.blockAt(0)!.header.bytes)).toEqual(fromHex(regtestChainHash));
    // block 103's coinbase: the subsidy and the fee
    const tx = Transaction.fromBuffer(chain.blockAt(103)!.transactions[0]!.bytes);
    expect(tx.outs[0]!.value).toBe(5_000_000_000n + 1000n);
    expect(toHex(tx.ins[0]!.script.subarray(0, 2))).toBe('0167');
  });

  test('are the same, byte for byte, for the same calls', () => {
    const run = (): BlockLocation => {
      const chain = new RegtestChain();
      const [coin] = coinsFor(chain, alice.p2wpkh);
      chain.submit(pay(coin!));
      chain.reorg(2);
      chain.mine();
      return chain.tip;
    };
    expect(run()).toEqual(run());
  });

  test('leave out what they are told to, with what spends from it', () => {
    const chain = new RegtestChain();
    const [one, two] = coinsFor(chain, alice.p2wpkh, 2);
    const parent = pay(one!);
    const spends = [spendKey(bob, { txid: parent.txid, vout: 0 }, 999_000n)];
    const child = build({ spends, outputs: [[carol.p2wpkh, 998_000n]] });
    const other = pay(two!);
    for (const tx of [parent, child, other]) expect(chain.submit(tx).ok).toBe(true);
    chain.mine(1, { without: [parent.txid] });
    expect([parent, child, other].map((tx) => chain.confirmations(tx.txid))).toEqual([0, 0, 1]);
    chain.mine();
    expect(chain.transaction(child.txid)).toMatchObject({ block: chain.tip, index: 2 });
  });

  test('of given transactions need no policy, but consensus; what conflicts with them is dropped', () => {
    const chain = new RegtestChain();
    const [coin] = coinsFor(chain, alice.p2wpkh);
    const waiting = pay(coin!, 5000n);
    expect(chain.submit(waiting).ok).toBe(true);
    const free = pay(coin!, 0n);
    expect(refusal(chain.mineBlock([free, waiting]))).toEqual({ kind: 'missingInput', input: 0 });
    expect(refusal(chain.mineBlock([pay(coin!, 0n, undefined, bob)]))).toEqual({ kind: 'script', input: 0 });
    expect(chain.mineBlock([free]).ok).toBe(true);
    expect(chain.mempool()).toEqual([]);
    expect(chain.takeRefused().map((each) => each.txid)).toEqual([waiting.txid]);
    expect([chain.spender(coin!), chain.balance(bob.p2wpkh), chain.balance(alice.p2wpkh)]).toEqual([
      free.txid,
      million,
      0n,
    ]);
  });
});

describe('reorgs', () => {
  test('put transactions back into the mempool, and coins where they were', () => {
    const chain = new RegtestChain();
    const [coin] = coinsFor(chain, alice.p2wpkh);
    const before = chain.tip;
    const tx = pay(coin!);
    expect(chain.submit(tx).ok).toBe(true);
    chain.mine(2);
    const tip = unwrap(chain.reorg(2));
    expect([tip.height, chain.confirmations(tx.txid)]).toEqual([before.height + 3, 0]);
    expect([chain.balance(alice.p2wpkh), chain.balance(bob.p2wpkh)]).toEqual([million, 0n]);
    expect(chain.blockAt(before.height)!.header.hash).toBe(before.hash);
    chain.mine();
    expect([chain.confirmations(tx.txid), chain.balance(bob.p2wpkh)]).toEqual([1, 999_000n]);
  });

  test('may confirm a double spend; the loser is dropped, with what spent from it', () => {
    const chain = new RegtestChain();
    const [coin] = coinsFor(chain, alice.p2wpkh);
    const loser = pay(coin!);
    expect(chain.submit(loser).ok).toBe(true);
    chain.mine();
    const spends = [spendKey(bob, { txid: loser.txid, vout: 0 }, 999_000n)];
    const child = build({ spends, outputs: [[carol.p2wpkh, 998_000n]] });
    expect(chain.submit(child).ok).toBe(true);
    const winner = pay(coin!, 2000n);
    expect(chain.reorg(1, [[winner], []]).ok).toBe(true);
    expect([winner, loser, child].map((tx) => chain.confirmations(tx.txid))).toEqual([2, undefined, undefined]);
    expect(chain.takeRefused().map((each) => each.txid)).toEqual([loser.txid, child.txid]);
  });

  test('to a block that cannot be, change nothing', () => {
    const chain = new RegtestChain();
    const [coin] = coinsFor(chain, alice.p2wpkh);
    const tx = pay(coin!);
    expect(chain.submit(tx).ok).toBe(true);
    const state = [chain.tip, chain.mempool(), chain.balance(alice.p2wpkh), chain.coins(alice.p2wpkh)];
    const bad = pay(coin!, 0n, undefined, bob);
    expect(refusal(chain.reorg(1, [[], [bad]]))?.kind).toBe('missingInput');
    expect([chain.tip, chain.mempool(), chain.balance(alice.p2wpkh), chain.coins(alice.p2wpkh)]).toEqual(state);
    expect(() => chain.reorg(2, 2)).toThrow(RangeError);
    expect(() => chain.reorg(500)).toThrow(RangeError);
    chain.mine();
    expect(chain.balance(bob.p2wpkh)).toBe(999_000n);
  });

  test('make what was final or mature no longer so', () => {
    const chain = new RegtestChain();
    const [coin] = coinsFor(chain, alice.p2wpkh);
    chain.mine(5);
    const tx = pay(coin!, 1000n, 6);
    expect(chain.submit(tx).ok).toBe(true);
    chain.mine();
    const funding = chain.transaction(coin!.txid)!.transaction;
    // the coin is confirmed later in the new branch: its spender has to wait again, and is dropped
    expect(chain.reorg(7, [[], [], [], [], [], [], [], [funding]]).ok).toBe(true);
    expect(chain.takeRefused()).toMatchObject([{ kind: 'sequenceLock', txid: tx.txid }]);
  });
});

describe('listeners', () => {
  test('hear of every block in order, a reorg as one disconnection and the new branch', () => {
    const chain = new RegtestChain();
    const follower = new Follower(chain.tip);
    const off = chain.attach(follower);
    const [coin] = coinsFor(chain, alice.p2wpkh);
    chain.submit(pay(coin!));
    chain.mine(2);
    chain.reorg(2);
    expect(follower.heard).toEqual(['+102:2', '+103:2', '+104:1', '-102', '+103:1', '+104:1', '+105:1']);
    chain.mine();
    expect([follower.tip(), follower.heard.at(-1)]).toEqual([chain.tip, '+106:2']);
    off();
    chain.mine();
    expect(follower.tip().height).toBe(106);
  });

  test('what one broadcasts on hearing of a block is in the next; it may not mine', () => {
    const chain = new RegtestChain();
    const [coin] = coinsFor(chain, alice.p2wpkh);
    const follower = new Follower(chain.tip);
    chain.attach({
      tip: () => follower.tip(),
      blockConnected: (block, height) => {
        follower.blockConnected(block, height);
        chain.broadcastPackage([pay(coin!)]);
        expect(() => chain.mine()).toThrow('a listener may not mine');
      },
      blocksDisconnected: (fork) => follower.blocksDisconnected(fork),
    });
    chain.mine(2);
    expect(follower.heard).toEqual(['+103:1', '+104:2']);
  });

  test('are brought from their own tips to the best block, over forks, by attach and by syncListeners', async () => {
    const chain = new RegtestChain({ initialBlocks: 3 });
    const genesis = { hash: chain.blockAt(0)!.header.hash, height: 0 as BlockHeight };
    const atThree = chain.tip;
    chain.mine(3);
    const stale = chain.tip;
    chain.reorg(3);
    for (const sync of [
      async (listeners: readonly ChainListener[]) => {
        for (const listener of listeners) chain.attach(listener)();
      },
      async (listeners: readonly ChainListener[]) => {
        expect(await syncListeners(chain, listeners)).toEqual(chain.tip);
      },
    ]) {
      const followers = [genesis, stale, atThree, chain.tip].map((tip) => new Follower(tip));
      await sync(followers);
      expect(followers.map((follower) => follower.heard.join(' '))).toEqual([
        '+1:1 +2:1 +3:1 +4:1 +5:1 +6:1 +7:1',
        '-3 +4:1 +5:1 +6:1 +7:1',
        '+4:1 +5:1 +6:1 +7:1',
        '',
      ]);
      expect(followers.every((follower) => follower.tip().hash === chain.tip.hash)).toBe(true);
    }
    const stranger = new Follower({ hash: regtestChainHash as never, height: 1 as BlockHeight });
    expect(() => chain.attach(stranger)).toThrow(RangeError);
    await expect(syncListeners(chain, [stranger])).rejects.toThrow(RangeError);
  });

  test('blocks that come while syncing are told too', async () => {
    const chain = new RegtestChain({ initialBlocks: 3 });
    const follower = new Follower({ hash: chain.blockAt(0)!.header.hash, height: 0 as BlockHeight });
    let asked = 0;
    const source = {
      bestBlock: () => chain.bestBlock(),
      header: (hash: BlockLocation['hash']) => chain.header(hash),
      block: (hash: BlockLocation['hash']) => {
        if (++asked === 2) chain.reorg(2);
        return chain.block(hash);
      },
    };
    expect(await syncListeners(source, [follower])).toEqual(chain.tip);
    expect(follower.heard).toEqual(['+1:1', '+2:1', '+3:1', '-1', '+2:1', '+3:1', '+4:1']);
  });
});

test('fees are what they were set to, and what is watched is written down', () => {
  const chain = new RegtestChain({ feerates: { channelClose: 500 } });
  expect([chain.feerate('channelClose'), chain.feerate('anchorChannel')]).toEqual([500, 1000]);
  chain.setFeerate('anchorChannel', 2500);
  expect(chain.feerate('anchorChannel')).toBe(2500);
  expect(() => chain.setFeerate('anchorChannel', 252)).toThrow(RangeError);
  const [coin] = coinsFor(chain, alice.p2wpkh);
  chain.watchTransaction(coin!.txid, alice.p2wpkh);
  chain.watchOutput(coin!, alice.p2wpkh);
  chain.watchOutput(coin!, alice.p2wpkh);
  expect([...chain.watched.transactions.keys()]).toEqual([coin!.txid]);
  expect(chain.watched.outputs).toEqual([{ outpoint: coin!, script: alice.p2wpkh }]);
});

test('gossip finds the output of a short channel id, unless it is spent or none', () => {
  const chain = new RegtestChain();
  const [coin] = coinsFor(chain, alice.p2wpkh);
  const ask = (output: number, of = regtestChainHash) =>
    chain.getChainUtxo(of, shortChannelIdOf(chain.transaction(coin!.txid)!.block!.height, 1, output));
  expect(ask(0)).toEqual({ kind: 'ready', value: { ok: true, value: { value: million, script: alice.p2wpkh } } });
  expect(ask(2)).toEqual({ kind: 'ready', value: { ok: false, error: 'unknownTransaction' } });
  expect(ask(0, '00'.repeat(32) as typeof regtestChainHash)).toMatchObject({ value: { error: 'unknownChain' } });
  chain.submit(pay(coin!));
  chain.mine();
  expect(ask(0)).toEqual({ kind: 'ready', value: { ok: false, error: 'spent' } });
});

test('the faucet says when it is empty', () => {
  const chain = new RegtestChain({ initialBlocks: 10 });
  expect(() => chain.fund({ script: alice.p2wpkh, value: sat(1000n) })).toThrow('the faucet has 0 sat');
});

test('whatever bytes are offered, the answer is a refusal and nothing is thrown', () => {
  const chain = new RegtestChain();
  const [coin] = coinsFor(chain, alice.p2wpkh);
  const good = pay(coin!);
  const edit = fc.record({ at: fc.nat(good.bytes.length - 1), to: fc.nat(255) });
  const offered = (edits: readonly { at: number; to: number }[], cut: number): RawTransaction => {
    const bytes = Uint8Array.from(good.bytes.subarray(0, good.bytes.length - cut));
    for (const { at, to } of edits) if (at < bytes.length) bytes[at] = to;
    try {
      return rawTransaction(bytes);
    } catch {
      return { txid: good.txid, bytes };
    }
  };
  const kinds = new Set<string>();
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), fc.constantFrom(0, 0, 0, 1, 40), (edits, cut) => {
      const tx = offered(edits, cut);
      if (toHex(tx.bytes) === toHex(good.bytes)) return;
      const result = chain.submit(tx);
      expect(result.ok).toBe(false);
      if (!result.ok) kinds.add(result.error.kind);
    }),
    { seed: 3, numRuns: 200 },
  );
  // the run is worth something only where it gets past the first check
  expect([...kinds]).toEqual(expect.arrayContaining(['malformed', 'script', 'missingInput']));
  expect(chain.submit(good).ok).toBe(true);
});
