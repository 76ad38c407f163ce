import { createRequire } from 'node:module';

// bitcore-lib is CommonJS without types. Its parts are loaded by path, since its index refuses to be loaded twice in a
// process, which another dependency of a user's may well do. What is declared here is what is used here.

export interface BitcoreScript {
  readonly chunks: readonly { readonly opcodenum: number }[];
}

export interface BitcoreTransaction {
  readonly inputs: { output?: BitcoreOutput }[];
}

export interface BitcoreOutput {
  readonly satoshis: number;
}

export interface BitcoreInterpreter {
  errstr: string;
  flags: number;
  readonly pc: number;
  readonly sigversion: number;
  readonly script: BitcoreScript;
  readonly stack: readonly Uint8Array[];
  readonly vfExec: readonly boolean[];
  step(): boolean;
  checkSignatureEncoding(signature: Buffer): boolean;
  verify(
    scriptSig: BitcoreScript,
    scriptPubkey: BitcoreScript,
    tx: BitcoreTransaction,
    input: number,
    flags: number,
    witness: readonly Buffer[],
    satoshis: number,
  ): boolean;
}

interface Bitcore {
  readonly Interpreter: new () => BitcoreInterpreter;
  readonly Script: { fromBuffer(bytes: Buffer): BitcoreScript };
  readonly Transaction: {
    new (bytes: Buffer): BitcoreTransaction;
    readonly Output: new (output: { satoshis: number; script: Buffer }) => BitcoreOutput;
  };
}

const require = createRequire(import.meta.url);

// the order of bitcore-lib's own index: its parts need each other in a circle, and another first one gets halves
require('bitcore-lib/lib/address.js');

export const bitcore: Bitcore = {
  Interpreter: require('bitcore-lib/lib/script/interpreter.js') as Bitcore['Interpreter'],
  Script: require('bitcore-lib/lib/script/index.js') as Bitcore['Script'],
  Transaction: require('bitcore-lib/lib/transaction/index.js') as Bitcore['Transaction'],
};
