import {
  blockHeight,
  cltvDelta,
  copyBytes,
  msat,
  type NodeId,
  nodeIdBytes,
  nodeIdOf,
  paymentHashOf,
  pending,
  ready,
  shortChannelId,
  unwrap,
} from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { describe, expect, test } from '@jest/globals';
import {
  type BlindedHopInput,
  blindedPathHops,
  buildBlindedPath,
  buildFailure,
  buildOnion,
  buildOnionMessage,
  type EncryptedData,
  encodeHopPayload,
  encodeOnionMessagePayload,
  failureCodes,
  failureOfMalformed,
  type IncomingHtlc,
  largePayloadsLength,
  malformedOf,
  onionId,
  type PaymentRelay,
  paymentPacketLength,
  ReplaySet,
  receiveOnionMessage,
  receivePaymentOnion,
  replyTo,
  unwrapFailure,
} from '../src/index.ts';

const node = (fill: number) => {
  const secret = new Uint8Array(32).fill(fill);
  const publicKey = noble.publicKey(secret);
  const nodeId = nodeIdOf(publicKey);
  const ecdh = (point: Uint8Array, tweak?: Uint8Array) =>
    ready(noble.ecdh(point, tweak === undefined ? secret : noble.scalarMultiply(secret, tweak)!));
  return { publicKey, nodeId, signer: { nodeId: () => nodeId, ecdh } };
};
const [alice, bob, carol] = [node(1), node(2), node(3)];
type Node = typeof alice;

const sessionKey = new Uint8Array(32).fill(0x51);
const associatedData = new Uint8Array(32).fill(0x52);
const aliceSecret = noble.ecdh(alice.publicKey, sessionKey)!;
const paymentHash = paymentHashOf(associatedData);
const terms = { amtToForward: msat(1000n), outgoingCltvValue: blockHeight(500) };
const final = encodeHopPayload({ kind: 'final', ...terms });
const forward = encodeHopPayload({ kind: 'forward', ...terms, shortChannelId: shortChannelId(9n) });

const htlcOf = (onionRoutingPacket: Uint8Array, changes: Partial<IncomingHtlc> = {}): IncomingHtlc => ({
  onionRoutingPacket,
  paymentHash,
  amountMsat: msat(1000n),
  cltvExpiry: blockHeight(500),
  ...changes,
});
function receive(at: Node, htlc: IncomingHtlc) {
  const answer = receivePaymentOnion(noble, at.signer, htlc);
  if (answer.kind === 'pending') throw new Error('the signer was ready');
  return answer.value;
}
function refusedBy(at: Node, htlc: IncomingHtlc) {
  const received = receive(at, htlc);
  if (received.ok) throw new Error('it was taken');
  return received.error;
}

