import { readFileSync } from 'node:fs';
import { blockHeight, feeratePerKw, fromHex, msat, paymentHashOf, sat, txid } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type { ChannelTransactionParameters, CommitmentFormat, CommitmentSpec } from '@boltwright/interfaces';

/** A fixture of test/vectors. */
export function fixture<T>(name: string): T {
  const parsed: unknown = JSON.parse(readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), 'utf8'));
  return parsed as T;
}

export interface CommitmentCase {
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
  readonly outputs?: readonly {
    readonly type: string;
    readonly amount_satoshi: number;
    readonly witness_script?: string;
  }[];
  readonly htlcTransactions: readonly {
    readonly vout: number;
    readonly htlc: number;
    readonly remoteSignature: string;
    readonly transaction: string;
  }[];
}

export interface CommitmentVectors {
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

/** Of the appendix's keys, one by name. */
export const vectorKey = (vectors: CommitmentVectors, name: string): Uint8Array => fromHex(vectors.keys[name]!);

/** The channel of BOLT 3's appendices C and F. Basepoints that they do not name are the generator's multiples. */
export function vectorChannel(vectors: CommitmentVectors, dustLimit: number): ChannelTransactionParameters {
  const key = (name: string): Uint8Array => vectorKey(vectors, name);
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

export function vectorSpec(vectors: CommitmentVectors, one: CommitmentCase): CommitmentSpec {
  return {
    index: BigInt(vectors.commitmentNumber),
    perCommitmentPoint: vectorKey(vectors, 'local_per_commitment_point'),
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
  };
}
