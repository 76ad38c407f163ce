import { noble } from '@boltwright/crypto';
import { nodeBackend } from '@boltwright/crypto-node';
import { createWasmBackend } from '@boltwright/crypto-wasm';

/** What the umbrella picks under Node: the curve from WebAssembly, hashes and ciphers from Node. */
export const fastest = createWasmBackend(nodeBackend(noble));

/** The curve from WebAssembly, the rest from noble: the fastest in a browser. */
export const wasm = createWasmBackend(noble);

/** Hashes and ciphers from Node, the curve from noble. */
export const node = nodeBackend(noble);
