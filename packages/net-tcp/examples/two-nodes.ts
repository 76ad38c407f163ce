import { type NodeId, nodeIdOf, ok, ready, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type { ChannelMessageHandler, MessageSendEvent } from '@boltwright/interfaces';
import { createTcp } from '@boltwright/net-tcp';
import { PeerManager } from '@boltwright/peer-manager';
import type { Warning } from '@boltwright/wire';

/** Greets whoever connects by a warning, and hands on those that it hears. */
function greeter(heard: (text: string) => void): ChannelMessageHandler {
  const events: MessageSendEvent[] = [];
  return {
    peerConnected(peer: NodeId, connection) {
      const channelId = '00'.repeat(32) as Warning['channelId'];
      const message: Warning = { type: 'warning', channelId, data: new TextEncoder().encode('hello') };
      events.push({ kind: 'send', peer, connection, message });
      return ok(undefined);
    },
    handleMessage(_peer, _connection, message) {
      if (message.type === 'warning') heard(new TextDecoder().decode(message.data));
    },
    peerDisconnected: () => {},
    getAndClearPendingMsgEvents: () => events.splice(0),
    providedNodeFeatures: () => new Uint8Array(0),
    providedInitFeatures: () => new Uint8Array(0),
  };
}

function node(fill: number, heard: (text: string) => void) {
  const secret = new Uint8Array(32).fill(fill);
  const id = nodeIdOf(noble.publicKey(secret));
  const keys = {
    nodeId: () => id,
    ecdh: (other: Uint8Array) => ready(noble.ecdh(other, secret)),
    secureRandomBytes: (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
  };
  const logger = { log: () => {} };
  const peers = new PeerManager({ crypto: noble, keys, chains: [], channelMessages: greeter(heard), logger });
  return { id, peers, tcp: createTcp(peers) };
}

/** Two nodes connect over loopback; resolves with what they heard of each other. */
export async function meetOverTcp(): Promise<readonly string[]> {
  const texts: string[] = [];
  let done = (): void => {};
  const both = new Promise<void>((resolve) => {
    done = resolve;
  });
  const heard = (text: string): void => {
    if (texts.push(text) === 2) done();
  };
  const [alice, bob] = [node(1, heard), node(2, heard)];
  const at = unwrap(await bob.tcp.listen({ host: '127.0.0.1', port: 0 }));
  unwrap(await alice.tcp.connect(bob.id, at));
  const ticks = setInterval(() => alice.peers.timerTick(), 10_000);
  await both;
  clearInterval(ticks);
  await Promise.all([alice.tcp.close(), bob.tcp.close()]);
  return texts;
}
