import { readFileSync } from 'node:fs';
import { concatBytes, fromHex, nodeId, toHex, unwrap } from '@boltwright/base';
import { type CryptoBackend, noble } from '@boltwright/crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { greet } from '../examples/two-sessions.ts';
import { type NoiseError, NoiseSession } from '../src/index.ts';

import { alice, bob, party, withNodeAead } from './support/ports.ts';

interface HandshakeVector {
  name: string;
  role: 'initiator' | 'responder';
  staticSecret: string;
  nodeId: string;
  ephemeralSecret: string;
  remote?: string;
  received: string[];
  sent: string[];
  sendingKey?: string;
  receivingKey?: string;
  error?: string;
  errorVersion?: number;
}
const vectors: {
  handshakes: HandshakeVector[];
  messages: { plaintext: string; outputs: { index: number; frame: string }[] };
} = JSON.parse(readFileSync(new URL('./vectors/bolt08.json', import.meta.url), 'utf8'));

const seed = 8;
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

function connect(left = alice(), right = bob()): { initiator: NoiseSession; responder: NoiseSession } {
  const { session: initiator, actOne } = unwrap(NoiseSession.initiate(left, right.id));
  const responder = NoiseSession.respond(right);
  const { send: actTwo } = unwrap(responder.receive(actOne, none));
  const { send: actThree } = unwrap(initiator.receive(actTwo!, none));
  unwrap(responder.receive(actThree!, none));
  return { initiator, responder };
}

/** Feeds the bytes in pieces of the given lengths, over and over. */
function feed(session: NoiseSession, bytes: Uint8Array, lengths: readonly number[]) {
  const messages: Uint8Array[] = [];
  let result = session.receive(new Uint8Array(0), (message) => messages.push(message));
  for (let offset = 0, turn = 0; offset < bytes.length && result.ok; turn++) {
    const piece = Uint8Array.from(bytes.subarray(offset, offset + lengths[turn % lengths.length]!));
    offset += piece.length;
    result = session.receive(piece, (message) => messages.push(message));
    piece.fill(0xee); // what the session keeps must be its own
  }
  return { messages, result };
}

describe.each([noble, withNodeAead])('the vectors of BOLT 8 with $name', (crypto: CryptoBackend) => {
  test.each(vectors.handshakes)('$name', (vector) => {
    const self = party(vector.staticSecret, vector.ephemeralSecret, crypto);
    expect(self.id).toBe(vector.nodeId);
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
    expect(sent).toEqual(vector.sent);
    expect(failure && specName(failure)).toBe(vector.error);
    if (vector.errorVersion !== undefined) expect(failure?.value).toBe(vector.errorVersion);
    if (vector.error !== undefined) {
      expect(session.state).toBe('ended');
      return;
    }
    expect(session.state).toBe('transport');
    // The keys are shown by what they encrypt: nothing hands them out.
    const zeros = new Uint8Array(12);
    const header = withNodeAead.aeadDecrypt(
      fromHex(vector.sendingKey!),
      zeros,
      new Uint8Array(0),
      session.encrypt(Uint8Array.of(7)).subarray(0, 18),
    );
    expect(header).toEqual(Uint8Array.of(0, 1));
    const incoming = withNodeAead.aeadEncrypt(
      fromHex(vector.receivingKey!),
      zeros,
      new Uint8Array(0),
      Uint8Array.of(0, 9),
    );
    expect(session.receive(incoming, none).ok).toBe(true);
  });

  test('messages 0, 1, 500, 501, 1000 and 1001 are encrypted as published, and arrive', () => {
    const { initiator, responder } = connect(alice(crypto), bob(crypto));
    const plaintext = fromHex(vectors.messages.plaintext);
    const expected = new Map(vectors.messages.outputs.map(({ index, frame }) => [index, frame]));
    let compared = 0;
    let arrived = 0;
    for (let index = 0; index <= 1001; index++) {
      const frame = initiator.encrypt(plaintext);
      if (expected.has(index)) {
        expect(toHex(frame)).toBe(expected.get(index));
        compared += 1;
      }
      unwrap(
        responder.receive(frame, (message) => {
          expect(message).toEqual(plaintext);
          arrived += 1;
        }),
      );
    }
    expect([compared, arrived]).toEqual([6, 1002]);
  });
});

