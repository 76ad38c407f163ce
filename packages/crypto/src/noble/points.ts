import type { WeierstrassPoint } from '@noble/curves/abstract/weierstrass.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { requireLength } from '../require-length.ts';
import { readNonZeroScalar, readScalar, readSecret } from './scalars.ts';

const { Point } = secp256k1;

/** The point of 33 bytes, its curve equation checked once, or undefined where they are none. */
function readPoint(bytes: Uint8Array): WeierstrassPoint<bigint> | undefined {
  requireLength(bytes, 33, 'point');
  // A wrong first byte is told without the cost of an exception.
  if (bytes[0] !== 2 && bytes[0] !== 3) return undefined;
  try {
    return Point.fromBytes(bytes);
  } catch {
    return undefined;
  }
}

const writePoint = (point: WeierstrassPoint<bigint>): Uint8Array | undefined =>
  point.is0() ? undefined : point.toBytes(true);

export const isPoint = (point: Uint8Array): boolean => point.length === 33 && readPoint(point) !== undefined;

export const publicKey = (secret: Uint8Array): Uint8Array => Point.BASE.multiply(readSecret(secret)).toBytes(true);

/** The compressed shared point that an ECDH is hashed from. */
export function sharedPoint(point: Uint8Array, secret: Uint8Array): Uint8Array | undefined {
  const scalar = readSecret(secret);
  return readPoint(point)?.multiply(scalar).toBytes(true);
}

export function pointAdd(a: Uint8Array, b: Uint8Array): Uint8Array | undefined {
  const left = readPoint(a);
  const right = readPoint(b);
  return left === undefined || right === undefined ? undefined : writePoint(left.add(right));
}

export function pointMultiply(point: Uint8Array, scalar: Uint8Array): Uint8Array | undefined {
  const factor = readNonZeroScalar(scalar, 'scalar');
  const base = readPoint(point);
  // The blinded multiplication: the scalar may be a secret.
  return factor === undefined || base === undefined ? undefined : writePoint(base.multiply(factor));
}

export function pointAddScalar(point: Uint8Array, tweak: Uint8Array): Uint8Array | undefined {
  const scalar = readScalar(tweak, 'tweak');
  const base = readPoint(point);
  if (scalar === undefined || base === undefined) return undefined;
  return writePoint(scalar === 0n ? base : base.add(Point.BASE.multiply(scalar)));
}