describe('an onion outside of a blinded path', () => {
  const { packet, sharedSecrets } = buildOnion(noble, {
    sessionKey,
    associatedData,
    hops: [
      { publicKey: alice.publicKey, payload: forward },
      { publicKey: bob.publicKey, payload: final },
    ],
  });

  test('is forwarded, then received', () => {
    const forwarded = unwrap(receive(alice, htlcOf(packet)));
    expect(forwarded).toMatchObject({
      kind: 'forward',
      next: { kind: 'channel', shortChannelId: 9n },
      blinding: 'none',
      sharedSecret: sharedSecrets[0],
      ...terms,
    });
    if (forwarded.kind !== 'forward') return;
    expect(forwarded.nextPathKey).toBeUndefined();
    const received = unwrap(receive(bob, htlcOf(forwarded.nextPacket)));
    expect(received).toEqual({
      kind: 'receive',
      sharedSecret: sharedSecrets[1],
      blinding: 'none',
      payload: { kind: 'final', ...terms },
    });
  });

  test('waits for a signer elsewhere', () => {
    let calls = 0;
    const ecdh = () => {
      calls++;
      return pending;
    };
    const slow = { nodeId: () => alice.nodeId, ecdh };
    expect(receivePaymentOnion(noble, slow, htlcOf(packet))).toEqual({ kind: 'pending' });
    expect(calls).toBe(1);
  });

  test('for another node, or under another payment hash, is malformed', () => {
    const others = [
      refusedBy(bob, htlcOf(packet)),
      refusedBy(alice, htlcOf(packet, { paymentHash: paymentHashOf(new Uint8Array(32)) })),
    ];
    for (const refused of others) {
      expect(refused.kind).toBe('invalid_onion_hmac');
      const sha256OfOnion = noble.sha256(packet);
      expect(refused.reply).toEqual({ kind: 'malformed', failureCode: 0xc005, sha256OfOnion });
    }
  });

  test('with a key that is no point, or of another version, is malformed', () => {
    const badKey = copyBytes(packet);
    badKey.fill(0xff, 2, 34);
    expect(refusedBy(alice, htlcOf(badKey))).toMatchObject({
      kind: 'invalid_onion_key',
      reply: { failureCode: 0xc006 },
    });
    const version1 = copyBytes(packet);
    version1[0] = 1;
    const refused = refusedBy(alice, htlcOf(version1));
    expect(refused).toMatchObject({ kind: 'invalid_onion_version', field: 'version', value: '1' });
    expect(refused.reply).toMatchObject({ failureCode: 0xc004, sha256OfOnion: noble.sha256(version1) });
  });

  test('that the HTLC does not keep to is failed by the final node, and the origin reads why', () => {
    const onion = buildOnion(noble, {
      sessionKey,
      associatedData,
      hops: [{ publicKey: bob.publicKey, payload: final }],
    });
    const late = refusedBy(bob, htlcOf(onion.packet, { cltvExpiry: blockHeight(499) }));
    const lateFailure = { kind: 'final_incorrect_cltv_expiry', cltvExpiry: 499 };
    expect(late.reply).toMatchObject({ kind: 'fail', delay: false, failure: lateFailure });
    const little = refusedBy(bob, htlcOf(onion.packet, { amountMsat: msat(999n) }));
    expect(little.reply).toMatchObject({ failure: { kind: 'final_incorrect_htlc_amount', incomingHtlcAmt: 999n } });
    if (late.reply.kind !== 'fail') throw new Error('it is reported to the origin');
    const { reason } = buildFailure(noble, late.reply);
    expect(reason.length).toBe(292);
    const unwrapped = unwrapFailure(noble, { reason, sharedSecrets: onion.sharedSecrets });
    expect(unwrapped).toMatchObject({ kind: 'failure', hop: 0, failure: lateFailure });
  });

  test('whose payload has a length that cannot be is failed, as the HMAC was right', () => {
    // A length of 1 is reserved.
    const payloads = noble.chacha20(
      noble.hmacSha256(Uint8Array.of(0x72, 0x68, 0x6f), aliceSecret),
      new Uint8Array(12),
      Uint8Array.of(1, ...new Uint8Array(59)),
    );
    const mu = noble.hmacSha256(Uint8Array.of(0x6d, 0x75), aliceSecret);
    const hmac = noble.hmacSha256(mu, Uint8Array.of(...payloads, ...associatedData));
    const crafted = Uint8Array.of(0, ...noble.publicKey(sessionKey), ...payloads, ...hmac);
    const refused = refusedBy(alice, htlcOf(crafted));
    const failure = { kind: 'invalid_onion_payload', tlvType: 0n, offset: 0 };
    expect(refused.reply).toEqual({ kind: 'fail', delay: false, failure, sharedSecret: aliceSecret });
  });

  test('that tells the introduction node of a path key is concealed also where the payload cannot be read', () => {
    const hops = [
      { publicKey: alice.publicKey, payload: Uint8Array.of(10, 1, 7, 12, 33, ...bob.publicKey, 14, 0) },
      { publicKey: bob.publicKey, payload: final },
    ];
    const onion = buildOnion(noble, { sessionKey, associatedData, hops });
    const refused = refusedBy(alice, htlcOf(onion.packet));
    expect(refused).toMatchObject({ kind: 'invalid_onion_payload', value: 'type 14 at byte 39' });
    expect(refused.reply).toMatchObject({ kind: 'fail', delay: true, failure: { kind: 'invalid_onion_blinding' } });
  });

  test('whose payload cannot be read is failed with type and offset', () => {
    const payload = Uint8Array.of(2, 1, 5, 4, 1, 6, 14, 0);
    const onion = buildOnion(noble, { sessionKey, associatedData, hops: [{ publicKey: bob.publicKey, payload }] });
    const refused = refusedBy(bob, htlcOf(onion.packet));
    const failure = { kind: 'invalid_onion_payload', tlvType: 14n, offset: 7 };
    const sharedSecret = onion.sharedSecrets[0];
    expect(refused.reply).toEqual({ kind: 'fail', delay: false, failure, sharedSecret });
  });
});

