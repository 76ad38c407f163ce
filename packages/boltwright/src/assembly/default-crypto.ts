import { type CryptoBackend, noble } from '@boltwright/crypto';
import { nodeBackend } from '@boltwright/crypto-node';

/**
 * The fastest backend that loads: libsecp256k1 in WebAssembly with Node's hashes and ciphers, or noble's curve with
 * them where WebAssembly does not load.
 */
export async function defaultCrypto(): Promise<CryptoBackend> {
  try {
    const { createWasmBackend } = await import('@boltwright/crypto-wasm');
    return nodeBackend(createWasmBackend());
  } catch {
    return nodeBackend(noble);
  }
}
