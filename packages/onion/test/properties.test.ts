import {
  type BlockHeight,
  blockHeight,
  cltvDelta,
  copyBytes,
  fromHex,
  type Msat,
  msat,
  nodeIdBytes,
  nodeIdOf,
  paymentHashOf,
  type Result,
  ready,
  shortChannelId,
  unwrap,
} from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  aggregateCosts,
  attributeFulfil,
  type BlindedPath,
  blindedPathHops,
  buildBlindedPaymentPath,
  buildFailure,
  buildOnion,
  decodeEncryptedData,
  decodeFailure,
  decodeHopPayload,
  decodeOnionMessagePayload,
  type EncryptedData,
  encodeEncryptedData,
  encodeFailure,
  encodeHopPayload,
  encodeOnionMessagePayload,
  encryptedDataLength,
  type Failure,
  failureCodeOf,
  failureCodes,
  failureFlagsOf,
  type HopPayload,
  onionPublicKey,
  padEncryptedData,
  peelOnion,
  type ReturnedFailure,
  readFulfilAttribution,
  receiveOnionMessage,
  receivePaymentOnion,
  relayBlinded,
  totalMsatOf,
  unwrapFailure,
  wrapFailure,
} from '../src/index.ts';

const runs = (numRuns: number, seed = 4): fc.Parameters<unknown> => ({ numRuns, seed });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const point = bytes(33).map((value) => Uint8Array.of(2 + (value[0]! & 1), ...value.subarray(1)));
const anyBytes = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength });
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const u32 = fc.nat(0xffff_ffff);
const u16 = fc.nat(0xffff);
const amount = u64.map(msat);
// BOLT 1, Fundamental Types: a truncated amount is at most all the bitcoin there will ever be.
const maxPayable = 2_100_000_000_000_000_000n;
const payable = fc.bigInt({ min: 0n, max: maxPayable }).map(msat);
const height = u32.map(blockHeight);
const maybe = <K extends string, T>(key: K, value: fc.Arbitrary<T>) =>
  fc.oneof(
    fc.constant({} as { readonly [P in K]?: T }),
    value.map((some) => ({ [key]: some }) as { readonly [P in K]?: T }),
  );
const merged = <A extends object, B extends object>(a: fc.Arbitrary<A>, b: fc.Arbitrary<B>) =>
  fc.tuple(a, b).map(([left, right]) => ({ ...left, ...right }) as A & B);

const keyPairs = Array.from({ length: 27 }, (_, i) => {
  const secret = new Uint8Array(32).fill(i + 1);
  return { secret, publicKey: noble.publicKey(secret), nodeId: nodeIdOf(noble.publicKey(secret)) };
});
const signerOf = ({ secret, nodeId }: (typeof keyPairs)[number]) => ({
  nodeId: () => nodeId,
  ecdh: (point: Uint8Array, tweak?: Uint8Array) =>
    ready(noble.ecdh(point, tweak === undefined ? secret : noble.scalarMultiply(secret, tweak)!)),
});