describe('an onion within a blinded path', () => {
  const relay: PaymentRelay = { cltvExpiryDelta: cltvDelta(10), feeProportionalMillionths: 0, feeBaseMsat: 100 };
  const constraints = { maxCltvExpiry: blockHeight(600), htlcMinimumMsat: msat(500n) };
  const good: EncryptedData = {
    shortChannelId: shortChannelId(4n),
    paymentRelay: relay,
    paymentConstraints: constraints,
  };
  const build = (data: EncryptedData, recipient: EncryptedData = { pathId: Uint8Array.of(7) }) => {
    const hops: BlindedHopInput[] = [
      { nodeId: alice.nodeId, data },
      { nodeId: bob.nodeId, data },
      { nodeId: carol.nodeId, data: recipient },
    ];
    const path = buildBlindedPath(noble, { sessionKey: new Uint8Array(32).fill(0x53), hops });
    const onion = { sessionKey, associatedData };
    const tail = blindedPathHops(path, alice.nodeId, { ...terms, totalAmountMsat: msat(2000n) });
    return buildOnion(noble, { ...onion, hops: tail }).packet;
  };
  const incoming = { amountMsat: msat(1200n), cltvExpiry: blockHeight(520) };
  /** The HTLC that the node behind the introduction node gets. */
  const behind = (packet: Uint8Array) => {
    const onion = unwrap(receive(alice, htlcOf(packet, incoming)));
    if (onion.kind !== 'forward') throw new Error('it was to be forwarded');
    return htlcOf(onion.nextPacket, {
      amountMsat: onion.amtToForward,
      cltvExpiry: onion.outgoingCltvValue,
      pathKey: onion.nextPathKey,
    });
  };

  test('is forwarded with what the relay leaves', () => {
    const onion = unwrap(receive(alice, htlcOf(build(good), incoming)));
    expect(onion).toMatchObject({
      kind: 'forward',
      blinding: 'introduction',
      amtToForward: 1100n,
      outgoingCltvValue: 510,
    });
    expect(unwrap(receive(bob, behind(build(good))))).toMatchObject({ blinding: 'inside', amtToForward: 1000n });
  });

  const { paymentRelay: _relay, ...withoutRelay } = good;
  const { shortChannelId: _channel, ...withoutNext } = good;
  const faults: readonly [string, EncryptedData][] = [
    ['no relay', withoutRelay],
    ['no next hop', withoutNext],
    ['a channel and a node', { ...good, nextNodeId: carol.nodeId }],
    ['an unknown feature', { ...good, allowedFeatures: Uint8Array.of(2) }],
    [
      'an expiry that is too late',
      { ...good, paymentConstraints: { ...constraints, maxCltvExpiry: blockHeight(509) } },
    ],
    ['an amount that is too small', { ...good, paymentConstraints: { ...constraints, htlcMinimumMsat: msat(1201n) } }],
    ['a fee that is not paid', { ...good, paymentRelay: { ...relay, feeBaseMsat: 1201 } }],
    ['a delta that is not there', { ...good, paymentRelay: { ...relay, cltvExpiryDelta: cltvDelta(521) } }],
    [
      'a path key that is no point',
      { ...good, nextPathKeyOverride: Uint8Array.of(2, ...new Uint8Array(32).fill(0xff)) },
    ],
  ];
  for (const [name, data] of faults.slice(0, -1)) {
    test(`is failed by the introduction node as invalid_onion_blinding: ${name}`, () => {
      const packet = build(data);
      const refused = refusedBy(alice, htlcOf(packet, incoming));
      expect(refused.reply).toEqual({
        kind: 'fail',
        delay: true,
        failure: { kind: 'invalid_onion_blinding', sha256OfOnion: noble.sha256(packet) },
        sharedSecret: noble.ecdh(alice.publicKey, sessionKey),
      });
    });
  }

  test('whose next path key is no point is failed by the node that is given it', () => {
    const htlc = behind(build(faults.at(-1)![1]));
    const refused = refusedBy(bob, htlc);
    expect(refused.field).toBe('pathKey');
    expect(refused.reply).toMatchObject({ kind: 'malformed', failureCode: failureCodes.invalid_onion_blinding });
  });

  test('is malformed for every node behind the introduction node, whatever is wrong', () => {
    const htlc = behind(build(good));
    const sha256OfOnion = noble.sha256(htlc.onionRoutingPacket);
    const expected = { kind: 'malformed', failureCode: failureCodes.invalid_onion_blinding, sha256OfOnion };
    const wrong: readonly Partial<IncomingHtlc>[] = [
      { amountMsat: msat(499n) },
      { cltvExpiry: blockHeight(601) },
      { pathKey: alice.publicKey },
      { paymentHash: paymentHashOf(new Uint8Array(32)) },
    ];
    for (const changes of wrong) expect(refusedBy(bob, { ...htlc, ...changes }).reply).toEqual(expected);
    const { pathKey: _, ...withoutKey } = htlc;
    // Without the path key it is no onion of this node's.
    expect(refusedBy(bob, withoutKey).kind).toBe('invalid_onion_hmac');
  });

  test('that ends at the introduction node fails openly, as there is nothing behind it', () => {
    const recipient: EncryptedData = { pathId: Uint8Array.of(7), paymentConstraints: constraints };
    const path = buildBlindedPath(noble, { sessionKey, hops: [{ nodeId: carol.nodeId, data: recipient }] });
    const hops = blindedPathHops(path, carol.nodeId, { ...terms, totalAmountMsat: msat(2000n) });
    const { packet } = buildOnion(noble, { sessionKey: new Uint8Array(32).fill(0x54), associatedData, hops });
    const received = unwrap(receive(carol, htlcOf(packet, incoming)));
    expect(received).toMatchObject({ kind: 'receive', blinding: 'none', pathId: Uint8Array.of(7) });
    const refused = refusedBy(carol, htlcOf(packet, { cltvExpiry: blockHeight(601) }));
    const failure = { kind: 'invalid_onion_payload', tlvType: 10n, offset: 0 };
    expect(refused.reply).toMatchObject({ kind: 'fail', delay: false, failure });
  });

  const freeRelay: PaymentRelay = { ...relay, cltvExpiryDelta: cltvDelta(0), feeBaseMsat: 0 };
  const dummy: EncryptedData = { nextNodeId: alice.nodeId, paymentRelay: freeRelay };

  test('is peeled through as many dummy hops as are allowed, and no more', () => {
    const hops = Array.from({ length: 7 }, (_, i) => ({ nodeId: alice.nodeId, data: i < 6 ? dummy : {} }));
    const path = buildBlindedPath(noble, { sessionKey, hops });
    const tail = blindedPathHops(path, alice.nodeId, { ...terms, totalAmountMsat: msat(2000n) });
    const { packet } = buildOnion(noble, { sessionKey: new Uint8Array(32).fill(0x55), associatedData, hops: tail });
    let asked = 0;
    const counting = {
      nodeId: alice.signer.nodeId,
      ecdh: (point: Uint8Array, tweak?: Uint8Array) => {
        asked++;
        return alice.signer.ecdh(point, tweak);
      },
    };
    const refused = receivePaymentOnion(noble, counting, htlcOf(packet));
    expect(refused).toMatchObject({ value: { ok: false, error: { text: 'more dummy hops than are taken' } } });
    // Two for the node's own layer and for each of five dummy hops.
    expect(asked).toBe(12);
    const taken = receivePaymentOnion(noble, alice.signer, htlcOf(packet), { maxDummyHops: 6 });
    expect(taken).toMatchObject({ value: { ok: true, value: { kind: 'receive', blinding: 'introduction' } } });
  });
});

