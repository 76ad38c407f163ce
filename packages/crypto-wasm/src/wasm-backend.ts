import { type CryptoBackend, noble, requireLength, requireRecoveryId } from '@boltwright/crypto';
import * as secp from 'tiny-secp256k1';
import { isBelowOrder, reduceHash } from './order.ts';

type Curve = Pick<
  CryptoBackend,
  | 'isSecretKey'
  | 'isPoint'
  | 'publicKey'
  | 'sign'
  | 'verify'
  | 'signRecoverable'
  | 'recover'
  | 'pointAdd'
  | 'pointMultiply'
  | 'pointAddScalar'
  | 'scalarAdd'
  | 'scalarNegate'
  | 'schnorrSign'
  | 'schnorrVerify'
>;

/** The answer of a call that the library ends by an exception where bytes from outside are no point. */
function orUndefined(call: () => Uint8Array | null): Uint8Array | undefined {
  try {
    return call() ?? undefined;
  } catch {
    return undefined;
  }
}

function requireSecret(secret: Uint8Array): void {
  requireLength(secret, 32, 'secret key');
  if (!secp.isPrivate(secret)) throw new RangeError('the secret key is zero or not below the curve order');
}

function requireSigning(hash: Uint8Array, secret: Uint8Array): void {
  requireLength(hash, 32, 'hash');
  requireSecret(secret);
}

const curve: Curve = {
  isSecretKey: (secret) => secp.isPrivate(secret),
  isPoint: (point) => point.length === 33 && secp.isPoint(point),
  publicKey(secret) {
    requireSecret(secret);
    // Never null: every secret key has a point.
    return secp.pointFromScalar(secret, true)!;
  },
  sign(hash, secret, extraEntropy) {
    requireSigning(hash, secret);
    if (extraEntropy !== undefined) requireLength(extraEntropy, 32, 'extra entropy');
    return secp.sign(reduceHash(hash), secret, extraEntropy);
  },
  verify(signature, hash, point) {
    requireLength(signature, 64, 'signature');
    requireLength(hash, 32, 'hash');
    requireLength(point, 33, 'point');
    try {
      // Strict: a high S is refused, not normalised.
      return secp.verify(hash, point, signature, true);
    } catch {
      return false;
    }
  },
  signRecoverable(hash, secret) {
    requireSigning(hash, secret);
    return secp.signRecoverable(reduceHash(hash), secret);
  },
  recover(signature, recoveryId, hash) {
    requireLength(signature, 64, 'signature');
    requireRecoveryId(recoveryId);
    requireLength(hash, 32, 'hash');
    // For ids 2 and 3 the nonce's point is at r + n, but the library also asks that r be on the curve, which half of
    // those are not. They come up once in 2^127 signatures, or when somebody makes one to see.
    if (recoveryId > 1) return noble.recover(signature, recoveryId, hash);
    return orUndefined(() => secp.recover(hash, signature, recoveryId as secp.RecoveryIdType, true));
  },
  pointAdd(a, b) {
    requireLength(a, 33, 'point');
    requireLength(b, 33, 'point');
    return orUndefined(() => secp.pointAdd(a, b, true));
  },
  pointMultiply(point, scalar) {
    requireLength(point, 33, 'point');
    requireLength(scalar, 32, 'scalar');
    return orUndefined(() => secp.pointMultiply(point, scalar, true));
  },
  pointAddScalar(point, tweak) {
    requireLength(point, 33, 'point');
    requireLength(tweak, 32, 'tweak');
    return orUndefined(() => secp.pointAddScalar(point, tweak, true));
  },
  scalarAdd(a, b) {
    requireLength(a, 32, 'scalar');
    requireLength(b, 32, 'scalar');
    if (!isBelowOrder(a) || !isBelowOrder(b)) return undefined;
    // The library asks that the first be a secret key; zero and zero is no scalar anyway.
    if (secp.isPrivate(a)) return secp.privateAdd(a, b) ?? undefined;
    return secp.isPrivate(b) ? Uint8Array.from(b) : undefined;
  },
  scalarNegate(a) {
    requireSecret(a);
    return secp.privateNegate(a);
  },
  schnorrSign(message, secret, auxiliary = new Uint8Array(32)) {
    requireLength(message, 32, 'message');
    requireSecret(secret);
    requireLength(auxiliary, 32, 'auxiliary randomness');
    return secp.signSchnorr(message, secret, auxiliary);
  },
  schnorrVerify(signature, message, xOnly) {
    requireLength(signature, 64, 'signature');
    requireLength(message, 32, 'message');
    requireLength(xOnly, 32, 'x-only point');
    try {
      return secp.verifySchnorr(message, xOnly, signature);
    } catch {
      // The library asks for r < n where BIP 340 says r < p; noble decides such a one.
      return noble.schnorrVerify(signature, message, xOnly);
    }
  },
};

/**
 * `secret · point` as `part · point + (secret − part) · point`. The library's product takes its time by the scalar's
 * digits; here both scalars look random, change with each point, and are unknown to whoever chose the point, so that
 * what their times tell is not about the secret. `part` is an HMAC under the secret: the core draws no randomness.
 */
function blindedMultiply(base: CryptoBackend, point: Uint8Array, secret: Uint8Array): Uint8Array | undefined {
  const part = base.hmacSha256(secret, point);
  const rest = secp.isPrivate(part) ? secp.privateSub(secret, part) : null;
  // Once in 2^127: the HMAC is no scalar, or is the secret itself.
  if (rest === null) return curve.pointMultiply(point, secret);
  const first = curve.pointMultiply(point, part);
  const second = curve.pointMultiply(point, rest);
  part.fill(0);
  rest.fill(0);
  return first === undefined || second === undefined ? undefined : curve.pointAdd(first, second);
}

/**
 * A backend whose curve is libsecp256k1, compiled to WebAssembly by tiny-secp256k1; it loads when this module does.
 * Hashes, ciphers and the product of two scalars come from `base`.
 *
 * @param base - noble when left out; `nodeBackend(noble)` of `@boltwright/crypto-node` under Node.
 */
export function createWasmBackend(base: CryptoBackend = noble): CryptoBackend {
  return Object.freeze({
    ...base,
    ...curve,
    name: base === noble ? 'wasm' : `wasm over ${base.name}`,
    ecdh(point: Uint8Array, secret: Uint8Array): Uint8Array | undefined {
      requireSecret(secret);
      const shared = blindedMultiply(base, point, secret);
      if (shared === undefined) return undefined;
      const hashed = base.sha256(shared);
      shared.fill(0);
      return hashed;
    },
  });
}
