import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToNumberBE } from '@noble/curves/utils.js';
import { requireLength } from '../require-length.ts';

const { Fn } = secp256k1.Point;
const order = Fn.ORDER;

/** The number of 32 bytes, or undefined from n on. */
export function readScalar(bytes: Uint8Array, name: string): bigint | undefined {
  requireLength(bytes, 32, name);
  const value = bytesToNumberBE(bytes);
  return value < order ? value : undefined;
}

/** The number of a scalar that is neither 0 nor from n on. */
export function readNonZeroScalar(bytes: Uint8Array, name: string): bigint | undefined {
  const value = readScalar(bytes, name);
  return value === 0n ? undefined : value;
}

/** @throws RangeError when `bytes` is no secret key. */
export function readSecret(bytes: Uint8Array): bigint {
  const value = readNonZeroScalar(bytes, 'secret key');
  if (value === undefined) throw new RangeError('the secret key is zero or not below the curve order');
  return value;
}

export const isSecretKey = (secret: Uint8Array): boolean =>
  secret.length === 32 && readNonZeroScalar(secret, 'secret key') !== undefined;

export function scalarAdd(a: Uint8Array, b: Uint8Array): Uint8Array | undefined {
  const left = readScalar(a, 'scalar');
  const right = readScalar(b, 'scalar');
  if (left === undefined || right === undefined) return undefined;
  const sum = Fn.add(left, right);
  return sum === 0n ? undefined : Fn.toBytes(sum);
}

export function scalarMultiply(a: Uint8Array, b: Uint8Array): Uint8Array | undefined {
  const left = readNonZeroScalar(a, 'scalar');
  const right = readNonZeroScalar(b, 'scalar');
  return left === undefined || right === undefined ? undefined : Fn.toBytes(Fn.mul(left, right));
}

export const scalarNegate = (a: Uint8Array): Uint8Array => Fn.toBytes(Fn.neg(readSecret(a)));
