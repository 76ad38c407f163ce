import { type Answer, chainHash, type NodeId, nodeIdOf, ok, pending, type Result, ready } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type {
  ChannelMessageHandler,
  ConnectionId,
  CustomMessageHandler,
  MessageSendEvent,
  OnionMessageHandler,
  PeerRefused,
  RoutingMessageHandler,
} from '@boltwright/interfaces';
import type { Init, Message, UnknownMessage } from '@boltwright/wire';
import { featuresOf } from '@boltwright/wire';
import { PeerManager, type PeerManagerParts } from '../../src/index.ts';

export const regtest = chainHash('06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f');
export const mainnet = chainHash('6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000');

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** A handler that notes what it is told; what it is to send is put into `outbox`. */
export class NotingHandler {
  readonly notes: string[] = [];
  readonly received: { peer: NodeId; connection: ConnectionId; message: Message | UnknownMessage }[] = [];
  outbox: MessageSendEvent[] = [];
  features: Uint8Array;
  refuse: string | undefined;
  onMessage: (message: Message | UnknownMessage, connection: ConnectionId) => void = () => {};
  readonly range: { from: number; to: number };

  constructor(features: Uint8Array = new Uint8Array(0), range = { from: 0, to: 0 }) {
    this.features = features;
    this.range = range;
  }

  peerConnected(peer: NodeId, connection: ConnectionId, _init: Init, inbound: boolean): Result<void, PeerRefused> {
    this.notes.push(`connected ${connection} ${inbound ? 'inbound' : 'outbound'}`);
    this.last = { peer, connection };
    if (this.refuse !== undefined) return { ok: false, error: { kind: 'peerRefused', reason: this.refuse } };
    return ok(undefined);
  }
  last: { peer: NodeId; connection: ConnectionId } | undefined;
  peerDisconnected(_peer: NodeId, connection: ConnectionId): void {
    this.notes.push(`disconnected ${connection}`);
  }
  providedNodeFeatures(): Uint8Array {
    return this.features;
  }
  providedInitFeatures(): Uint8Array {
    return this.features;
  }
  handleMessage(peer: NodeId, connection: ConnectionId, message: Message | UnknownMessage): void {
    this.received.push({ peer, connection, message });
    this.onMessage(message, connection);
  }
  getAndClearPendingMsgEvents(): readonly MessageSendEvent[] {
    const events = this.outbox;
    this.outbox = [];
    return events;
  }
  /** Queues a message for the last peer that connected. */
  say(message: Message): void {
    this.outbox.push({ kind: 'send', ...this.last!, message });
  }
  messages(): (Message | UnknownMessage)[] {
    return this.received.map(({ message }) => message);
  }
}

export interface TestNode {
  readonly id: NodeId;
  readonly manager: PeerManager;
  readonly channels: NotingHandler & ChannelMessageHandler;
  readonly routing: NotingHandler & RoutingMessageHandler;
  readonly onions: NotingHandler & OnionMessageHandler;
  readonly custom: NotingHandler & CustomMessageHandler;
  readonly log: LogLine[];
  readonly signer: { held: boolean };
  readonly keys: PeerManagerParts['keys'];
}

let counter = 0;

/** A node with keys made from `seed`, and handlers that note everything. */
export function testNode(seed: number, changes: Partial<PeerManagerParts> = {}): TestNode {
  const secret = new Uint8Array(32).fill(seed);
  const id = nodeIdOf(noble.publicKey(secret));
  const channels = new NotingHandler(featuresOf({ option_static_remotekey: 'required', option_anchors: 'optional' }));
  const routing = new NotingHandler(featuresOf({ gossip_queries: 'optional' }));
  const onions = new NotingHandler();
  const custom = new NotingHandler(new Uint8Array(0), { from: 40000, to: 40009 });
  const log: LogLine[] = [];
  const signer = { held: false };
  const keys = {
    nodeId: () => id,
    ecdh: (other: Uint8Array): Answer<Uint8Array | undefined> =>
      signer.held ? pending : ready(noble.ecdh(other, secret)),
    secureRandomBytes: (length: number) => {
      counter += 1;
      return noble.sha256(Uint8Array.of(counter & 0xff, counter >> 8, seed)).subarray(0, length);
    },
  };
  const manager = new PeerManager({
    crypto: noble,
    keys,
    chains: [regtest],
    channelMessages: channels,
    routingMessages: routing,
    onionMessages: onions,
    customMessages: [custom],
    logger: { log: (level, message, fields) => log.push({ level, message, ...(fields && { fields }) }) },
    ...changes,
  });
  return { id, manager, channels, routing, onions, custom, log, signer, keys };
}
