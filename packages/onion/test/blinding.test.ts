import { readFileSync } from 'node:fs';
import {
  blockHeight,
  cltvDelta,
  fromHex,
  msat,
  nodeId,
  nodeIdOf,
  paymentHashOf,
  ready,
  shortChannelIdOf,
  toHex,
  unwrap,
} from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { onionMessage } from '@boltwright/wire';
import { describe, expect, test } from '@jest/globals';
import {
  aggregateCosts,
  type BlindedPath,
  blindedNodeTweak,
  blindedPathHops,
  buildBlindedPath,
  buildOnion,
  buildOnionMessage,
  decodeEncryptedData,
  deriveKey,
  type EncryptedData,
  encodeEncryptedData,
  encodeHopPayload,
  type IncomingHtlc,
  nextPathKey,
  type ReceivedOnion,
  receiveOnionMessage,
  receivePaymentOnion,
  unblindHop,
} from '../src/index.ts';

const load = (name: string) => JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8'));

const scid = (text: string) => {
  const [block, transaction, output] = text.split('x').map(Number);
  return shortChannelIdOf(block!, transaction!, output!);
};

/** A node that holds its key, as the signer of an embedded node does. */
const signerOf = (secret: string) => {
  const key = fromHex(secret);
  return {
    nodeId: () => nodeIdOf(noble.publicKey(key)),
    ecdh: (point: Uint8Array, tweak?: Uint8Array) =>
      ready(noble.ecdh(point, tweak === undefined ? key : noble.scalarMultiply(key, tweak)!)),
  };
};

interface VectorTlvs {
  readonly padding?: string;
  readonly shortChannelId?: string;
  readonly nextNodeId?: string;
  readonly pathId?: string;
  readonly nextPathKeyOverride?: string;
  readonly paymentRelay?: { cltvExpiryDelta: number; feeProportionalMillionths: number; feeBaseMsat?: number };
  readonly paymentConstraints?: { maxCltvExpiry: number; htlcMinimumMsat: number };
  readonly allowedFeatures?: { features: number[] };
}

const featureBytes = (bits: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(bits.length === 0 ? 0 : (Math.max(...bits) >> 3) + 1);
  for (const bit of bits) bytes[bytes.length - 1 - (bit >> 3)]! |= 1 << (bit & 7);
  return bytes;
};

function dataOf(tlvs: VectorTlvs): EncryptedData {
  const unknownTlvs = Object.entries(tlvs).flatMap(([name, value]) => {
    const type = /^unknownTag(\d+)$/.exec(name)?.[1];
    return type === undefined ? [] : [{ type: BigInt(type), value: fromHex(value as string) }];
  });
  const { padding, shortChannelId, nextNodeId, pathId, nextPathKeyOverride, paymentRelay, paymentConstraints } = tlvs;
  return {
    ...(padding === undefined ? {} : { padding: fromHex(padding) }),
    ...(shortChannelId === undefined ? {} : { shortChannelId: scid(shortChannelId) }),
    ...(nextNodeId === undefined ? {} : { nextNodeId: nodeId(nextNodeId) }),
    ...(pathId === undefined ? {} : { pathId: fromHex(pathId) }),
    ...(nextPathKeyOverride === undefined ? {} : { nextPathKeyOverride: fromHex(nextPathKeyOverride) }),
    ...(paymentRelay === undefined
      ? {}
      : {
          paymentRelay: {
            cltvExpiryDelta: cltvDelta(paymentRelay.cltvExpiryDelta),
            feeProportionalMillionths: paymentRelay.feeProportionalMillionths,
            feeBaseMsat: paymentRelay.feeBaseMsat ?? 0,
          },
        }),
    ...(paymentConstraints === undefined
      ? {}
      : {
          paymentConstraints: {
            maxCltvExpiry: blockHeight(paymentConstraints.maxCltvExpiry),
            htlcMinimumMsat: msat(BigInt(paymentConstraints.htlcMinimumMsat)),
          },
        }),
    ...(tlvs.allowedFeatures === undefined ? {} : { allowedFeatures: featureBytes(tlvs.allowedFeatures.features) }),
    ...(unknownTlvs.length === 0 ? {} : { unknownTlvs }),
  };
}

