import { blockHeight, feeratePerKw, msat, paymentHashOf, ready, sat, type TxOut } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type { ChannelSigner, ClosingTransaction, CommitmentSpec, HolderCommitment } from '@boltwright/interfaces';
import {
  anchorWitnessScript,
  buildCommitment,
  commitmentSighash,
  delayedWitnessScript,
  htlcTransaction,
  p2wpkhScriptCode,
  p2wsh,
  perCommitmentSecret,
  segwitSighash,
  type Transaction,
  toRawTransaction,
  toRemoteAnchorsWitnessScript,
  unsignedInput,
  verifyClosingSignature,
  verifyHolderCommitment,
} from '@boltwright/transactions';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  InMemorySigner,
  newSignerState,
  SignerRefused,
  type ValidatingSignerState,
  validatingSigner,
} from '../src/index.ts';
import { bytes, channelOf, formats, keysId, manager, mirrored, specOf, value } from './channels.ts';

const seed = 20_260_305;
const alice = manager(1);
const bob = manager(2);
const alices = (): InMemorySigner => alice.channelSigner(keysId(1), sat(1_000_000n));
const bobs = (): InMemorySigner => bob.channelSigner(keysId(2), sat(1_000_000n));

describe.each(formats)('the in-memory signer, %s', (format) => {
  test('what one side signs of a commitment, the other side takes, in both roles', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.bigInt(0n, (1n << 48n) - 1n), (opener, htlcs, index) => {
        const [a, b] = [alices(), bobs()];
        const parameters = channelOf(format, a, b, opener);
        const spec = specOf(b, index, htlcs);
        const signatures = value(a.signCounterpartyCommitment({ parameters, spec }, []));
        const built = buildCommitment(noble, mirrored(parameters), 'holder', spec);
        expect(verifyHolderCommitment(noble, built, signatures)).toEqual({ ok: true, value: undefined });
        expect(signatures.htlcSignatures).toHaveLength(htlcs ? 2 : 0);
        expect(value(a.signCounterpartyCommitment({ parameters, spec }, []))).toEqual(signatures);

        const commitment: HolderCommitment = {
          parameters: mirrored(parameters),
          spec,
          counterpartySignatures: signatures,
        };
        const own = value(b.signHolderCommitment(commitment));
        expect(noble.verify(own, commitmentSighash(noble, built), b.pubkeys.fundingPubkey)).toBe(true);
        for (const output of built.htlcs) {
          const transaction = htlcTransaction(built, output);
          const claim = {
            parameters: mirrored(parameters),
            perCommitmentPoint: spec.perCommitmentPoint,
            witnessScript: output.witnessScript,
            value: output.value,
          };
          const signature = value(b.signHolderHtlc(toRawTransaction(noble, transaction), 0, claim));
          const hash = segwitSighash(noble, transaction, 0, output.witnessScript, output.value);
          expect(noble.verify(signature, hash, built.keys.broadcasterHtlcPubkey)).toBe(true);
          const theirs = value(
            a.signCounterpartyHtlc(toRawTransaction(noble, transaction), 0, { ...claim, parameters }),
          );
          expect(noble.verify(theirs, hash, built.keys.countersignerHtlcPubkey)).toBe(true);
        }
      }),
      { seed, numRuns: 12 },
    );
  });

  test('signs sweeps, justice, anchors, closes and announcements with the right key', () => {
    const [a, b] = [alices(), bobs()];
    const parameters = channelOf(format, a, b, true);
    const spec = specOf(b, 3n, true);
    const built = buildCommitment(noble, parameters, 'counterparty', spec);
    const output: TxOut = { value: sat(1000n), script: p2wsh(noble, Uint8Array.of(0x51)) };
    const transaction: Transaction = {
      version: 2,
      inputs: [0, 1].map((vout) => unsignedInput({ txid: built.raw.txid, vout }, 1)),
      outputs: [output],
      lockTime: 0,
    };
    const raw = toRawTransaction(noble, transaction);
    const amount = sat(12_345n);
    const hash = (input: number, script: Uint8Array, of = amount) =>
      segwitSighash(noble, transaction, input, script, of);

    const { witnessScript } = built.delayed;
    const point = spec.perCommitmentPoint;
    const perCommitmentSecret = value(b.releaseCommitmentSecret(3n));
    expect(noble.publicKey(perCommitmentSecret)).toEqual(point);
    const justice = a.signJustice(raw, 1, { parameters, perCommitmentSecret, witnessScript, value: amount });
    expect(noble.verify(value(justice), hash(1, witnessScript), built.keys.revocationPubkey)).toBe(true);

    const delayed = b.signSweep(raw, 0, {
      kind: 'delayed',
      parameters: mirrored(parameters),
      perCommitmentPoint: point,
      witnessScript,
      value: amount,
    });
    expect(noble.verify(value(delayed), hash(0, witnessScript), built.keys.broadcasterDelayedPubkey)).toBe(true);
    expect(witnessScript).toEqual(
      delayedWitnessScript(built.keys.revocationPubkey, 144, built.keys.broadcasterDelayedPubkey),
    );

    const { paymentBasepoint, fundingPubkey } = a.pubkeys;
    const code =
      format === 'anchors' ? toRemoteAnchorsWitnessScript(paymentBasepoint) : p2wpkhScriptCode(noble, paymentBasepoint);
    const remote = a.signSweep(raw, 0, { kind: 'toRemote', parameters, value: amount });
    expect(noble.verify(value(remote), hash(0, code), paymentBasepoint)).toBe(true);

    const anchor = hash(1, anchorWitnessScript(fundingPubkey), sat(330n));
    expect(noble.verify(value(a.signAnchor(raw, 1)), anchor, fundingPubkey)).toBe(true);
    expect(() => a.signAnchor(raw, 2)).toThrow(RangeError);

    const closing: ClosingTransaction = { parameters, lockTime: 0, sequence: 0xffffffff, outputs: [output] };
    expect(verifyClosingSignature(noble, closing, 'holder', value(a.signClosing(closing)))).toBe(true);

    const announcement = bytes(8, 300);
    const announced = value(a.signChannelAnnouncement(announcement));
    expect(noble.verify(announced, noble.hash256(announcement), fundingPubkey)).toBe(true);
  });
});

