export { createSyncTurns, type SyncStoreHandle, type SyncTurns } from './create-sync-turns.ts';
export { createTurns, type StoreTurns } from './create-turns.ts';
export type { Turns } from './turns.ts';
