export type { CryptoBackend } from './backend.ts';
export { noble } from './noble/noble.ts';
export { requireHkdfLength, requireLength, requireRecoveryId } from './require-length.ts';
