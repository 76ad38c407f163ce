export { type AttributionReport, holdTimeUnitMs, maxAttributableHops } from './attribution.ts';
export {
  type BlindedHop,
  type BlindedHopInput,
  type BlindedPath,
  type BlindingError,
  type BuildBlindedPathRequest,
  blindedNodeTweak,
  blindedPathField,
  buildBlindedPath,
  type IntroductionNode,
  nextPathKey,
  type UnblindHopRequest,
  unblindHop,
} from './blinded-path.ts';
export * from './blinded-payment.ts';
export { type BuildOnionRequest, type BuiltOnion, buildOnion, type OnionHop, payloadFootprint } from './build-onion.ts';
export {
  decodeEncryptedData,
  type EncryptedData,
  encodeEncryptedData,
  encryptedDataLength,
  hasUnknownFeatures,
  type PaymentConstraints,
  type PaymentRelay,
  padEncryptedData,
} from './encrypted-data.ts';
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
export * from './hop-payload.ts';
export { decodeHopPayload, encodeHopPayload, type HopPayloadContext } from './hop-payload-codec.ts';
export { deriveKey, type KeyType } from './key-derivation.ts';
export { type Complaint, isBadOnion, type OnionError } from './onion-error.ts';
export * from './onion-message.ts';
export * from './onion-message-payload.ts';
export * from './onion-packet.ts';
export { defaultMaxDummyHops } from './open-layer.ts';
export {
  blindingFactor,
  invalidOnionKey,
  onionPublicKey,
  type PeeledOnion,
  type PeelOnionRequest,
  peelOnion,
} from './peel-onion.ts';
export * from './receive-payment-onion.ts';
export * from './refuse-htlc.ts';
export * from './replay.ts';
