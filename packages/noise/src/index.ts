export type { HandshakePorts } from './handshake.ts';
export type { NoiseError, NoiseErrorCode } from './noise-error.ts';
export {
  type MessageSink,
  maxMessageLength,
  messageOverhead,
  type NoiseProgress,
  NoiseSession,
  type NoiseState,
} from './noise-session.ts';
