import { type ChainHash, channelId, type NodeId } from '@boltwright/base';
import type { ChannelMessage, Logger, OnionMessageMessage, RoutingMessage } from '@boltwright/interfaces';
import {
  decodeMessage,
  type ErrorMessage,
  type Init,
  type Message,
  type MessageRegistry,
  type Ping,
  type Warning,
  type WireError,
  type WireMessage,
} from '@boltwright/wire';
import type { Connection } from './connection.ts';
import { checkInit } from './init-exchange.ts';
import { type MessageRoute, messageRoutes } from './message-routes.ts';
import { type PeerError, peerError } from './peer-error.ts';
import type { PeerHandlers } from './peer-handlers.ts';
import type { PeerLimits } from './peer-limits.ts';
import { printable } from './printable.ts';

/** What ends a connection, and whether the peer is told by a warning. */
export interface Fault {
  readonly error: PeerError;
  readonly tell: boolean;
}

export const warn = (error: PeerError): Fault => ({ error, tell: true });

/** The channel id that means every channel, or none in particular (BOLT 1, The `error` and `warning` Messages). */
export const allChannels = channelId('00'.repeat(32));

/** A warning about no channel in particular. */
export function warningOf(text: string): Warning {
  const data = Uint8Array.from(text.slice(0, 1024), (char) => char.charCodeAt(0) & 0x7f);
  return { type: 'warning', channelId: allChannels, data };
}

const initNumber = 16;
const formatSection = 'BOLT 1, Lightning Message Format';
const initSection = 'BOLT 1, The init Message';
const pingSection = 'BOLT 1, The ping and pong Messages';

export interface IntakePorts {
  readonly handlers: PeerHandlers;
  readonly chains: readonly ChainHash[];
  readonly limits: PeerLimits;
  readonly logger: Logger;
  /** The user's own messages. */
  readonly messages: MessageRegistry<WireMessage>;
  send(connection: Connection, message: Message): void;
  /** Takes in a peer whose `init` is right. */
  admit(connection: Connection, init: Init): Fault | undefined;
}

/** Where decrypted messages go: decoded, judged, and handed to who takes them. Each method answers what ends it all. */
export class MessageIntake {
  readonly #ports: IntakePorts;

  constructor(ports: IntakePorts) {
    this.#ports = ports;
  }

  /** @param bytes - one message with its type; it may be kept. Our own `init` is on its way already. */
  receive(connection: Connection, bytes: Uint8Array): Fault | undefined {
    const number = bytes.length < 2 ? undefined : (bytes[0]! << 8) | bytes[1]!;
    const route = number === undefined ? undefined : messageRoutes.get(number);
    if (!connection.announced && number !== initNumber) return this.#receiveInsteadOfInit(connection, number, bytes);
    if (number !== undefined && route === undefined) return this.#receiveOther(connection, number, bytes);
    // Gossip and onion messages that nobody here takes are not even decoded.
    if (this.#isUnwanted(route)) return undefined;
    const decoded = decodeMessage(bytes);
    if (!decoded.ok) return malformed(decoded.error);
    const message = decoded.value as Message; // of a known type: it has a route
    if (message.type === 'init') return this.#receiveInit(connection, message);
    return this.#dispatch(connection, message, route, bytes);
  }

  /** The peer is told nothing: BOLT 1 wants its `init` awaited before anything but our own is sent. */
  #receiveInsteadOfInit(connection: Connection, number: number | undefined, bytes: Uint8Array): Fault {
    const decoded = decodeMessage(bytes);
    const message = decoded.ok ? (decoded.value as Message) : undefined;
    // A peer that leaves us at once may say why.
    if (message?.type === 'error' || message?.type === 'warning') this.#logFromPeer(connection, message);
    const isKnown = decoded.ok && decoded.value.type !== 'unknown';
    const value = isKnown ? decoded.value.type : (number ?? 'none');
    const text = `message ${value} came before init`;
    return { error: peerError('init_expected', text, { section: initSection, field: 'type', value }), tell: false };
  }

