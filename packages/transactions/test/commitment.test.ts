import { fromHex, toHex, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { describe, expect, test } from '@jest/globals';
import {
  buildCommitment,
  commitmentFee,
  commitmentNumber,
  commitmentSighash,
  deriveCommitmentKeys,
  htlcSighash,
  htlcTransaction,
  obscuringFactor,
  parseTransaction,
  sighashAll,
  signatureFromDer,
  signCommitment,
  signedCommitment,
  signedHtlcTransaction,
  transactionId,
  verifyHolderCommitment,
} from '../src/index.ts';
import { type CommitmentVectors, fixture, vectorChannel, vectorKey, vectorSpec } from './vectors.ts';

const compact = (der: string): Uint8Array => unwrap(signatureFromDer(fromHex(der)));

describe.each(['static_remotekey', 'anchors'])('BOLT 3 commitments, %s', (format) => {
  const vectors = fixture<CommitmentVectors>(`commitments-${format}`);
  const secret = (name: string): Uint8Array => vectorKey(vectors, name);

  test.each(vectors.cases)('$name', (one) => {
    const parameters = vectorChannel(vectors, one.dustLimitSatoshis);
    const built = buildCommitment(noble, parameters, 'holder', vectorSpec(vectors, one));
    const signature = noble.sign(commitmentSighash(noble, built), secret('local_funding_privkey'));
    if (one.localSignature !== undefined) expect(signature).toEqual(compact(one.localSignature));
    const countersignature = compact(one.remoteSignature);
    const signed = signedCommitment(built, signature, countersignature);
    expect(toHex(signed.bytes)).toBe(one.commitment);
    const parsed = unwrap(parseTransaction(signed.bytes));
    expect(transactionId(noble, parsed)).toBe(signed.txid);
    expect(commitmentNumber(obscuringFactor(noble, parameters), parsed)).toBe(BigInt(vectors.commitmentNumber));

    // The counterparty's signatures are those that it would make, and ours checks them.
    const made = signCommitment(noble, built, secret('remote_funding_privkey'), secret('remote_privkey'));
    expect(made.signature).toEqual(countersignature);
    expect(made.htlcSignatures).toEqual(one.htlcTransactions.map((htlc) => compact(htlc.remoteSignature)));
    expect(verifyHolderCommitment(noble, built, made).ok).toBe(true);

    expect(built.htlcs.map((output) => [output.vout, Number(output.htlc.id)])).toEqual(
      one.htlcTransactions.map((htlc) => [htlc.vout, htlc.htlc]),
    );
    for (const [position, output] of built.htlcs.entries()) {
      const expected = one.htlcTransactions[position]!;
      const own = noble.sign(
        htlcSighash(noble, built, output, htlcTransaction(built, output), sighashAll),
        secret('local_privkey'),
      );
      const preimage = vectors.htlcs.find((htlc) => htlc.id === expected.htlc)!.preimage;
      const transaction = signedHtlcTransaction(
        noble,
        built,
        output,
        made.htlcSignatures[position]!,
        own,
        fromHex(preimage),
      );
      expect(toHex(transaction.bytes)).toBe(expected.transaction);
    }

    if (one.baseFee !== undefined) {
      expect(commitmentFee(parameters.commitmentFormat, built.spec.feeratePerKw, built.htlcs.length)).toBe(
        BigInt(one.baseFee),
      );
    }
    if (one.actualFee !== undefined) expect(built.fee).toBe(BigInt(one.actualFee));
    for (const output of one.outputs ?? []) {
      expect(
        built.outputs.map((candidate) => ({
          amount: candidate.value,
          script: candidate.witnessScript === undefined ? undefined : toHex(candidate.witnessScript),
        })),
      ).toContainEqual({ amount: BigInt(output.amount_satoshi), script: output.witness_script });
    }
  });

  test('the obscuring factor and the keys are those of the appendix', () => {
    const parameters = vectorChannel(vectors, 546);
    expect(obscuringFactor(noble, parameters)).toBe(BigInt(`0x${vectors.obscuringFactor}`));
    const keys = deriveCommitmentKeys(noble, parameters, 'holder', secret('local_per_commitment_point'));
    expect(keys.revocationPubkey).toEqual(secret('local_revocation_pubkey'));
    expect(keys.broadcasterDelayedPubkey).toEqual(secret('local_delayedpubkey'));
    expect(keys.broadcasterHtlcPubkey).toEqual(secret('local_htlcpubkey'));
    expect(keys.countersignerHtlcPubkey).toEqual(secret('remote_htlcpubkey'));
  });
});
