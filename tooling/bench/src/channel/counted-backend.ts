import type { CryptoBackend } from '@boltwright/crypto';

/** A call of the backend, to be made again. */
interface Call {
  readonly method: string;
  readonly run: () => unknown;
}

/** What a load asked of the backend. */
export interface CountedCalls {
  readonly count: number;
  /** By method, most calls first. */
  readonly byMethod: readonly (readonly [string, number])[];
  /** Makes the same calls again, with the same arguments and nothing between them. */
  readonly replay: () => void;
}

/** A backend that can remember what is asked of it. The one inside answers. */
export class CountedBackend {
  readonly backend: CryptoBackend;
  #calls: Call[] | undefined;

  constructor(inner: CryptoBackend) {
    this.backend = new Proxy<CryptoBackend>(
      { ...inner },
      {
        get: (target, property) => {
          const value: unknown = Reflect.get(target, property, target);
          if (typeof value !== 'function') return value;
          return (...parameters: readonly unknown[]): unknown => {
            const run = (): unknown => Reflect.apply(value, inner, parameters);
            this.#calls?.push({ method: String(property), run });
            return run();
          };
        },
      },
    );
  }

  /** What `work` asks for. */
  count(work: () => void): CountedCalls {
    const calls: Call[] = [];
    this.#calls = calls;
    try {
      work();
    } finally {
      this.#calls = undefined;
    }
    const counts = new Map<string, number>();
    for (const { method } of calls) counts.set(method, (counts.get(method) ?? 0) + 1);
    return {
      count: calls.length,
      byMethod: [...counts].sort((a, b) => b[1] - a[1]),
      replay: () => {
        for (const { run } of calls) run();
      },
    };
  }
}
