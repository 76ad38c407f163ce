export type { MessageRoute } from './message-routes.ts';
export type { PeerError, PeerErrorCode } from './peer-error.ts';
export type { MessageHandlers } from './peer-handlers.ts';
export { defaultPeerLimits, type PeerLimits } from './peer-limits.ts';
export { PeerManager } from './peer-manager.ts';
export type { ConnectionOptions, PeerDetails, PeerManagerParts } from './peer-manager-parts.ts';
