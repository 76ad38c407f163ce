import {
  blockHeight,
  compareBytes,
  feeratePerKw,
  fromHex,
  msat,
  type OutPoint,
  paymentHashOf,
  sat,
  type TxOut,
  unwrap,
} from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type { CommitmentSpec } from '@boltwright/interfaces';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  anchorByAnyoneWitness,
  type BuiltCommitment,
  buildCommitment,
  commitmentCost,
  commitmentNumber,
  commitmentSighash,
  delayedWitness,
  derivePrivateKey,
  deriveRevocationPrivateKey,
  fundingScript,
  htlcExpiredWitness,
  htlcPreimageWitness,
  htlcSighash,
  htlcTransaction,
  invalidPubkey,
  isTrimmed,
  obscuringFactor,
  p2wpkhScriptCode,
  p2wpkhWitness,
  p2wsh,
  parseTransaction,
  revokedDelayedWitness,
  revokedHtlcWitness,
  segwitSighash,
  serializeTransaction,
  sighashAll,
  signatureWitness,
  signCommitment,
  signedCommitment,
  signedHtlcTransaction,
  type Transaction,
  unsignedInput,
  verifyHolderCommitment,
  type WitnessWeights,
  withWitness,
  witnessLength,
  witnessWeights,
} from '../src/index.ts';
import { anySpec, channel, formats, mirrored, preimageOf, sideSecrets } from './channels.ts';
import { expectSpends, type Spend } from './interpreter.ts';

const seed = 20_260_301;
const us = sideSecrets(1);
const them = sideSecrets(2);

/** Signs as the counterparty, checks and signs as the holder. */
function signatures(built: BuiltCommitment) {
  const point = built.spec.perCommitmentPoint;
  const basepoint = built.parameters.counterparty.pubkeys.htlcBasepoint;
  return signCommitment(noble, built, them.funding, derivePrivateKey(noble, point, basepoint, them.htlcBasepoint));
}

describe.each(formats)('commitments, %s', (format) => {
  test('both sides build the same transaction, and no satoshi is lost', () => {
    fc.assert(
      fc.property(anySpec(1), fc.boolean(), fc.bigInt(1n, 2000n), (spec, holderIsOpener, dustLimit) => {
        const parameters = channel(format, { holderIsOpener, dustLimit });
        const built = buildCommitment(noble, parameters, 'holder', spec);
        const seen = buildCommitment(noble, mirrored(parameters), 'counterparty', spec);
        expect(seen.raw).toEqual(built.raw);
        expect(unwrap(parseTransaction(built.raw.bytes)).outputs).toEqual(
          built.outputs.map(({ value, script }) => ({ value, script })),
        );
        expect(commitmentNumber(obscuringFactor(noble, parameters), built.transaction)).toBe(spec.index);

        const paid = built.outputs.reduce((sum, output) => sum + output.value, 0n);
        expect(paid + built.fee).toBe(parameters.fundingSatoshis);
        for (const [index, output] of built.outputs.entries()) {
          expect(output.vout).toBe(index);
          expect(output.value > 0n && (output.kind === 'anchor' || output.value >= dustLimit)).toBe(true);
          const before = built.outputs[index - 1];
          if (before === undefined) continue;
          const byScript = compareBytes(before.script, output.script);
          expect(before.value < output.value || (before.value === output.value && byScript <= 0)).toBe(true);
          if (byScript === 0 && before.kind === 'htlc' && output.kind === 'htlc' && before.value === output.value) {
            expect(before.htlc.cltvExpiry).toBeLessThanOrEqual(output.htlc.cltvExpiry);
          }
        }
        const trimmed = spec.htlcs.flatMap((htlc, index) =>
          isTrimmed(format, htlc, spec.feeratePerKw, sat(dustLimit)) ? [index] : [],
        );
        expect(built.trimmed).toEqual(trimmed);
        expect([...built.trimmed, ...built.htlcs.map((output) => output.htlcIndex)].sort((a, b) => a - b)).toEqual(
          spec.htlcs.map((_, index) => index),
        );
        const opener = built.outputs.find((output) => output.kind === (holderIsOpener ? 'toLocal' : 'toRemote'));
        if (opener !== undefined) {
          const balance = (holderIsOpener ? spec.toBroadcasterMsat : spec.toCountersignerMsat) / 1000n;
          expect(opener.value).toBe(balance - commitmentCost(format, spec.feeratePerKw, built.htlcs.length));
        }
      }),
      { seed, numRuns: 30 },
    );
  });

  test('signatures are checked: valid ones pass, any other, one too many or one too few is named', () => {
    fc.assert(
      fc.property(anySpec(1), fc.nat(), (spec, pick) => {
        const built = buildCommitment(noble, channel(format), 'holder', spec);
        const made = signatures(built);
        expect(verifyHolderCommitment(noble, built, made).ok).toBe(true);
        expect(verifyHolderCommitment(noble, built, { ...made, signature: made.signature.map((b) => b ^ 1) })).toEqual({
          ok: false,
          error: expect.objectContaining({ kind: 'invalidCommitmentSignature' }),
        });
        const count = built.htlcs.length;
        expect(
          verifyHolderCommitment(noble, built, { ...made, htlcSignatures: [...made.htlcSignatures, made.signature] }),
        ).toEqual({ ok: false, error: { kind: 'wrongHtlcSignatureCount', expected: count, actual: count + 1 } });
        if (count === 0) return;
        const position = pick % count;
        const htlcSignatures = made.htlcSignatures.map((other, at) => (at === position ? made.signature : other));
        expect(verifyHolderCommitment(noble, built, { ...made, htlcSignatures })).toEqual({
          ok: false,
          error: {
            kind: 'invalidHtlcSignature',
            position,
            id: built.htlcs[position]!.htlc.id,
            signature: made.signature,
          },
        });
      }),
      { seed, numRuns: 12 },
    );
  });
});

