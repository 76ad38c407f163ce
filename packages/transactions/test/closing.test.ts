import { compareBytes, fromHex, msat, type Script, sat, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  closingSighash,
  closingTransaction,
  closingVariantsToOffer,
  closingVariantToAccept,
  closingWeight,
  dustThreshold,
  fundingScript,
  isShutdownScript,
  legacyClosing,
  p2wpkh,
  parseTransaction,
  type ScriptKind,
  type SimpleClosing,
  scriptKind,
  signedClosing,
  simpleClosing,
  transactionWeight,
  verifyClosingSignature,
} from '../src/index.ts';
import { channel, sideSecrets } from './channels.ts';
import { expectSpends } from './interpreter.ts';

const seed = 20_260_304;
const parameters = channel('anchors');
const us = sideSecrets(1);
const them = sideSecrets(2);
const holderScript = p2wpkh(noble, parameters.holder.pubkeys.fundingPubkey);
const counterpartyScript = p2wpkh(noble, parameters.counterparty.pubkeys.fundingPubkey);
const opReturn = fromHex('6a06010203040506');

describe('BOLT 3 Legacy Closing Transaction', () => {
  const terms = {
    holderMsat: msat(7_000_000_999n),
    counterpartyMsat: msat(2_999_999_001n),
    holderScript,
    counterpartyScript,
    feeSatoshis: sat(1000n),
    dustLimitSatoshis: sat(354n),
  };

  test('rounds down, and the opener pays the fee', () => {
    const closing = unwrap(legacyClosing(parameters, terms));
    expect(closing).toEqual({
      parameters,
      lockTime: 0,
      sequence: 0xffffffff,
      outputs: [
        { value: 2_999_999n, script: counterpartyScript },
        { value: 6_999_000n, script: holderScript },
      ],
    });
    const theirs = unwrap(legacyClosing(channel('anchors', { holderIsOpener: false }), terms));
    expect(theirs.outputs.map((output) => output.value)).toEqual([2_998_999n, 7_000_000n]);
  });

  test('leaves out what is below the dust limit and what a side omits, and never everything', () => {
    const poor = { ...terms, counterpartyMsat: msat(353_999n) };
    expect(unwrap(legacyClosing(parameters, poor)).outputs).toEqual([{ value: 6_999_000n, script: holderScript }]);
    const least = { ...terms, counterpartyMsat: msat(354_000n) };
    expect(unwrap(legacyClosing(parameters, least)).outputs).toHaveLength(2);
    expect(unwrap(legacyClosing(parameters, { ...terms, omit: 'holder' })).outputs).toHaveLength(1);
    expect(legacyClosing(parameters, { ...poor, omit: 'holder' })).toEqual({ ok: false, error: { kind: 'noOutputs' } });
    expect(legacyClosing(parameters, { ...terms, feeSatoshis: sat(7_000_001n) })).toEqual({
      ok: false,
      error: { kind: 'feeAboveBalance', feeSatoshis: 7_000_001n, balanceSatoshis: 7_000_000n },
    });
  });

  test('is signed by both, within its weight, and an interpreter not ours takes it', () => {
    const closing = unwrap(legacyClosing(parameters, terms));
    const hash = closingSighash(noble, closing);
    const ours = noble.sign(hash, us.funding);
    const theirs = noble.sign(hash, them.funding);
    expect(verifyClosingSignature(noble, closing, 'counterparty', theirs)).toBe(true);
    expect(verifyClosingSignature(noble, closing, 'holder', ours)).toBe(true);
    expect(verifyClosingSignature(noble, closing, 'counterparty', ours)).toBe(false);
    const transaction = unwrap(parseTransaction(signedClosing(noble, closing, ours, theirs).bytes));
    const slack = closingWeight([holderScript, counterpartyScript]) - transactionWeight(transaction);
    expect(slack >= 0 && slack <= 4).toBe(true);
    const { fundingPubkey } = parameters.counterparty.pubkeys;
    const script = fundingScript(noble, parameters.holder.pubkeys.fundingPubkey, fundingPubkey);
    const spent = { value: parameters.fundingSatoshis, script };
    expectSpends([{ name: 'closing', transaction, input: 0, spent, valid: true }]);
  });
});

