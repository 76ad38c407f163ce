import type { StoreError, TurnListener } from '@boltwright/interfaces';
import type { EndedTurn } from './stage.ts';

/** The listeners of one store, and whether it failed: `storeFailed` is said once to each, and nothing after it. */
export class Listeners {
  #listeners: readonly TurnListener[] = [];
  #failure: StoreError | undefined;

  get failure(): StoreError | undefined {
    return this.#failure;
  }

  add(listener: TurnListener): () => void {
    this.#listeners = [...this.#listeners, listener];
    if (this.#failure !== undefined) listener.storeFailed(this.#failure);
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  committed(turns: readonly EndedTurn[]): void {
    for (const turn of turns) for (const listener of this.#listeners) listener.turnCommitted(turn.id);
  }

  failed(error: StoreError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const listener of this.#listeners) listener.storeFailed(error);
  }
}
