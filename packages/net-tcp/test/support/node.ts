import { randomBytes } from 'node:crypto';
import { channelId, type NodeId, nodeIdOf, ok, ready } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type { ChannelMessage, ChannelMessageHandler, ConnectionId, MessageSendEvent } from '@boltwright/interfaces';
import { PeerManager, type PeerManagerParts } from '@boltwright/peer-manager';
import type { Message, Warning } from '@boltwright/wire';
import { createTcp, type Tcp, type TcpOptions } from '../../src/index.ts';

/** A handler that keeps what it gets and sends what it is told to. */
export class Channels implements ChannelMessageHandler {
  readonly received: ChannelMessage[] = [];
  readonly notes: string[] = [];
  #events: MessageSendEvent[] = [];
  #waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];
  last: { readonly peer: NodeId; readonly connection: ConnectionId } | undefined;

  peerConnected(peer: NodeId, connection: ConnectionId) {
    this.last = { peer, connection };
    this.#note('connected');
    return ok(undefined);
  }
  peerDisconnected(): void {
    this.#note('disconnected');
  }
  handleMessage(_peer: NodeId, _connection: ConnectionId, message: ChannelMessage): void {
    this.received.push(message);
    this.#wake();
  }
  getAndClearPendingMsgEvents(): readonly MessageSendEvent[] {
    return this.#events.splice(0);
  }
  providedNodeFeatures = (): Uint8Array => new Uint8Array(0);
  providedInitFeatures = (): Uint8Array => new Uint8Array(0);

  say(message: Message): void {
    this.#events.push({ kind: 'send', ...this.last!, message });
  }
  /** Resolves when it holds, looked at whenever something arrives. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ holds, resolve });
      this.#wake();
    });
  }
  #note(text: string): void {
    this.notes.push(text);
    this.#wake();
  }
  #wake(): void {
    this.#waiting = this.#waiting.filter(({ holds, resolve }) => {
      if (!holds()) return true;
      resolve();
      return false;
    });
  }
}

export interface TestNode {
  readonly id: NodeId;
  readonly channels: Channels;
  readonly peers: PeerManager;
  readonly tcp: Tcp;
}

export function testNode(seed: number, options: TcpOptions = {}, parts: Partial<PeerManagerParts> = {}): TestNode {
  const secret = new Uint8Array(32).fill(seed);
  const id = nodeIdOf(noble.publicKey(secret));
  const channels = new Channels();
  const peers = new PeerManager({
    crypto: noble,
    keys: {
      nodeId: () => id,
      ecdh: (other) => ready(noble.ecdh(other, secret)),
      secureRandomBytes: (length) => new Uint8Array(randomBytes(length)),
    },
    chains: [],
    channelMessages: channels,
    logger: { log: () => {} },
    ...parts,
  });
  return { id, channels, peers, tcp: createTcp(peers, { lingerMilliseconds: 200, ...options }) };
}

/** A warning whose data is the number, then zeros. */
export function numbered(index: number, length: number): Warning {
  const data = new Uint8Array(length);
  new DataView(data.buffer).setUint32(0, index);
  return { type: 'warning', channelId: channelId('00'.repeat(32)), data };
}

export const numbersOf = (messages: readonly ChannelMessage[]): number[] =>
  messages.map((message) =>
    message.type === 'warning' ? new DataView(message.data.buffer, message.data.byteOffset).getUint32(0) : -1,
  );
