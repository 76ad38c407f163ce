import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { blockHeight, feeratePerKw, fromHex, msat, paymentHashOf, sat, toHex, txid, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type { ChannelTransactionParameters, CommitmentFormat, CommitmentSpec } from '@boltwright/interfaces';
import {
  buildCommitment,
  commitmentFee,
  commitmentNumber,
  commitmentSighash,
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
} from '@boltwright/transactions';
import { fixture } from './fixture.ts';
import type { Vector } from './suite.ts';

interface CommitmentCase {
  readonly name: string;
  readonly toLocalMsat: string;
  readonly toRemoteMsat: string;
  readonly feeratePerKw: number;
  readonly dustLimitSatoshis: number;
  readonly htlcs: readonly number[];
  readonly remoteSignature: string;
  readonly localSignature?: string;
  readonly commitment: string;
  readonly baseFee?: number;
  readonly actualFee?: number;
  readonly htlcTransactions: readonly {
    readonly vout: number;
    readonly htlc: number;
    readonly remoteSignature: string;
    readonly transaction: string;
  }[];
}

interface CommitmentVectors {
  readonly format: CommitmentFormat;
  readonly fundingTxid: string;
  readonly fundingVout: number;
  readonly fundingSatoshis: string;
  readonly commitmentNumber: number;
  readonly obscuringFactor: string;
  readonly localDelay: number;
  readonly keys: Readonly<Record<string, string>>;
  readonly htlcs: readonly {
    readonly id: number;
    readonly direction: 'offered' | 'received';
    readonly amountMsat: string;
    readonly cltvExpiry: number;
    readonly preimage: string;
  }[];
  readonly cases: readonly CommitmentCase[];
}

/** The channel of BOLT 3's appendices C and F. Basepoints that they leave open are some other point. */
function channelOf(vectors: CommitmentVectors, dustLimit: number): ChannelTransactionParameters {
  const key = (name: string): Uint8Array => fromHex(vectors.keys[name]!);
  const other = noble.publicKey(new Uint8Array(32).fill(9));
  return {
    commitmentFormat: vectors.format,
    holderIsOpener: true,
    holder: {
      pubkeys: {
        fundingPubkey: key('local_funding_pubkey'),
        revocationBasepoint: other,
        paymentBasepoint: key('local_payment_basepoint'),
        delayedPaymentBasepoint: key('local_delayed_payment_basepoint'),
        htlcBasepoint: key('local_htlc_basepoint'),
      },
      dustLimitSatoshis: sat(BigInt(dustLimit)),
      toSelfDelay: 7,
    },
    counterparty: {
      pubkeys: {
        fundingPubkey: key('remote_funding_pubkey'),
        revocationBasepoint: key('remote_revocation_basepoint'),
        paymentBasepoint: key('remote_payment_basepoint'),
        delayedPaymentBasepoint: other,
        htlcBasepoint: key('remote_htlc_basepoint'),
      },
      dustLimitSatoshis: sat(1n),
      toSelfDelay: vectors.localDelay,
    },
    fundingOutpoint: { txid: txid(vectors.fundingTxid), vout: vectors.fundingVout },
    fundingSatoshis: sat(BigInt(vectors.fundingSatoshis)),
  };
}

const specOf = (vectors: CommitmentVectors, one: CommitmentCase): CommitmentSpec => ({
  index: BigInt(vectors.commitmentNumber),
  perCommitmentPoint: fromHex(vectors.keys['local_per_commitment_point']!),
  feeratePerKw: feeratePerKw(one.feeratePerKw),
  toBroadcasterMsat: msat(BigInt(one.toLocalMsat)),
  toCountersignerMsat: msat(BigInt(one.toRemoteMsat)),
  htlcs: one.htlcs.map((id) => {
    const htlc = vectors.htlcs.find((candidate) => candidate.id === id)!;
    return {
      direction: htlc.direction,
      id: BigInt(id),
      amountMsat: msat(BigInt(htlc.amountMsat)),
      cltvExpiry: blockHeight(htlc.cltvExpiry),
      paymentHash: paymentHashOf(noble.sha256(fromHex(htlc.preimage))),
    };
  }),
});

const compact = (der: string): Uint8Array => unwrap(signatureFromDer(fromHex(der)));

function check(vectors: CommitmentVectors, one: CommitmentCase): void {
  const secret = (name: string): Uint8Array => fromHex(vectors.keys[name]!);
  const parameters = channelOf(vectors, one.dustLimitSatoshis);
  equal(obscuringFactor(noble, parameters), BigInt(`0x${vectors.obscuringFactor}`));
  const built = buildCommitment(noble, parameters, 'holder', specOf(vectors, one));
  const signature = noble.sign(commitmentSighash(noble, built), secret('local_funding_privkey'));
  if (one.localSignature !== undefined) deepStrictEqual(signature, compact(one.localSignature));
  const signed = signedCommitment(built, signature, compact(one.remoteSignature));
  equal(toHex(signed.bytes), one.commitment);
  const parsed = unwrap(parseTransaction(signed.bytes));
  equal(transactionId(noble, parsed), signed.txid);
  equal(commitmentNumber(obscuringFactor(noble, parameters), parsed), BigInt(vectors.commitmentNumber));

  // The counterparty's signatures are those that it would make, and ours checks them.
  const made = signCommitment(noble, built, secret('remote_funding_privkey'), secret('remote_privkey'));
  deepStrictEqual(made.signature, compact(one.remoteSignature));
  deepStrictEqual(
    made.htlcSignatures,
    one.htlcTransactions.map((htlc) => compact(htlc.remoteSignature)),
  );
  ok(verifyHolderCommitment(noble, built, made).ok, 'the signatures do not verify');

  deepStrictEqual(
    built.htlcs.map((output) => [output.vout, Number(output.htlc.id)]),
    one.htlcTransactions.map((htlc) => [htlc.vout, htlc.htlc]),
  );
  for (const [position, output] of built.htlcs.entries()) {
    const expected = one.htlcTransactions[position]!;
    const hash = htlcSighash(noble, built, output, htlcTransaction(built, output), sighashAll);
    const own = noble.sign(hash, secret('local_privkey'));
    const preimage = fromHex(vectors.htlcs.find((htlc) => htlc.id === expected.htlc)!.preimage);
    const theirs = made.htlcSignatures[position]!;
    const transaction = signedHtlcTransaction(noble, built, output, theirs, own, preimage);
    equal(toHex(transaction.bytes), expected.transaction);
  }
  if (one.baseFee !== undefined) {
    equal(commitmentFee(vectors.format, built.spec.feeratePerKw, built.htlcs.length), BigInt(one.baseFee));
  }
  if (one.actualFee !== undefined) equal(built.fee, BigInt(one.actualFee));
}

/** BOLT 3, Appendix C or F: each commitment with its HTLC transactions, to the byte. */
export function commitments(format: CommitmentFormat): Vector[] {
  const vectors = fixture<CommitmentVectors>('transactions', `commitments-${format}`);
  return vectors.cases.map((one) => ({ name: one.name, run: () => check(vectors, one) }));
}
