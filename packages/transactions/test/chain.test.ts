import { fromHex, sat, toHex, txid, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { describe, expect, test } from '@jest/globals';
import { Transaction as BitcoinTransaction } from 'bitcoinjs-lib/src/transaction';
import * as fc from 'fast-check';
import {
  fundingScript,
  fundingWitnessScript,
  maxTransactionBytes,
  p2wpkhScriptCode,
  parseTransaction,
  rawTransactionOf,
  segwitSighash,
  serializeTransaction,
  sighashAll,
  sighashMidstate,
  sighashSingleAnyoneCanPay,
  signatureFromDer,
  signatureToDer,
  strippedLength,
  type Transaction,
  toRawTransaction,
  transactionId,
  transactionWeight,
  txidOfBytes,
  unsignedInput,
  withWitness,
  witnessSignature,
} from '../src/index.ts';
import { fixture } from './vectors.ts';

const seed = 20_260_303;
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

const anyTransaction: fc.Arbitrary<Transaction> = fc.record({
  version: fc.nat(0xffff_ffff),
  inputs: fc.array(
    fc.record({
      outpoint: fc.record({ txid: bytes(32).map((hash) => txid(toHex(hash))), vout: fc.nat(0xffff_ffff) }),
      sequence: fc.nat(0xffff_ffff),
      scriptSig: fc.uint8Array({ maxLength: 300 }),
      witness: fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  outputs: fc.array(
    fc.record({
      value: fc.bigInt(0n, 2_100_000_000_000_000n).map(sat),
      script: fc.uint8Array({ maxLength: 300 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  lockTime: fc.nat(0xffff_ffff),
});

describe('transactions as bytes', () => {
  test('parse and serialise are each the inverse of the other, and agree with bitcoinjs-lib', () => {
    fc.assert(
      fc.property(anyTransaction, (transaction) => {
        const serialized = serializeTransaction(transaction);
        expect(unwrap(parseTransaction(serialized))).toEqual(transaction);
        const other = BitcoinTransaction.fromBuffer(serialized);
        expect(transactionId(noble, transaction)).toBe(other.getId());
        expect(unwrap(txidOfBytes(noble, serialized))).toBe(other.getId());
        expect(toRawTransaction(noble, transaction)).toEqual({ txid: other.getId(), bytes: serialized });
        expect(transactionWeight(transaction)).toBe(other.weight());
        expect(strippedLength(transaction)).toBe(other.byteLength(false));
      }),
      { seed, numRuns: 60 },
    );
  });

  test('counts of one, three and five bytes', () => {
    const input = unsignedInput({ txid: txid('22'.repeat(32)), vout: 0 }, 0);
    for (const [outputs, script] of [
      [252, 252],
      [253, 253],
      [300, 300],
      [1, 0xffff],
      [2, 0x10000],
    ] as const) {
      const output = { value: sat(1n), script: new Uint8Array(script) };
      const transaction: Transaction = {
        version: 2,
        inputs: [input],
        outputs: Array.from({ length: outputs }, () => output),
        lockTime: 0,
      };
      const serialized = serializeTransaction(transaction);
      expect(toHex(serialized) === toHex(BitcoinTransaction.fromBuffer(serialized, true).toBuffer())).toBe(true);
      const witnessed = withWitness(transaction, 0, [output.script]);
      expect(transactionWeight(witnessed)).toBe(
        BitcoinTransaction.fromBuffer(serializeTransaction(witnessed)).weight(),
      );
    }
    expect(() => withWitness({ version: 2, inputs: [], outputs: [], lockTime: 0 }, 0, [])).toThrow(RangeError);
  });

  test('no bytes make the parser throw, cut or changed or random', () => {
    fc.assert(
      fc.property(anyTransaction, fc.nat(), fc.nat(255), fc.uint8Array({ maxLength: 200 }), (one, at, by, random) => {
        const serialized = serializeTransaction(one);
        expect(parseTransaction(serialized.subarray(0, at % serialized.length)).ok).toBe(false);
        expect(parseTransaction(Uint8Array.of(...serialized, 0)).ok).toBe(false);
        const changed = Uint8Array.from(serialized);
        changed[at % changed.length] = by;
        expect(typeof parseTransaction(changed).ok).toBe('boolean');
        expect(typeof rawTransactionOf(noble, random).ok).toBe('boolean');
      }),
      { seed, numRuns: 60 },
    );
    expect(parseTransaction(new Uint8Array(maxTransactionBytes + 1))).toEqual({
      ok: false,
      error: { kind: 'transactionTooLong', length: maxTransactionBytes + 1, limit: maxTransactionBytes },
    });
    // Counts of 2^32 that are not there.
    const counts = fromHex(`02000000feffffffff${'00'.repeat(60)}`);
    expect(parseTransaction(counts)).toEqual({
      ok: false,
      error: expect.objectContaining({ kind: 'malformedTransaction', length: counts.length }),
    });
  });
});

describe('BIP 143 signature hashes', () => {
  test('agree with bitcoinjs-lib, with and without a midstate', () => {
    fc.assert(
      fc.property(anyTransaction, fc.nat(), fc.uint8Array({ maxLength: 300 }), (transaction, pick, script) => {
        const index = pick % transaction.inputs.length;
        const other = BitcoinTransaction.fromBuffer(serializeTransaction(transaction));
        // bitcoinjs-lib writes the version and the value as signed, which no transaction of ours needs.
        fc.pre(transaction.version < 0x8000_0000);
        const midstate = sighashMidstate(noble, transaction);
        const all = other.hashForWitnessV0(index, script, 12_345n, sighashAll);
        expect(segwitSighash(noble, transaction, index, script, sat(12_345n))).toEqual(all);
        expect(segwitSighash(noble, transaction, index, script, sat(12_345n), sighashAll, midstate)).toEqual(all);
        if (index >= transaction.outputs.length) return;
        expect(segwitSighash(noble, transaction, index, script, sat(12_345n), sighashSingleAnyoneCanPay)).toEqual(
          other.hashForWitnessV0(index, script, 12_345n, sighashSingleAnyoneCanPay),
        );
      }),
      { seed, numRuns: 60 },
    );
  });

  test('an input or output that is not there is the caller’s mistake', () => {
    const input = unsignedInput({ txid: txid('22'.repeat(32)), vout: 0 }, 0);
    const transaction: Transaction = { version: 2, inputs: [input], outputs: [], lockTime: 0 };
    expect(() => segwitSighash(noble, transaction, 1, new Uint8Array(0), sat(1n))).toThrow(RangeError);
    expect(() => segwitSighash(noble, transaction, 0, new Uint8Array(0), sat(1n), sighashSingleAnyoneCanPay)).toThrow(
      RangeError,
    );
  });
});

describe('signatures', () => {
  test('DER and compact are each the inverse of the other', () => {
    fc.assert(
      fc.property(bytes(64), fc.nat(40), (random, zeros) => {
        const compact = Uint8Array.from(random);
        compact.fill(0, 0, Math.min(zeros, 31));
        compact.fill(0, 32, 32 + Math.min(zeros, 31));
        const der = signatureToDer(compact);
        expect(unwrap(signatureFromDer(der))).toEqual(compact);
        const inWitness = witnessSignature(compact, sighashSingleAnyoneCanPay);
        expect(inWitness).toEqual(Uint8Array.of(...der, 0x83));
        expect(inWitness.length).toBeLessThanOrEqual(73);
      }),
      { seed, numRuns: 200 },
    );
    expect(() => signatureToDer(new Uint8Array(63))).toThrow(RangeError);
  });

  test('what is no strict DER is refused', () => {
    const good = toHex(signatureToDer(noble.sign(new Uint8Array(32).fill(1), new Uint8Array(32).fill(1))));
    const broken = [
      '',
      good.substring(2),
      good.substring(0, good.length - 2),
      `${good}00`,
      good.replace(/^30/, '31'),
      '3006020100020100ff',
      '30070202000102010100'.substring(0, 18),
      '3006028100020101',
      '3006020180020101',
      '3006020101030101',
      '3006020001020101',
      `3026022201${'ff'.repeat(33)}020101`,
    ];
    for (const der of broken) {
      expect({ der, ok: signatureFromDer(fromHex(der)).ok }).toEqual({ der, ok: false });
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (random) => {
        const parsed = signatureFromDer(random);
        if (parsed.ok) expect(signatureToDer(parsed.value)).toEqual(random);
      }),
      { seed, numRuns: 200 },
    );
  });
});

describe('funding transactions', () => {
  test('BOLT 3 Appendix B', () => {
    const vector = fixture<Readonly<Record<string, string>> & { readonly vout: number }>('funding');
    const local = fromHex(vector['localFundingPubkey']!);
    const remote = fromHex(vector['remoteFundingPubkey']!);
    expect(toHex(fundingWitnessScript(local, remote))).toBe(vector['witnessScript']);
    expect(fundingWitnessScript(remote, local)).toEqual(fundingWitnessScript(local, remote));
    const transaction = unwrap(parseTransaction(fromHex(vector['transaction']!)));
    expect(transaction.outputs[vector.vout]).toEqual({
      value: BigInt(vector['fundingSatoshis']!),
      script: fundingScript(noble, local, remote),
    });
    expect(transaction.outputs[1 - vector.vout]!.value).toBe(BigInt(vector['changeSatoshis']!));
    expect(transactionId(noble, transaction)).toBe(vector['txid']);
    expect(toHex(serializeTransaction(transaction))).toBe(vector['transaction']);
  });

  test('BOLT 3 Appendix G: a dual-funded transaction, unsigned and signed', () => {
    const vector = fixture<{
      readonly parent: string;
      readonly parentTxid: string;
      readonly locktime: number;
      readonly inputs: readonly { vout: number; script: string }[];
      readonly accepterPubkey: string;
      readonly witnesses: readonly string[];
      readonly outputs: readonly { satoshis: string; script: string }[];
      readonly unsigned: string;
      readonly signed: string;
      readonly txid: string;
    }>('dual-funding');
    const parent = unwrap(parseTransaction(fromHex(vector.parent)));
    expect(transactionId(noble, parent)).toBe(vector.parentTxid);
    const unsigned: Transaction = {
      version: 2,
      inputs: vector.inputs.map(({ vout, script }) => {
        expect(toHex(parent.outputs[vout]!.script)).toBe(script);
        return unsignedInput({ txid: txid(vector.parentTxid), vout }, 0xfffffffd);
      }),
      outputs: vector.outputs.map(({ satoshis, script }) => ({
        value: sat(BigInt(satoshis)),
        script: fromHex(script),
      })),
      lockTime: vector.locktime,
    };
    expect(toHex(serializeTransaction(unsigned))).toBe(vector.unsigned);
    expect(transactionId(noble, unsigned)).toBe(vector.txid);
    const witness = (data: string): Uint8Array[] => {
      const items: Uint8Array[] = [];
      const view = fromHex(data);
      for (let at = 1; at < view.length; at += 1 + view[at]!) items.push(view.subarray(at + 1, at + 1 + view[at]!));
      expect(items.length).toBe(view[0]);
      return items;
    };
    const witnesses = vector.witnesses.map(witness);
    const signed = { ...unsigned, inputs: unsigned.inputs.map((input, i) => ({ ...input, witness: witnesses[i]! })) };
    expect(toHex(serializeTransaction(signed))).toBe(vector.signed);
    const pubkey = fromHex(vector.accepterPubkey);
    const value = parent.outputs[vector.inputs[0]!.vout]!.value;
    const hash = segwitSighash(noble, unsigned, 0, p2wpkhScriptCode(noble, pubkey), value);
    const signature = witnesses[0]![0]!;
    expect(signature[signature.length - 1]).toBe(sighashAll);
    expect(noble.verify(unwrap(signatureFromDer(signature.subarray(0, -1))), hash, pubkey)).toBe(true);
  });
});
