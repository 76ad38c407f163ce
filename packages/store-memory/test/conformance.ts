import type { KeyValueStore, RecordKey, StoreError, StoreHandle, Write } from '@boltwright/interfaces';
import { describe, expect, test } from '@jest/globals';

/** What a conformance run needs of a store. */
export interface StoreUnderTest {
  /** A fresh store, empty. */
  create(): Promise<KeyValueStore>;
}

const key = (text: string): RecordKey => text as RecordKey;
const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values);
const put = (name: string, ...values: number[]): Write => ({ kind: 'put', key: key(name), value: bytes(...values) });
const remove = (name: string): Write => ({ kind: 'delete', key: key(name) });

async function listed(handle: StoreHandle, prefix: string): Promise<readonly (readonly [string, number[]])[]> {
  const found: (readonly [string, number[]])[] = [];
  for await (const [name, value] of handle.list(prefix)) found.push([name, [...value]]);
  return found;
}

/** What the promise rejects with, as the seam says: a `StoreFailure`. */
export async function refusal(promise: Promise<unknown>): Promise<StoreError> {
  const reason: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(reason instanceof Error) || !('error' in reason)) throw new Error(`no StoreFailure: ${String(reason)}`);
  return reason.error as StoreError;
}

/** What every `KeyValueStore` must do, whatever it stands on. */
export function storeConformance(name: string, { create }: StoreUnderTest): void {
  describe(`${name} keeps the contract of KeyValueStore`, () => {
    test('a record put is read, replaced and deleted', async () => {
      const handle = await (await create()).open('node');
      expect(await handle.read(key('a'))).toBeUndefined();
      await handle.commit([put('a', 1, 2)]);
      expect(await handle.read(key('a'))).toEqual(bytes(1, 2));
      await handle.commit([put('a', 3)]);
      expect(await handle.read(key('a'))).toEqual(bytes(3));
      await handle.commit([remove('a')]);
      expect(await handle.read(key('a'))).toBeUndefined();
      await handle.close();
    });

    test('an empty value is a record, not an absent one', async () => {
      const handle = await (await create()).open('node');
      await handle.commit([put('a')]);
      expect(await handle.read(key('a'))).toEqual(bytes());
      expect(await listed(handle, '')).toEqual([['a', []]]);
    });

    test('deleting what is not there, and an empty batch, are no errors', async () => {
      const handle = await (await create()).open('node');
      await handle.commit([]);
      await handle.commit([remove('a')]);
      expect(await listed(handle, '')).toEqual([]);
    });

    test('within a batch the last write to a key stands', async () => {
      const handle = await (await create()).open('node');
      await handle.commit([put('a', 1), remove('a'), put('b', 1), put('b', 2), put('c', 1), remove('c')]);
      expect(await listed(handle, '')).toEqual([['b', [2]]]);
    });

    test('a list has the keys of its prefix alone, in the order of their bytes', async () => {
      const handle = await (await create()).open('node');
      const names = ['ch/b', 'ch/a/2', 'ch/a/10', 'ch/a', 'ch-x', 'ch_y', 'ch0', 'ci', 'cg/z', 'ch/a-'];
      await handle.commit(names.map((each, index) => put(each, index)));
      expect((await listed(handle, 'ch/')).map(([each]) => each)).toEqual([
        'ch/a',
        'ch/a-',
        'ch/a/10',
        'ch/a/2',
        'ch/b',
      ]);
      expect((await listed(handle, '')).map(([each]) => each)).toEqual([...names].sort());
      expect(await listed(handle, 'none')).toEqual([]);
    });

    test('commits are made in the order of the calls', async () => {
      const handle = await (await create()).open('node');
      const order: number[] = [];
      const commits = [1, 2, 3, 4, 5].map((value) => handle.commit([put('a', value)]).then(() => order.push(value)));
      await Promise.all(commits);
      expect(order).toEqual([1, 2, 3, 4, 5]);
      expect(await handle.read(key('a'))).toEqual(bytes(5));
    });

    test('bytes handed in or out may be reused by the caller', async () => {
      const handle = await (await create()).open('node');
      const value = bytes(1, 2, 3);
      const commit = handle.commit([{ kind: 'put', key: key('a'), value }]);
      value.fill(9);
      await commit;
      const read = await handle.read(key('a'));
      expect(read).toEqual(bytes(1, 2, 3));
      read?.fill(7);
      expect(await handle.read(key('a'))).toEqual(bytes(1, 2, 3));
    });

    test('what was committed is there when the store is opened anew', async () => {
      const store = await create();
      const first = await store.open('node');
      await first.commit([put('a', 1), put('b/c', 2)]);
      await first.close();
      const second = await store.open('node');
      expect(await listed(second, '')).toEqual([
        ['a', [1]],
        ['b/c', [2]],
      ]);
    });

    test('stores of different names share nothing', async () => {
      const store = await create();
      const alice = await store.open('alice');
      const bob = await store.open('bob');
      await alice.commit([put('a', 1)]);
      await bob.commit([put('a', 2)]);
      expect(await alice.read(key('a'))).toEqual(bytes(1));
      expect(await bob.read(key('a'))).toEqual(bytes(2));
    });

    test('opening fences every handle opened before, which then writes nothing', async () => {
      const store = await create();
      const old = await store.open('node');
      await old.commit([put('a', 1)]);
      const young = await store.open('node');
      expect((await refusal(old.commit([put('a', 2)]))).kind).toBe('fenced');
      expect(await young.read(key('a'))).toEqual(bytes(1));
      await young.commit([put('a', 3)]);
      expect((await refusal(old.commit([put('b', 2)]))).kind).toBe('fenced');
      expect(await listed(young, '')).toEqual([['a', [3]]]);
    });

    test('a closed handle refuses', async () => {
      const handle = await (await create()).open('node');
      await handle.close();
      expect((await refusal(handle.commit([put('a', 1)]))).kind).toBe('failed');
    });
  });
}