describe('onion packets', () => {
  const routes = fc.record({
    sessionKey: bytes(32).filter(noble.isSecretKey),
    associatedData: anyBytes(40),
    payloads: fc.array(anyBytes(90, 2), { minLength: 1, maxLength: 9 }),
    payloadsLength: fc.constantFrom(1300, 1200, 5000),
  });

  test('what is built is peeled, whatever the payloads and sizes', () => {
    fc.assert(
      fc.property(routes, ({ payloads, ...rest }) => {
        const hops = payloads.map((payload, i) => ({ publicKey: keyPairs[i]!.publicKey, payload }));
        const built = buildOnion(noble, { ...rest, hops });
        let { packet } = built;
        for (const [i, payload] of payloads.entries()) {
          expect(packet.length).toBe(rest.payloadsLength + 66);
          const sharedSecret = noble.ecdh(unwrap(onionPublicKey(noble, packet)), keyPairs[i]!.secret)!;
          expect(sharedSecret).toEqual(built.sharedSecrets[i]);
          const { associatedData } = rest;
          const peeled = unwrap(peelOnion(noble, { packet, sharedSecret, associatedData }));
          expect(peeled.payload).toEqual(payload);
          expect(peeled.kind).toBe(i === payloads.length - 1 ? 'final' : 'forward');
          if (peeled.kind === 'forward') packet = peeled.nextPacket;
        }
      }),
      runs(10),
    );
  });

  test('27 hops that fill a packet to its last byte are carried', () => {
    const sizes = keyPairs.map((_, i) => (i < 26 ? 15 : 1300 - 26 * 48 - 33));
    const hops = keyPairs.map(({ publicKey }, i) => ({ publicKey, payload: new Uint8Array(sizes[i]!).fill(i) }));
    let { packet } = buildOnion(noble, { sessionKey: new Uint8Array(32).fill(9), hops });
    for (const [i, { secret }] of keyPairs.entries()) {
      const sharedSecret = noble.ecdh(unwrap(onionPublicKey(noble, packet)), secret)!;
      const peeled = unwrap(peelOnion(noble, { packet, sharedSecret }));
      expect(peeled.payload).toEqual(hops[i]!.payload);
      if (peeled.kind === 'forward') packet = peeled.nextPacket;
    }
    const tooLarge = hops.map((hop, i) => (i === 0 ? { ...hop, payload: new Uint8Array(16) } : hop));
    const build = () => buildOnion(noble, { sessionKey: new Uint8Array(32).fill(9), hops: tooLarge });
    expect(build).toThrow('payloads_too_large: 1301 bytes, 1300 are there');
  });

  const hop = { publicKey: keyPairs[0]!.publicKey, payload: new Uint8Array(40).fill(7) };
  const next = { publicKey: keyPairs[1]!.publicKey, payload: new Uint8Array(40).fill(7) };
  const { packet } = buildOnion(noble, { sessionKey: new Uint8Array(32).fill(9), hops: [hop, next] });
  const htlc = {
    paymentHash: paymentHashOf(new Uint8Array(32)),
    amountMsat: msat(1n),
    cltvExpiry: blockHeight(1),
  };
  const receive = (onionRoutingPacket: Uint8Array) =>
    receivePaymentOnion(noble, signerOf(keyPairs[0]!), { ...htlc, onionRoutingPacket });

  test('any bit that is flipped is an error of its field', () => {
    fc.assert(
      fc.property(fc.nat(8 * packet.length - 1), (bit) => {
        const altered = copyBytes(packet);
        altered[bit >> 3]! ^= 1 << (bit & 7);
        const answer = receive(altered);
        if (answer.kind === 'pending' || answer.value.ok) throw new Error('an altered onion was taken');
        const { kind, reply } = answer.value.error;
        const allowed = bit < 8 ? ['invalid_onion_version'] : ['invalid_onion_key', 'invalid_onion_hmac'];
        expect(allowed).toContain(kind);
        expect(reply).toMatchObject({ kind: 'malformed', sha256OfOnion: noble.sha256(altered) });
      }),
      runs(60),
    );
  });

  test('any truncation, and any bytes at all, are typed errors', () => {
    const check = (input: Uint8Array) => {
      const answer = receive(input);
      if (answer.kind === 'pending' || answer.value.ok) throw new Error('no onion was taken for one');
      expect(answer.value.error.kind).toMatch(/^invalid_onion_(version|key|hmac)$/);
    };
    fc.assert(
      fc.property(fc.nat(packet.length - 1), (length) => check(packet.subarray(0, length))),
      runs(40),
    );
    fc.assert(fc.property(anyBytes(1500), check), runs(60));
  });

  test('a hop whose HMAC is right can still not break the reader by what the payload is', () => {
    fc.assert(
      fc.property(anyBytes(80, 2), fc.boolean(), (payload, isLast) => {
        const hops = isLast ? [{ ...hop, payload }] : [{ ...hop, payload }, next];
        const associatedData = new Uint8Array(32);
        const built = buildOnion(noble, { sessionKey: new Uint8Array(32).fill(9), hops, associatedData });
        const answer = receive(built.packet);
        if (answer.kind === 'pending') throw new Error('the signer was ready');
        if (answer.value.ok) return;
        expect(Object.keys(failureCodes)).toContain(answer.value.error.kind);
      }),
      runs(40),
    );
  });

  test('nothing is computed twice', () => {
    const calls = { ecdh: 0, publicKey: 0, chacha20: 0, scalarMultiply: 0, pointMultiply: 0, isPoint: 0 };
    type Counted = keyof typeof calls;
    const counting = { ...noble };
    const count = <K extends Counted>(name: K) => {
      const plain = noble[name] as (...given: unknown[]) => unknown;
      Object.assign(counting, {
        [name]: (...given: unknown[]) => {
          calls[name]++;
          return plain(...given);
        },
      });
    };
    for (const name of Object.keys(calls)) count(name as Counted);
    const hops = keyPairs.slice(0, 3).map(({ publicKey }) => ({ publicKey, payload: new Uint8Array(40) }));
    const built = buildOnion(counting, { sessionKey: new Uint8Array(32).fill(9), hops });
    // A secret and a stream for each hop, the session's key and two blinded ones, and the stream of the padding.
    expect(calls).toEqual({ ecdh: 3, publicKey: 3, chacha20: 4, scalarMultiply: 2, pointMultiply: 0, isPoint: 0 });
    for (const name of Object.keys(calls)) calls[name as Counted] = 0;
    unwrap(peelOnion(counting, { packet: built.packet, sharedSecret: built.sharedSecrets[0]! }));
    expect(calls).toEqual({ ecdh: 0, publicKey: 0, chacha20: 1, scalarMultiply: 0, pointMultiply: 1, isPoint: 0 });
    const layers = [0, 2].map((erring) => {
      const sharedSecret = built.sharedSecrets[erring]!;
      let { reason } = buildFailure(noble, { sharedSecret, failure: { kind: 'mpp_timeout' } });
      for (let i = erring - 1; i >= 0; i--) {
        reason = wrapFailure(noble, { reason, sharedSecret: built.sharedSecrets[i]! }).reason;
      }
      calls.chacha20 = 0;
      expect(unwrapFailure(counting, { reason, sharedSecrets: built.sharedSecrets })).toMatchObject({ hop: erring });
      return calls.chacha20;
    });
    // As many layers for the first hop as for the last.
    expect(layers).toEqual([27, 27]);
  });

  test('caller mistakes throw', () => {
    const sessionKey = new Uint8Array(32).fill(9);
    expect(() => buildOnion(noble, { sessionKey, hops: [] })).toThrow(RangeError);
    expect(() => buildOnion(noble, { sessionKey, hops: [{ ...hop, payload: new Uint8Array(1) }] })).toThrow(RangeError);
    expect(() => buildOnion(noble, { sessionKey, hops: [{ ...hop, publicKey: new Uint8Array(33) }] })).toThrow(
      RangeError,
    );
    expect(() => buildOnion(noble, { sessionKey: new Uint8Array(32), hops: [hop] })).toThrow(RangeError);
    expect(() => buildOnion(noble, { sessionKey, hops: [hop], payloadsLength: 0 })).toThrow(RangeError);
  });
});

