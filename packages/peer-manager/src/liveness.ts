import type { Connection } from './connection.ts';
import { type PeerError, peerError } from './peer-error.ts';
import type { PeerLimits } from './peer-limits.ts';

export type LivenessVerdict =
  | { readonly kind: 'ok' }
  /** It was silent for a tick: ask whether it is there. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'end'; readonly error: PeerError };

const fine: LivenessVerdict = { kind: 'ok' };

/**
 * Counts one tick of a connection. Whole messages count as life, bytes do not: a peer that sends its message a byte a
 * time is silent. A pong must come in time even where other messages do (BOLT 1, The `ping` and `pong` Messages).
 */
export function countTick(connection: Connection, limits: PeerLimits): LivenessVerdict {
  connection.ticks += 1;
  connection.pingsThisTick = 0;
  connection.pongBytesThisTick = 0;
  if (!connection.announced) {
    if (connection.ticks < limits.handshakeTicks) return fine;
    const message = `no handshake and init within ${limits.handshakeTicks} ticks`;
    return { kind: 'end', error: peerError('handshake_timeout', message) };
  }
  connection.silentTicks += 1;
  if (connection.pingAwaited) connection.pingTicks += 1;
  if (connection.silentTicks > limits.silentTicks || connection.pingTicks > limits.silentTicks) {
    const what = connection.silentTicks > limits.silentTicks ? 'no message' : 'no pong to our ping';
    const message = `${what} within ${limits.silentTicks} ticks`;
    return { kind: 'end', error: peerError('silent', message, { section: 'BOLT 1, The ping and pong Messages' }) };
  }
  if (connection.stalledTicks > limits.silentTicks) {
    const message = `the peer took nothing of ${connection.queuedBytes} bytes within ${limits.silentTicks} ticks`;
    return { kind: 'end', error: peerError('silent', message) };
  }
  if (connection.pingAwaited || connection.silentTicks < 2) return fine;
  return { kind: 'ping' };
}
