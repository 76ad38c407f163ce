import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { type CryptoBackend, noble } from '@boltwright/crypto';
import { node, wasm } from './backends.ts';
import type { Bench, BenchRow } from './report.ts';
import { sideBySide } from './side-by-side.ts';

const secret = new Uint8Array(32).fill(1);
const hash = noble.sha256(new Uint8Array(1));
const point = noble.publicKey(new Uint8Array(32).fill(2));
const own = noble.publicKey(secret);
const signature = noble.sign(hash, secret);
const recoverable = noble.signRecoverable(hash, secret);
const schnorr = noble.schnorrSign(hash, secret);
const nonce = new Uint8Array(12);
const none = new Uint8Array(0);

type Operation = (crypto: CryptoBackend) => unknown;

const curve: Readonly<Record<string, Operation>> = {
  'public key': (crypto) => crypto.publicKey(secret),
  sign: (crypto) => crypto.sign(hash, secret),
  verify: (crypto) => crypto.verify(signature, hash, own),
  recover: (crypto) => crypto.recover(recoverable.signature, recoverable.recoveryId, hash),
  ECDH: (crypto) => crypto.ecdh(point, secret),
  'Schnorr sign': (crypto) => crypto.schnorrSign(hash, secret),
  'Schnorr verify': (crypto) => crypto.schnorrVerify(schnorr, hash, own.subarray(1)),
  'point + tweak': (crypto) => crypto.pointAddScalar(point, hash),
  'point x scalar': (crypto) => crypto.pointMultiply(point, hash),
};

const short = new Uint8Array(64);
const packet = new Uint8Array(1366);
const large = new Uint8Array(65_535);

const symmetric: Readonly<Record<string, Operation>> = {
  'SHA-256 of 64 bytes': (crypto) => crypto.sha256(short),
  'SHA-256 of 65535 bytes': (crypto) => crypto.sha256(large),
  'HMAC of 1366 bytes': (crypto) => crypto.hmacSha256(hash, packet),
  'HKDF to 64 bytes': (crypto) => crypto.hkdfSha256(hash, hash, none, 64),
  'ChaCha20 of 1366 bytes': (crypto) => crypto.chacha20(hash, nonce, packet),
  'AEAD of 64 bytes': (crypto) => crypto.aeadEncrypt(hash, nonce, none, short),
  'AEAD of 65535 bytes': (crypto) => crypto.aeadEncrypt(hash, nonce, none, large),
};

/** libsecp256k1 as native code: the package under `bolt11` and `@node-lightning`. */
interface NativeCurve {
  publicKeyCreate(secret: Uint8Array): Uint8Array;
  ecdsaSign(hash: Uint8Array, secret: Uint8Array): unknown;
  ecdsaVerify(signature: Uint8Array, hash: Uint8Array, point: Uint8Array): boolean;
  ecdsaRecover(signature: Uint8Array, recoveryId: number, hash: Uint8Array): Uint8Array;
  ecdh(point: Uint8Array, secret: Uint8Array): Uint8Array;
  publicKeyTweakAdd(point: Uint8Array, tweak: Uint8Array): Uint8Array;
  publicKeyTweakMul(point: Uint8Array, tweak: Uint8Array): Uint8Array;
}

type Calls = Readonly<Record<string, () => unknown>>;

/** The package as `bolt11` finds it, so that the versions are those that its users have. */
function nativeCalls(notes: string[]): Calls {
  try {
    const require = createRequire(import.meta.url);
    const native = createRequire(require.resolve('bolt11'))('secp256k1') as NativeCurve;
    return {
      'public key': () => native.publicKeyCreate(secret),
      sign: () => native.ecdsaSign(hash, secret),
      verify: () => native.ecdsaVerify(signature, hash, own),
      recover: () => native.ecdsaRecover(recoverable.signature, recoverable.recoveryId, hash),
      ECDH: () => native.ecdh(point, secret),
      'point + tweak': () => native.publicKeyTweakAdd(point, hash),
      'point x scalar': () => native.publicKeyTweakMul(point, hash),
    };
  } catch (cause) {
    notes.push(`skipped secp256k1: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}`);
    return {};
  }
}

function seal(plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', hash, nonce, { authTagLength: 16 });
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The same work by calls of `node:crypto`, as its user would write them. */
const nodeCalls: Calls = {
  'SHA-256 of 64 bytes': () => createHash('sha256').update(short).digest(),
  'SHA-256 of 65535 bytes': () => createHash('sha256').update(large).digest(),
  'HMAC of 1366 bytes': () => createHmac('sha256', hash).update(packet).digest(),
  'AEAD of 64 bytes': () => seal(short),
  'AEAD of 65535 bytes': () => seal(large),
};

function against(
  operations: Readonly<Record<string, Operation>>,
  label: string,
  ours: CryptoBackend,
  otherName: string,
  other: Calls,
): BenchRow[] {
  return Object.entries(operations).flatMap(([name, operation]) => {
    const peers = [{ name: 'crypto (noble)', run: () => operation(noble) }];
    const run = other[name];
    if (run !== undefined) peers.push({ name: otherName, run });
    return sideBySide({
      name: `${name}, ${label}`,
      unit: 'ops/s',
      ours: { name: label, run: () => operation(ours) },
      peers,
    });
  });
}

/** The backends against each other, and against what they would be chosen instead of. */
export const bench: Bench = async () => {
  const notes = [
    'The same operation on both backends; they answer the same bytes.',
    'secp256k1 is native code, as bolt11 and @node-lightning use it; its ECDH is constant in time, WebAssembly’s is not.',
  ];
  const native = nativeCalls(notes);
  const rows = [
    ...against(curve, 'crypto-wasm', wasm, 'secp256k1', native),
    ...against(symmetric, 'crypto-node', node, 'node:crypto', nodeCalls),
  ];
  return { rows, notes };
};