describe('BOLT 4, route-blinding-test.json', () => {
  const vector = load('route-blinding');
  const [bob, carol, dave, eve] = vector.hops;
  const inputsOf = (hops: readonly { nodeId: string; tlvs: VectorTlvs }[]) =>
    hops.map((hop) => ({ nodeId: nodeId(hop.nodeId), data: dataOf(hop.tlvs) }));
  const toDave = buildBlindedPath(noble, { sessionKey: fromHex(bob.sessionKey), hops: inputsOf([bob, carol]) });
  const toEve = buildBlindedPath(noble, { sessionKey: fromHex(dave.sessionKey), hops: inputsOf([dave, eve]) });

  test('each hop is told to the byte what the vector says', () => {
    for (const hop of vector.hops) {
      const encoded = encodeEncryptedData(dataOf(hop.tlvs));
      expect(toHex(encoded)).toBe(hop.expected.encodedTlvs);
      expect(unwrap(decodeEncryptedData(encoded))).toEqual(dataOf(hop.tlvs));
    }
  });

  test('the two routes are built and joined', () => {
    const { route } = vector;
    expect(toDave.firstNode).toEqual({ kind: 'node', nodeId: route.firstNodeId });
    expect(toHex(toDave.firstPathKey)).toBe(route.firstPathKey);
    expect(toHex(toEve.firstPathKey)).toBe(dave.expected.pathKey);
    const joined = [...toDave.hops, ...toEve.hops].map((hop) => ({
      blindedNodeId: toHex(hop.blindedNodeId),
      encryptedData: toHex(hop.encryptedRecipientData),
    }));
    expect(joined).toEqual(route.hops);
  });

  test('each hop unblinds its part', () => {
    for (const [i, { unblind, expected, tlvs }] of vector.hops.entries()) {
      const pathKey = fromHex(unblind.pathKey);
      const sharedSecret = noble.ecdh(pathKey, fromHex(unblind.nodePrivkey))!;
      expect(toHex(sharedSecret)).toBe(expected.sharedSecret);
      expect(toHex(deriveKey(noble, 'rho', sharedSecret))).toBe(expected.rho);
      const blindedKey = noble.scalarMultiply(fromHex(unblind.nodePrivkey), blindedNodeTweak(noble, sharedSecret))!;
      expect(toHex(blindedKey)).toBe(unblind.blindedPrivkey);
      const encryptedRecipientData = fromHex(expected.encryptedData);
      const data = unwrap(unblindHop(noble, { pathKey, sharedSecret, encryptedRecipientData }));
      expect(data).toEqual(dataOf(tlvs));
      expect(toHex(encodeEncryptedData(data))).toBe(unblind.decryptedData);
      expect(toHex(unwrap(nextPathKey(noble, { pathKey, sharedSecret }, {})))).toBe(unblind.nextPathKey);
      const following = vector.hops[i + 1];
      if (following === undefined) continue;
      expect(toHex(unwrap(nextPathKey(noble, { pathKey, sharedSecret }, data)))).toBe(following.unblind.pathKey);
    }
  });
});