/** A commitment with every kind of output. */
const fullSpec = (side: number): CommitmentSpec => {
  const [spec] = fc.sample(anySpec(side), { seed, numRuns: 1 });
  const htlc = {
    amountMsat: msat(50_000_000n),
    cltvExpiry: blockHeight(800_000),
    paymentHash: paymentHashOf(noble.sha256(preimageOf(7))),
  };
  return {
    ...spec!,
    index: 5n,
    feeratePerKw: feeratePerKw(1000),
    toBroadcasterMsat: msat(6_000_000_000n),
    toCountersignerMsat: msat(3_900_000_000n),
    htlcs: [
      { ...htlc, direction: 'offered', id: 0n },
      { ...htlc, direction: 'received', id: 1n },
    ],
  };
};

describe.each(formats)('every spend passes an interpreter not ours, %s', (format) => {
  const parameters = channel(format);
  const weights = witnessWeights(format);

  /** One input, one output, signed by `secret` and spent as `witness` has it. */
  function spend(
    name: keyof WitnessWeights,
    outpoint: OutPoint,
    spent: TxOut,
    scriptCode: Uint8Array,
    secret: Uint8Array,
    witness: (signature: Uint8Array) => readonly Uint8Array[],
    change: { readonly sequence?: number; readonly lockTime?: number; readonly valid?: boolean } = {},
  ): Spend {
    const unsigned: Transaction = {
      version: 2,
      inputs: [unsignedInput(outpoint, change.sequence ?? 0xfffffffd)],
      outputs: [{ value: sat(200n), script: p2wsh(noble, Uint8Array.of(0x51)) }],
      lockTime: change.lockTime ?? 0,
    };
    const signature = noble.sign(segwitSighash(noble, unsigned, 0, scriptCode, spent.value), secret);
    const transaction = withWitness(unsigned, 0, witness(signature));
    expectWeight(name, transaction);
    return { name, transaction, input: 0, spent, valid: change.valid ?? true };
  }

  /** The weight promised is never exceeded, and but for slack in signatures, heights and delays it is met. */
  function expectWeight(name: keyof WitnessWeights, transaction: Transaction): void {
    const slack = weights[name] - witnessLength(transaction.inputs[0]!.witness);
    expect(slack).toBeGreaterThanOrEqual(0);
    expect(slack).toBeLessThanOrEqual(6);
  }

  const find = <K extends BuiltCommitment['outputs'][number]['kind']>(built: BuiltCommitment, kind: K) => {
    const output = built.outputs.find((candidate) => candidate.kind === kind);
    expect(output).toBeDefined();
    return output as Extract<BuiltCommitment['outputs'][number], { kind: K }>;
  };

  test('our commitment, its HTLC transactions, its delayed outputs and its anchor', () => {
    const built = buildCommitment(noble, parameters, 'holder', fullSpec(1));
    const made = signatures(built);
    const point = built.spec.perCommitmentPoint;
    const { txid } = built.raw;
    const { pubkeys } = parameters.holder;
    const raw = signedCommitment(built, noble.sign(commitmentSighash(noble, built), us.funding), made.signature);
    const signed = unwrap(parseTransaction(raw.bytes));
    const script = fundingScript(noble, pubkeys.fundingPubkey, parameters.counterparty.pubkeys.fundingPubkey);
    expectWeight('funding', signed);
    const spent = { value: parameters.fundingSatoshis, script };
    const spends: Spend[] = [{ name: 'funding', transaction: signed, input: 0, spent, valid: true }];

    const delayedKey = derivePrivateKey(noble, point, pubkeys.delayedPaymentBasepoint, us.delayedPaymentBasepoint);
    const revocationKey = deriveRevocationPrivateKey(noble, us.perCommitment, them.revocationBasepoint);
    const { witnessScript } = built.delayed;
    const sequence = parameters.counterparty.toSelfDelay;
    const delayed = (signature: Uint8Array) => delayedWitness(signature, witnessScript);
    const revoked = (signature: Uint8Array) => revokedDelayedWitness(signature, witnessScript);
    const toLocal = find(built, 'toLocal');
    const local = { txid, vout: toLocal.vout };
    const early = { sequence: sequence - 1, valid: false };
    spends.push(
      spend('toLocalDelayed', local, toLocal, witnessScript, delayedKey, delayed, { sequence }),
      spend('toLocalDelayed', local, toLocal, witnessScript, delayedKey, delayed, early),
      spend('toLocalRevoked', local, toLocal, witnessScript, revocationKey, revoked),
    );

    const htlcKey = derivePrivateKey(noble, point, pubkeys.htlcBasepoint, us.htlcBasepoint);
    for (const [position, output] of built.htlcs.entries()) {
      const unsigned = htlcTransaction(built, output);
      const own = noble.sign(htlcSighash(noble, built, output, unsigned, sighashAll), htlcKey);
      const second = signedHtlcTransaction(noble, built, output, made.htlcSignatures[position]!, own, preimageOf(7));
      const transaction = unwrap(parseTransaction(second.bytes));
      const name = output.htlc.direction === 'offered' ? 'htlcTimeout' : 'htlcSuccess';
      expectWeight(name, transaction);
      const stage = { txid: second.txid, vout: 0 };
      const paid = transaction.outputs[0]!;
      spends.push(
        { name, transaction, input: 0, spent: output, valid: true },
        spend('toLocalDelayed', stage, paid, witnessScript, delayedKey, delayed, { sequence }),
        spend('toLocalRevoked', stage, paid, witnessScript, revocationKey, revoked),
      );
    }

    const anchor = built.outputs.find((output) => output.kind === 'anchor' && output.owner === 'broadcaster');
    expect(anchor === undefined).toBe(format === 'static_remotekey');
    if (anchor?.kind === 'anchor') {
      const anchorScript = anchor.witnessScript;
      const witness = (signature: Uint8Array) => signatureWitness(signature, anchorScript);
      const at = { txid, vout: anchor.vout };
      const byAnyone = { ...spends[0]!.transaction, inputs: [unsignedInput(at, 16)] };
      spends.push(
        spend('anchor', at, anchor, anchorScript, us.funding, witness),
        spend('anchor', at, anchor, anchorScript, them.funding, witness, { valid: false }),
        {
          name: 'anchor by anyone',
          transaction: withWitness(byAnyone, 0, anchorByAnyoneWitness(anchorScript)),
          input: 0,
          spent: anchor,
          valid: true,
        },
      );
    }
    expectSpends(spends);
  });

  test("the counterparty's commitment: to_remote, both claims of HTLCs, and all of it once revoked", () => {
    const built = buildCommitment(noble, parameters, 'counterparty', fullSpec(2));
    const point = built.spec.perCommitmentPoint;
    const { txid } = built.raw;
    const { pubkeys } = parameters.holder;
    const toRemote = find(built, 'toRemote');
    const remoteWitness = (signature: Uint8Array) =>
      toRemote.witnessScript === undefined
        ? p2wpkhWitness(signature, pubkeys.paymentBasepoint)
        : signatureWitness(signature, toRemote.witnessScript);
    const code = toRemote.witnessScript ?? p2wpkhScriptCode(noble, pubkeys.paymentBasepoint);
    const sequence = built.rules.toRemoteSequence;
    const remote = { txid, vout: toRemote.vout };
    const spends = [spend('toRemote', remote, toRemote, code, us.paymentBasepoint, remoteWitness, { sequence })];

    const htlcKey = derivePrivateKey(noble, point, pubkeys.htlcBasepoint, us.htlcBasepoint);
    const revocationKey = deriveRevocationPrivateKey(noble, them.perCommitment, us.revocationBasepoint);
    for (const output of built.htlcs) {
      const { witnessScript } = output;
      const offered = output.htlc.direction === 'offered';
      const at = { txid, vout: output.vout };
      const punish = (signature: Uint8Array) =>
        revokedHtlcWitness(signature, built.keys.revocationPubkey, witnessScript);
      const claim = (signature: Uint8Array) =>
        offered
          ? htlcPreimageWitness(signature, preimageOf(7), witnessScript)
          : htlcExpiredWitness(signature, witnessScript);
      const punished = offered ? 'offeredHtlcRevoked' : 'receivedHtlcRevoked';
      const claimed = offered ? 'offeredHtlcPreimage' : 'receivedHtlcTimeout';
      const locks = { sequence: built.rules.htlcSequence, lockTime: offered ? 0 : 800_000 };
      const early = { ...locks, lockTime: 799_999, valid: offered };
      spends.push(
        spend(punished, at, output, witnessScript, revocationKey, punish),
        spend(punished, at, output, witnessScript, htlcKey, punish, { valid: false }),
        spend(claimed, at, output, witnessScript, htlcKey, claim, locks),
        spend(claimed, at, output, witnessScript, htlcKey, claim, early),
      );
    }
    expectSpends(spends);
  });
});

