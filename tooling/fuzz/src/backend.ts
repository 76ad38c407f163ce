import { noble } from '@boltwright/crypto';
import { nodeBackend } from '@boltwright/crypto-node';
import { createWasmBackend } from '@boltwright/crypto-wasm';

/** The fastest backend, for more inputs a second: what is fuzzed is what stands on it. */
export const crypto = createWasmBackend(nodeBackend(noble));