  #isUnwanted(route: MessageRoute | undefined): boolean {
    const { routing, onion } = this.#ports.handlers;
    return (route === 'routing' && routing === undefined) || (route === 'onion' && onion === undefined);
  }

  /** A message of no known type, or of one that no seam takes: the user's own, or by the odd/even rule. */
  #receiveOther(connection: Connection, number: number, bytes: Uint8Array): Fault | undefined {
    const handler = this.#ports.handlers.custom.find(({ range }) => range.from <= number && number <= range.to);
    const isRequired = number % 2 === 0;
    if (handler !== undefined) {
      const decoded = decodeMessage(bytes, this.#ports.messages);
      if (!decoded.ok) return malformed(decoded.error);
      const message = decoded.value;
      return this.#handle(connection, `message ${number}`, (peer) => {
        handler.handleMessage(peer, connection.id, message);
      });
    }
    if (!isRequired) return undefined;
    const text = `message type ${number} is even and not known here`;
    return warn(peerError('unknown_even_message', text, { section: formatSection, field: 'type', value: number }));
  }

  #dispatch(
    connection: Connection,
    message: Message,
    route: MessageRoute | undefined,
    raw: Uint8Array,
  ): Fault | undefined {
    const { channel, routing, onion } = this.#ports.handlers;
    const { id } = connection;
    if (message.type === 'ping') return this.#receivePing(connection, message);
    if (message.type === 'pong') {
      // One that answers no ping of ours is let pass: it may answer one of a moment ago, or be noise against analysis.
      if (message.ignored.length === 0) connection.pingAwaited = false;
      return undefined;
    }
    if (message.type === 'error' || message.type === 'warning') return this.#receiveError(connection, message);
    // The route was found by the number of this very message: the types agree.
    return this.#handle(connection, message.type, (peer) => {
      if (route === 'channel') channel?.handleMessage(peer, id, message as ChannelMessage);
      else if (route === 'routing') routing?.handleMessage(peer, id, message as RoutingMessage, raw);
      else if (route === 'onion') onion?.handleMessage(peer, id, message as OnionMessageMessage);
    });
  }

  #handle(connection: Connection, what: string, call: (peer: NodeId) => void): Fault | undefined {
    const peer = connection.peer!;
    if (this.#ports.handlers.guard(`the handler of ${what}`, peer, () => call(peer))) return undefined;
    return { error: peerError('handler_failed', `the handler of ${what} threw`), tell: false };
  }

  #receiveInit(connection: Connection, init: Init): Fault | undefined {
    if (connection.init !== undefined) {
      const details = { section: initSection, field: 'type', value: 'init' };
      return warn(peerError('second_init', 'a second init came on this connection', details));
    }
    const checked = checkInit(init, connection.ourFeatures ?? new Uint8Array(0), this.#ports.chains);
    if (!checked.ok) return warn(checked.error);
    connection.init = init;
    return this.#ports.admit(connection, init);
  }

  #receivePing(connection: Connection, { numPongBytes }: Ping): Fault | undefined {
    const { maxPingsPerTick, maxPongBytesPerTick } = this.#ports.limits;
    connection.pingsThisTick += 1;
    if (connection.pingsThisTick > maxPingsPerTick) {
      const details = { section: pingSection, field: 'type', value: 'ping' };
      return warn(peerError('ping_flood', `more than ${maxPingsPerTick} pings within a tick`, details));
    }
    if (numPongBytes < 65532) connection.pongBytesThisTick += numPongBytes;
    if (connection.pongBytesThisTick > maxPongBytesPerTick) {
      const details = { section: pingSection, field: 'num_pong_bytes', value: numPongBytes };
      return warn(peerError('ping_flood', `more than ${maxPongBytesPerTick} bytes of pongs within a tick`, details));
    }
    // A longer pong would not fit a message: such a ping asks for no answer.
    if (numPongBytes < 65532) this.#ports.send(connection, { type: 'pong', ignored: new Uint8Array(numPongBytes) });
    return undefined;
  }

  #receiveError(connection: Connection, message: ErrorMessage | Warning): Fault | undefined {
    this.#logFromPeer(connection, message);
    const fault = this.#handle(connection, message.type, (peer) => {
      this.#ports.handlers.channel?.handleMessage(peer, connection.id, message);
    });
    // BOLT 1: an error without a channel fails them all; nothing is left to talk about on this connection.
    if (fault !== undefined || message.type === 'warning' || message.channelId !== allChannels) return fault;
    const text = `the peer failed all channels: ${printable(message.data)}`;
    return { error: peerError('error_received', text), tell: false };
  }

  #logFromPeer({ peer, id }: Connection, { type, channelId, data }: ErrorMessage | Warning): void {
    this.#ports.logger.log('warn', `${type} from peer`, { peer, connection: id, channelId, text: printable(data) });
  }
}

function malformed(cause: WireError): Fault {
  const { spec: section, field, messageName, message } = cause;
  const name = field === '' ? messageName : `${messageName}.${field}`;
  return warn(peerError('malformed_message', message, { section, field: name, cause }));
}
