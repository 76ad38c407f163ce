import type { Sat, Script } from '@boltwright/base';
import { sat } from '@boltwright/base';
import { OPS } from 'bitcoinjs-lib/src/ops';

/** The forms of output script that Lightning deals with. */
export type ScriptKind =
  | 'p2pkh'
  | 'p2sh'
  | 'p2wpkh'
  | 'p2wsh'
  /** Pay to anchor: witness version 1 with the program `4e73`. */
  | 'p2a'
  /** Witness versions 1 to 16, a program of 2 to 40 bytes; taproot is one of them. */
  | 'segwit'
  /** `OP_RETURN` and one push of 6 to 80 bytes, in its shortest form. */
  | 'opReturn'
  | 'other';

function isOneReturnPush(script: Script): boolean {
  const length = script[1]!;
  if (length >= 6 && length <= 75) return script.length === 2 + length;
  const long = script[2];
  return length === OPS.OP_PUSHDATA1 && long !== undefined && long >= 76 && long <= 80 && script.length === 3 + long;
}

/** The form of an output script, of any bytes. */
export function scriptKind(script: Script): ScriptKind {
  const { length } = script;
  if (length < 4) return 'other';
  const [first, second, third] = script;
  if (first === OPS.OP_0) {
    if (length === 22 && second === 20) return 'p2wpkh';
    return length === 34 && second === 32 ? 'p2wsh' : 'other';
  }
  if (first! >= OPS.OP_1 && first! <= OPS.OP_16) {
    if (length > 42 || second !== length - 2) return 'other';
    return first === OPS.OP_1 && length === 4 && third === 0x4e && script[3] === 0x73 ? 'p2a' : 'segwit';
  }
  if (first === OPS.OP_RETURN) return isOneReturnPush(script) ? 'opReturn' : 'other';
  if (first === OPS.OP_HASH160) {
    return length === 23 && second === 20 && script[22] === OPS.OP_EQUAL ? 'p2sh' : 'other';
  }
  return first === OPS.OP_DUP &&
    length === 25 &&
    second === OPS.OP_HASH160 &&
    third === 20 &&
    script[23] === OPS.OP_EQUALVERIFY &&
    script[24] === OPS.OP_CHECKSIG
    ? 'p2pkh'
    : 'other';
}

/** BOLT 3, Dust Limits. Scripts of no known form count as the largest of the list. */
export const dustThresholds: Readonly<Record<ScriptKind, Sat>> = {
  p2pkh: sat(546n),
  p2sh: sat(540n),
  p2wpkh: sat(294n),
  p2wsh: sat(330n),
  p2a: sat(240n),
  segwit: sat(354n),
  opReturn: sat(0n),
  other: sat(546n),
};

/** The least amount that Bitcoin Core relays in an output to `script` (BOLT 3, Dust Limits). */
export const dustThreshold = (script: Script): Sat => dustThresholds[scriptKind(script)];

/** Which forms of {@link isShutdownScript} were negotiated. */
export interface ShutdownScriptFeatures {
  /** `option_shutdown_anysegwit`. */
  readonly anySegwit: boolean;
  /** `option_simple_close`. */
  readonly simpleClose: boolean;
}

/**
 * Whether `shutdown`, an upfront script or `closing_complete` may name the script (BOLT 2, Closing Initiation). P2PKH
 * and P2SH were allowed once and no longer are.
 */
export function isShutdownScript(script: Script, features: ShutdownScriptFeatures): boolean {
  switch (scriptKind(script)) {
    case 'p2wpkh':
    case 'p2wsh':
      return true;
    case 'segwit':
    case 'p2a':
      return features.anySegwit;
    case 'opReturn':
      return features.simpleClose;
    default:
      return false;
  }
}

/** Whether the script is `OP_RETURN`, so that a closing output to it carries nothing (BOLT 3, Closing Transaction). */
export const isOpReturn = (script: Script): boolean => script[0] === OPS.OP_RETURN;