describe('replies', () => {
  const sha256OfOnion = new Uint8Array(32).fill(6);

  test('what fails later is told as the blinding allows', () => {
    const failure = { kind: 'unknown_next_peer' } as const;
    expect(replyTo('none', failure)).toEqual({ kind: 'fail', failure, delay: false });
    const concealed = { kind: 'invalid_onion_blinding', sha256OfOnion } as const;
    expect(replyTo('introduction', failure, sha256OfOnion)).toEqual({ kind: 'fail', failure: concealed, delay: true });
    const malformed = { kind: 'malformed', failureCode: 0xc018, sha256OfOnion: new Uint8Array(32) };
    expect(replyTo('inside', failure)).toEqual(malformed);
    // Each reply is its receiver's own.
    const reply = replyTo('inside', failure);
    if (reply.kind === 'malformed') reply.sha256OfOnion.fill(1);
    expect(replyTo('inside', failure)).toEqual(malformed);
  });

  test("a peer's update_fail_malformed_htlc becomes a failure of this node", () => {
    for (const kind of [
      'invalid_onion_version',
      'invalid_onion_hmac',
      'invalid_onion_key',
      'invalid_onion_blinding',
    ] as const) {
      const failure = { kind, sha256OfOnion };
      const { failureCode } = malformedOf(failure);
      expect(unwrap(failureOfMalformed({ failureCode, sha256OfOnion }))).toEqual(failure);
    }
    const other = { kind: 'unknown_failure', code: 0x8063, data: sha256OfOnion };
    expect(unwrap(failureOfMalformed({ failureCode: 0x8063, sha256OfOnion }))).toEqual(other);
    // The hash is a view of the peer's message: the failure has to outlive that.
    for (const failureCode of [0xc005, 0x8063]) {
      const view = Uint8Array.from(sha256OfOnion);
      const failure = unwrap(failureOfMalformed({ failureCode, sha256OfOnion: view }));
      view.fill(0);
      expect('data' in failure ? failure.data : 'sha256OfOnion' in failure && failure.sha256OfOnion).toEqual(
        sha256OfOnion,
      );
    }
    const without = failureOfMalformed({ failureCode: 0x400f, sha256OfOnion });
    const error = { kind: 'malformed_without_badonion', reaction: 'failChannel', value: '0x400f' };
    expect(without).toMatchObject({ ok: false, error });
  });

  test('an onion is noted once, until it has expired', () => {
    const seen = new ReplaySet();
    const id = onionId(noble, sessionKey);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(seen.note(id, blockHeight(500))).toBe(true);
    expect(seen.note(id, blockHeight(600))).toBe(false);
    seen.prune(blockHeight(500));
    expect(seen.note(id, blockHeight(500))).toBe(false);
    seen.prune(blockHeight(501));
    expect(seen.size).toBe(0);
    expect(seen.note(id, blockHeight(500))).toBe(true);
  });
});

