import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { blockHeight, cltvDelta, fromHex, msat, nodeId, paymentHashOf, toHex, unwrap } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
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
  encodeEncryptedData,
  encodeHopPayload,
  type IncomingHtlc,
  nextPathKey,
  receiveOnionMessage,
  receivePaymentOnion,
  unblindHop,
} from '@boltwright/onion';
import { onionMessage } from '@boltwright/wire';
import { dataOf, scid, signerOf, type VectorTlvs } from './bolt4-tlvs.ts';
import { fixture } from './fixture.ts';

const inputsOf = (hops: readonly { readonly nodeId: string; readonly tlvs: VectorTlvs }[]) =>
  hops.map((hop) => ({ nodeId: nodeId(hop.nodeId), data: dataOf(hop.tlvs) }));

/** route-blinding-test.json: the data of each hop, two paths built and joined, each hop unblinding its part. */
export function routeBlinding(): void {
  const { hops, route } = fixture<{
    readonly hops: readonly {
      readonly sessionKey: string;
      readonly nodeId: string;
      readonly tlvs: VectorTlvs;
      readonly expected: Readonly<Record<'encodedTlvs' | 'pathKey' | 'sharedSecret' | 'rho' | 'encryptedData', string>>;
      readonly unblind: Readonly<
        Record<'nodePrivkey' | 'pathKey' | 'blindedPrivkey' | 'decryptedData' | 'nextPathKey', string>
      >;
    }[];
    readonly route: {
      readonly firstNodeId: string;
      readonly firstPathKey: string;
      readonly hops: readonly { readonly blindedNodeId: string; readonly encryptedData: string }[];
    };
  }>('onion', 'route-blinding');
  const [bob, carol, dave, eve] = hops;
  const toDave = buildBlindedPath(noble, { sessionKey: fromHex(bob!.sessionKey), hops: inputsOf([bob!, carol!]) });
  const toEve = buildBlindedPath(noble, { sessionKey: fromHex(dave!.sessionKey), hops: inputsOf([dave!, eve!]) });
  deepStrictEqual(toDave.firstNode, { kind: 'node', nodeId: route.firstNodeId });
  equal(toHex(toDave.firstPathKey), route.firstPathKey);
  equal(toHex(toEve.firstPathKey), dave!.expected.pathKey);
  const joined = [...toDave.hops, ...toEve.hops].map((hop) => ({
    blindedNodeId: toHex(hop.blindedNodeId),
    encryptedData: toHex(hop.encryptedRecipientData),
  }));
  deepStrictEqual(
    joined,
    route.hops.map(({ blindedNodeId, encryptedData }) => ({ blindedNodeId, encryptedData })),
  );
  for (const [i, { unblind, expected, tlvs }] of hops.entries()) {
    const encoded = encodeEncryptedData(dataOf(tlvs));
    equal(toHex(encoded), expected.encodedTlvs);
    deepStrictEqual(unwrap(decodeEncryptedData(encoded)), dataOf(tlvs));
    const pathKey = fromHex(unblind.pathKey);
    const sharedSecret = noble.ecdh(pathKey, fromHex(unblind.nodePrivkey))!;
    equal(toHex(sharedSecret), expected.sharedSecret);
    equal(toHex(deriveKey(noble, 'rho', sharedSecret)), expected.rho);
    const blindedKey = noble.scalarMultiply(fromHex(unblind.nodePrivkey), blindedNodeTweak(noble, sharedSecret))!;
    equal(toHex(blindedKey), unblind.blindedPrivkey);
    const encryptedRecipientData = fromHex(expected.encryptedData);
    const data = unwrap(unblindHop(noble, { pathKey, sharedSecret, encryptedRecipientData }));
    equal(toHex(encodeEncryptedData(data)), unblind.decryptedData);
    equal(toHex(unwrap(nextPathKey(noble, { pathKey, sharedSecret }, {}))), unblind.nextPathKey);
    const following = hops[i + 1];
    if (following === undefined) continue;
    equal(toHex(unwrap(nextPathKey(noble, { pathKey, sharedSecret }, data))), following.unblind.pathKey);
  }
}

