export { type BuildOnionRequest, type BuiltOnion, buildOnion, type OnionHop, payloadFootprint } from './build-onion.ts';
export * from './failure.ts';
export { deriveKey, type KeyType } from './key-derivation.ts';
export { isBadOnion, type OnionError } from './onion-error.ts';
export * from './onion-packet.ts';
export {
  blindingFactor,
  invalidOnionKey,
  onionPublicKey,
  type PeeledOnion,
  type PeelOnionRequest,
  peelOnion,
} from './peel-onion.ts';
