import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { feeratePerKw, fromHex, msat, sat, toHex, txid, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type { CommitmentFormat } from '@boltwright/interfaces';
import {
  commitmentFee,
  commitmentWeight,
  derivePrivateKey,
  derivePublicKey,
  deriveRevocationPrivateKey,
  deriveRevocationPublicKey,
  deriveSecret,
  emptySecretStore,
  fundingScript,
  fundingWitnessScript,
  type HtlcDirection,
  htlcTransactionFee,
  htlcTransactionWeight,
  insertSecret,
  isTrimmed,
  maxCommitmentNumber,
  p2wpkhScriptCode,
  parseTransaction,
  perCommitmentSecret,
  type SecretStore,
  secretAt,
  segwitSighash,
  serializeTransaction,
  signatureFromDer,
  type Transaction,
  transactionId,
  unsignedInput,
} from '@boltwright/transactions';
import { commitments } from './bolt3-commitments.ts';
import { fixture } from './fixture.ts';
import type { Suite, Vector } from './suite.ts';

function keyDerivation(): Vector[] {
  const vector = fixture<Readonly<Record<string, string>>>('transactions', 'key-derivation');
  const bytes = (name: string): Uint8Array => fromHex(vector[name]!);
  const [point, base] = [bytes('per_commitment_point'), bytes('base_point')];
  const derived: Readonly<Record<string, () => Uint8Array>> = {
    localpubkey: () => derivePublicKey(noble, point, base),
    localprivkey: () => derivePrivateKey(noble, point, base, bytes('base_secret')),
    revocationpubkey: () => deriveRevocationPublicKey(noble, point, base),
    revocationprivkey: () => deriveRevocationPrivateKey(noble, bytes('per_commitment_secret'), bytes('base_secret')),
  };
  return Object.entries(derived).map(([name, derive]) => ({ name, run: () => equal(toHex(derive()), vector[name]) }));
}

function storage(insertions: readonly string[], results: readonly ('OK' | 'ERROR')[]): void {
  let store: SecretStore = emptySecretStore;
  for (const [number, secret] of insertions.entries()) {
    const inserted = insertSecret(noble, store, BigInt(number), fromHex(secret));
    equal(inserted.ok ? 'OK' : 'ERROR', results[number]);
    if (inserted.ok) store = inserted.value;
  }
  if (results.includes('ERROR')) return;
  for (const [number, secret] of insertions.entries()) {
    deepStrictEqual(secretAt(noble, store, BigInt(number)), fromHex(secret));
  }
}

function funding(): void {
  const vector = fixture<Readonly<Record<string, string>> & { readonly vout: number }>('transactions', 'funding');
  const [local, remote] = [fromHex(vector['localFundingPubkey']!), fromHex(vector['remoteFundingPubkey']!)];
  equal(toHex(fundingWitnessScript(local, remote)), vector['witnessScript']);
  const transaction = unwrap(parseTransaction(fromHex(vector['transaction']!)));
  const output = transaction.outputs[vector.vout]!;
  equal(output.value, BigInt(vector['fundingSatoshis']!));
  equal(toHex(output.script), toHex(fundingScript(noble, local, remote)));
  equal(transactionId(noble, transaction), vector['txid']);
  equal(toHex(serializeTransaction(transaction)), vector['transaction']);
}

function dualFunding(): Vector[] {
  const vector = fixture<{
    readonly parent: string;
    readonly parentTxid: string;
    readonly locktime: number;
    readonly inputs: readonly { readonly vout: number; readonly script: string }[];
    readonly accepterPubkey: string;
    readonly witnesses: readonly string[];
    readonly outputs: readonly { readonly satoshis: string; readonly script: string }[];
    readonly unsigned: string;
    readonly signed: string;
    readonly txid: string;
  }>('transactions', 'dual-funding');
  const parent = unwrap(parseTransaction(fromHex(vector.parent)));
  const unsigned: Transaction = {
    version: 2,
    inputs: vector.inputs.map(({ vout }) => unsignedInput({ txid: txid(vector.parentTxid), vout }, 0xfffffffd)),
    outputs: vector.outputs.map(({ satoshis, script }) => ({ value: sat(BigInt(satoshis)), script: fromHex(script) })),
    lockTime: vector.locktime,
  };
  const witnesses = vector.witnesses.map((hex) => {
    const [view, items]: [Uint8Array, Uint8Array[]] = [fromHex(hex), []];
    for (let at = 1; at < view.length; at += 1 + view[at]!) items.push(view.subarray(at + 1, at + 1 + view[at]!));
    return items;
  });
  return [
    {
      name: 'unsigned funding transaction',
      run: () => {
        equal(transactionId(noble, parent), vector.parentTxid);
        equal(toHex(serializeTransaction(unsigned)), vector.unsigned);
        equal(transactionId(noble, unsigned), vector.txid);
      },
    },
    {
      name: "accepter's tx_signatures",
      run: () => {
        const pubkey = fromHex(vector.accepterPubkey);
        const value = parent.outputs[vector.inputs[0]!.vout]!.value;
        const hash = segwitSighash(noble, unsigned, 0, p2wpkhScriptCode(noble, pubkey), value);
        const signature = unwrap(signatureFromDer(witnesses[0]![0]!.subarray(0, -1)));
        ok(noble.verify(signature, hash, pubkey), 'the signature is not valid');
      },
    },
    {
      name: 'signed funding transaction',
      run: () => {
        const inputs = unsigned.inputs.map((input, i) => ({ ...input, witness: witnesses[i]! }));
        equal(toHex(serializeTransaction({ ...unsigned, inputs })), vector.signed);
      },
    },
  ];
}

interface Weights {
  readonly commitment: Readonly<Record<CommitmentFormat, number>>;
  readonly htlcOutput: number;
  readonly htlcTimeout: Readonly<Record<CommitmentFormat, number>>;
  readonly htlcSuccess: Readonly<Record<CommitmentFormat, number>>;
  readonly feeExample: {
    readonly feeratePerKw: number;
    readonly dustLimitSatoshis: number;
    readonly timeoutFee: number;
    readonly successFee: number;
    readonly commitmentWeight: number;
    readonly baseFee: number;
    readonly htlcs: readonly { direction: HtlcDirection; amountMsat: number; trimmed: boolean }[];
  };
}

const formats = ['static_remotekey', 'anchors'] as const;

const expectedWeights = (weights: Weights): Vector[] => [
  ...formats.map((format) => ({
    name: `commitment transaction, ${format}`,
    run: () => {
      equal(commitmentWeight(format, 0), weights.commitment[format]);
      equal(commitmentWeight(format, 483), weights.commitment[format] + 483 * weights.htlcOutput);
    },
  })),
  ...formats.map((format) => ({
    name: `HTLC-timeout transaction, ${format}`,
    run: () => equal(htlcTransactionWeight(format, 'offered'), weights.htlcTimeout[format]),
  })),
  ...formats.map((format) => ({
    name: `HTLC-success transaction, ${format}`,
    run: () => equal(htlcTransactionWeight(format, 'received'), weights.htlcSuccess[format]),
  })),
];

function feeExample({ feeExample: example }: Weights): void {
  const format = 'static_remotekey';
  const feerate = feeratePerKw(example.feeratePerKw);
  const dustLimit = sat(BigInt(example.dustLimitSatoshis));
  equal(htlcTransactionFee(format, 'offered', feerate), BigInt(example.timeoutFee));
  equal(htlcTransactionFee(format, 'received', feerate), BigInt(example.successFee));
  const trimmed = example.htlcs.map(({ direction, amountMsat }) =>
    isTrimmed(format, { direction, amountMsat: msat(BigInt(amountMsat)) }, feerate, dustLimit),
  );
  deepStrictEqual(
    trimmed,
    example.htlcs.map((htlc) => htlc.trimmed),
  );
  const outputs = trimmed.filter((answer) => !answer).length;
  equal(commitmentWeight(format, outputs), example.commitmentWeight);
  equal(commitmentFee(format, feerate, outputs), BigInt(example.baseFee));
}

export function bolt3(): Suite[] {
  const secrets = fixture<{
    readonly generation: readonly { name: string; seed: string; index: string; secret: string }[];
    readonly storage: readonly { name: string; insertions: readonly string[]; results: readonly ('OK' | 'ERROR')[] }[];
  }>('transactions', 'secrets');
  const weights = fixture<Weights>('transactions', 'weights');
  return [
    {
      bolt: 3,
      file: 'bolt03-commitment-and-htlc-txs',
      published: 16,
      vectors: commitments('static_remotekey'),
    },
    { bolt: 3, file: 'bolt03-commitment-and-htlc-txs-anchors', published: 9, vectors: commitments('anchors') },
    {
      bolt: 3,
      file: 'bolt03-dual-funding',
      published: 10,
      vectors: dualFunding(),
      notDone: { count: 7, reason: 'the messages and fees of dual funding' },
    },
    {
      bolt: 3,
      file: 'bolt03-expected-weights',
      published: 7,
      vectors: expectedWeights(weights),
      notDone: { count: 1, reason: 'the funding transaction of dual funding' },
    },
    {
      bolt: 3,
      file: 'bolt03-fee-example',
      published: 1,
      vectors: [{ name: 'fees and trimming', run: () => feeExample(weights) }],
    },
    { bolt: 3, file: 'bolt03-funding-tx', published: 1, vectors: [{ name: 'funding transaction', run: funding }] },
    { bolt: 3, file: 'bolt03-key-derivation', published: 4, vectors: keyDerivation() },
    {
      bolt: 3,
      file: 'bolt03-per-commitment-secret-generation',
      published: 5,
      vectors: secrets.generation.map(({ name, seed, index, secret }) => ({
        name,
        run: () => {
          const number = BigInt(`0x${index}`);
          equal(toHex(deriveSecret(noble, fromHex(seed), 48, number)), secret);
          equal(toHex(perCommitmentSecret(noble, fromHex(seed), maxCommitmentNumber - number)), secret);
        },
      })),
    },
    {
      bolt: 3,
      file: 'bolt03-per-commitment-secret-storage',
      published: 9,
      vectors: secrets.storage.map(({ name, insertions, results }) => ({
        name,
        run: () => storage(insertions, results),
      })),
    },
  ];
}
