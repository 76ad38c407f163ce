import { ok } from '@boltwright/base';
import type { RecordKey } from '@boltwright/interfaces';
import { createSyncTurns } from '@boltwright/store-turns';

const turns = createSyncTurns({
  commitNow: (batch) => {
    console.log(`one batch of ${batch.length}`); // a store writes it here, whole
    return ok(undefined);
  },
});
turns.addListener({
  turnCommitted: (turn) => console.log(`turn ${turn} is durable`),
  storeFailed: (error) => console.log(`frozen: ${error.message}`),
});
turns.put('channel/1' as RecordKey, Uint8Array.of(1));
turns.put('htlc/1/0' as RecordKey, Uint8Array.of(2));
turns.endTurn();
turns.commitNext();