/** Nothing but a value or a typed error, and what decodes once encodes to what decodes the same. */
function isTotal<T>(
  input: Uint8Array,
  decode: (data: Uint8Array) => Result<T, unknown>,
  encode: (value: T) => Uint8Array,
) {
  const decoded = decode(input);
  if (!decoded.ok) return;
  expect(unwrap(decode(encode(decoded.value)))).toEqual(decoded.value);
}

describe('payloads', () => {
  const amounts = fc.record({ amtToForward: payable, outgoingCltvValue: height });
  const customRecords = maybe(
    'customRecords',
    fc
      .uniqueArray(fc.record({ type: fc.bigInt({ min: 65536n, max: 1n << 40n }), value: anyBytes(40) }), {
        selector: (record) => record.type,
        minLength: 1,
        maxLength: 3,
      })
      .map((records) =>
        records.filter((record) => record.type !== 5482373484n).sort((a, b) => (a.type < b.type ? -1 : 1)),
      )
      .filter((records) => records.length > 0),
  );
  const blinded = merged(fc.record({ encryptedRecipientData: anyBytes(60) }), maybe('currentPathKey', point));
  const paymentData = fc.record({ paymentSecret: bytes(32), totalMsat: payable });
  const payloads: fc.Arbitrary<HopPayload> = fc.oneof(
    merged(
      merged(fc.record({ kind: fc.constant('forward' as const), shortChannelId: u64.map(shortChannelId) }), amounts),
      customRecords,
    ),
    merged(fc.record({ kind: fc.constant('blindedForward' as const) }), blinded),
    merged(
      merged(merged(fc.record({ kind: fc.constant('final' as const) }), amounts), customRecords),
      merged(
        maybe('paymentData', paymentData),
        merged(maybe('paymentMetadata', anyBytes(300)), maybe('keysendPreimage', bytes(32))),
      ),
    ),
    merged(
      merged(fc.record({ kind: fc.constant('blindedFinal' as const), totalAmountMsat: payable }), amounts),
      blinded,
    ),
  );
  const contextOf = (payload: HopPayload) => ({
    isFinal: payload.kind === 'final' || payload.kind === 'blindedFinal',
    hasPathKey: payload.kind.startsWith('blinded') && !('currentPathKey' in payload),
    understands: () => true,
  });

  test('decoding undoes encoding', () => {
    fc.assert(
      fc.property(payloads, (payload) => {
        expect(unwrap(decodeHopPayload(encodeHopPayload(payload), contextOf(payload)))).toEqual(payload);
      }),
      runs(200),
    );
  });

  test('truncations and arbitrary bytes are values or invalid_onion_payload', () => {
    fc.assert(
      fc.property(payloads, fc.nat(1000), (payload, cut) => {
        const encoded = encodeHopPayload(payload);
        const part = encoded.subarray(0, cut % encoded.length);
        const decoded = decodeHopPayload(part, contextOf(payload));
        if (!decoded.ok) expect(decoded.error).toMatchObject({ kind: 'invalid_onion_payload' });
      }),
      runs(200),
    );
    const contexts = fc.record({ isFinal: fc.boolean(), hasPathKey: fc.boolean() });
    fc.assert(
      fc.property(anyBytes(80), contexts, (input, context) => {
        isTotal(input, (data) => decodeHopPayload(data, { ...context, understands: () => true }), encodeHopPayload);
      }),
      runs(500),
    );
  });

  const common = { amtToForward: msat(5n), outgoingCltvValue: blockHeight(6) };
  const fieldsOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const pathKey = `0c21${'02'.repeat(33)}`;
  const cases: readonly [string, string, boolean, boolean, bigint, number][] = [
    ['no amount', '0401060608000000000000000a', false, false, 2n, 0],
    ['no expiry', '020105', true, false, 4n, 0],
    ['no channel for a forwarder', '020105040106', false, false, 6n, 0],
    ['an unknown even record', '020105040106140107', true, false, 20n, 7],
    ['records out of order', '040106020105', true, false, 2n, 4],
    ['an amount that is not minimal', '02020005040106', true, false, 2n, 1],
    ['a path key without encrypted data', `020105040106${pathKey}`, true, false, 12n, 7],
    ['a path key in HTLC and payload', `0a0107${pathKey}`, false, true, 12n, 4],
    ['encrypted data without a path key', '0a0107', false, false, 12n, 0],
    ['an HTLC with a path key, but no encrypted data', '020105040106', true, true, 10n, 0],
    ['an amount for a blinded forwarder', '0201050a0107', false, true, 2n, 1],
    ['an odd record for a blinded forwarder', '0a0107150100', false, true, 21n, 4],
    ['payment data for a blinded recipient', `0201050401060821${'11'.repeat(33)}0a0107120105`, true, true, 8n, 7],
    ['more than there is', '0208ffffffffffffffff040106', true, false, 2n, 1],
    ['no total for a blinded recipient', '0201050401060a0107', true, true, 18n, 0],
  ];
  for (const [name, hex, isFinal, hasPathKey, tlvType, offset] of cases) {
    test(`refused: ${name}`, () => {
      const decoded = decodeHopPayload(fieldsOf(hex), { isFinal, hasPathKey });
      if (decoded.ok) throw new Error('it was taken');
      expect(decoded.error.failure).toEqual({ kind: 'invalid_onion_payload', tlvType, offset });
    });
  }

  test('an even custom record is taken only by who understands it, an odd one by all', () => {
    const context = { isFinal: true, hasPathKey: false };
    const even: HopPayload = { kind: 'final', ...common, customRecords: [{ type: 65536n, value: new Uint8Array(1) }] };
    const odd: HopPayload = { kind: 'final', ...common, customRecords: [{ type: 65537n, value: new Uint8Array(1) }] };
    expect(decodeHopPayload(encodeHopPayload(even), context).ok).toBe(false);
    const understands = (type: bigint) => type === 65536n;
    expect(unwrap(decodeHopPayload(encodeHopPayload(even), { ...context, understands }))).toEqual(even);
    expect(unwrap(decodeHopPayload(encodeHopPayload(odd), context))).toEqual(odd);
    const low = { type: 100n, value: new Uint8Array(1) };
    expect(() => encodeHopPayload({ kind: 'final', ...common, customRecords: [low] })).toThrow(RangeError);
  });

  test('the total of a final payload is its own where it names none', () => {
    expect(totalMsatOf({ kind: 'final', ...common })).toBe(5n);
    const data = { paymentSecret: new Uint8Array(32), totalMsat: msat(9n) };
    expect(totalMsatOf({ kind: 'final', ...common, paymentData: data })).toBe(9n);
  });
});

