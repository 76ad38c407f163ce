import { err, ok } from '@boltwright/base';
import type { RecordKey, StoreError, StoreHandle, TurnListener, Write } from '@boltwright/interfaces';
import { describe, expect, test } from '@jest/globals';
import { createSyncTurns, createTurns } from '../src/index.ts';

const key = (text: string): RecordKey => text as RecordKey;
const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values);
const text = (batch: readonly Write[]): string =>
  batch.map((w) => (w.kind === 'put' ? `${w.key}=${w.value.join()}` : `-${w.key}`)).join(' ');

/** A listener that writes down what it hears. */
function recorder(heard: string[], name = ''): TurnListener {
  return {
    turnCommitted: (turn) => heard.push(`${name}committed ${turn}`),
    storeFailed: (error) => heard.push(`${name}failed ${error.kind}: ${error.message}`),
  };
}

/** A handle whose commits are answered by hand, oldest first. */
class ManualHandle implements StoreHandle {
  readonly batches: string[] = [];
  readonly #answers: ((error?: unknown) => void)[] = [];

  commit(batch: readonly Write[]): Promise<void> {
    this.batches.push(text(batch));
    return new Promise((resolve, reject) => {
      this.#answers.push((error) => (error === undefined ? resolve() : reject(error)));
    });
  }
  async answer(error?: unknown): Promise<void> {
    const answer = this.#answers.shift();
    if (answer === undefined) throw new Error('no commit is under way');
    answer(error);
    for (let i = 0; i < 20; i++) await Promise.resolve();
  }
  async read(): Promise<undefined> {}
  async *list(): AsyncGenerator<never> {}
  async close(): Promise<void> {}
}

const storeFailure = (error: StoreError): Error => Object.assign(new Error(error.message), { error });

describe('turns over a store that answers in its own time', () => {
  test('a turn is one batch; those that end meanwhile go out together; listeners hear each in order', async () => {
    const handle = new ManualHandle();
    const turns = createTurns(handle);
    const heard: string[] = [];
    turns.addListener(recorder(heard, 'a '));
    turns.addListener(recorder(heard, 'b '));
    turns.put(key('x'), bytes(1));
    turns.put(key('y'), bytes(2));
    expect(handle.batches).toEqual([]);
    expect(turns.endTurn()).toBe(1);
    turns.put(key('x'), bytes(3));
    expect(turns.endTurn()).toBe(2);
    turns.delete(key('y'));
    turns.put(key('x'), bytes(4));
    expect(turns.endTurn()).toBe(3);
    expect(handle.batches).toEqual(['x=1 y=2']);
    expect(heard).toEqual([]);
    await handle.answer();
    expect(handle.batches).toEqual(['x=1 y=2', 'x=4 -y']);
    expect(heard).toEqual(['a committed 1', 'b committed 1']);
    await handle.answer();
    expect(heard.slice(2)).toEqual(['a committed 2', 'b committed 2', 'a committed 3', 'b committed 3']);
    await turns.idle();
  });

  test("a turn that wrote nothing is none, and the last write to a key is the turn's", async () => {
    const handle = new ManualHandle();
    const turns = createTurns(handle);
    expect(turns.endTurn()).toBeUndefined();
    turns.put(key('x'), bytes(1));
    turns.delete(key('x'));
    turns.put(key('x'), bytes(2));
    turns.put(key('y'), bytes(1));
    turns.delete(key('y'));
    expect(turns.endTurn()).toBe(1);
    expect(turns.endTurn()).toBeUndefined();
    expect(handle.batches).toEqual(['x=2 -y']);
  });

  test('idle waits for the turns that listeners end, too', async () => {
    const handle = new ManualHandle();
    const turns = createTurns(handle);
    const heard: string[] = [];
    turns.addListener(recorder(heard));
    turns.addListener({
      turnCommitted: (turn) => {
        if (turn > 2) return;
        turns.put(key('follows'), bytes(turn));
        turns.endTurn();
      },
      storeFailed: () => undefined,
    });
    turns.put(key('x'), bytes(1));
    turns.endTurn();
    const idle = turns.idle().then(() => heard.push('idle'));
    await handle.answer();
    await handle.answer();
    expect(heard).toEqual(['committed 1', 'committed 2']);
    await handle.answer();
    await idle;
    expect(heard).toEqual(['committed 1', 'committed 2', 'committed 3', 'idle']);
  });

  test('after a failure nothing is committed or told, and it is told once', async () => {
    const handle = new ManualHandle();
    const turns = createTurns(handle);
    const heard: string[] = [];
    turns.addListener(recorder(heard));
    for (const value of [1, 2, 3]) {
      turns.put(key('x'), bytes(value));
      turns.endTurn();
    }
    await handle.answer();
    const idle = turns.idle();
    await handle.answer(storeFailure({ kind: 'fenced', message: 'epoch 1 is over' }));
    await idle;
    turns.put(key('x'), bytes(4));
    expect(turns.endTurn()).toBe(4);
    await turns.idle();
    expect(handle.batches).toEqual(['x=1', 'x=3']);
    expect(heard).toEqual(['committed 1', 'failed fenced: epoch 1 is over']);
    expect(turns.failure).toEqual({ kind: 'fenced', message: 'epoch 1 is over' });
    turns.addListener(recorder(heard, 'late '));
    expect(heard.slice(2)).toEqual(['late failed fenced: epoch 1 is over']);
  });

  test('a store that throws, or rejects with something else, has failed', async () => {
    for (const reason of [new Error('no disk'), 'no disk']) {
      const handle = new ManualHandle();
      handle.commit = () => {
        throw reason;
      };
      const turns = createTurns(handle);
      const heard: string[] = [];
      turns.addListener(recorder(heard));
      turns.put(key('x'), bytes(1));
      turns.endTurn();
      await turns.idle();
      expect(heard).toEqual(['failed failed: no disk']);
    }
  });

  test('a listener taken off hears no more', async () => {
    const handle = new ManualHandle();
    const turns = createTurns(handle);
    const heard: string[] = [];
    const off = turns.addListener(recorder(heard));
    off();
    turns.put(key('x'), bytes(1));
    turns.endTurn();
    await handle.answer();
    expect(heard).toEqual([]);
  });
});

