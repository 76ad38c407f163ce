import type { NoiseError } from '@boltwright/noise';
import type { FeatureProblem, WireError } from '@boltwright/wire';

/** Why a connection was ended, or not taken. None of these fails a channel by itself. */
export type PeerErrorCode =
  /** The handshake or the transport failed (`cause` is the `NoiseError`). */
  | 'noise'
  /** A message that does not decode (`cause` is the `WireError`). */
  | 'malformed_message'
  /** An even type that nobody here handles. */
  | 'unknown_even_message'
  /** Another message came before `init`. */
  | 'init_expected'
  | 'second_init'
  /** An even feature bit that we do not offer. */
  | 'unsupported_feature'
  /** A feature without one that it depends on. */
  | 'missing_dependency'
  /** `networks` shares no chain with ours. */
  | 'no_common_chain'
  | 'ping_flood'
  /** The peer sent an `error` about all channels. */
  | 'error_received'
  /** No whole handshake and `init` within the ticks allowed. */
  | 'handshake_timeout'
  /** Nothing came, no pong, or nothing of what waits for the peer was taken, within the ticks allowed. */
  | 'silent'
  /** The peer does not read, and what we must tell it does not fit its queue any more. */
  | 'outbound_queue_full'
  | 'too_many_inbound'
  /** Another connection came while ours waited in line with too many that had not said who they are. */
  | 'evicted'
  /** The same peer connected anew: the newer connection wins. */
  | 'replaced'
  /** The same peer connected at the same time by another connection, which both sides keep instead. */
  | 'duplicate'
  /** A handler refused the peer. */
  | 'refused'
  /** A handler asked for the end of the connection by a `MessageSendEvent`. */
  | 'handler_disconnect'
  /** A handler, the signer or the socket's adapter threw: logged, and this peer pays with its connection alone. */
  | 'handler_failed'
  /** The other side or the network closed the socket. */
  | 'socket_closed'
  /** `disconnectPeer` was called. */
  | 'requested'
  /** The socket is not, or no longer, known here. */
  | 'unknown_socket';

/** Why a connection ended, or a call was refused: plain data, with the BOLT’s section where a peer broke one. */
export interface PeerError {
  readonly kind: 'peer';
  readonly code: PeerErrorCode;
  /** Where the broken requirement stands; absent where no BOLT was broken. */
  readonly section?: string;
  /** The field to blame, in the BOLT's words. */
  readonly field?: string;
  readonly value?: string | number;
  readonly message: string;
  readonly cause?: NoiseError | WireError | FeatureProblem;
}

export function peerError(code: PeerErrorCode, message: string, details: Partial<PeerError> = {}): PeerError {
  return { ...details, kind: 'peer', code, message };
}

/** The session's failure as the peer's. */
export function fromNoise(cause: NoiseError): PeerError {
  const { section, field, value, message } = cause;
  return peerError('noise', message, { section, field, ...(value === undefined ? {} : { value }), cause });
}
