import { type CryptoBackend, noble, requireLength } from '@boltwright/crypto';
import { nodeBackend } from '@boltwright/crypto-node';
import { order, pointBytes, readNumber, scalarBytes } from './scalars.ts';
import { simSignatures } from './sim-signatures.ts';

export interface SimCryptoOptions {
  /** Says that whoever asks is a simulation and no node: needed outside tests (`NODE_ENV` other than `test`). */
  readonly iKnowThisIsNotCryptography?: boolean;
}

/** The number behind a "point": 02 stands for it, 03 for its negative, as the prefixes of real points do. */
function readPoint(point: Uint8Array): bigint | undefined {
  requireLength(point, 33, 'point');
  const value = readNumber(point, 1);
  if (value === 0n || value >= order) return undefined;
  if (point[0] === 2) return value;
  return point[0] === 3 ? order - value : undefined;
}

function readScalar(scalar: Uint8Array, name: string): bigint | undefined {
  requireLength(scalar, 32, name);
  const value = readNumber(scalar, 0);
  return value < order ? value : undefined;
}

function readSecret(secret: Uint8Array): bigint {
  const value = readScalar(secret, 'secret key');
  if (value === undefined || value === 0n) throw new RangeError('the secret key is zero or not below the curve order');
  return value;
}

function add(a: bigint | undefined, b: bigint | undefined): bigint {
  if (a === undefined || b === undefined) return 0n;
  const sum = a + b;
  return sum < order ? sum : sum - order;
}

const multiply = (a: bigint | undefined, b: bigint | undefined): bigint =>
  a === undefined || b === undefined ? 0n : (a * b) % order;

/**
 * A stand-in backend for long simulations: a "point" is its own secret scalar, so that every sum and product comes out
 * as on the curve, and a signature is a keyed hash that anybody can make. Hashes and ciphers are the real ones.
 * Nothing is secret and nothing is signed: it is for tests alone.
 *
 * @throws Error outside tests unless the option says that this is known.
 */
export function createSimCrypto(options: SimCryptoOptions = {}): CryptoBackend {
  const { NODE_ENV } = process.env;
  if (NODE_ENV !== 'test' && options.iKnowThisIsNotCryptography !== true) {
    throw new Error('the simulation crypto protects nothing: outside tests it must be asked for by name');
  }
  const real = nodeBackend(noble);
  return Object.freeze({
    ...real,
    ...simSignatures(real.sha256, readPoint, readSecret),
    name: 'sim',
    isSecretKey(secret: Uint8Array): boolean {
      if (secret.length !== 32) return false;
      const value = readNumber(secret, 0);
      return value > 0n && value < order;
    },
    isPoint: (point: Uint8Array) => point.length === 33 && readPoint(point) !== undefined,
    publicKey: (secret: Uint8Array) => pointBytes(readSecret(secret))!,
    ecdh(point: Uint8Array, secret: Uint8Array): Uint8Array | undefined {
      const scalar = readSecret(secret);
      const shared = pointBytes(multiply(readPoint(point), scalar));
      return shared === undefined ? undefined : real.sha256(shared);
    },
    pointAdd: (a: Uint8Array, b: Uint8Array) => pointBytes(add(readPoint(a), readPoint(b))),
    pointMultiply: (point: Uint8Array, scalar: Uint8Array) =>
      pointBytes(multiply(readPoint(point), readScalar(scalar, 'scalar'))),
    pointAddScalar: (point: Uint8Array, tweak: Uint8Array) =>
      pointBytes(add(readPoint(point), readScalar(tweak, 'tweak'))),
    scalarAdd: (a: Uint8Array, b: Uint8Array) => scalarBytes(add(readScalar(a, 'scalar'), readScalar(b, 'scalar'))),
    scalarMultiply: (a: Uint8Array, b: Uint8Array) =>
      scalarBytes(multiply(readScalar(a, 'scalar'), readScalar(b, 'scalar'))),
    scalarNegate: (a: Uint8Array) => scalarBytes(order - readSecret(a))!,
  });
}
