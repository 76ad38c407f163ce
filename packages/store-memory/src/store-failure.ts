import type { StoreError, StoreFailure } from '@boltwright/interfaces';

/** What a handle of a `MemoryStore` rejects with. */
export class MemoryStoreFailure extends Error implements StoreFailure {
  override readonly name = 'StoreFailure';
  readonly error: StoreError;

  constructor(error: StoreError) {
    super(error.message);
    this.error = error;
  }
}
