import type { StoreError, TurnListener, TurnWriter } from '@boltwright/interfaces';

/** A `TurnWriter` over a store: ended turns are committed in order and their listeners hear of it in order. */
export interface Turns extends TurnWriter {
  /**
   * From now on `listener` hears of every turn. One that comes after the store failed is told of that at once.
   *
   * @returns what takes the listener off again.
   */
  addListener(listener: TurnListener): () => void;
  /** What the store failed with; undefined while it works. */
  readonly failure: StoreError | undefined;
}