/** blinded-payment-onion-test.json: payloads and onion to the byte, the path's costs, and each node receiving. */
export function blindedPayment(): void {
  const vector = fixture<{
    readonly sessionKey: string;
    readonly associatedData: string;
    readonly finalAmountMsat: number;
    readonly finalCltv: number;
    readonly totalAmountMsat: number;
    readonly blindedPayinfo: Readonly<Record<string, number>>;
    readonly blindedRoute: {
      readonly firstNodeId: string;
      readonly firstPathKey: string;
      readonly hops: readonly { readonly blindedNodeId: string; readonly encryptedData: string }[];
    };
    readonly fullRoute: readonly {
      readonly pubkey: string;
      readonly payload: string;
      readonly tlvs: {
        readonly amtToForward?: number;
        readonly outgoingCltvValue?: number;
        readonly outgoingChannelId?: string;
        readonly encryptedRecipientData?: VectorTlvs;
      };
    }[];
    readonly onion: string;
    readonly decrypt: readonly {
      readonly onion: string;
      readonly nodePrivkey: string;
      readonly nextPathKey?: string;
    }[];
  }>('onion', 'blinded-payment-onion');
  const { blindedRoute, fullRoute } = vector;
  const path: BlindedPath = {
    firstNode: { kind: 'node', nodeId: nodeId(blindedRoute.firstNodeId) },
    firstPathKey: fromHex(blindedRoute.firstPathKey),
    hops: blindedRoute.hops.map((hop) => ({
      blindedNodeId: fromHex(hop.blindedNodeId),
      encryptedRecipientData: fromHex(hop.encryptedData),
    })),
  };
  const terms = {
    amtToForward: msat(BigInt(vector.finalAmountMsat)),
    outgoingCltvValue: blockHeight(vector.finalCltv),
    totalAmountMsat: msat(BigInt(vector.totalAmountMsat)),
  };
  const alice = fullRoute[0]!;
  const hops = [
    {
      publicKey: fromHex(alice.pubkey),
      payload: encodeHopPayload({
        kind: 'forward',
        amtToForward: msat(BigInt(alice.tlvs.amtToForward!)),
        outgoingCltvValue: blockHeight(alice.tlvs.outgoingCltvValue!),
        shortChannelId: scid(alice.tlvs.outgoingChannelId!),
      }),
    },
    ...blindedPathHops(path, nodeId(blindedRoute.firstNodeId), terms),
  ];
  for (const [i, hop] of fullRoute.entries()) {
    equal(toHex(hops[i]!.publicKey), hop.pubkey);
    equal(toHex(hops[i]!.payload), hop.payload.substring(2));
  }
  const associatedData = fromHex(vector.associatedData);
  equal(
    toHex(buildOnion(noble, { sessionKey: fromHex(vector.sessionKey), hops, associatedData }).packet),
    vector.onion,
  );
  const relays = fullRoute.flatMap((hop) => dataOf(hop.tlvs.encryptedRecipientData ?? {}).paymentRelay ?? []);
  deepStrictEqual(unwrap(aggregateCosts(relays, cltvDelta(0))), vector.blindedPayinfo);

  let htlc: IncomingHtlc = {
    onionRoutingPacket: fromHex(vector.onion),
    paymentHash: paymentHashOf(associatedData),
    amountMsat: msat(110_125n),
    cltvExpiry: blockHeight(749_150),
  };
  for (const [i, node] of vector.decrypt.entries()) {
    equal(toHex(htlc.onionRoutingPacket), node.onion);
    const answer = receivePaymentOnion(noble, signerOf(node.nodePrivkey), htlc);
    ok(answer.kind === 'ready', 'the signer was ready');
    const onion = unwrap(answer.value);
    if (i === vector.decrypt.length - 1) {
      ok(onion.kind === 'receive', 'the last node receives');
      equal(onion.pathId && toHex(onion.pathId), fullRoute.at(-1)!.tlvs.encryptedRecipientData!.pathId);
      continue;
    }
    ok(onion.kind === 'forward', 'all but the last forward');
    const pathKey = onion.nextPathKey;
    equal(pathKey && toHex(pathKey), node.nextPathKey);
    const { nextPacket: onionRoutingPacket, amtToForward: amountMsat, outgoingCltvValue: cltvExpiry } = onion;
    htlc = { ...htlc, onionRoutingPacket, amountMsat, cltvExpiry, pathKey };
  }
}

/** blinded-onion-message-onion-test.json: the message built, then opened and passed on by each node. */
export function blindedMessage(): void {
  const vector = fixture<{
    readonly sessionKey: string;
    readonly hops: readonly {
      readonly nodeId: string;
      readonly pathKeySecret: string;
      readonly tlvs: VectorTlvs;
      readonly decrypt: {
        readonly privkey: string;
        readonly onionMessage: string;
        readonly nextNodeId?: string;
        readonly tlvs?: { readonly encryptedRecipientData: string };
      };
    }[];
    readonly onionmsgTlvs: { readonly unknownTag1: string };
    readonly route: { readonly firstNodeId: string; readonly firstPathKey: string };
    readonly packet: string;
  }>('onion', 'blinded-onion-message');
  const [alice, ...rest] = vector.hops;
  const path = buildBlindedPath(noble, { sessionKey: fromHex(rest[0]!.pathKeySecret), hops: inputsOf(rest) });
  const content = { unknownTlvs: [{ type: 1n, value: fromHex(vector.onionmsgTlvs.unknownTag1) }] };
  const built = buildOnionMessage(noble, {
    sessionKey: fromHex(vector.sessionKey),
    pathSessionKey: fromHex(alice!.pathKeySecret),
    hops: [nodeId(alice!.nodeId)],
    destination: { kind: 'path', path },
    content,
  });
  deepStrictEqual(built.firstNode, { kind: 'node', nodeId: vector.route.firstNodeId });
  equal(toHex(built.message.pathKey), vector.route.firstPathKey);
  equal(toHex(built.message.onionMessagePacket), vector.packet);
  equal(toHex(onionMessage.encode(built.message)), alice!.decrypt.onionMessage);
  for (const [i, { decrypt, tlvs }] of vector.hops.entries()) {
    const message = unwrap(onionMessage.decode(fromHex(decrypt.onionMessage)));
    const answer = receiveOnionMessage(noble, signerOf(decrypt.privkey), message);
    ok(answer.kind === 'ready', 'the signer was ready');
    const received = unwrap(answer.value);
    const following = vector.hops[i + 1];
    if (following !== undefined) {
      ok(received.kind === 'forward', 'all but the last forward');
      deepStrictEqual(received.next, { kind: 'node', nodeId: decrypt.nextNodeId });
      equal(toHex(onionMessage.encode(received.message)), following.decrypt.onionMessage);
    } else {
      ok(received.kind !== 'forward', 'the last node receives');
      deepStrictEqual(received.payload.unknownTlvs, content.unknownTlvs);
      equal(toHex(received.payload.encryptedRecipientData!), decrypt.tlvs!.encryptedRecipientData);
      equal(received.pathId && toHex(received.pathId), tlvs.pathId);
    }
  }
}
