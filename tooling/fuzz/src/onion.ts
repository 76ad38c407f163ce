import { deepStrictEqual } from 'node:assert/strict';
import { blockHeight, cltvDelta, concatBytes, fromHex, msat, shortChannelIdOf } from '@boltwright/base';
import {
  blindedNodeTweak,
  buildFailure,
  buildOnion,
  decodeEncryptedData,
  decodeFailure,
  decodeHopPayload,
  decodeOnionMessagePayload,
  deriveKey,
  encodeEncryptedData,
  encodeFailure,
  encodeHopPayload,
  encodeOnionMessagePayload,
  receiveOnionMessage,
  receivePaymentOnion,
  unwrapFailure,
} from '@boltwright/onion';
import { crypto } from './backend.ts';
import { binaryCorpus } from './corpus.ts';
import { associatedData, htlcWith, nodeKey, otherKey, path, sessionKey, signer } from './onion-setup.ts';
import { expectSameBytes, refusal, type Surface, type Target, violation } from './surface.ts';

const none = new Uint8Array(0);
const zeroNonce = new Uint8Array(12);
const terms = { amtToForward: msat(100_000n), outgoingCltvValue: blockHeight(700_000) };
const forwardPayload = encodeHopPayload({ kind: 'forward', ...terms, shortChannelId: shortChannelIdOf(1, 2, 3) });
const payloadSeeds = () => [...binaryCorpus('packages/wire/corpus/onion-payload'), forwardPayload];

/** A payload of a hop, in all four positions that it may be found in. */
const payload: Surface = {
  name: 'payload',
  seeds: payloadSeeds,
  maxLength: 2048,
  run: (input) => {
    const outcomes: string[] = [];
    for (const isFinal of [false, true]) {
      for (const hasPathKey of [false, true]) {
        const decoded = decodeHopPayload(input, { isFinal, hasPathKey });
        if (!decoded.ok) outcomes.push(refusal(decoded.error));
        else {
          outcomes.push(decoded.value.kind);
          const again = decodeHopPayload(encodeHopPayload(decoded.value), { isFinal, hasPathKey });
          if (!again.ok) violation(`encoded again it is refused: ${refusal(again.error)}`);
          deepStrictEqual(again.value, decoded.value);
        }
      }
    }
    return [...new Set(outcomes)].join(', ');
  },
};

const packetOf = (hopPayload: Uint8Array, publicKey: Uint8Array, isFinal: boolean): Uint8Array => {
  const hops = [{ publicKey, payload: hopPayload }];
  if (!isFinal) hops.push({ publicKey: otherKey, payload: forwardPayload });
  return buildOnion(crypto, { sessionKey, hops, associatedData }).packet;
};

function received(packet: Uint8Array, pathKey?: Uint8Array): string {
  const answer = receivePaymentOnion(crypto, signer, htlcWith(packet, pathKey));
  if (answer.kind === 'pending') return violation('the signer was ready');
  if (!answer.value.ok) return `${refusal(answer.value.error)}, ${answer.value.error.reply.kind}`;
  return `${answer.value.value.kind}, ${answer.value.value.blinding}`;
}

/** A payload as the sender of a payment could write it, in an onion that is right. The first byte chooses the position. */
const payment: Surface = {
  name: 'payment',
  seeds: () => payloadSeeds().flatMap((seed) => [0, 1].map((flags) => concatBytes(Uint8Array.of(flags), seed))),
  maxLength: 1000,
  run: (input) => {
    const hopPayload = input.subarray(1);
    // Of one byte or none there is no onion.
    return hopPayload.length < 2 ? 'no onion' : received(packetOf(hopPayload, nodeKey, (input[0]! & 1) === 0));
  },
};

/** A packet as a peer could send it. */
const packet: Surface = {
  name: 'packet',
  seeds: () => [packetOf(forwardPayload, nodeKey, false), packetOf(forwardPayload, nodeKey, true)],
  maxLength: 33_000,
  run: (input) => received(input),
};

const dataSeeds = () => [
  encodeEncryptedData({ shortChannelId: shortChannelIdOf(1, 2, 3), allowedFeatures: none }),
  encodeEncryptedData({ pathId: new Uint8Array(32).fill(1), padding: new Uint8Array(4) }),
  encodeEncryptedData({
    shortChannelId: shortChannelIdOf(1, 2, 3),
    nextPathKeyOverride: otherKey,
    paymentRelay: { cltvExpiryDelta: cltvDelta(40), feeProportionalMillionths: 100, feeBaseMsat: 1000 },
    paymentConstraints: { maxCltvExpiry: blockHeight(800_000), htlcMinimumMsat: msat(1n) },
  }),
];

const encryptedData: Surface = {
  name: 'encrypted-data',
  seeds: dataSeeds,
  maxLength: 2048,
  run: (input) => {
    const decoded = decodeEncryptedData(input);
    if (!decoded.ok) return refusal(decoded.error);
    expectSameBytes(encodeEncryptedData(decoded.value), input, 'data encoded again');
    return Object.keys(decoded.value).sort().join(' ');
  },
};

