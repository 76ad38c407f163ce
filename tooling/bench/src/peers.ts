import { loadLdk } from './routing/ldk.ts';

/** A package that may be missing, as it may need a compiler. @returns undefined and a note where it does not load. */
export async function peer<T>(name: string, notes: string[]): Promise<T | undefined> {
  try {
    const module = (await import(name)) as { readonly default?: T } & T;
    // The peers are CommonJS: all of it is the default export.
    return (module.default ?? module) as T;
  } catch (cause) {
    notes.push(`skipped ${name}: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}`);
    return undefined;
  }
}

/** LDK's WebAssembly, ready for use. It announces its version, which must not stand in front of `--json`'s line. */
export async function ldk(): Promise<typeof import('lightningdevkit')> {
  const { log } = console;
  console.log = console.error;
  try {
    await loadLdk();
  } finally {
    console.log = log;
  }
  return import('lightningdevkit');
}
