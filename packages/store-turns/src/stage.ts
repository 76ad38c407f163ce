import type { RecordKey, TurnId, Write } from '@boltwright/interfaces';

/** A turn that has ended and waits for its commit. */
export interface EndedTurn {
  readonly id: TurnId;
  /** At most one write a key: the last one of the turn. */
  readonly writes: ReadonlyMap<RecordKey, Write>;
}

/** What the running turn has written so far; counts the turns. */
export class Stage {
  #last = 0;
  #writes = new Map<RecordKey, Write>();

  stage(write: Write): void {
    this.#writes.set(write.key, write);
  }

  /** Ends the turn; undefined where it wrote nothing. */
  end(): EndedTurn | undefined {
    if (this.#writes.size === 0) return undefined;
    const writes = this.#writes;
    this.#writes = new Map();
    this.#last += 1;
    return { id: this.#last as TurnId, writes };
  }
}

/** One batch of several turns in order: of two writes to a key the later turn's stands. */
export function batchOf(turns: readonly EndedTurn[]): readonly Write[] {
  const [first] = turns;
  if (first !== undefined && turns.length === 1) return [...first.writes.values()];
  const merged = new Map<RecordKey, Write>();
  for (const turn of turns) for (const [key, write] of turn.writes) merged.set(key, write);
  return [...merged.values()];
}
