import { nodeBackend } from '@boltwright/crypto-node';
import { createWasmBackend } from '@boltwright/crypto-wasm';

// Under Node: the curve from WebAssembly, hashes and ciphers from OpenSSL.
const crypto = nodeBackend(createWasmBackend());

const key = crypto.sha256(new Uint8Array(32));
const closed = crypto.aeadEncrypt(key, new Uint8Array(12), new Uint8Array(0), Uint8Array.of(1, 2, 3));
export const opened = crypto.aeadDecrypt(key, new Uint8Array(12), new Uint8Array(0), closed);