describe('BOLT 4, blinded-payment-onion-test.json', () => {
  const vector = load('blinded-payment-onion');
  const alice = vector.fullRoute[0];
  const path: BlindedPath = {
    firstNode: { kind: 'node', nodeId: vector.blindedRoute.firstNodeId },
    firstPathKey: fromHex(vector.blindedRoute.firstPathKey),
    hops: vector.blindedRoute.hops.map((hop: { blindedNodeId: string; encryptedData: string }) => ({
      blindedNodeId: fromHex(hop.blindedNodeId),
      encryptedRecipientData: fromHex(hop.encryptedData),
    })),
  };
  const terms = {
    amtToForward: msat(BigInt(vector.finalAmountMsat)),
    outgoingCltvValue: blockHeight(vector.finalCltv),
    totalAmountMsat: msat(BigInt(vector.totalAmountMsat)),
  };
  const hops = [
    {
      publicKey: fromHex(alice.pubkey),
      payload: encodeHopPayload({
        kind: 'forward',
        amtToForward: msat(BigInt(alice.tlvs.amtToForward)),
        outgoingCltvValue: blockHeight(alice.tlvs.outgoingCltvValue),
        shortChannelId: scid(alice.tlvs.outgoingChannelId),
      }),
    },
    ...blindedPathHops(path, nodeId(vector.blindedRoute.firstNodeId), terms),
  ];
  const associatedData = fromHex(vector.associatedData);

  test('the payloads and the onion are built to the byte', () => {
    for (const [i, hop] of vector.fullRoute.entries()) {
      expect(toHex(hops[i]!.publicKey)).toBe(hop.pubkey);
      expect(toHex(hops[i]!.payload)).toBe(hop.payload.substring(2));
    }
    const { packet } = buildOnion(noble, { sessionKey: fromHex(vector.sessionKey), hops, associatedData });
    expect(toHex(packet)).toBe(vector.onion);
  });

  test('the costs of the path are what the vector says', () => {
    const relays = vector.fullRoute.flatMap((hop: { tlvs: { encryptedRecipientData?: VectorTlvs } }) => {
      const relay = dataOf(hop.tlvs.encryptedRecipientData ?? {}).paymentRelay;
      return relay === undefined ? [] : [relay];
    });
    expect(unwrap(aggregateCosts(relays, cltvDelta(0)))).toEqual(vector.blindedPayinfo);
  });

  test('each node receives its onion with amounts and path key', () => {
    let htlc: IncomingHtlc = {
      onionRoutingPacket: fromHex(vector.onion),
      paymentHash: paymentHashOf(associatedData),
      amountMsat: msat(110_125n),
      cltvExpiry: blockHeight(749_150),
    };
    const received: ReceivedOnion[] = [];
    for (const node of vector.decrypt) {
      expect(toHex(htlc.onionRoutingPacket)).toBe(node.onion);
      const answer = receivePaymentOnion(noble, signerOf(node.nodePrivkey), htlc);
      if (answer.kind === 'pending') throw new Error('the signer was ready');
      const onion = unwrap(answer.value);
      received.push(onion);
      if (onion.kind === 'receive') continue;
      const pathKey = onion.nextPathKey;
      expect(pathKey && toHex(pathKey)).toBe(node.nextPathKey);
      const { nextPacket: onionRoutingPacket, amtToForward: amountMsat, outgoingCltvValue: cltvExpiry } = onion;
      htlc = { ...htlc, onionRoutingPacket, amountMsat, cltvExpiry, pathKey };
    }
    const kinds = received.map((onion) => [onion.kind, onion.blinding]);
    expect(kinds).toEqual([
      ['forward', 'none'],
      ['forward', 'introduction'],
      ['forward', 'inside'],
      ['forward', 'inside'],
      ['receive', 'inside'],
    ]);
    const last = received.at(-1)!;
    const { pathId } = vector.fullRoute.at(-1).tlvs.encryptedRecipientData;
    expect(last.kind === 'receive' && last.pathId && toHex(last.pathId)).toBe(pathId);
    expect(last.kind === 'receive' && last.payload).toMatchObject({ kind: 'blindedFinal', ...terms });
  });
});

describe('BOLT 4, blinded-onion-message-onion-test.json', () => {
  const vector = load('blinded-onion-message');
  const [alice, ...rest] = vector.hops;
  const toDave = buildBlindedPath(noble, {
    sessionKey: fromHex(rest[0].pathKeySecret),
    hops: rest.map((hop: { nodeId: string; tlvs: VectorTlvs }) => ({
      nodeId: nodeId(hop.nodeId),
      data: dataOf(hop.tlvs),
    })),
  });
  const content = {
    unknownTlvs: [{ type: 1n, value: fromHex(vector.onionmsgTlvs.unknownTag1) }],
  };

  test('the message is built over a path that was given', () => {
    const built = buildOnionMessage(noble, {
      sessionKey: fromHex(vector.sessionKey),
      pathSessionKey: fromHex(alice.pathKeySecret),
      hops: [nodeId(alice.nodeId)],
      destination: { kind: 'path', path: toDave },
      content,
    });
    expect(built.firstNode).toEqual({ kind: 'node', nodeId: vector.route.firstNodeId });
    expect(toHex(built.message.pathKey)).toBe(vector.route.firstPathKey);
    expect(toHex(built.message.onionMessagePacket)).toBe(vector.packet);
    expect(toHex(onionMessage.encode(built.message))).toBe(alice.decrypt.onionMessage);
  });

  test('each node opens the message and passes it on', () => {
    for (const [i, hop] of vector.hops.entries()) {
      const message = unwrap(onionMessage.decode(fromHex(hop.decrypt.onionMessage)));
      const answer = receiveOnionMessage(noble, signerOf(hop.decrypt.privkey), message);
      if (answer.kind === 'pending') throw new Error('the signer was ready');
      const received = unwrap(answer.value);
      if (received.kind === 'forward') {
        expect(received.next).toEqual({ kind: 'node', nodeId: hop.decrypt.nextNodeId });
        expect(toHex(onionMessage.encode(received.message))).toBe(vector.hops[i + 1].decrypt.onionMessage);
      } else {
        expect(hop.alias).toBe('Dave');
        expect(received.payload.unknownTlvs).toEqual(content.unknownTlvs);
        expect(toHex(received.payload.encryptedRecipientData!)).toBe(hop.decrypt.tlvs.encryptedRecipientData);
        expect(received.pathId && toHex(received.pathId)).toBe(hop.tlvs.pathId);
      }
    }
  });
});
