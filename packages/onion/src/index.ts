export { type AttributionReport, holdTimeUnitMs, maxAttributableHops } from './attribution.ts';
export { type BuildOnionRequest, type BuiltOnion, buildOnion, type OnionHop, payloadFootprint } from './build-onion.ts';
export * from './failure.ts';
export { decodeFailure, encodeFailure, type FailureError } from './failure-codec.ts';
export {
  attributeFulfil,
  type BuildFailureRequest,
  buildFailure,
  type FulfilAttributionRequest,
  type ReturnedFailure,
  readFulfilAttribution,
  type UnwrapFailureRequest,
  type UnwrappedFailure,
  unwrapFailure,
  type WrapFailureRequest,
  wrapFailure,
} from './failure-packet.ts';
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