const encryptedData: fc.Arbitrary<EncryptedData> = merged(
  merged(
    merged(maybe('padding', anyBytes(300)), maybe('shortChannelId', u64.map(shortChannelId))),
    merged(maybe('nextNodeId', point.map(nodeIdOf)), maybe('pathId', anyBytes(40))),
  ),
  merged(
    merged(
      maybe('nextPathKeyOverride', point),
      maybe(
        'paymentRelay',
        fc.record({ cltvExpiryDelta: u16.map(cltvDelta), feeProportionalMillionths: u32, feeBaseMsat: u32 }),
      ),
    ),
    merged(
      maybe('paymentConstraints', fc.record({ maxCltvExpiry: height, htlcMinimumMsat: payable })),
      maybe('allowedFeatures', anyBytes(4)),
    ),
  ),
);

describe('blinded data', () => {
  test('decoding undoes encoding, and arbitrary bytes are values or typed errors', () => {
    fc.assert(
      fc.property(encryptedData, (data) => {
        const encoded = encodeEncryptedData(data);
        expect(encoded.length).toBe(encryptedDataLength(data));
        expect(unwrap(decodeEncryptedData(encoded))).toEqual(data);
        for (let cut = 0; cut < encoded.length; cut += 7) {
          isTotal(encoded.subarray(0, cut), decodeEncryptedData, encodeEncryptedData);
        }
      }),
      runs(150),
    );
    fc.assert(
      fc.property(anyBytes(80), (input) => isTotal(input, decodeEncryptedData, encodeEncryptedData)),
      runs(500),
    );
  });

  test('an amount above all bitcoin is refused wherever it is truncated, the largest is taken (BOLT 1)', () => {
    const constraintsOf = (amount: bigint) =>
      decodeEncryptedData(Uint8Array.of(12, 12, 0, 0, 0, 1, ...fromHex(amount.toString(16).padStart(16, '0'))));
    expect(unwrap(constraintsOf(maxPayable)).paymentConstraints?.htlcMinimumMsat).toBe(maxPayable);
    expect(constraintsOf(maxPayable + 1n)).toMatchObject({
      ok: false,
      error: { kind: 'out_of_range', field: 'paymentConstraints.htlcMinimumMsat', value: maxPayable + 1n },
    });
    const constraints = { maxCltvExpiry: blockHeight(1), htlcMinimumMsat: msat(maxPayable + 1n) };
    expect(() => encodeEncryptedData({ paymentConstraints: constraints })).toThrow(RangeError);
    const payloadOf = (amount: bigint) => {
      const value = fromHex(amount.toString(16).padStart(16, '0'));
      return decodeHopPayload(Uint8Array.of(2, 8, ...value, 4, 1, 7), { isFinal: true, hasPathKey: false });
    };
    expect(unwrap(payloadOf(maxPayable))).toMatchObject({ amtToForward: maxPayable });
    const failure = { kind: 'invalid_onion_payload', tlvType: 2n, offset: 1 };
    expect(payloadOf(maxPayable + 1n)).toMatchObject({ ok: false, error: { failure } });
  });

  test('padding makes all of one length and changes nothing else', () => {
    fc.assert(
      fc.property(fc.array(encryptedData, { minLength: 1, maxLength: 5 }), fc.nat(600), (hops, least) => {
        const padded = padEncryptedData(hops, least);
        const lengths = padded.map((data) => encodeEncryptedData(data).length);
        expect(new Set(lengths).size).toBe(1);
        expect(lengths[0]).toBeGreaterThanOrEqual(least);
        const strip = ({ padding: _, ...data }: EncryptedData) => data;
        expect(padded.map(strip)).toEqual(hops.map(strip));
      }),
      runs(150),
    );
  });

  test('padding reaches one length whatever the difference is', () => {
    for (let difference = 0; difference < 300; difference++) {
      const hops = [{ pathId: new Uint8Array(0) }, { pathId: new Uint8Array(difference) }];
      const [short, long] = padEncryptedData(hops).map((data) => encodeEncryptedData(data).length);
      expect(short).toBe(long);
      // More than the longest only where no record has the length between: 1, 255 and 256 bytes.
      const [least, most] = hops.map((data) => encodeEncryptedData(data).length) as [number, number];
      const between = most - least;
      const raised = [1, 255, 256].includes(between) ? 2 : 0;
      expect([difference, long! - most]).toEqual([difference, raised]);
    }
    expect(() => padEncryptedData([{}], 65_536)).toThrow(RangeError);
  });

  test('messages with reply paths come back as they went', () => {
    const path: fc.Arbitrary<BlindedPath> = fc.record({
      firstNode: fc.oneof(
        fc.record({
          kind: fc.constant('node' as const),
          nodeId: fc.constantFrom(...keyPairs.map(({ nodeId }) => nodeId)),
        }),
        fc.record({
          kind: fc.constant('channel' as const),
          direction: fc.constantFrom(0 as const, 1 as const),
          shortChannelId: u64.map(shortChannelId),
        }),
      ),
      firstPathKey: point,
      hops: fc.array(fc.record({ blindedNodeId: point, encryptedRecipientData: anyBytes(60) }), {
        minLength: 1,
        maxLength: 4,
      }),
    });
    fc.assert(
      fc.property(merged(maybe('replyPath', path), maybe('invoice', anyBytes(30))), (payload) => {
        const encoded = encodeOnionMessagePayload(payload);
        expect(unwrap(decodeOnionMessagePayload(encoded))).toEqual(payload);
        for (let cut = 0; cut < encoded.length; cut += 5) {
          isTotal(encoded.subarray(0, cut), decodeOnionMessagePayload, encodeOnionMessagePayload);
        }
      }),
      runs(100),
    );
    fc.assert(
      fc.property(anyBytes(120), (input) => isTotal(input, decodeOnionMessagePayload, encodeOnionMessagePayload)),
      runs(300),
    );
    fc.assert(
      fc.property(bytes(33), anyBytes(1500), (pathKey, onionMessagePacket) => {
        const answer = receiveOnionMessage(noble, signerOf(keyPairs[0]!), { pathKey, onionMessagePacket });
        if (answer.kind === 'pending' || answer.value.ok) throw new Error('noise was taken for a message');
        expect(answer.value.error.kind).toBe('unreadable_onion');
      }),
      runs(40),
    );
  });
});