/** Encrypted data as the maker of a blinded path could write it. The first byte chooses payment or message, and position. */
const blinded: Surface = {
  name: 'blinded',
  seeds: () => dataSeeds().flatMap((seed) => [0, 1, 2, 3].map((flags) => concatBytes(Uint8Array.of(flags), seed))),
  maxLength: 600,
  run: (input) => {
    const flags = input[0] ?? 0;
    const rho = deriveKey(crypto, 'rho', path.sharedSecret);
    const encryptedRecipientData = crypto.aeadEncrypt(rho, zeroNonce, none, input.subarray(1));
    const publicKey = crypto.pointMultiply(nodeKey, blindedNodeTweak(crypto, path.sharedSecret))!;
    const isFinal = (flags & 1) === 0;
    if ((flags & 2) === 0) {
      const hopPayload = isFinal
        ? encodeHopPayload({
            kind: 'blindedFinal',
            ...terms,
            totalAmountMsat: terms.amtToForward,
            encryptedRecipientData,
          })
        : encodeHopPayload({ kind: 'blindedForward', encryptedRecipientData });
      return `payment: ${received(packetOf(hopPayload, publicKey, isFinal), path.pathKey)}`;
    }
    const hops = [{ publicKey, payload: encodeOnionMessagePayload({ encryptedRecipientData }) }];
    if (!isFinal) hops.push({ publicKey: otherKey, payload: encodeOnionMessagePayload({ encryptedRecipientData }) });
    const { packet: onionMessagePacket } = buildOnion(crypto, { sessionKey, hops });
    const answer = receiveOnionMessage(crypto, signer, { pathKey: path.pathKey, onionMessagePacket });
    if (answer.kind === 'pending') return violation('the signer was ready');
    return `message: ${answer.value.ok ? answer.value.value.kind : refusal(answer.value.error)}`;
  },
};

const messagePayload: Surface = {
  name: 'message-payload',
  seeds: () => [encodeOnionMessagePayload({ encryptedRecipientData: new Uint8Array(20) })],
  maxLength: 4096,
  run: (input) => {
    const decoded = decodeOnionMessagePayload(input);
    if (!decoded.ok) return refusal(decoded.error);
    expectSameBytes(encodeOnionMessagePayload(decoded.value), input, 'payload encoded again');
    return Object.keys(decoded.value).sort().join(' ');
  },
};

const failureSeeds = () => [
  ...['2002', '4008', '400a', '0015', '4010', '1007'].map(fromHex),
  encodeFailure({ kind: 'incorrect_or_unknown_payment_details', htlcMsat: msat(1n), height: blockHeight(2) }),
  encodeFailure({ kind: 'temporary_channel_failure', channelUpdate: new Uint8Array(138) }),
  encodeFailure({ kind: 'invalid_onion_payload', tlvType: 2n, offset: 3 }),
];

const failure: Surface = {
  name: 'failure',
  seeds: failureSeeds,
  maxLength: 65_535,
  run: (input) => {
    const decoded = decodeFailure(input);
    if (!decoded.ok) return refusal(decoded.error);
    // Bytes after the data that are no TLV stream are dropped, so it is the second time that must not change.
    const once = encodeFailure(decoded.value);
    const again = decodeFailure(once);
    if (!again.ok) return violation('encoded again it is refused');
    deepStrictEqual(again.value, decoded.value);
    expectSameBytes(encodeFailure(again.value), once, 'failure encoded again');
    return decoded.value.kind;
  },
};

const secrets = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));

const unwrapped = (reason: Uint8Array, attribution?: Uint8Array): string => {
  const attributionData = attribution && {
    htlcHoldTimes: attribution.subarray(0, 80),
    truncatedHmacs: attribution.subarray(80, 920),
  };
  const result = unwrapFailure(crypto, { sharedSecrets: secrets, reason, attributionData });
  return `${result.kind}, ${result.attribution.holdTimes.length} hold times`;
};

/** What a peer returns, with 920 bytes of attribution data in front of the packet. */
const returned: Surface = {
  name: 'returned',
  seeds: () =>
    failureSeeds().map((_, i) => {
      const request = { sharedSecret: secrets[0]!, failure: { kind: 'temporary_node_failure' } as const, holdTime: i };
      const { reason, attributionData } = buildFailure(crypto, request);
      return concatBytes(attributionData!.htlcHoldTimes, attributionData!.truncatedHmacs, reason);
    }),
  maxLength: 66_000,
  run: (input) => {
    const attribution = new Uint8Array(920);
    attribution.set(input.subarray(0, 920));
    return unwrapped(input.subarray(920), attribution);
  },
};

/** A packet with the right HMAC of the first hop, around bytes that the hop may have chosen as it likes. */
const authentic: Surface = {
  name: 'authentic',
  seeds: () =>
    failureSeeds().map((seed) =>
      concatBytes(Uint8Array.of(0, seed.length), seed, Uint8Array.of(1, 0), new Uint8Array(256 - seed.length)),
    ),
  maxLength: 4096,
  run: (input) => {
    const hmac = crypto.hmacSha256(deriveKey(crypto, 'um', secrets[0]!), input);
    return unwrapped(crypto.chacha20(deriveKey(crypto, 'ammag', secrets[0]!), zeroNonce, concatBytes(hmac, input)));
  },
};

export const onion: Target = {
  name: 'onion',
  surfaces: [payload, payment, packet, encryptedData, blinded, messagePayload, failure, returned, authentic],
};