describe('BOLT 3 Closing Transaction, BOLT 2 closing_complete', () => {
  const terms: SimpleClosing = {
    closerMsat: msat(6_000_000_000n),
    closeeMsat: msat(4_000_000_000n),
    closerScript: holderScript,
    closeeScript: counterpartyScript,
    feeSatoshis: sat(500n),
    lockTime: 800_000,
  };

  test('has the variant’s outputs, the closer paying', () => {
    const both = unwrap(simpleClosing(parameters, terms, 'closerAndCloseeOutputs'));
    expect(closingTransaction(both)).toEqual({
      version: 2,
      lockTime: 800_000,
      inputs: [expect.objectContaining({ outpoint: parameters.fundingOutpoint, sequence: 0xfffffffd })],
      outputs: [
        { value: 4_000_000n, script: counterpartyScript },
        { value: 5_999_500n, script: holderScript },
      ],
    });
    const closer = unwrap(simpleClosing(parameters, terms, 'closerOutputOnly'));
    expect(closer.outputs).toEqual([{ value: 5_999_500n, script: holderScript }]);
    const closee = unwrap(simpleClosing(parameters, terms, 'closeeOutputOnly'));
    expect(closee.outputs).toEqual([{ value: 4_000_000n, script: counterpartyScript }]);
    expect(simpleClosing(parameters, { ...terms, feeSatoshis: sat(6_000_001n) }, 'closeeOutputOnly')).toEqual({
      ok: false,
      error: { kind: 'feeAboveBalance', feeSatoshis: 6_000_001n, balanceSatoshis: 6_000_000n },
    });
  });

  test('an OP_RETURN output carries nothing, on either side', () => {
    const closer = unwrap(simpleClosing(parameters, { ...terms, closerScript: opReturn }, 'closerAndCloseeOutputs'));
    expect(closer.outputs).toEqual([
      { value: 0n, script: opReturn },
      { value: 4_000_000n, script: counterpartyScript },
    ]);
    const closee = unwrap(simpleClosing(parameters, { ...terms, closeeScript: opReturn }, 'closerAndCloseeOutputs'));
    expect(closee.outputs[0]).toEqual({ value: 0n, script: opReturn });
  });

  test('the closer offers what the BOLT has it offer', () => {
    expect(closingVariantsToOffer(terms)).toEqual(['closerOutputOnly', 'closerAndCloseeOutputs']);
    // Equal amounts: neither is the lesser, and the closer's own output stays.
    const equal = { ...terms, closerMsat: terms.closeeMsat };
    expect(closingVariantsToOffer(equal, true)).toEqual(['closerOutputOnly', 'closerAndCloseeOutputs']);
    const dustyClosee = { ...terms, closeeMsat: msat(293_999n) };
    expect(closingVariantsToOffer(dustyClosee)).toEqual(['closerOutputOnly']);
    const lesser = { ...terms, closerMsat: msat(3_000_000_000n) };
    expect(closingVariantsToOffer(lesser)).toEqual(['closerAndCloseeOutputs']);
    expect(closingVariantsToOffer(lesser, true)).toEqual(['closeeOutputOnly']);
    expect(closingVariantsToOffer({ ...lesser, closerScript: opReturn }, true)).toEqual(['closerAndCloseeOutputs']);
    const dustyCloser = { ...terms, closerMsat: msat(793_999n) };
    expect(closingVariantsToOffer(dustyCloser)).toEqual(['closeeOutputOnly']);
    expect(closingVariantsToOffer({ ...dustyCloser, closeeMsat: msat(800_000n), closeeScript: opReturn })).toEqual([
      'closeeOutputOnly',
    ]);
    // Both are dust: nothing may be offered but with an OP_RETURN script or a lower fee.
    const dusty = { ...terms, closerMsat: msat(700_000n), closeeMsat: msat(200_000n) };
    expect(closingVariantsToOffer(dusty)).toEqual([]);
    expect(closingVariantsToOffer({ ...dusty, closerScript: opReturn })).toEqual(['closerOutputOnly']);
    expect(closingVariantsToOffer({ ...dusty, feeSatoshis: sat(100n) })).toEqual(['closerOutputOnly']);
  });

  test('the closee picks what the BOLT has it pick', () => {
    const all = ['closerOutputOnly', 'closeeOutputOnly', 'closerAndCloseeOutputs'] as const;
    expect(closingVariantToAccept(terms, all)).toBe('closerAndCloseeOutputs');
    expect(closingVariantToAccept(terms, ['closeeOutputOnly'])).toBe('closeeOutputOnly');
    expect(closingVariantToAccept(terms, all, true)).toBe('closerOutputOnly');
    expect(closingVariantToAccept({ ...terms, closeeScript: opReturn }, all, true)).toBe('closerAndCloseeOutputs');
    expect(closingVariantToAccept({ ...terms, closeeMsat: msat(293_999n) }, all)).toBe('closerOutputOnly');
  });

  test('what is offered is what the other side picks, has an output, and has no dust', () => {
    const script = fc.constantFrom(holderScript, counterpartyScript, opReturn);
    const amount = fc.oneof(fc.bigInt(0n, 2_000_000n), fc.bigInt(0n, 5_000_000_000n)).map(msat);
    fc.assert(
      fc.property(
        script,
        script,
        amount,
        amount,
        fc.bigInt(0n, 2000n),
        fc.boolean(),
        (a, b, closer, closee, fee, u) => {
          fc.pre(fee <= closer / 1000n);
          const one = { ...terms, closerScript: a, closeeScript: b, closerMsat: closer, closeeMsat: closee };
          const offer = { ...one, feeSatoshis: sat(fee) };
          const offered = closingVariantsToOffer(offer, u);
          if (offered.length === 0) return;
          expect(offered).toContain(closingVariantToAccept(offer, offered));
          for (const variant of offered) {
            const { outputs } = unwrap(simpleClosing(parameters, offer, variant));
            const paid = outputs.reduce((sum, output) => sum + output.value, 0n);
            expect(paid + fee <= closer / 1000n + closee / 1000n).toBe(true);
            for (const output of outputs) expect(output.value >= dustThreshold(output.script)).toBe(true);
            const [first, second] = outputs;
            if (second === undefined) continue;
            const inOrder = first!.value < second.value || compareBytes(first!.script, second.script) <= 0;
            expect(inOrder).toBe(true);
          }
        },
      ),
      { seed, numRuns: 300 },
    );
  });
});