describe('blinded payments', () => {
  const relay = fc.record({
    cltvExpiryDelta: fc.nat(500).map(cltvDelta),
    feeProportionalMillionths: fc.nat(20_000),
    feeBaseMsat: fc.nat(10_000),
  });

  test('who pays the costs of the path pays each of its hops', () => {
    const sent = fc.bigInt({ min: 1n, max: 1n << 50n });
    fc.assert(
      fc.property(fc.array(relay, { maxLength: 8 }), sent, (relays, wanted) => {
        const costs = unwrap(aggregateCosts(relays, cltvDelta(18)));
        const fee = BigInt(costs.feeBaseMsat) + (wanted * BigInt(costs.feeProportionalMillionths)) / 1_000_000n;
        let terms: { amountMsat: Msat; cltvExpiry: BlockHeight } = {
          amountMsat: msat(wanted + fee),
          cltvExpiry: blockHeight(800_000 + costs.cltvExpiryDelta),
        };
        for (const hop of relays) {
          const forwarded = relayBlinded(terms, hop)!;
          terms = { amountMsat: forwarded.amtToForward, cltvExpiry: forwarded.outgoingCltvValue };
        }
        expect(terms.amountMsat).toBeGreaterThanOrEqual(wanted);
        expect(terms.cltvExpiry).toBe(800_018);
      }),
      runs(500),
    );
  });

  test('a hop forwards the least that leaves its proportional fee, to the millisatoshi', () => {
    const relays = fc.record({ cltvExpiryDelta: u16.map(cltvDelta), feeProportionalMillionths: u32, feeBaseMsat: u32 });
    fc.assert(
      fc.property(payable, relays, height, (amountMsat, relay, cltvExpiry) => {
        const relayed = relayBlinded({ amountMsat, cltvExpiry }, relay);
        const rest = amountMsat - BigInt(relay.feeBaseMsat);
        if (rest < 0n || cltvExpiry < relay.cltvExpiryDelta) return expect(relayed).toBeUndefined();
        const { amtToForward, outgoingCltvValue } = relayed!;
        expect(outgoingCltvValue).toBe(cltvExpiry - relay.cltvExpiryDelta);
        // BOLT 4: rest · 10^6 / (10^6 + rate), rounded up.
        const share = 1_000_000n + BigInt(relay.feeProportionalMillionths);
        expect(amtToForward * share >= rest * 1_000_000n).toBe(true);
        expect((amtToForward - 1n) * share < rest * 1_000_000n).toBe(true);
      }),
      runs(500),
    );
    const relay = { cltvExpiryDelta: cltvDelta(10), feeProportionalMillionths: 1_000_000, feeBaseMsat: 7 };
    const forwarded = (amount: bigint) =>
      relayBlinded({ amountMsat: msat(amount), cltvExpiry: blockHeight(10) }, relay)?.amtToForward;
    expect([6n, 7n, 8n, 9n, 10n].map(forwarded)).toEqual([undefined, 0n, 1n, 1n, 2n]);
    expect(relayBlinded({ amountMsat: msat(9n), cltvExpiry: blockHeight(9) }, relay)).toBeUndefined();
  });

  test('costs that just fit their fields are taken', () => {
    const none = { cltvExpiryDelta: cltvDelta(0), feeProportionalMillionths: 0, feeBaseMsat: 0 };
    const most = { cltvExpiryDelta: cltvDelta(0xfffe), feeProportionalMillionths: 0xffff_ffff, feeBaseMsat: 0 };
    const costs = { feeBaseMsat: 0, feeProportionalMillionths: 0xffff_ffff, cltvExpiryDelta: 0xffff };
    expect(unwrap(aggregateCosts([none, most], cltvDelta(1)))).toEqual(costs);
    const base = { ...none, feeBaseMsat: 0xffff_ffff };
    expect(unwrap(aggregateCosts([base, none], cltvDelta(0)))).toMatchObject({ feeBaseMsat: 0xffff_ffff });
  });

  test('costs that fit no field are an error', () => {
    const dear = {
      cltvExpiryDelta: cltvDelta(0xffff),
      feeProportionalMillionths: 0xffff_ffff,
      feeBaseMsat: 0xffff_ffff,
    };
    expect(aggregateCosts([dear, dear], cltvDelta(0))).toMatchObject({ ok: false, error: { field: 'feeBaseMsat' } });
    const slow = { ...dear, feeProportionalMillionths: 0, feeBaseMsat: 0 };
    expect(aggregateCosts([slow], cltvDelta(1))).toMatchObject({ ok: false, error: { field: 'cltvExpiryDelta' } });
    expect(
      relayBlinded({ amountMsat: msat(5n), cltvExpiry: blockHeight(9) }, { ...slow, cltvExpiryDelta: cltvDelta(10) }),
    ).toBeUndefined();
    const greedy = { cltvExpiryDelta: cltvDelta(0), feeProportionalMillionths: 0, feeBaseMsat: 6 };
    expect(relayBlinded({ amountMsat: msat(5n), cltvExpiry: blockHeight(9) }, greedy)).toBeUndefined();
  });

  test('a path with dummy hops is paid hop by hop', () => {
    const [intro, middle, recipient] = [keyPairs[0]!, keyPairs[1]!, keyPairs[2]!];
    const build = fc.record({
      relays: fc.tuple(relay, relay),
      dummyHops: fc.nat(3),
      wanted: fc.bigInt({ min: 1000n, max: 1n << 40n }),
    });
    fc.assert(
      fc.property(build, ({ relays, dummyHops, wanted }) => {
        const paymentPath = unwrap(
          buildBlindedPaymentPath(noble, {
            sessionKey: new Uint8Array(32).fill(3),
            hops: [
              {
                nodeId: intro.nodeId,
                next: { shortChannelId: shortChannelId(7n) },
                relay: relays[0],
                htlcMinimumMsat: msat(1n),
              },
              {
                nodeId: middle.nodeId,
                next: { nextNodeId: recipient.nodeId },
                relay: relays[1],
                htlcMinimumMsat: msat(900n),
              },
            ],
            recipient: {
              nodeId: recipient.nodeId,
              pathId: Uint8Array.of(1, 2, 3),
              maxCltvExpiry: blockHeight(800_100),
              minFinalCltvExpiryDelta: cltvDelta(18),
              htlcMinimumMsat: msat(1n),
            },
            dummyHops,
          }),
        );
        const { path, costs } = paymentPath;
        expect(paymentPath.htlcMinimumMsat).toBe(900n);
        expect(path.hops.length).toBe(3 + dummyHops);
        expect(new Set(path.hops.map((hop) => hop.encryptedRecipientData.length)).size).toBe(1);
        const amtToForward = msat(wanted);
        const terms = { amtToForward, outgoingCltvValue: blockHeight(800_000), totalAmountMsat: amtToForward };
        const paymentHash = paymentHashOf(new Uint8Array(32).fill(8));
        const fee = BigInt(costs.feeBaseMsat) + (wanted * BigInt(costs.feeProportionalMillionths)) / 1_000_000n;
        const { packet } = buildOnion(noble, {
          sessionKey: new Uint8Array(32).fill(5),
          hops: blindedPathHops(path, intro.nodeId, terms),
          associatedData: new Uint8Array(32).fill(8),
        });
        let htlc: Parameters<typeof receivePaymentOnion>[2] = {
          onionRoutingPacket: packet,
          paymentHash,
          amountMsat: msat(wanted + fee),
          cltvExpiry: blockHeight(800_000 + costs.cltvExpiryDelta),
        };
        for (const node of [intro, middle]) {
          const answer = receivePaymentOnion(noble, signerOf(node), htlc);
          const onion = unwrap((answer as Extract<typeof answer, { kind: 'ready' }>).value);
          if (onion.kind !== 'forward') throw new Error('it was to be forwarded');
          const { nextPacket: onionRoutingPacket, amtToForward: amountMsat, outgoingCltvValue: cltvExpiry } = onion;
          htlc = { paymentHash, onionRoutingPacket, amountMsat, cltvExpiry, pathKey: onion.nextPathKey };
        }
        const answer = receivePaymentOnion(noble, signerOf(recipient), htlc);
        const onion = unwrap((answer as Extract<typeof answer, { kind: 'ready' }>).value);
        expect(onion).toMatchObject({ kind: 'receive', blinding: 'inside', pathId: Uint8Array.of(1, 2, 3) });
        expect(onion.kind === 'receive' && onion.payload).toMatchObject({ kind: 'blindedFinal', ...terms });
      }),
      runs(6),
    );
  });
});

