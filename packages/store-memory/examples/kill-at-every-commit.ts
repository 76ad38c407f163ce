import type { RecordKey } from '@boltwright/interfaces';
import { MemoryStore } from '@boltwright/store-memory';
import { createTurns } from '@boltwright/store-turns';

const store = new MemoryStore();
const turns = createTurns(await store.open('node'));
store.hold(); // commits wait
turns.put('channel/1' as RecordKey, Uint8Array.of(1));
turns.endTurn();
for (const afterKill of store.forks()) {
  const found = afterKill.openNow('node').listNow('channel/');
  console.log(`a restart finds ${found.length} channels`); // 0, then 1
}
store.release(); // and go through
await turns.idle();
