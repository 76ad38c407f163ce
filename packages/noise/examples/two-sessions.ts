import { type NodeId, nodeIdOf, ready, unwrap } from '@boltwright/base';
import { noble as crypto } from '@boltwright/crypto';
import { type HandshakePorts, NoiseSession } from '@boltwright/noise';

function node(fill: number): HandshakePorts & { id: NodeId } {
  const secret = new Uint8Array(32).fill(fill);
  const id = nodeIdOf(crypto.publicKey(secret));
  const signer = { nodeId: () => id, ecdh: (other: Uint8Array) => ready(crypto.ecdh(other, secret)) };
  const entropy = { secureRandomBytes: (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length)) };
  return { id, crypto, signer, entropy };
}

/** Shakes hands and sends one message; returns its text as it arrived. */
export function greet(): string {
  const [alice, bob] = [node(1), node(2)];
  const responder = NoiseSession.respond(bob);
  const { session: initiator, actOne } = unwrap(NoiseSession.initiate(alice, bob.id));
  let text = '';
  const sink = (message: Uint8Array): void => {
    text += new TextDecoder().decode(message);
  };
  const { send: actTwo } = unwrap(responder.receive(actOne, sink));
  const { send: actThree } = unwrap(initiator.receive(actTwo!, sink));
  unwrap(responder.receive(actThree!, sink));
  unwrap(responder.receive(initiator.encrypt(new TextEncoder().encode('hello')), sink));
  return text;
}
