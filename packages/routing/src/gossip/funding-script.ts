import { compareBytes, concatBytes } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';

const op2 = 0x52;
const opCheckMultisig = 0xae;
const push33 = 0x21;

/** Bytes of a funding output's witness script. */
export const fundingWitnessScriptLength = 71;

/**
 * The witness script of a funding output (BOLT 3, Funding Transaction Output): two of two, the keys in lexicographic
 * order. 71 bytes.
 */
export function fundingWitnessScript(key1: Uint8Array, key2: Uint8Array): Uint8Array {
  const [lesser, greater] = compareBytes(key1, key2) <= 0 ? [key1, key2] : [key2, key1];
  const push = Uint8Array.of(push33);
  return concatBytes(Uint8Array.of(op2), push, lesser, push, greater, Uint8Array.of(op2, opCheckMultisig));
}

/** Whether 71 bytes have the form of a funding output's witness script. */
export function isFundingWitnessScript(script: Uint8Array): boolean {
  return (
    script.length === fundingWitnessScriptLength &&
    script[0] === op2 &&
    script[1] === push33 &&
    script[35] === push33 &&
    script[69] === op2 &&
    script[70] === opCheckMultisig
  );
}

/** The output script: P2WSH of the witness script. 34 bytes. */
export function fundingOutputScript(crypto: CryptoBackend, key1: Uint8Array, key2: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(0, 32), crypto.sha256(fundingWitnessScript(key1, key2)));
}
