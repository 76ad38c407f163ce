import type { PeerError } from '@boltwright/peer-manager';

/** What went wrong, for programs. */
export type TcpErrorCode =
  /** The system refused: `systemCode` says how (`ECONNREFUSED`, `ENOTFOUND`, …). */
  | 'connect_failed'
  /** Connection, handshake and `init` together took too long. */
  | 'connect_timeout'
  /** The connection ended before `init` was accepted; `cause` is why, where it was ours to judge. */
  | 'handshake_failed'
  /** The system refused to listen (`EADDRINUSE`, `EACCES`, …). */
  | 'listen_failed'
  /** `close` was called. */
  | 'closed';

/** Why a connection or a listener did not come about. */
export interface TcpError {
  readonly kind: 'tcp';
  readonly code: TcpErrorCode;
  /** `host:port`. */
  readonly address: string;
  readonly systemCode?: string;
  readonly cause?: PeerError;
  readonly message: string;
}

export function tcpError(
  code: TcpErrorCode,
  address: string,
  text: string,
  details: { readonly systemCode?: string | undefined; readonly cause?: PeerError | undefined } = {},
): TcpError {
  return {
    kind: 'tcp',
    code,
    address,
    message: `${address}: ${text}`,
    ...(details.systemCode === undefined ? {} : { systemCode: details.systemCode }),
    ...(details.cause === undefined ? {} : { cause: details.cause }),
  };
}
