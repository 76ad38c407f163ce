import type { NodeId } from '@boltwright/base';
import type {
  ChannelMessageHandler,
  ConnectionId,
  CustomMessageHandler,
  Logger,
  MessageSendEvent,
  OnionMessageHandler,
  RoutingMessageHandler,
} from '@boltwright/interfaces';
import { combineFeatures, type Init, type WireMessage } from '@boltwright/wire';
import type { Priority } from './message-queue.ts';

/** The parts that take messages. Only the first is needed for a node with channels; a gossip client has none of it. */
export interface MessageHandlers {
  readonly channelMessages?: ChannelMessageHandler;
  readonly routingMessages?: RoutingMessageHandler;
  readonly onionMessages?: OnionMessageHandler;
  /** Asked in order: the first whose range holds a type gets it. */
  readonly customMessages?: readonly CustomMessageHandler<WireMessage>[];
}

type CustomHandler = CustomMessageHandler<WireMessage>;
type AnyHandler = ChannelMessageHandler | RoutingMessageHandler | OnionMessageHandler | CustomHandler;

/** What a handler wants done, and how urgent that is. */
export interface OutgoingEvent {
  readonly event: MessageSendEvent<WireMessage>;
  readonly priority: Priority;
}

/** All handlers as one. One that throws is caught and logged here, and takes nobody else down. */
export class PeerHandlers {
  readonly channel: ChannelMessageHandler | undefined;
  readonly routing: RoutingMessageHandler | undefined;
  readonly onion: OnionMessageHandler | undefined;
  readonly custom: readonly CustomHandler[];
  readonly #logger: Logger;
  /** Channels last: when they hear of a peer, the others know it. */
  readonly #all: readonly AnyHandler[];

  constructor(handlers: MessageHandlers, logger: Logger) {
    this.channel = handlers.channelMessages;
    this.routing = handlers.routingMessages;
    this.onion = handlers.onionMessages;
    this.custom = [...(handlers.customMessages ?? [])];
    this.#logger = logger;
    this.#all = [this.routing, this.onion, ...this.custom, this.channel].filter((handler) => handler !== undefined);
  }

  /** Calls a handler; false where it threw. */
  guard(what: string, peer: NodeId | undefined, call: () => void): boolean {
    try {
      call();
      return true;
    } catch (error) {
      this.#logger.log('error', `${what} threw`, {
        peer,
        error: error instanceof Error ? error.message : String(error),
      });
      return false;
    }
  }

  /** What all of them want set in our `init` to this peer. */
  initFeatures(peer: NodeId): Uint8Array {
    let features: Uint8Array = new Uint8Array(0);
    for (const handler of this.#all) {
      this.guard('providedInitFeatures', peer, () => {
        features = combineFeatures(features, handler.providedInitFeatures(peer));
      });
    }
    return features;
  }

  /** Tells all of them. Where one refuses or throws, those told before are told of the end; the reason comes back. */
  connected(
    peer: NodeId,
    connection: ConnectionId,
    init: Init,
    inbound: boolean,
  ): { readonly code: 'refused' | 'handler_failed'; readonly reason: string } | undefined {
    for (const [index, handler] of this.#all.entries()) {
      let refusal: string | undefined;
      const returned = this.guard('peerConnected', peer, () => {
        const answer = handler.peerConnected(peer, connection, init, inbound);
        if (!answer.ok) refusal = answer.error.reason;
      });
      if (returned && refusal === undefined) continue;
      this.#tellEnd(this.#all.slice(0, index), peer, connection);
      return returned
        ? { code: 'refused', reason: refusal ?? '' }
        : { code: 'handler_failed', reason: 'peerConnected threw' };
    }
    return undefined;
  }

  disconnected(peer: NodeId, connection: ConnectionId): void {
    this.#tellEnd(this.#all, peer, connection);
  }

  #tellEnd(handlers: readonly AnyHandler[], peer: NodeId, connection: ConnectionId): void {
    for (const handler of handlers) {
      this.guard('peerDisconnected', peer, () => handler.peerDisconnected(peer, connection));
    }
  }

  /** What they have to send, channels' first. */
  takeEvents(): readonly OutgoingEvent[] {
    const events: OutgoingEvent[] = [];
    for (const handler of [this.channel, ...this.custom, this.onion, this.routing]) {
      if (handler === undefined) continue;
      const priority = handler === this.routing || handler === this.onion ? 'gossip' : 'channel';
      this.guard('getAndClearPendingMsgEvents', undefined, () => {
        for (const event of handler.getAndClearPendingMsgEvents()) events.push({ event, priority });
      });
    }
    return events;
  }
}