describe('turns that a simulator steps', () => {
  const steps = (refuseFrom = Number.POSITIVE_INFINITY) => {
    const batches: string[] = [];
    const turns = createSyncTurns({
      commitNow: (batch) => {
        if (batches.length >= refuseFrom) return err({ kind: 'failed', message: 'told to fail' });
        batches.push(text(batch));
        return ok(undefined);
      },
    });
    const heard: string[] = [];
    turns.addListener(recorder(heard));
    const turn = (name: string, value: number): void => {
      turns.put(key(name), bytes(value));
      turns.endTurn();
    };
    return { turns, batches, heard, turn };
  };

  test('nothing is durable or told before its step', () => {
    const { turns, batches, heard, turn } = steps();
    turn('x', 1);
    turn('x', 2);
    turn('y', 3);
    turn('z', 4);
    expect([batches, heard, turns.pending()]).toEqual([[], [], [1, 2, 3, 4]]);
    expect(turns.commitNext()).toBe(1);
    expect([batches, heard, turns.pending()]).toEqual([['x=1'], ['committed 1'], [2, 3, 4]]);
    expect(turns.commitNext(2)).toBe(2);
    expect([batches.at(-1), heard.slice(1)]).toEqual(['x=2 y=3', ['committed 2', 'committed 3']]);
    expect([turns.commitAll(), turns.commitAll(), turns.commitNext(), turns.pending()]).toEqual([1, 0, 0, []]);
    expect(() => turns.commitNext(0)).toThrow(RangeError);
    expect([turns.endTurn(), turns.pending(), turns.commitAll()]).toEqual([undefined, [], 0]);
  });

  test('a failure is told once and ends it', () => {
    const { turns, batches, heard, turn } = steps(1);
    turn('x', 1);
    turn('x', 2);
    turn('x', 3);
    expect(turns.commitAll()).toBe(1);
    turn('x', 4);
    expect([turns.commitNext(), turns.pending(), batches]).toEqual([0, [], ['x=1']]);
    expect(heard).toEqual(['committed 1', 'failed failed: told to fail']);
  });
});
