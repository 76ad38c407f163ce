import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/**
 * Gives back what stopped LDK nodes hold in WebAssembly's memory, some 100 MB each (its graph is made for all of
 * mainnet): the bindings free it in finalizers, and nothing else makes the collector run before the 2 GB are full.
 */
export async function collectLdkGarbage(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await turn();
    collect();
    await turn();
  }
}