describe('onion messages', () => {
  const keys = { sessionKey, pathSessionKey: new Uint8Array(32).fill(0x56) };
  type Message = Parameters<typeof receiveOnionMessage>[2];
  const open = (at: Node, message: Message, understands?: (type: bigint) => boolean) => {
    const answer = receiveOnionMessage(noble, at.signer, message, understands === undefined ? {} : { understands });
    if (answer.kind === 'pending') throw new Error('the signer was ready');
    return answer.value;
  };
  const hello = { unknownTlvs: [{ type: 65n, value: Uint8Array.of(1) }] };
  const toBob = { kind: 'node', nodeId: bob.nodeId } as const;

  test('go over hops to a node, and its answer back by the reply path', () => {
    const replyPath = buildBlindedPath(noble, {
      sessionKey: new Uint8Array(32).fill(0x57),
      // A dummy hop hides that the path is one hop long.
      hops: [
        { nodeId: bob.nodeId, data: { nextNodeId: carol.nodeId } },
        { nodeId: carol.nodeId, data: { nextNodeId: carol.nodeId } },
        { nodeId: carol.nodeId, data: { pathId: Uint8Array.of(4) } },
      ],
    });
    const sent = buildOnionMessage(noble, {
      ...keys,
      hops: [alice.nodeId],
      destination: toBob,
      content: { ...hello, replyPath },
    });
    expect(sent.firstNode).toEqual({ kind: 'node', nodeId: alice.nodeId });
    expect(sent.message.onionMessagePacket.length).toBe(paymentPacketLength);
    const forwarded = unwrap(open(alice, sent.message));
    if (forwarded.kind !== 'forward') throw new Error('it was to be forwarded');
    expect(forwarded.next).toEqual(toBob);
    const received = unwrap(open(bob, forwarded.message));
    if (received.kind !== 'receive') throw new Error('it was for bob');
    expect(received.pathId).toBeUndefined();
    expect(received.payload).toMatchObject({ ...hello, replyPath });
    const path = received.payload.replyPath!;
    const reply = buildOnionMessage(noble, { ...keys, hops: [], destination: { kind: 'path', path }, content: hello });
    expect(reply.firstNode).toEqual(toBob);
    const back = unwrap(open(bob, reply.message));
    if (back.kind !== 'forward') throw new Error('it was to be forwarded');
    expect(unwrap(open(carol, back.message))).toMatchObject({
      kind: 'receive',
      pathId: Uint8Array.of(4),
      payload: hello,
    });
  });

  test('that are long take the long packet, and longer ones are refused', () => {
    const content = (length: number) => ({ invoice: new Uint8Array(length).fill(1) });
    const sent = buildOnionMessage(noble, { ...keys, hops: [], destination: toBob, content: content(1300) });
    expect(sent.message.onionMessagePacket.length).toBe(largePayloadsLength + 66);
    expect(unwrap(open(bob, sent.message))).toMatchObject({ kind: 'receive', payload: content(1300) });
    const tooLong = () => buildOnionMessage(noble, { ...keys, hops: [], destination: toBob, content: content(40_000) });
    expect(tooLong).toThrow('payloads_too_large');
  });

  test('an even record of the user is taken only where it is understood', () => {
    const content = { unknownTlvs: [{ type: 70n, value: new Uint8Array(0) }] };
    const { message } = buildOnionMessage(noble, { ...keys, hops: [], destination: toBob, content });
    expect(open(bob, message)).toMatchObject({ ok: false, error: { kind: 'not_allowed', field: 'type', value: '70' } });
    expect(unwrap(open(bob, message, (type) => type === 70n))).toMatchObject({ payload: content });
  });

  /** A message of one hop whose payload and data are as given; a second hop makes it one to forward. */
  const crafted = (data: EncryptedData, more: object, isFinal: boolean): Message => {
    const hops = [
      { nodeId: bob.nodeId, data },
      { nodeId: carol.nodeId, data: {} },
    ].slice(0, isFinal ? 1 : 2);
    const path = buildBlindedPath(noble, { sessionKey: keys.pathSessionKey, hops });
    const onionHops = path.hops.map(({ blindedNodeId, encryptedRecipientData }, i) => ({
      publicKey: blindedNodeId,
      payload: encodeOnionMessagePayload({ encryptedRecipientData, ...(i === 0 ? more : {}) }),
    }));
    return {
      pathKey: path.firstPathKey,
      onionMessagePacket: buildOnion(noble, { sessionKey, hops: onionHops }).packet,
    };
  };
  const next = { nextNodeId: carol.nodeId };
  const dropped: readonly [string, EncryptedData, object, boolean, string][] = [
    ['another record for a forwarder', next, hello, false, 'unknownTlvs'],
    ['a path id for a forwarder', { ...next, pathId: Uint8Array.of(1) }, {}, false, 'pathId'],
    ['no next hop', {}, {}, false, 'nextNodeId'],
    ['an unknown feature', { ...next, allowedFeatures: Uint8Array.of(1) }, {}, false, 'allowedFeatures'],
    ['two payload fields', {}, { invoice: new Uint8Array(1), invoiceError: new Uint8Array(1) }, true, 'type'],
    ['no encrypted data', {}, { ...hello, encryptedRecipientData: undefined }, true, 'encryptedRecipientData'],
    ['data that does not decrypt', {}, { encryptedRecipientData: new Uint8Array(20) }, true, 'encryptedRecipientData'],
  ];
  for (const [name, data, more, isFinal, field] of dropped) {
    test(`are dropped: ${name}`, () => {
      const result = open(bob, crafted(data, more, isFinal));
      expect(result).toMatchObject({ ok: false, error: { field } });
    });
  }

  test('are dropped behind too many dummy hops', () => {
    const hops = Array.from({ length: 7 }, (_, i) => ({
      nodeId: bob.nodeId,
      data: i < 6 ? { nextNodeId: bob.nodeId } : {},
    }));
    const path = buildBlindedPath(noble, { sessionKey: keys.pathSessionKey, hops });
    const { message } = buildOnionMessage(noble, {
      ...keys,
      hops: [],
      destination: { kind: 'path', path },
      content: hello,
    });
    expect(open(bob, message)).toMatchObject({ ok: false, error: { text: 'more dummy hops than are taken' } });
    const answer = receiveOnionMessage(noble, bob.signer, message, { maxDummyHops: 6 });
    expect(answer).toMatchObject({ value: { ok: true, value: { kind: 'receive', payload: hello } } });
  });

  test('whose path key is no point are dropped', () => {
    const { message } = buildOnionMessage(noble, { ...keys, hops: [], destination: toBob, content: hello });
    const pathKey = Uint8Array.of(2, ...new Uint8Array(32).fill(0xff));
    expect(open(bob, { ...message, pathKey })).toMatchObject({
      ok: false,
      error: { kind: 'unreadable_onion', field: 'pathKey' },
    });
  });
});

test('a blinded path without hops, or to what is no node, is a caller mistake', () => {
  expect(() => buildBlindedPath(noble, { sessionKey, hops: [] })).toThrow(RangeError);
  const noPoint = `02${'ff'.repeat(32)}` as NodeId;
  expect(nodeIdBytes(noPoint)).toHaveLength(33);
  expect(() => buildBlindedPath(noble, { sessionKey, hops: [{ nodeId: noPoint, data: {} }] })).toThrow(RangeError);
});