test('per-commitment secrets and points are BOLT 3’s in any order of asking', () => {
  const secrets = {
    funding: bytes(1),
    revocationBasepoint: bytes(2),
    paymentBasepoint: bytes(3),
    delayedPaymentBasepoint: bytes(4),
    htlcBasepoint: bytes(5),
    commitmentSeed: bytes(6),
  };
  const signer = new InMemorySigner(noble, secrets);
  const index = fc.oneof(fc.bigInt(0n, 20n), fc.bigInt(250n, 260n), fc.bigInt(0n, (1n << 48n) - 1n));
  fc.assert(
    fc.property(index, fc.boolean(), (at, pointFirst) => {
      const expected = perCommitmentSecret(noble, bytes(6), at);
      if (pointFirst) expect(value(signer.perCommitmentPoint(at))).toEqual(noble.publicKey(expected));
      expect(value(signer.releaseCommitmentSecret(at))).toEqual(expected);
    }),
    { seed, numRuns: 100 },
  );
  // What was answered is the caller's own: writing to it changes nothing.
  value(signer.perCommitmentPoint(1n)).fill(0);
  value(signer.releaseCommitmentSecret(1n)).fill(0);
  expect(value(signer.perCommitmentPoint(1n))).toEqual(noble.publicKey(perCommitmentSecret(noble, bytes(6), 1n)));
  expect(() => signer.perCommitmentPoint(1n << 48n)).toThrow(RangeError);
  expect(() => new InMemorySigner(noble, { ...secrets, htlcBasepoint: bytes(0) })).toThrow('htlcBasepoint');
  expect(() => new InMemorySigner(noble, { ...secrets, commitmentSeed: bytes(1, 31) })).toThrow('commitmentSeed');
});

