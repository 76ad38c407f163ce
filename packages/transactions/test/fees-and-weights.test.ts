import { feeratePerKw, msat, sat } from '@boltwright/base';
import type { CommitmentFormat } from '@boltwright/interfaces';
import { describe, expect, test } from '@jest/globals';
import {
  anchorsCost,
  commitmentCost,
  commitmentFee,
  commitmentWeight,
  feeForWeight,
  type HtlcDirection,
  htlcTransactionFee,
  htlcTransactionWeight,
  inputWeight,
  isTrimmed,
  outputWeight,
  p2wpkhWitnessWeight,
  transactionOverheadWeight,
  trimThreshold,
  witnessWeights,
} from '../src/index.ts';
import { formats } from './channels.ts';
import { fixture } from './vectors.ts';

type PerFormat = Readonly<Record<CommitmentFormat, number>>;
const vectors = fixture<{
  readonly commitment: PerFormat;
  readonly htlcOutput: number;
  readonly htlcTimeout: PerFormat;
  readonly htlcSuccess: PerFormat;
  readonly fundingWitness: number;
  readonly htlcTimeoutWitness: PerFormat;
  readonly htlcSuccessWitness: PerFormat;
  readonly penalty: Readonly<Record<'toLocal' | 'offeredHtlc' | 'receivedHtlc', { witness: number; input: number }>>;
  readonly toRemoteInput: number;
  readonly feeExample: {
    readonly feeratePerKw: number;
    readonly dustLimitSatoshis: number;
    readonly timeoutFee: number;
    readonly successFee: number;
    readonly commitmentWeight: number;
    readonly baseFee: number;
    readonly htlcs: readonly { direction: HtlcDirection; amountMsat: number; trimmed: boolean }[];
  };
}>('weights');

describe.each(formats)('BOLT 3 Expected Weights, %s', (format) => {
  test('commitment and HTLC transactions', () => {
    expect(commitmentWeight(format, 0)).toBe(vectors.commitment[format]);
    expect(commitmentWeight(format, 483)).toBe(vectors.commitment[format] + 483 * vectors.htlcOutput);
    expect(htlcTransactionWeight(format, 'offered')).toBe(vectors.htlcTimeout[format]);
    expect(htlcTransactionWeight(format, 'received')).toBe(vectors.htlcSuccess[format]);
  });

  test('witnesses, and what they make of the transactions', () => {
    const weights = witnessWeights(format);
    expect(weights.funding).toBe(vectors.fundingWitness);
    expect(weights.htlcTimeout).toBe(vectors.htlcTimeoutWitness[format]);
    expect(weights.htlcSuccess).toBe(vectors.htlcSuccessWitness[format]);
    const rest = transactionOverheadWeight + inputWeight + outputWeight(34);
    expect(rest + weights.htlcTimeout).toBe(vectors.htlcTimeout[format]);
    // BOLT 3 notes that 703 and 706 are one too many, for historical reasons.
    expect(rest + weights.htlcSuccess - vectors.htlcSuccess[format]).toBe(-1);
  });
});

test('BOLT 5 Appendix A: penalties of static_remotekey', () => {
  const weights = witnessWeights('static_remotekey');
  expect(weights.offeredHtlcRevoked).toBe(vectors.penalty.offeredHtlc.witness);
  expect(inputWeight + weights.offeredHtlcRevoked).toBe(vectors.penalty.offeredHtlc.input);
  // BOLT 5 has a received script of 139 bytes, BOLT 3 (rightly, for heights of four bytes) of 140.
  expect(weights.receivedHtlcRevoked).toBe(vectors.penalty.receivedHtlc.witness + 1);
  // BOLT 5 counts eight bytes and a length for the delay where three and a length are the most, and not the byte of the 1.
  expect(weights.toLocalRevoked).toBe(vectors.penalty.toLocal.witness - 5 + 1);
  // BOLT 5 counts a signature and a key with their lengths, and no count of items.
  expect(inputWeight + p2wpkhWitnessWeight - 1).toBe(vectors.toRemoteInput);
});

describe('BOLT 3 Fee Calculation', () => {
  const example = vectors.feeExample;
  const feerate = feeratePerKw(example.feeratePerKw);
  const dustLimit = sat(BigInt(example.dustLimitSatoshis));

  test("the section's example", () => {
    const format = 'static_remotekey';
    expect(htlcTransactionFee(format, 'offered', feerate)).toBe(BigInt(example.timeoutFee));
    expect(htlcTransactionFee(format, 'received', feerate)).toBe(BigInt(example.successFee));
    const answers = example.htlcs.map((htlc) =>
      isTrimmed(format, { ...htlc, amountMsat: msat(BigInt(htlc.amountMsat)) }, feerate, dustLimit),
    );
    expect(answers).toEqual(example.htlcs.map((htlc) => htlc.trimmed));
    const untrimmed = answers.filter((trimmed) => !trimmed).length;
    expect(commitmentWeight(format, untrimmed)).toBe(example.commitmentWeight);
    expect(commitmentFee(format, feerate, untrimmed)).toBe(BigInt(example.baseFee));
    expect(commitmentCost(format, feerate, untrimmed)).toBe(BigInt(example.baseFee));
  });

  test('anchors cost the opener 660 sat, and HTLC transactions nothing', () => {
    expect(anchorsCost('anchors')).toBe(660n);
    expect(anchorsCost('static_remotekey')).toBe(0n);
    expect(commitmentCost('anchors', feerate, 1)).toBe(((1124n + 172n) * 5000n) / 1000n + 660n);
    expect(htlcTransactionFee('anchors', 'offered', feerate)).toBe(0n);
    expect(trimThreshold('anchors', 'received', feerate, dustLimit)).toBe(dustLimit);
  });

  test('an HTLC exactly at the threshold has an output, a millisatoshi less has none', () => {
    for (const format of formats) {
      for (const direction of ['offered', 'received'] as const) {
        const least = trimThreshold(format, direction, feerate, dustLimit) * 1000n;
        expect(isTrimmed(format, { direction, amountMsat: msat(least) }, feerate, dustLimit)).toBe(false);
        expect(isTrimmed(format, { direction, amountMsat: msat(least - 1n) }, feerate, dustLimit)).toBe(true);
      }
    }
  });

  test('fees round down and stay exact at the largest feerate', () => {
    expect(feeForWeight(feeratePerKw(253), 724)).toBe(183n);
    expect(feeForWeight(feeratePerKw(0xffff_ffff), 724 + 966 * 172)).toBe((0xffff_ffffn * 166_876n) / 1000n);
  });
});
