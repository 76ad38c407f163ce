import type { StoreError, TurnId, TurnWriter } from '@boltwright/interfaces';

/** The turn in which something was decided: known by its id once the turn has ended. */
export interface TurnMarker {
  id: TurnId | undefined;
  ended: boolean;
}

/**
 * The turn under way (ARCHITECTURE.md, rule 4): from an outermost public call until it returns. Whatever is decided
 * within it carries its marker, and is released once the store has it.
 */
export class TurnClock {
  readonly #turns: TurnWriter;
  #marker: TurnMarker = { id: undefined, ended: false };
  #running = false;
  #lastEnded: TurnId | undefined;
  #committed = 0;
  #failure: StoreError | undefined;

  constructor(turns: TurnWriter) {
    this.#turns = turns;
  }

  get running(): boolean {
    return this.#running;
  }

  get marker(): TurnMarker {
    return this.#marker;
  }

  get failure(): StoreError | undefined {
    return this.#failure;
  }

  begin(): void {
    this.#running = true;
  }

  /** Ends the turn. One that staged nothing promises nothing of its own, and waits for those before it. */
  end(): void {
    const id = this.#turns.endTurn();
    if (id !== undefined) this.#lastEnded = id;
    this.#marker.id = this.#lastEnded;
    this.#marker.ended = true;
    this.#marker = { id: undefined, ended: false };
    this.#running = false;
  }

  committed(turn: TurnId): void {
    if (turn > this.#committed) this.#committed = turn;
  }

  failed(error: StoreError): void {
    this.#failure ??= error;
  }

  /** Whether all that was decided in that turn is durable. Nothing more is once the store has failed. */
  isDurable(marker: TurnMarker): boolean {
    if (!marker.ended) return false;
    return marker.id === undefined || marker.id <= this.#committed;
  }
}