describe('scripts', () => {
  const program = (opcode: number, length: number): Script => Uint8Array.of(opcode, length, ...new Uint8Array(length));
  const cases: readonly (readonly [string, Script, ScriptKind, bigint])[] = [
    ['p2pkh', fromHex(`76a914${'00'.repeat(20)}88ac`), 'p2pkh', 546n],
    ['p2sh', fromHex(`a914${'00'.repeat(20)}87`), 'p2sh', 540n],
    ['p2wpkh', program(0x00, 20), 'p2wpkh', 294n],
    ['p2wsh', program(0x00, 32), 'p2wsh', 330n],
    ['version 0 of another length', program(0x00, 21), 'other', 546n],
    ['taproot', program(0x51, 32), 'segwit', 354n],
    ['version 16, two bytes', program(0x60, 2), 'segwit', 354n],
    ['version 1, 40 bytes', program(0x51, 40), 'segwit', 354n],
    ['version 1, 41 bytes', program(0x51, 41), 'other', 546n],
    ['version 1, one byte', program(0x51, 1), 'other', 546n],
    ['pay to anchor', fromHex('51024e73'), 'p2a', 240n],
    ['OP_RETURN of 5', program(0x6a, 5), 'other', 546n],
    ['OP_RETURN of 6', program(0x6a, 6), 'opReturn', 0n],
    ['OP_RETURN of 75', program(0x6a, 75), 'opReturn', 0n],
    ['OP_RETURN of 76, long push', Uint8Array.of(0x6a, 0x4c, 76, ...new Uint8Array(76)), 'opReturn', 0n],
    ['OP_RETURN of 80, long push', Uint8Array.of(0x6a, 0x4c, 80, ...new Uint8Array(80)), 'opReturn', 0n],
    ['OP_RETURN of 81, long push', Uint8Array.of(0x6a, 0x4c, 81, ...new Uint8Array(81)), 'other', 546n],
    ['OP_RETURN of 75, long push', Uint8Array.of(0x6a, 0x4c, 75, ...new Uint8Array(75)), 'other', 546n],
    ['OP_RETURN with a second push', Uint8Array.of(...program(0x6a, 6), 0x51), 'other', 546n],
    ['nothing', new Uint8Array(0), 'other', 546n],
  ];

  test.each(cases)('%s', (_name, script, kind, dust) => {
    expect(scriptKind(script)).toBe(kind);
    expect(dustThreshold(script)).toBe(dust);
    const anySegwit = kind === 'segwit' || kind === 'p2a';
    const always = kind === 'p2wpkh' || kind === 'p2wsh';
    const none = { anySegwit: false, simpleClose: false };
    expect(isShutdownScript(script, none)).toBe(always);
    expect(isShutdownScript(script, { ...none, anySegwit: true })).toBe(always || anySegwit);
    expect(isShutdownScript(script, { ...none, simpleClose: true })).toBe(always || kind === 'opReturn');
  });
});
