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

const against = (operations: Readonly<Record<string, Operation>>, label: string, ours: CryptoBackend): BenchRow[] =>
  Object.entries(operations).flatMap(([name, operation]) =>
    sideBySide({
      name: `${name}, ${label}`,
      unit: 'ops/s',
      ours: { name: label, run: () => operation(ours) },
      peers: [{ name: 'crypto (noble)', run: () => operation(noble) }],
    }),
  );

/** The backends against each other. */
export const bench: Bench = async () => ({
  rows: [...against(curve, 'crypto-wasm', wasm), ...against(symmetric, 'crypto-node', node)],
  notes: ['The same operation on both backends; they answer the same bytes.'],
});
