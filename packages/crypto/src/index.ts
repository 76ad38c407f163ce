export type { CryptoBackend } from './backend.ts';
