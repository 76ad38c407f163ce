import type { RecordKey, Write } from '@boltwright/interfaces';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryStore, type MemoryStoreHandle } from '../src/index.ts';
import { refusal, storeConformance } from './conformance.ts';

storeConformance('MemoryStore', { create: async () => new MemoryStore() });

const key = (text: string): RecordKey => text as RecordKey;
const put = (name: string, value: number): Write => ({ kind: 'put', key: key(name), value: Uint8Array.of(value) });
const contents = (handle: MemoryStoreHandle): readonly string[] =>
  handle.listNow('').map(([name, value]) => `${name}=${value.join()}`);

/** Records in `done` what each promise came to, in order. */
function watch(done: string[], name: string, promise: Promise<void>): void {
  promise.then(
    () => done.push(name),
    (error: Error) => done.push(`${name}: ${error.message}`),
  );
}
const microtasks = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

describe('a store that is told to be late', () => {
  test('answers and writes held commits in order, one by one, and then all', async () => {
    const store = new MemoryStore();
    const handle = await store.open('node');
    const done: string[] = [];
    store.hold();
    for (const value of [1, 2, 3]) watch(done, `commit ${value}`, handle.commit([put('a', value)]));
    await microtasks();
    expect([done, store.pendingCommits, contents(handle)]).toEqual([[], 3, []]);
    expect(store.release(1)).toBe(1);
    await microtasks();
    expect([done, contents(handle)]).toEqual([['commit 1'], ['a=1']]);
    watch(done, 'commit 4', handle.commit([put('a', 4)]));
    expect(store.release()).toBe(3);
    watch(done, 'commit 5', handle.commit([put('a', 5)]));
    await microtasks();
    expect(done).toEqual(['commit 1', 'commit 2', 'commit 3', 'commit 4', 'commit 5']);
    expect([contents(handle), store.commits]).toEqual([['a=5'], 5]);
  });

  test('refuses a held commit whose epoch ended meanwhile', async () => {
    const store = new MemoryStore();
    const old = await store.open('node');
    store.hold();
    const late = refusal(old.commit([put('a', 1)]));
    const young = await store.open('node');
    store.release();
    expect(await late).toEqual({ kind: 'fenced', message: 'epoch 1 is over: the store was opened as 2' });
    expect(contents(young)).toEqual([]);
  });

  test('lets no commitNow overtake', async () => {
    const store = new MemoryStore();
    const handle = await store.open('node');
    store.hold();
    expect(() => handle.commitNow([put('a', 1)])).toThrow('overtake');
  });

  test('a handle closed with commits waiting still writes them', async () => {
    const store = new MemoryStore();
    const handle = await store.open('node');
    store.hold();
    const late = handle.commit([put('a', 1)]);
    await handle.close();
    store.release();
    await late;
    expect(contents(store.openNow('node'))).toEqual(['a=1']);
  });
});

describe('a store that is told to fail', () => {
  test('fails every later commit of that handle, until it is opened anew', async () => {
    const store = new MemoryStore();
    const handle = await store.open('node');
    await handle.commit([put('a', 1)]);
    store.failNextCommit({ message: 'disk full' });
    expect(await refusal(handle.commit([put('a', 2)]))).toEqual({ kind: 'failed', message: 'disk full' });
    expect(await refusal(handle.commit([put('a', 3)]))).toEqual({ kind: 'failed', message: 'disk full' });
    expect(handle.commitNow([put('a', 4)])).toEqual({ ok: false, error: { kind: 'failed', message: 'disk full' } });
    const anew = await store.open('node');
    expect(contents(anew)).toEqual(['a=1']);
    await anew.commit([put('a', 5)]);
    expect(contents(anew)).toEqual(['a=5']);
  });

  test('may have written what it calls failed', async () => {
    const store = new MemoryStore();
    const handle = await store.open('node');
    store.failNextCommit({ durable: true });
    expect((await refusal(handle.commit([put('a', 1)]))).kind).toBe('failed');
    expect(contents(await store.open('node'))).toEqual(['a=1']);
  });
});

describe('a store that crashes', () => {
  test('loses what waited, but for the prefix that had reached the medium', async () => {
    for (const durable of [0, 1, 2]) {
      const store = new MemoryStore();
      const handle = await store.open('node');
      const done: string[] = [];
      store.hold();
      watch(done, 'first', handle.commit([put('a', 1)]));
      watch(done, 'second', handle.commit([put('b', 2)]));
      store.crash({ durable });
      await microtasks();
      expect([...done].sort()).toEqual(['first: the store crashed', 'second: the store crashed']);
      expect((await refusal(handle.commit([put('c', 3)]))).message).toBe('the store crashed');
      expect((await refusal(handle.read(key('a')))).message).toBe('the store crashed');
      const anew = await store.open('node');
      expect(contents(anew)).toEqual(['a=1', 'b=2'].slice(0, durable));
      await anew.commit([put('d', 4)]);
    }
  });

  test('a fork is what a restart would find, and goes its own way', async () => {
    const store = new MemoryStore();
    const handle = await store.open('node');
    await handle.commit([put('a', 1)]);
    await store.openNow('other').commit([put('o', 4)]);
    store.hold();
    const waiting = [handle.commit([put('b', 2)]), handle.commit([put('a', 3)])];
    const fork = store.fork();
    expect(store.forks().map((each) => contents(each.openNow('other')))).toEqual([['o=4'], ['o=4'], ['o=4']]);
    expect(store.forks().map((each) => contents(each.openNow('node')))).toEqual([
      ['a=1'],
      ['a=1', 'b=2'],
      ['a=3', 'b=2'],
    ]);
    store.release();
    await Promise.all(waiting);
    const other = await fork.open('node');
    expect(other.epoch).toBe(2);
    await other.commit([put('z', 9)]);
    expect(contents(other)).toEqual(['a=1', 'z=9']);
    expect(contents(handle)).toEqual(['a=3', 'b=2']);
  });
});

test('a key that is none, and a value in a bad batch, change nothing', async () => {
  const handle = new MemoryStore().openNow('node');
  for (const bad of ['', 'A', 'a//b', '/a', 'a/', 'a b', 'ä', 'a'.repeat(201)]) {
    expect(() => handle.commitNow([put('good', 1), put(bad, 1)])).toThrow(RangeError);
    await expect(handle.commit([put('good', 1), put(bad, 1)])).rejects.toThrow(RangeError);
  }
  expect(contents(handle)).toEqual([]);
});

test('after any batches the store holds what a plain map would, listed in order', () => {
  const name = fc.constantFrom('a', 'b', 'a/b', 'a-b', 'c/1', 'c/10', 'c/2');
  const write = fc.oneof(
    fc.record({ kind: fc.constant('put' as const), key: name, value: fc.integer({ min: 0, max: 255 }) }),
    fc.record({ kind: fc.constant('delete' as const), key: name }),
  );
  fc.assert(
    fc.property(fc.array(fc.array(write, { maxLength: 6 }), { maxLength: 12 }), (batches) => {
      const handle = new MemoryStore().openNow('node');
      const model = new Map<string, number>();
      for (const batch of batches) {
        handle.commitNow(
          batch.map((w) => (w.kind === 'put' ? put(w.key, w.value) : { kind: w.kind, key: key(w.key) })),
        );
        for (const w of batch) w.kind === 'put' ? model.set(w.key, w.value) : model.delete(w.key);
        expect(contents(handle)).toEqual([...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${k}=${v}`));
      }
    }),
    { seed: 7, numRuns: 200 },
  );
});
