import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { fromHex, nodeId, nodeIdOf, ready, toHex, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { type HandshakePorts, type NoiseError, NoiseSession } from '@boltwright/noise';
import { fixture } from './fixture.ts';
import type { Suite } from './suite.ts';

interface HandshakeVector {
  readonly name: string;
  readonly role: 'initiator' | 'responder';
  readonly staticSecret: string;
  readonly nodeId: string;
  readonly ephemeralSecret: string;
  readonly remote?: string;
  readonly received: readonly string[];
  readonly sent: readonly string[];
  readonly sendingKey?: string;
  readonly receivingKey?: string;
  readonly error?: string;
  readonly errorVersion?: number;
}

function party(staticSecret: string, ephemeralSecret: string): HandshakePorts {
  const secret = fromHex(staticSecret);
  const id = nodeIdOf(noble.publicKey(secret));
  return {
    crypto: noble,
    signer: { nodeId: () => id, ecdh: (other) => ready(noble.ecdh(other, secret)) },
    entropy: { secureRandomBytes: (length) => fromHex(ephemeralSecret).subarray(0, length) },
  };
}

const none = (): void => {
  throw new Error('no message was expected');
};

/** The error's name as BOLT 8's vectors write it. */
function specName({ code, act }: NoiseError): string {
  const names: Partial<Record<NoiseError['code'], string>> = {
    bad_version: 'BAD_VERSION',
    bad_public_key: 'BAD_PUBKEY',
    bad_ciphertext: 'BAD_CIPHERTEXT',
    bad_tag: 'BAD_TAG',
    truncated: 'READ_FAILED',
  };
  return `ACT${act}_${names[code]}`;
}

function handshake(vector: HandshakeVector): void {
  const self = party(vector.staticSecret, vector.ephemeralSecret);
  equal(unwrapNodeId(self), vector.nodeId);
  const sent: string[] = [];
  let session: NoiseSession;
  if (vector.role === 'initiator') {
    const started = unwrap(NoiseSession.initiate(self, nodeId(vector.remote!)));
    session = started.session;
    sent.push(toHex(started.actOne));
  } else session = NoiseSession.respond(self);
  let failure: NoiseError | undefined;
  for (const act of vector.received) {
    const result = session.receive(fromHex(act), none);
    if (!result.ok) failure = result.error;
    else if (result.value.send !== undefined) sent.push(toHex(result.value.send));
  }
  if (vector.error !== undefined && failure === undefined) {
    const ended = session.end();
    if (!ended.ok) failure = ended.error;
  }
  deepStrictEqual(sent, vector.sent);
  equal(failure && specName(failure), vector.error);
  if (vector.errorVersion !== undefined) equal(failure?.value, vector.errorVersion);
  equal(session.state, vector.error === undefined ? 'transport' : 'ended');
  if (vector.error !== undefined) return;
  // The session hands out no keys: they show in what they encrypt.
  const [zeros, empty] = [new Uint8Array(12), new Uint8Array()];
  const header = session.encrypt(Uint8Array.of(7)).subarray(0, 18);
  const length = noble.aeadDecrypt(fromHex(vector.sendingKey!), zeros, empty, header);
  equal(length && toHex(length), '0001');
  const incoming = noble.aeadEncrypt(fromHex(vector.receivingKey!), zeros, empty, Uint8Array.of(0, 9));
  ok(session.receive(incoming, none).ok);
}

const unwrapNodeId = (ports: HandshakePorts): string => ports.signer.nodeId();

/** The frames of messages 0 to 1001, encrypted by one side and each opened by the other. */
function frames(plaintext: Uint8Array): Map<number, string> {
  const [left, right] = [party('11'.repeat(32), '12'.repeat(32)), party('21'.repeat(32), '22'.repeat(32))];
  const { session: initiator, actOne } = unwrap(NoiseSession.initiate(left, right.signer.nodeId()));
  const responder = NoiseSession.respond(right);
  const { send: actTwo } = unwrap(responder.receive(actOne, none));
  const { send: actThree } = unwrap(initiator.receive(actTwo!, none));
  unwrap(responder.receive(actThree!, none));
  const all = new Map<number, string>();
  for (let index = 0; index <= 1001; index++) {
    const frame = initiator.encrypt(plaintext);
    all.set(index, toHex(frame));
    const arrived: string[] = [];
    unwrap(responder.receive(frame, (message) => arrived.push(toHex(message))));
    deepStrictEqual(arrived, [toHex(plaintext)]);
  }
  return all;
}

export function bolt8(): Suite[] {
  const { handshakes, messages } = fixture<{
    readonly handshakes: readonly HandshakeVector[];
    readonly messages: { readonly plaintext: string; readonly outputs: readonly { index: number; frame: string }[] };
  }>('noise', 'bolt08');
  const of = (role: HandshakeVector['role']) =>
    handshakes
      .filter((vector) => vector.role === role)
      .map((vector) => ({ name: vector.name, run: () => handshake(vector) }));
  let all: Map<number, string> | undefined;
  return [
    { bolt: 8, file: 'bolt08-handshake-initiator', published: 5, vectors: of('initiator') },
    { bolt: 8, file: 'bolt08-handshake-responder', published: 10, vectors: of('responder') },
    {
      bolt: 8,
      file: 'bolt08-message-encryption',
      published: 6,
      vectors: messages.outputs.map(({ index, frame }) => ({
        name: `output ${index}`,
        run: () => {
          all ??= frames(fromHex(messages.plaintext));
          equal(all.get(index), frame);
        },
      })),
    },
  ];
}
