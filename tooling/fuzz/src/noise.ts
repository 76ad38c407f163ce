import { concatBytes, fromHex, nodeIdOf, ready, unwrap } from '@boltwright/base';
import { type HandshakePorts, NoiseSession } from '@boltwright/noise';
import { crypto } from './backend.ts';
import { refusal, type Surface, type Target, violation } from './surface.ts';

function party(secretHex: string, ephemeralHex: string): HandshakePorts {
  const secret = fromHex(secretHex);
  const id = nodeIdOf(crypto.publicKey(secret));
  return {
    crypto,
    signer: { nodeId: () => id, ecdh: (other) => ready(crypto.ecdh(other, secret)) },
    entropy: { secureRandomBytes: (length) => fromHex(ephemeralHex).subarray(0, length) },
  };
}

const left = party('11'.repeat(32), '12'.repeat(32));
const right = party('21'.repeat(32), '22'.repeat(32));
const none = (): void => {
  throw new Error('no message was expected');
};

const initiate = () => unwrap(NoiseSession.initiate(left, right.signer.nodeId()));

/** The three acts; keys and ephemeral keys are fixed, so they are always the same. */
const acts = (() => {
  const { session: initiator, actOne } = initiate();
  const responder = NoiseSession.respond(right);
  const actTwo = unwrap(responder.receive(actOne, none)).send!;
  const actThree = unwrap(initiator.receive(actTwo, none)).send!;
  const frames = [0, 1, 2, 300].map((length) => initiator.encrypt(new Uint8Array(length).fill(7)));
  return { actOne, actTwo, actThree, frames };
})();

const maxBuffered = 65_550;

/** Feeds the bytes in pieces that depend on the bytes, then ends the stream. */
function feed(session: NoiseSession, input: Uint8Array): string {
  let messages = 0;
  let outcome = '';
  for (let at = 0, turn = 0; at < input.length; turn++) {
    const length = 1 + ((input[turn % input.length]! * 7 + turn) % 97);
    const chunk = Uint8Array.from(input.subarray(at, at + length));
    at += chunk.length;
    const result = session.receive(chunk, () => {
      messages += 1;
    });
    chunk.fill(0xee);
    if (session.bufferedBytes > maxBuffered) violation(`${session.bufferedBytes} bytes are held`);
    if (result.ok) continue;
    outcome = refusal(result.error);
    if (session.state !== 'ended') violation('a session that failed goes on');
    if (session.bufferedBytes !== 0) violation('a session that failed holds bytes');
  }
  if (outcome === '') {
    const { state } = session;
    const ended = session.end();
    outcome = `${state}, ${ended.ok ? 'ended' : refusal(ended.error)}`;
    if (session.state !== 'ended') violation('a session that was ended goes on');
    if (session.bufferedBytes !== 0) violation('a session that was ended holds bytes');
  }
  return `${Math.min(messages, 5)} messages, ${outcome}`;
}

const surface = (name: string, seeds: () => readonly Uint8Array[], session: () => NoiseSession): Surface => ({
  name,
  seeds,
  maxLength: 70_000,
  run: (input) => feed(session(), input),
});

const afterActOne = (): NoiseSession => {
  const session = NoiseSession.respond(right);
  unwrap(session.receive(acts.actOne, none));
  return session;
};

const inTransport = (): NoiseSession => {
  const session = afterActOne();
  unwrap(session.receive(acts.actThree, none));
  return session;
};

export const noise: Target = {
  name: 'noise',
  surfaces: [
    surface(
      'responder',
      () => [acts.actOne, concatBytes(acts.actOne, acts.actThree)],
      () => NoiseSession.respond(right),
    ),
    surface(
      'initiator',
      () => [acts.actTwo, concatBytes(acts.actTwo, Uint8Array.of(0))],
      () => initiate().session,
    ),
    surface('act-three', () => [acts.actThree, concatBytes(acts.actThree, ...acts.frames)], afterActOne),
    surface('transport', () => [...acts.frames.slice(0, 1), concatBytes(...acts.frames)], inTransport),
  ],
};
