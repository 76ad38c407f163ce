import { type NodeId, nodeIdOf, ok, ready, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type { ChannelMessage, ChannelMessageHandler, MessageSendEvent, SocketDescriptor } from '@boltwright/interfaces';
import { PeerManager } from '@boltwright/peer-manager';

/** A handler that greets whoever connects by a warning, and keeps the warnings it is sent. */
class Greeter implements ChannelMessageHandler {
  readonly heard: string[] = [];
  #events: MessageSendEvent[] = [];
  peerConnected(...[peer, connection]: Parameters<ChannelMessageHandler['peerConnected']>) {
    const channelId = '00'.repeat(32) as Extract<ChannelMessage, { type: 'warning' }>['channelId'];
    const message = { type: 'warning', channelId, data: new TextEncoder().encode('hello') } as const;
    this.#events.push({ kind: 'send', peer, connection, message });
    return ok(undefined);
  }
  handleMessage(_peer: NodeId, _connection: unknown, message: ChannelMessage): void {
    if (message.type === 'warning') this.heard.push(new TextDecoder().decode(message.data));
  }
  getAndClearPendingMsgEvents(): readonly MessageSendEvent[] {
    return this.#events.splice(0);
  }
  peerDisconnected(): void {}
  providedNodeFeatures = (): Uint8Array => new Uint8Array(0);
  providedInitFeatures = (): Uint8Array => new Uint8Array(0);
}

function node(fill: number) {
  const secret = new Uint8Array(32).fill(fill);
  const id = nodeIdOf(noble.publicKey(secret));
  const channelMessages = new Greeter();
  const keys = {
    nodeId: () => id,
    ecdh: (other: Uint8Array) => ready(noble.ecdh(other, secret)),
    secureRandomBytes: (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
  };
  const peers = new PeerManager({ crypto: noble, keys, chains: [], channelMessages, logger: { log: () => {} } });
  return { id, peers, channelMessages };
}

/** Connects two nodes without a network; returns what each heard of the other. */
export function meet(): readonly string[] {
  const [alice, bob] = [node(1), node(2)];
  const inFlight: { to: PeerManager; socket: SocketDescriptor; data: Uint8Array }[] = [];
  const end = (to: PeerManager, other: () => SocketDescriptor): SocketDescriptor => ({
    sendData(data) {
      inFlight.push({ to, socket: other(), data });
      return data.length;
    },
    disconnectSocket() {},
  });
  const atAlice = end(bob.peers, () => atBob);
  const atBob = end(alice.peers, () => atAlice);

  bob.peers.newInboundConnection(atBob);
  atAlice.sendData(unwrap(alice.peers.newOutboundConnection(bob.id, atAlice)), false);
  for (let next = inFlight.shift(); next !== undefined; next = inFlight.shift()) {
    unwrap(next.to.readEvent(next.socket, next.data));
    next.to.processEvents();
  }
  return [...alice.channelMessages.heard, ...bob.channelMessages.heard];
}
