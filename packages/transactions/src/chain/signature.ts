import type { Result } from '@boltwright/base';
import { err, ok } from '@boltwright/base';
import { type SighashType, sighashAll } from './sighash.ts';

/** A number's minimal big-endian DER content: no needless zeros, one where the top bit would mean a sign. */
function derInteger(number: Uint8Array): Uint8Array {
  let start = 0;
  while (start < number.length - 1 && number[start] === 0) start++;
  const digits = number.subarray(start);
  if (digits[0]! < 0x80) return digits;
  const padded = new Uint8Array(digits.length + 1);
  padded.set(digits, 1);
  return padded;
}

/**
 * A compact signature as it stands in a witness: DER, with the sighash byte behind it, at most 73 bytes.
 *
 * @param signature - 64 bytes, `r || s`; another length throws a `RangeError`.
 */
export function witnessSignature(signature: Uint8Array, sighashType: SighashType = sighashAll): Uint8Array {
  const der = signatureToDer(signature);
  const bytes = new Uint8Array(der.length + 1);
  bytes.set(der);
  bytes[der.length] = sighashType;
  return bytes;
}

/** DER of a compact signature, without sighash byte. @throws RangeError unless it is 64 bytes. */
export function signatureToDer(signature: Uint8Array): Uint8Array {
  if (signature.length !== 64) throw new RangeError(`a compact signature is 64 bytes, not ${signature.length}`);
  const r = derInteger(signature.subarray(0, 32));
  const s = derInteger(signature.subarray(32));
  const der = new Uint8Array(6 + r.length + s.length);
  der.set([0x30, 4 + r.length + s.length, 0x02, r.length]);
  der.set(r, 4);
  der.set([0x02, s.length], 4 + r.length);
  der.set(s, 6 + r.length);
  return der;
}

/** Why bytes are no strict DER signature (BIP 66). */
export interface DerError {
  readonly kind: 'malformedDer';
  readonly detail: string;
}

const malformed = (detail: string): Result<never, DerError> => err({ kind: 'malformedDer', detail });

/** The 64-byte form of a strict DER signature (BIP 66) without sighash byte. */
export function signatureFromDer(der: Uint8Array): Result<Uint8Array, DerError> {
  if (der.length < 8 || der.length > 72) return malformed(`${der.length} bytes`);
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return malformed('no sequence of that length');
  const compact = new Uint8Array(64);
  let offset = 2;
  for (const end of [32, 64]) {
    const length = der[offset + 1];
    if (der[offset] !== 0x02 || length === undefined || length === 0) return malformed(`no integer at byte ${offset}`);
    const start = offset + 2;
    if (start + length > der.length) return malformed(`integer at byte ${offset} runs over the end`);
    const first = der[start]!;
    const second = der[start + 1] ?? 0;
    if (first >= 0x80) return malformed(`negative integer at byte ${offset}`);
    if (first === 0 && length > 1 && second < 0x80) return malformed(`padded integer at byte ${offset}`);
    const digits = der.subarray(first === 0 && length > 1 ? start + 1 : start, start + length);
    if (digits.length > 32) return malformed(`integer at byte ${offset} is longer than 32 bytes`);
    compact.set(digits, end - digits.length);
    offset = start + length;
  }
  if (offset !== der.length) return malformed(`${der.length - offset} bytes too many`);
  return ok(compact);
}
