import type { Script, TxOut } from '@boltwright/base';
import { dustRelayFeerate, maxOpReturnBytes } from './policy.ts';

/** The forms of output scripts that standardness tells apart. */
export type ScriptKind =
  | 'p2pk'
  | 'p2pkh'
  | 'p2sh'
  | 'p2wpkh'
  | 'p2wsh'
  | 'p2tr'
  | 'p2a'
  | 'witnessUnknown'
  | 'opReturn'
  | 'nonStandard';

/** The version and length of a witness program, where the script is one. */
function witnessProgram(script: Script): { readonly version: number; readonly length: number } | undefined {
  if (script.length < 4 || script.length > 42 || script[1] !== script.length - 2) return undefined;
  const opcode = script[0]!;
  if (opcode === 0) return { version: 0, length: script.length - 2 };
  return opcode >= 0x51 && opcode <= 0x60 ? { version: opcode - 0x50, length: script.length - 2 } : undefined;
}

/** What an output script is, as far as relaying is concerned. */
export function scriptKind(script: Script): ScriptKind {
  const program = witnessProgram(script);
  if (program !== undefined) {
    const { version, length } = program;
    if (version === 0) return length === 20 ? 'p2wpkh' : length === 32 ? 'p2wsh' : 'nonStandard';
    if (version === 1 && length === 32) return 'p2tr';
    if (version === 1 && length === 2 && script[2] === 0x4e && script[3] === 0x73) return 'p2a';
    return 'witnessUnknown';
  }
  const { length } = script;
  if (length === 25 && script[0] === 0x76 && script[1] === 0xa9 && script[2] === 20) {
    return script[23] === 0x88 && script[24] === 0xac ? 'p2pkh' : 'nonStandard';
  }
  if (length === 23 && script[0] === 0xa9 && script[1] === 20 && script[22] === 0x87) return 'p2sh';
  if ((length === 35 || length === 67) && script[0] === length - 2 && script[length - 1] === 0xac) return 'p2pk';
  if (script[0] === 0x6a)
    return length <= maxOpReturnBytes && isPushOnly(script.subarray(1)) ? 'opReturn' : 'nonStandard';
  return 'nonStandard';
}

/** Whether the script does nothing but push, each push whole. */
export function isPushOnly(script: Script): boolean {
  return pushes(script) !== undefined;
}

/** The bytes that a script of pushes leaves on the stack, bottom first; undefined where it does something else. */
export function pushes(script: Script): readonly Uint8Array[] | undefined {
  const found: Uint8Array[] = [];
  for (let at = 0; at < script.length; ) {
    const opcode = script[at++]!;
    if (opcode > 0x60) return undefined;
    if (opcode > 0x4e) {
      found.push(opcode === 0x4f ? Uint8Array.of(0x81) : Uint8Array.of(opcode - 0x50));
      continue;
    }
    const lengthBytes = opcode <= 75 ? 0 : 1 << (opcode - 76);
    let length = opcode;
    if (lengthBytes > 0) {
      if (at + lengthBytes > script.length) return undefined;
      length = 0;
      for (let i = lengthBytes - 1; i >= 0; i--) length = length * 256 + script[at + i]!;
      at += lengthBytes;
    }
    if (at + length > script.length) return undefined;
    found.push(script.subarray(at, at + length));
    at += length;
  }
  return found;
}

/**
 * The least value of an output that costs less to spend than it holds, at the dust feerate (BOLT 3, Dust Limits, has
 * the same figures by type): the output's own bytes and those of an input that spends it.
 */
export function dustLimit(output: TxOut): bigint {
  const { script } = output;
  if (script[0] === 0x6a) return 0n;
  const outputBytes = 8 + (script.length < 253 ? 1 : 3) + script.length;
  // a witness is a quarter of its size: 107 bytes count 26
  const inputBytes = witnessProgram(script) !== undefined ? 32 + 4 + 1 + 26 + 4 : 148;
  return (dustRelayFeerate * BigInt(outputBytes + inputBytes)) / 1000n;
}
