export * from './channel-secrets.ts';
export * from './in-memory-signer.ts';
export * from './keys-manager.ts';
export * from './own-outputs.ts';
export * from './signer-refused.ts';
export * from './validating-signer.ts';
