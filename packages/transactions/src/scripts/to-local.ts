import type { Script } from '@boltwright/base';
import { OPS } from 'bitcoinjs-lib/src/ops';
import { encode as encodeScriptNumber } from 'bitcoinjs-lib/src/script_number';
import { push, scriptOf } from './templates.ts';

/**
 * The script of `to_local` and of every HTLC transaction's output (BOLT 3): at once for the revocation key, after
 * `toSelfDelay` blocks for the broadcaster's delayed key.
 *
 * @param toSelfDelay - blocks, a u16: what the *countersigner* asked for.
 * @throws RangeError outside a u16.
 */
export function delayedWitnessScript(
  revocationPubkey: Uint8Array,
  toSelfDelay: number,
  delayedPubkey: Uint8Array,
): Script {
  return scriptOf(
    OPS.OP_IF,
    push(revocationPubkey),
    OPS.OP_ELSE,
    pushNumber(toSelfDelay),
    OPS.OP_CHECKSEQUENCEVERIFY,
    OPS.OP_DROP,
    push(delayedPubkey),
    OPS.OP_ENDIF,
    OPS.OP_CHECKSIG,
  );
}

/** A number in its shortest form: 0 to 16 have opcodes of their own (BIP 62, minimal pushes). */
export function pushNumber(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw new RangeError(`${value} is no u32`);
  if (value === 0) return Uint8Array.of(OPS.OP_0);
  if (value <= 16) return Uint8Array.of(0x50 + value);
  return push(encodeScriptNumber(value));
}
