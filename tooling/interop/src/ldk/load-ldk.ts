import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { initializeWasmFromBinary } from 'lightningdevkit';

let loading: Promise<void> | undefined;

/** Loads LDK's WebAssembly once a process. */
export function loadLdk(): Promise<void> {
  loading ??= (async () => {
    const folder = dirname(createRequire(import.meta.url).resolve('lightningdevkit/package.json'));
    await initializeWasmFromBinary(new Uint8Array(readFileSync(join(folder, 'liblightningjs.wasm'))));
  })();
  return loading;
}