const tlvs = maybe(
  'tlvs',
  fc
    .uniqueArray(fc.record({ type: fc.bigInt({ min: 0n, max: 100_000n }), value: anyBytes(20) }), {
      selector: (record) => record.type,
      minLength: 1,
      maxLength: 3,
    })
    .map((records) => records.sort((a, b) => (a.type < b.type ? -1 : 1))),
);
const channelUpdate = maybe(
  'channelUpdate',
  anyBytes(200, 136).filter((update) => update[0] !== 1),
);
const kind = <K extends Failure['kind']>(name: K) => fc.record({ kind: fc.constant(name) });
const hash = fc.record({ sha256OfOnion: bytes(32) });
const failures: fc.Arbitrary<Failure> = merged(
  fc.oneof(
    kind('temporary_node_failure'),
    kind('permanent_node_failure'),
    kind('required_node_feature_missing'),
    merged(kind('invalid_onion_version'), hash),
    merged(kind('invalid_onion_hmac'), hash),
    merged(kind('invalid_onion_key'), hash),
    merged(kind('invalid_onion_blinding'), hash),
    merged(kind('temporary_channel_failure'), channelUpdate),
    kind('permanent_channel_failure'),
    kind('required_channel_feature_missing'),
    kind('unknown_next_peer'),
    merged(merged(kind('amount_below_minimum'), fc.record({ htlcMsat: amount })), channelUpdate),
    merged(merged(kind('fee_insufficient'), fc.record({ htlcMsat: amount })), channelUpdate),
    merged(merged(kind('incorrect_cltv_expiry'), fc.record({ cltvExpiry: height })), channelUpdate),
    merged(kind('expiry_too_soon'), channelUpdate),
    merged(kind('incorrect_or_unknown_payment_details'), fc.record({ htlcMsat: amount, height })),
    merged(kind('final_incorrect_cltv_expiry'), fc.record({ cltvExpiry: height })),
    merged(kind('final_incorrect_htlc_amount'), fc.record({ incomingHtlcAmt: amount })),
    merged(merged(kind('channel_disabled'), fc.record({ disabledFlags: u16 })), channelUpdate),
    kind('expiry_too_far'),
    merged(kind('invalid_onion_payload'), fc.record({ tlvType: u64, offset: u16 })),
    kind('mpp_timeout'),
  ),
  tlvs,
);