describe('the handshake', () => {
  test('tells each side who the other is', () => {
    const { initiator, responder } = connect();
    expect([initiator.remote, responder.remote]).toEqual([bob().id, alice().id]);
    expect([initiator.state, responder.state]).toEqual(['transport', 'transport']);
  });

  test('the responder computes nothing before the first act is whole, and no key before it is proved', () => {
    let calls = 0;
    const counting = new Proxy(noble, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value === 'function') calls += 1;
        return value;
      },
    });
    const right = party('21'.repeat(32), '22'.repeat(32), counting);
    const session = NoiseSession.respond(right);
    const { actOne } = unwrap(NoiseSession.initiate(alice(), right.id));
    unwrap(session.receive(actOne.subarray(0, 49), none));
    expect([calls, right.draws()]).toEqual([0, 0]);
    const wrong = session.receive(Uint8Array.of(actOne[49]! ^ 1), none);
    expect(wrong.ok ? undefined : wrong.error.code).toBe('bad_tag');
    expect(right.draws()).toBe(0);
    expect(calls).toBeGreaterThan(0);
  });

  test('a wrong version is told at its first byte', () => {
    const result = NoiseSession.respond(bob()).receive(new TextEncoder().encode('GET / HTTP/1.1\r\n'), none);
    expect(result.ok ? undefined : result.error).toMatchObject({
      code: 'bad_version',
      act: 1,
      field: 'v',
      value: 71,
      section: 'BOLT 8, Handshake Versioning',
    });
  });

  test('a node id that is no point is an error, not an exception', () => {
    const result = NoiseSession.initiate(alice(), nodeId(`02${'ff'.repeat(32)}`));
    expect(result.ok ? undefined : result.error.code).toBe('bad_public_key');
  });

  test.each(['initiator', 'responder'] as const)('a signer of the %s that answers later is asked again', (role) => {
    const [left, right] = [alice(), bob()];
    (role === 'initiator' ? left : right).hold(true);
    const { session: initiator, actOne } = unwrap(NoiseSession.initiate(left, right.id));
    const responder = NoiseSession.respond(right);
    // What the session still needs when the signer answers must be its own by then.
    const receive = (session: NoiseSession, act: Uint8Array) => {
      const chunk = Uint8Array.from(act);
      const progress = unwrap(session.receive(chunk, none));
      chunk.fill(0xee);
      return progress;
    };
    let { send: actTwo } = receive(responder, actOne);
    if (role === 'responder') {
      expect([actTwo, responder.state]).toEqual([undefined, 'signer']);
      expect(unwrap(responder.signerAnswered())).toEqual({});
      expect(responder.state).toBe('signer');
      right.hold(false);
      actTwo = unwrap(responder.signerAnswered()).send;
    }
    let { send: actThree } = receive(initiator, actTwo!);
    if (role === 'initiator') {
      expect([actThree, initiator.state]).toEqual([undefined, 'signer']);
      left.hold(false);
      actThree = unwrap(initiator.signerAnswered()).send;
    }
    unwrap(responder.receive(actThree!, none));
    expect([initiator.state, responder.state]).toEqual(['transport', 'transport']);
    expect(unwrap(initiator.signerAnswered())).toEqual({});
    const got: Uint8Array[] = [];
    unwrap(responder.receive(initiator.encrypt(Uint8Array.of(1, 2)), (message) => got.push(message)));
    expect(got).toEqual([Uint8Array.of(1, 2)]);
  });

  test('bytes that come while the signer is awaited end the session, and keep nothing', () => {
    const right = bob();
    right.hold(true);
    const session = NoiseSession.respond(right);
    unwrap(session.receive(unwrap(NoiseSession.initiate(alice(), right.id)).actOne, none));
    const result = session.receive(new Uint8Array(66), none);
    expect(result.ok ? undefined : result.error.code).toBe('early_bytes');
    right.hold(false);
    expect(session.signerAnswered()).toEqual(result);
    expect(session.bufferedBytes).toBe(0);
  });

  test('bytes behind act one or act two in the same chunk end the session', () => {
    const [left, right] = [alice(), bob()];
    const { session, actOne } = unwrap(NoiseSession.initiate(left, right.id));
    const early = NoiseSession.respond(right).receive(concatBytes(actOne, Uint8Array.of(0)), none);
    expect(early.ok ? undefined : early.error).toMatchObject({ code: 'early_bytes', act: 1, value: 1 });
    const { send: actTwo } = unwrap(NoiseSession.respond(right).receive(actOne, none));
    const late = session.receive(concatBytes(actTwo!, Uint8Array.of(0, 0)), none);
    expect(late.ok ? undefined : late.error).toMatchObject({ code: 'early_bytes', act: 2, value: 2 });
  });

  test('an entropy source that gives no key is its owner’s mistake and throws', () => {
    expect(() => NoiseSession.initiate(party('11'.repeat(32), '00'.repeat(32)), bob().id)).toThrow(/entropy/);
  });

  test('a flipped bit anywhere in an act ends the session with a typed error', () => {
    const { session: initiator, actOne } = unwrap(NoiseSession.initiate(alice(), bob().id));
    const responder = NoiseSession.respond(bob());
    const { send: actTwo } = unwrap(responder.receive(actOne, none));
    const { send: actThree } = unwrap(initiator.receive(actTwo!, none));
    const flips = fc.integer({ min: 0, max: 8 * 166 - 1 });
    fc.assert(
      fc.property(flips, (bit) => {
        const acts = concatBytes(actOne, actTwo!, actThree!);
        acts[bit >> 3]! ^= 1 << (bit & 7);
        const index = bit < 400 ? 1 : bit < 800 ? 2 : 3;
        let target: NoiseSession;
        if (index === 2) target = unwrap(NoiseSession.initiate(alice(), bob().id)).session;
        else {
          target = NoiseSession.respond(bob());
          if (index === 3) unwrap(target.receive(actOne, none));
        }
        const [from, to] = index === 1 ? [0, 50] : index === 2 ? [50, 100] : [100, 166];
        const result = target.receive(acts.subarray(from, to), none);
        expect(result.ok ? undefined : result.error).toMatchObject({ kind: 'noise', act: index });
        expect(target.state).toBe('ended');
        expect(target.receive(actThree!, none)).toEqual(result);
        expect(() => target.encrypt(Uint8Array.of(1))).toThrow();
      }),
      { numRuns: 60, seed },
    );
  });
});

