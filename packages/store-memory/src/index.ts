export { MemoryStore, type MemoryStoreHandle } from './memory-store.ts';
export { MemoryStoreFailure } from './store-failure.ts';