describe('failures', () => {
  test('decoding undoes encoding, for every kind', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(failures, (failure) => {
        seen.add(failure.kind);
        expect(unwrap(decodeFailure(encodeFailure(failure)))).toEqual(failure);
      }),
      runs(600),
    );
    expect([...seen].sort()).toEqual(Object.keys(failureCodes).sort());
  });

  test('arbitrary bytes are a failure that can be written again, or no failure', () => {
    const codes = fc.constantFrom(...Object.values(failureCodes));
    const inputs = fc.oneof(
      anyBytes(200),
      fc.tuple(codes, anyBytes(200)).map(([code, rest]) => Uint8Array.of(code >>> 8, code & 0xff, ...rest)),
    );
    fc.assert(
      fc.property(inputs, (input) => isTotal(input, decodeFailure, encodeFailure)),
      runs(600),
    );
    expect(decodeFailure(Uint8Array.of(0x40))).toMatchObject({ ok: false, error: { kind: 'failure_too_short' } });
  });

  test('a channel_update is read with and without its type', () => {
    const update = new Uint8Array(136).fill(9);
    const failure: Failure = { kind: 'temporary_channel_failure', channelUpdate: update };
    const bare = Uint8Array.of(0x10, 7, 0, 136, ...update);
    const prefixed = Uint8Array.of(0x10, 7, 0, 138, 1, 2, ...update);
    expect(unwrap(decodeFailure(bare))).toEqual(failure);
    expect(unwrap(decodeFailure(prefixed))).toEqual(failure);
    expect(encodeFailure(failure)).toEqual(prefixed);
    expect(encodeFailure({ kind: 'temporary_channel_failure' })).toEqual(Uint8Array.of(0x10, 7, 0, 0));
    // A signature may begin like the type: the length tells.
    const unlucky = Uint8Array.of(1, 2, ...new Uint8Array(134));
    expect(unwrap(decodeFailure(Uint8Array.of(0x10, 7, 0, 136, ...unlucky)))).toMatchObject({ channelUpdate: unlucky });
  });

  test('a channel_update of any length and beginning is written so that it is read as the same again', () => {
    const beginnings = fc.constantFrom(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 1, 2), Uint8Array.of(0));
    const updates = fc
      .tuple(beginnings, fc.integer({ min: 0, max: 145 }))
      .map(([beginning, more]) => Uint8Array.of(...beginning, ...new Uint8Array(more)));
    fc.assert(
      fc.property(updates, (update) => {
        const failure: Failure = { kind: 'expiry_too_soon', channelUpdate: update };
        expect(unwrap(decodeFailure(encodeFailure(failure)))).toEqual(failure);
      }),
      runs(300),
    );
  });

  test('an unknown code, and a known one with other data, keep code and flags', () => {
    const strange = unwrap(decodeFailure(Uint8Array.of(0x20, 25, 1, 2)));
    expect(strange).toEqual({ kind: 'unknown_failure', code: 0x2019, data: Uint8Array.of(1, 2) });
    expect(failureFlagsOf(strange)).toEqual({ badOnion: false, perm: false, node: true, update: false });
    const last: Failure = { kind: 'unknown_failure', code: 0xffff, data: new Uint8Array(0) };
    expect(unwrap(decodeFailure(encodeFailure(last)))).toEqual(last);
    expect(() => encodeFailure({ ...last, code: 0x1_0000 })).toThrow(RangeError);
    const cut = unwrap(decodeFailure(Uint8Array.of(0x40, 15, 0)));
    expect(cut).toEqual({
      kind: 'unknown_failure',
      code: failureCodes.incorrect_or_unknown_payment_details,
      data: Uint8Array.of(0),
    });
    expect(failureFlagsOf({ kind: 'invalid_onion_blinding', sha256OfOnion: new Uint8Array(32) })).toEqual({
      badOnion: true,
      perm: true,
      node: false,
      update: false,
    });
    expect(failureCodeOf({ kind: 'unknown_next_peer' })).toBe(0x400a);
  });

  const secrets = (count: number) => Array.from({ length: count }, (_, i) => new Uint8Array(32).fill(40 + i));
  const returns = fc.integer({ min: 1, max: 22 }).chain((count) =>
    fc.record({
      count: fc.constant(count),
      erring: fc.nat(count - 1),
      failure: failures,
      holdTimes: fc.array(u32, { minLength: count, maxLength: count }),
    }),
  );
  const returnTo = (
    first: number,
    { erring, failure, holdTimes }: { erring: number; failure: Failure; holdTimes: readonly number[] },
    alter: (returned: ReturnedFailure, hop: number) => ReturnedFailure = (returned) => returned,
  ): ReturnedFailure => {
    const keys = secrets(30);
    const holdTimeOf = (hop: number) => ({ sharedSecret: keys[hop]!, holdTime: holdTimes[hop]! });
    let returned = alter(buildFailure(noble, { ...holdTimeOf(erring), failure }), erring);
    for (let hop = erring - 1; hop >= first; hop--) {
      returned = alter(wrapFailure(noble, { ...returned, ...holdTimeOf(hop) }), hop);
    }
    return returned;
  };

  test('the origin finds the hop that failed, and the hold times of those before it', () => {
    fc.assert(
      fc.property(returns, ({ count, ...request }) => {
        const returned = returnTo(0, request);
        const unwrapped = unwrapFailure(noble, { ...returned, sharedSecrets: secrets(count) });
        const { erring, failure, holdTimes } = request;
        expect(unwrapped).toMatchObject({ kind: 'failure', hop: erring, failure });
        expect(unwrapped.attribution).toEqual({ holdTimes: holdTimes.slice(0, Math.min(erring + 1, 20)) });
      }),
      runs(25),
    );
  });

  test('a return packet that is altered on the way is blamed on the pair that did it', () => {
    const scenario = fc
      .integer({ min: 2, max: 12 })
      .chain((count) =>
        fc.record({ count: fc.constant(count), altering: fc.nat(count - 2), byte: fc.nat(291), failure: failures }),
      );
    fc.assert(
      fc.property(scenario, ({ count, altering, byte, failure }) => {
        const holdTimes = secrets(count).map((_, i) => i);
        const request = { erring: count - 1, failure, holdTimes };
        const alter = (returned: ReturnedFailure, hop: number): ReturnedFailure => {
          if (hop !== altering + 1) return returned;
          const reason = copyBytes(returned.reason);
          reason[byte % reason.length]! ^= 1;
          return { ...returned, reason };
        };
        const unwrapped = unwrapFailure(noble, { ...returnTo(0, request, alter), sharedSecrets: secrets(count) });
        expect(unwrapped).toEqual({
          kind: 'unattributable',
          attribution: { holdTimes: holdTimes.slice(0, altering + 1), firstUnattributedHop: altering + 1 },
        });
      }),
      runs(15),
    );
  });

  test('a node that drops the attribution data hides only what is behind it', () => {
    const failure: Failure = { kind: 'temporary_node_failure' };
    const request = { erring: 4, failure, holdTimes: [1, 2, 3, 4, 5] };
    const alter = (returned: ReturnedFailure, hop: number): ReturnedFailure =>
      hop === 2 ? { reason: returned.reason } : returned;
    const unwrapped = unwrapFailure(noble, { ...returnTo(0, request, alter), sharedSecrets: secrets(5) });
    expect(unwrapped).toMatchObject({ kind: 'failure', hop: 4, failure });
    expect(unwrapped.attribution).toEqual({ holdTimes: [1, 2], firstUnattributedHop: 2 });
  });

  test("arbitrary bytes in place of a failure never throw, and a malformed message is its writer's", () => {
    fc.assert(
      fc.property(anyBytes(400), fc.integer({ min: 1, max: 5 }), (reason, count) => {
        expect(unwrapFailure(noble, { reason, sharedSecrets: secrets(count) }).kind).toBe('unattributable');
      }),
      runs(20),
    );
    const empty: Failure = { kind: 'unknown_failure', code: 0, data: new Uint8Array(0) };
    const { reason } = buildFailure(noble, { sharedSecret: secrets(1)[0]!, failure: empty });
    expect(unwrapFailure(noble, { reason, sharedSecrets: secrets(3) })).toMatchObject({ kind: 'failure', hop: 0 });
  });

  test('hold times of a fulfilled payment come back, up to 20 hops', () => {
    fc.assert(
      fc.property(fc.array(u32, { minLength: 1, maxLength: 22 }), (holdTimes) => {
        const keys = secrets(holdTimes.length);
        let attributionData: ReturnType<typeof attributeFulfil> | undefined;
        for (let hop = keys.length - 1; hop >= 0; hop--) {
          attributionData = attributeFulfil(noble, {
            sharedSecret: keys[hop]!,
            attributionData,
            holdTime: holdTimes[hop]!,
          });
        }
        const report = readFulfilAttribution(noble, { sharedSecrets: keys, attributionData: attributionData! });
        expect(report).toEqual({ holdTimes: holdTimes.slice(0, 20) });
      }),
      runs(15),
    );
  });
});

test('node ids and keys of this file agree', () => {
  for (const { nodeId, publicKey } of keyPairs) expect(nodeIdBytes(nodeId)).toEqual(publicKey);
});