describe('the transport', () => {
  const someMessages = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 12 });
  const someLengths = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 6 });

  test('any chunking gives the same messages, from act three on', () => {
    fc.assert(
      fc.property(someMessages, someLengths, (messages, lengths) => {
        const { session: initiator, actOne } = unwrap(NoiseSession.initiate(alice(), bob().id));
        const responder = NoiseSession.respond(bob());
        const { send: actTwo } = unwrap(responder.receive(actOne, none));
        const { send: actThree } = unwrap(initiator.receive(actTwo!, none));
        const stream = concatBytes(actThree!, ...messages.map((message) => initiator.encrypt(message)));
        const got = feed(responder, stream, lengths);
        expect(got.result.ok).toBe(true);
        expect(got.messages).toEqual(messages);
        expect(responder.bufferedBytes).toBe(0);
      }),
      { numRuns: 40, seed },
    );
  });

  test('chunking does not matter over key rotations, at the largest and the smallest message', () => {
    const { initiator, responder } = connect();
    const largest = Uint8Array.from({ length: 65535 }, (_, index) => index);
    const messages = Array.from({ length: 1100 }, (_, index) =>
      index === 499 ? largest : Uint8Array.from({ length: index % 7 }, () => index),
    );
    const stream = concatBytes(...messages.map((message) => responder.encrypt(message)));
    const got = feed(initiator, stream, [1, 17, 18, 19, 33, 34, 35, 4096, 2]);
    expect(got.result.ok).toBe(true);
    expect(got.messages).toEqual(messages);
  });

  test('a flipped bit anywhere ends the session with a typed error, and nothing more comes out', () => {
    fc.assert(
      fc.property(someMessages, someLengths, fc.nat(), (messages, lengths, position) => {
        const { initiator, responder } = connect();
        const frames = messages.map((message) => initiator.encrypt(message));
        const stream = concatBytes(...frames);
        const bit = position % (8 * stream.length);
        stream[bit >> 3]! ^= 1 << (bit & 7);
        let intact = 0;
        for (let end = frames[0]!.length; end <= bit >> 3; end += frames[intact]!.length) intact += 1;

        const got = feed(responder, stream, lengths);
        expect(got.messages).toEqual(messages.slice(0, intact));
        expect(got.result.ok ? undefined : got.result.error.code).toMatch(/^bad_(length|message)_tag$/);
        expect(responder.state).toBe('ended');
        expect(responder.bufferedBytes).toBe(0);
        expect(responder.receive(stream, none)).toEqual(got.result);
        expect(() => responder.encrypt(Uint8Array.of(1))).toThrow();
      }),
      { numRuns: 40, seed },
    );
  });

  test('messages ahead of a failure come out in the same call, whatever the chunk', () => {
    const { initiator, responder } = connect();
    const stream = concatBytes(initiator.encrypt(Uint8Array.of(1)), initiator.encrypt(Uint8Array.of(2)));
    stream[stream.length - 1]! ^= 0x80;
    const got: Uint8Array[] = [];
    const result = responder.receive(stream, (message) => got.push(message));
    expect(got).toEqual([Uint8Array.of(1)]);
    expect(result.ok ? undefined : result.error).toMatchObject({
      code: 'bad_message_tag',
      field: 'c',
      value: 1,
      section: 'BOLT 8, Receiving and Decrypting Messages',
    });
  });

  test('a repeated, a left out or a swapped frame ends the session', () => {
    for (const order of [[0, 0], [1], [1, 0]]) {
      const { initiator, responder } = connect();
      const frames = [initiator.encrypt(Uint8Array.of(1)), initiator.encrypt(Uint8Array.of(2))];
      const results = order.map((index) => responder.receive(frames[index]!, () => {}).ok);
      expect(results).toContain(false);
    }
  });

  test('no more than one frame is held, however the bytes come', () => {
    const { initiator, responder } = connect();
    const frame = initiator.encrypt(new Uint8Array(65535));
    let most = 0;
    for (let offset = 0; offset < frame.length; offset += 1009) {
      unwrap(responder.receive(frame.subarray(offset, offset + 1009), () => {}));
      most = Math.max(most, responder.bufferedBytes);
    }
    expect(most).toBeLessThan(65535 + 16);
    expect(most).toBeGreaterThan(64000);
    expect(responder.bufferedBytes).toBe(0);
  });

  test('a session closed from the sink puts out nothing more', () => {
    const { initiator, responder } = connect();
    const stream = concatBytes(initiator.encrypt(Uint8Array.of(1)), initiator.encrypt(Uint8Array.of(2)));
    let count = 0;
    const result = responder.receive(stream, () => {
      count += 1;
      responder.close();
    });
    expect([count, result.ok ? undefined : result.error.code]).toEqual([1, 'closed']);
    expect(responder.state).toBe('ended');
  });

  test('a session closed within a frame holds nothing of it', () => {
    const { initiator, responder } = connect();
    unwrap(responder.receive(initiator.encrypt(new Uint8Array(500)).subarray(0, 300), none));
    expect(responder.bufferedBytes).toBe(282);
    responder.close();
    expect(responder.bufferedBytes).toBe(0);
  });

  test('the end of the stream is clean between messages and an error within one', () => {
    const whole = connect();
    expect(whole.responder.end().ok).toBe(true);
    expect(whole.responder.state).toBe('ended');
    for (const length of [1, 17, 18, 20]) {
      const { initiator, responder } = connect();
      unwrap(responder.receive(initiator.encrypt(Uint8Array.of(1, 2, 3)).subarray(0, length), none));
      const ended = responder.end();
      expect(ended.ok ? undefined : ended.error).toMatchObject({
        code: 'truncated',
        field: length < 18 ? 'lc' : 'c',
      });
    }
  });

  test('misuse throws: a message too long, or before the handshake is over', () => {
    const { initiator } = connect();
    expect(() => initiator.encrypt(new Uint8Array(65536))).toThrow(RangeError);
    expect(() => NoiseSession.respond(bob()).encrypt(Uint8Array.of(1))).toThrow(/handshake/);
  });

  test('arbitrary bytes never throw and never give a message', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), fc.boolean(), (chunks, ready) => {
        const session = ready ? connect().responder : NoiseSession.respond(bob());
        for (const chunk of chunks) session.receive(chunk, none);
        expect(session.bufferedBytes).toBeLessThan(200);
      }),
      { numRuns: 60, seed },
    );
  });
});

test('the example greets', () => {
  expect(greet()).toBe('hello');
});