describe('the validating signer', () => {
  const [a, b] = [alices(), bobs()];
  const parameters = channelOf('anchors', a, b, true);
  const theirs = (index: bigint, shift = 0n) => ({ parameters, spec: specOf(b, index, true, shift) });
  const ours = (index: bigint, shift = 0n): HolderCommitment => ({
    parameters,
    spec: specOf(a, index, true, shift),
    counterpartySignatures: { signature: bytes(1, 64), htlcSignatures: [] },
  });
  const refused = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      if (error instanceof SignerRefused) return error.reason;
      throw error;
    }
    return 'signed';
  };
  const signing = (state?: ValidatingSignerState): ReturnType<typeof validatingSigner> =>
    validatingSigner(a, { crypto: noble, ...(state === undefined ? {} : { state }) });

  test('signs the counterparty’s commitments in turn, each once, and nothing below, beside or too far ahead', () => {
    const signer = signing();
    const sign = (index: bigint, shift?: bigint) =>
      refused(() => signer.signCounterpartyCommitment(theirs(index, shift), []));
    const revoke = (index: bigint, secret = value(b.releaseCommitmentSecret(index))) =>
      refused(() => signer.validateCounterpartyRevocation(index, secret));
    expect(sign(2n)).toBe('notYetRevoked');
    expect(sign(0n)).toBe('signed');
    expect(revoke(0n)).toBe('notReplaced');
    expect(sign(0n)).toBe('signed');
    expect(sign(0n, 1n)).toBe('alteredContent');
    expect(sign(1n)).toBe('signed');
    expect(sign(0n)).toBe('lowerNumber');
    expect(sign(2n)).toBe('notYetRevoked');
    expect(revoke(0n, bytes(1))).toBe('wrongSecret');
    expect(revoke(0n, bytes(0))).toBe('wrongSecret');
    expect(revoke(0n)).toBe('signed');
    expect(revoke(0n)).toBe('signed');
    expect(sign(0n)).toBe('revoked');
    expect(sign(2n)).toBe('signed');
    expect(sign(1n)).toBe('lowerNumber');
    expect(sign(2n, 5n)).toBe('alteredContent');
    expect(Object.keys(signer.state.signed)).toEqual(['1', '2']);
  });

  test('the same number may be signed once for each funding, and the order of HTLCs is no content', () => {
    const signer = signing();
    const one = theirs(0n);
    expect(refused(() => signer.signCounterpartyCommitment(one, []))).toBe('signed');
    const other = { ...parameters, fundingOutpoint: { ...parameters.fundingOutpoint, vout: 1 } };
    expect(refused(() => signer.signCounterpartyCommitment({ ...theirs(0n, 4n), parameters: other }, []))).toBe(
      'signed',
    );
    expect(refused(() => signer.signCounterpartyCommitment({ ...theirs(0n, 5n), parameters: other }, []))).toBe(
      'alteredContent',
    );
    const turned = { parameters, spec: { ...one.spec, htlcs: [...one.spec.htlcs].reverse() } };
    expect(refused(() => signer.signCounterpartyCommitment(turned, []))).toBe('signed');
  });

  test('every figure of a commitment counts as its content', () => {
    const { spec } = theirs(0n);
    const [first, second] = spec.htlcs;
    const changed: readonly CommitmentSpec[] = [
      { ...spec, perCommitmentPoint: noble.publicKey(bytes(1)) },
      { ...spec, feeratePerKw: feeratePerKw(1001) },
      { ...spec, toBroadcasterMsat: msat(spec.toBroadcasterMsat + 1n) },
      { ...spec, toCountersignerMsat: msat(spec.toCountersignerMsat + 1n) },
      { ...spec, htlcs: [] },
      { ...spec, htlcs: [first!] },
      { ...spec, htlcs: [{ ...first!, direction: 'received' }, second!] },
      { ...spec, htlcs: [{ ...first!, id: 1n }, second!] },
      { ...spec, htlcs: [{ ...first!, amountMsat: msat(first!.amountMsat + 1n) }, second!] },
      { ...spec, htlcs: [{ ...first!, cltvExpiry: blockHeight(800_001) }, second!] },
      { ...spec, htlcs: [{ ...first!, paymentHash: paymentHashOf(bytes(1)) }, second!] },
    ];
    const signer = signing();
    expect(refused(() => signer.signCounterpartyCommitment({ parameters, spec }, []))).toBe('signed');
    expect(
      changed.map((other) => refused(() => signer.signCounterpartyCommitment({ parameters, spec: other }, []))),
    ).toEqual(changed.map(() => 'alteredContent'));
  });

  test('never signs our revoked commitment, and never revokes the last one', () => {
    const signer = signing();
    const validate = (index: bigint, shift?: bigint) =>
      refused(() => signer.validateHolderCommitment(ours(index, shift), []));
    const release = (index: bigint) => refused(() => signer.releaseCommitmentSecret(index));
    const sign = (index: bigint, shift?: bigint) => refused(() => signer.signHolderCommitment(ours(index, shift)));
    expect(sign(0n)).toBe('notValidated');
    expect(release(0n)).toBe('notReplaced');
    expect(validate(0n)).toBe('signed');
    expect(release(0n)).toBe('notReplaced');
    expect(validate(2n)).toBe('notYetRevoked');
    expect(validate(1n)).toBe('signed');
    expect(validate(1n, 3n)).toBe('alteredContent');
    expect(validate(0n)).toBe('lowerNumber');
    expect(release(0n)).toBe('signed');
    expect(release(0n)).toBe('signed');
    expect(sign(0n)).toBe('revoked');
    expect(validate(0n)).toBe('revoked');
    expect(sign(1n, 3n)).toBe('alteredContent');
    expect(sign(1n)).toBe('signed');
    expect(validate(2n)).toBe('signed');
    expect(release(1n)).toBe('signedForBroadcast');
    expect(release(0n)).toBe('signed');
  });

  test('signs HTLC transactions of commitments that stand, and of no revoked one', () => {
    const signer = signing();
    const built = buildCommitment(noble, parameters, 'holder', ours(0n).spec);
    const output = built.htlcs[0]!;
    const raw = toRawTransaction(noble, htlcTransaction(built, output));
    const { witnessScript, value: amount } = output;
    const claim = { parameters, perCommitmentPoint: built.keys.perCommitmentPoint, witnessScript, value: amount };
    const sign = () => refused(() => signer.signHolderHtlc(raw, 0, claim));
    expect(sign()).toBe('revoked');
    signer.validateHolderCommitment(ours(0n), []);
    expect(sign()).toBe('signed');
    signer.validateHolderCommitment(ours(1n), []);
    expect(sign()).toBe('signed');
    signer.releaseCommitmentSecret(0n);
    expect(sign()).toBe('revoked');
  });

  test('remembers over a restart, and a refusal changes nothing', () => {
    const states: ValidatingSignerState[] = [];
    const signer = validatingSigner(a, { crypto: noble, onState: (state) => states.push(state) });
    expect(signer.state).toBe(newSignerState);
    signer.signCounterpartyCommitment(theirs(0n), []);
    signer.signCounterpartyCommitment(theirs(1n), []);
    const kept = signer.state;
    expect(states.at(-1)).toBe(kept);
    expect(refused(() => signer.signCounterpartyCommitment(theirs(1n, 1n), []))).toBe('alteredContent');
    expect(signer.state).toBe(kept);
    const again = signing(kept);
    expect(refused(() => again.signCounterpartyCommitment(theirs(0n), []))).toBe('lowerNumber');
    expect(refused(() => again.signCounterpartyCommitment(theirs(1n, 1n), []))).toBe('alteredContent');
    expect(refused(() => again.signCounterpartyCommitment(theirs(1n), []))).toBe('signed');
  });

  test('a state that cannot be kept allows nothing', () => {
    const signer = validatingSigner(a, {
      crypto: noble,
      onState: () => {
        throw new Error('the disk is full');
      },
    });
    expect(() => signer.signCounterpartyCommitment(theirs(0n), [])).toThrow('the disk is full');
    expect(signer.state).toBe(newSignerState);
  });

  test('an answer that comes later is for the same content only, and everything else passes through', () => {
    let late = true;
    const slow: ChannelSigner = new Proxy<ChannelSigner>(a, {
      get: (target, name) => {
        if (name === 'signCounterpartyCommitment' && late) return () => ({ kind: 'pending' });
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    const signer = validatingSigner(slow, { crypto: noble });
    expect(signer.signCounterpartyCommitment(theirs(0n), [])).toEqual({ kind: 'pending' });
    expect(refused(() => signer.signCounterpartyCommitment(theirs(0n, 1n), []))).toBe('alteredContent');
    late = false;
    expect(signer.signCounterpartyCommitment(theirs(0n), [])).toEqual(a.signCounterpartyCommitment(theirs(0n), []));
    expect(signer.pubkeys).toBe(a.pubkeys);
    expect(signer.perCommitmentPoint(4n)).toEqual(a.perCommitmentPoint(4n));
    expect(signer.signChannelAnnouncement(bytes(1))).toEqual(ready(value(a.signChannelAnnouncement(bytes(1)))));
  });
});
