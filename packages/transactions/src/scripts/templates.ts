import type { Script } from '@boltwright/base';
import { concatBytes } from '@boltwright/base';
import type { CryptoBackend } from '@boltwright/crypto';
import { OPS } from 'bitcoinjs-lib/src/ops';

const { OP_0, OP_CHECKSIG, OP_DUP, OP_EQUALVERIFY, OP_HASH160 } = OPS;

/** Opcodes and pushes in a row. @param parts - an opcode, or bytes that stand as they are. */
export function scriptOf(...parts: readonly (number | Uint8Array)[]): Script {
  return concatBytes(...parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part)));
}

/** A push of 1 to 75 bytes. */
export function push(bytes: Uint8Array): Uint8Array {
  const pushed = new Uint8Array(1 + bytes.length);
  pushed[0] = bytes.length;
  pushed.set(bytes, 1);
  return pushed;
}

/** `OP_0 <32 bytes>`: pays to the hash of a witness script (BIP 141). One hash. */
export function p2wsh(crypto: CryptoBackend, witnessScript: Script): Script {
  const script = new Uint8Array(34);
  script[1] = 32;
  script.set(crypto.sha256(witnessScript), 2);
  return script;
}

/** `OP_0 <20 bytes>`: pays to a public key of 33 bytes. */
export const p2wpkh = (crypto: CryptoBackend, pubkey: Uint8Array): Script =>
  scriptOf(OP_0, push(crypto.hash160(pubkey)));

/** What a P2WPKH input signs in place of a witness script (BIP 143). */
export const p2wpkhScriptCode = (crypto: CryptoBackend, pubkey: Uint8Array): Script =>
  scriptOf(OP_DUP, OP_HASH160, push(crypto.hash160(pubkey)), OP_EQUALVERIFY, OP_CHECKSIG);