test('an HTLC brings both anchors, also where a side has no output of its own', () => {
  const anchorsOf = (toRemote: bigint, htlcs: boolean) => {
    const full = fullSpec(1);
    const spec = { ...full, toCountersignerMsat: msat(toRemote), htlcs: htlcs ? full.htlcs : [] };
    const { outputs } = buildCommitment(noble, channel('anchors'), 'holder', spec);
    return outputs.flatMap((output) => (output.kind === 'anchor' ? [output.owner] : [])).sort();
  };
  expect(anchorsOf(0n, true)).toEqual(['broadcaster', 'countersigner']);
  expect(anchorsOf(0n, false)).toEqual(['broadcaster']);
  expect(anchorsOf(353_999n, false)).toEqual(['broadcaster']);
  expect(anchorsOf(354_000n, false)).toEqual(['broadcaster', 'countersigner']);
});

test('a key that is no point is named', () => {
  const { pubkeys } = channel('anchors').holder;
  expect(invalidPubkey(noble, pubkeys)).toBeUndefined();
  expect(invalidPubkey(noble, { ...pubkeys, htlcBasepoint: fromHex(`02${'ff'.repeat(32)}`) })).toBe('htlcBasepoint');
  expect(invalidPubkey(noble, { ...pubkeys, fundingPubkey: new Uint8Array(32) })).toBe('fundingPubkey');
});

test('an HTLC-success transaction without its preimage is refused', () => {
  const built = buildCommitment(noble, channel('anchors'), 'holder', fullSpec(1));
  const received = built.htlcs.find((output) => output.htlc.direction === 'received')!;
  const signature = new Uint8Array(64).fill(1);
  expect(() => signedHtlcTransaction(noble, built, received, signature, signature)).toThrow(RangeError);
  expect(serializeTransaction(htlcTransaction(built, received)).length).toBe(94);
});
