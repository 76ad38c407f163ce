import {
  concatBytes,
  type OutPoint,
  type RawTransaction,
  type Sat,
  type Script,
  type TxOut,
  txidBytes,
} from '@boltwright/base';
import { rawTransaction } from '@boltwright/chain-regtest';
import { noble } from '@boltwright/crypto';
import { signature as scriptSignature } from 'bitcoinjs-lib/src/script';
import { Transaction } from 'bitcoinjs-lib/src/transaction';

/** A key by number, and the scripts it can spend. */
export interface TestKey {
  readonly secret: Uint8Array;
  readonly point: Uint8Array;
  readonly p2wpkh: Script;
  readonly p2tr: Script;
}

export function testKey(number: number): TestKey {
  const secret = noble.sha256(Uint8Array.of(number));
  const point = noble.publicKey(secret);
  return {
    secret,
    point,
    p2wpkh: concatBytes(Uint8Array.of(0, 20), noble.hash160(point)),
    // the output key as it is: what is tested is the signature, not BIP 86's tweak
    p2tr: concatBytes(Uint8Array.of(0x51, 32), point.subarray(1)),
  };
}

export const p2wsh = (witnessScript: Uint8Array): Script =>
  concatBytes(Uint8Array.of(0, 32), noble.sha256(witnessScript));

export interface Spend {
  readonly outpoint: OutPoint;
  readonly output: TxOut;
  readonly sequence?: number;
  /** The witness, given what signs this input over a script code. */
  readonly witness: (sign: (key: TestKey, scriptCode: Uint8Array) => Uint8Array, tx: Transaction) => Uint8Array[];
}

/** Spends a P2WPKH output of `key`. */
export function spendKey(key: TestKey, outpoint: OutPoint, value: bigint, sequence?: number): Spend {
  const scriptCode = concatBytes(Uint8Array.of(0x76, 0xa9, 20), key.p2wpkh.subarray(2), Uint8Array.of(0x88, 0xac));
  return {
    outpoint,
    output: { value: value as Sat, script: key.p2wpkh },
    ...(sequence === undefined ? {} : { sequence }),
    witness: (sign) => [sign(key, scriptCode), key.point],
  };
}

export interface Build {
  readonly spends: readonly Spend[];
  readonly outputs: readonly (readonly [script: Script, value: bigint])[];
  readonly version?: number;
  readonly locktime?: number;
}

/** Builds and signs with bitcoinjs-lib. */
export function build({ spends, outputs, version = 2, locktime = 0 }: Build): RawTransaction {
  const tx = new Transaction();
  tx.version = version;
  tx.locktime = locktime;
  for (const { outpoint, sequence } of spends) {
    tx.addInput(txidBytes(outpoint.txid), outpoint.vout, sequence ?? 0xffff_fffd);
  }
  for (const [script, value] of outputs) tx.addOutput(script, value);
  spends.forEach((spend, index) => {
    const sign = (key: TestKey, scriptCode: Uint8Array): Uint8Array =>
      scriptSignature.encode(noble.sign(tx.hashForWitnessV0(index, scriptCode, spend.output.value, 1), key.secret), 1);
    tx.setWitness(index, spend.witness(sign, tx));
  });
  return rawTransaction(tx.toBuffer());
}
