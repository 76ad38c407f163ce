import { copyBytes } from '@boltwright/base';
import type { RecordKey, Write } from '@boltwright/interfaces';
import { checkRecordKey } from './record-key.ts';

/** The durable records of one database. Values are never changed in place, so that copies may share them. */
export class Records {
  #values: Map<RecordKey, Uint8Array>;
  #sorted: readonly RecordKey[] | undefined;

  constructor(values: ReadonlyMap<RecordKey, Uint8Array> = new Map()) {
    this.#values = new Map(values);
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: RecordKey): Uint8Array | undefined {
    return this.#values.get(key);
  }

  /** In key order; the keys are ASCII, so the order of strings is that of their bytes. */
  withPrefix(prefix: string): readonly (readonly [RecordKey, Uint8Array])[] {
    this.#sorted ??= [...this.#values.keys()].sort();
    const found: (readonly [RecordKey, Uint8Array])[] = [];
    for (let at = lowerBound(this.#sorted, prefix); at < this.#sorted.length; at++) {
      const key = this.#sorted[at]!;
      if (!key.startsWith(prefix)) break;
      found.push([key, this.#values.get(key)!]);
    }
    return found;
  }

  /** The batch must have come from {@link ownBatch}. */
  apply(batch: readonly Write[]): void {
    for (const write of batch) {
      if (write.kind === 'put') {
        if (!this.#values.has(write.key)) this.#sorted = undefined;
        this.#values.set(write.key, write.value);
      } else if (this.#values.delete(write.key)) {
        this.#sorted = undefined;
      }
    }
  }

  copy(): Records {
    return new Records(this.#values);
  }
}

/** The batch with keys checked and bytes of its own, as it stood when it was handed in. */
export function ownBatch(batch: readonly Write[]): readonly Write[] {
  return batch.map((write) => {
    checkRecordKey(write.key);
    return write.kind === 'put'
      ? { kind: 'put', key: write.key, value: copyBytes(write.value) }
      : { kind: 'delete', key: write.key };
  });
}

function lowerBound(sorted: readonly string[], prefix: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < prefix) low = middle + 1;
    else high = middle;
  }
  return low;
}
