import { blockHeight, cltvDelta, fromHex, msat, nodeId, nodeIdOf, ready, shortChannelIdOf } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import type { EncryptedData } from '@boltwright/onion';
import { featuresFromBits } from '@boltwright/wire';

/** `encrypted_recipient_data` as BOLT 4's vectors write it. */
export interface VectorTlvs {
  readonly padding?: string;
  readonly shortChannelId?: string;
  readonly nextNodeId?: string;
  readonly pathId?: string;
  readonly nextPathKeyOverride?: string;
  readonly paymentRelay?: { cltvExpiryDelta: number; feeProportionalMillionths: number; feeBaseMsat?: number };
  readonly paymentConstraints?: { maxCltvExpiry: number; htlcMinimumMsat: number };
  readonly allowedFeatures?: { features: number[] };
}

export const scid = (text: string) => {
  const [block, transaction, output] = text.split('x').map(Number);
  return shortChannelIdOf(block!, transaction!, output!);
};

/** The same as our own type. */
export function dataOf(tlvs: VectorTlvs): EncryptedData {
  const unknownTlvs = Object.entries(tlvs).flatMap(([name, value]) => {
    const type = /^unknownTag(\d+)$/.exec(name)?.[1];
    return type === undefined ? [] : [{ type: BigInt(type), value: fromHex(value as string) }];
  });
  const { padding, shortChannelId, nextNodeId, pathId, nextPathKeyOverride } = tlvs;
  const { paymentRelay: relay, paymentConstraints: constraints, allowedFeatures } = tlvs;
  return {
    ...(padding === undefined ? {} : { padding: fromHex(padding) }),
    ...(shortChannelId === undefined ? {} : { shortChannelId: scid(shortChannelId) }),
    ...(nextNodeId === undefined ? {} : { nextNodeId: nodeId(nextNodeId) }),
    ...(pathId === undefined ? {} : { pathId: fromHex(pathId) }),
    ...(nextPathKeyOverride === undefined ? {} : { nextPathKeyOverride: fromHex(nextPathKeyOverride) }),
    ...(relay && {
      paymentRelay: {
        cltvExpiryDelta: cltvDelta(relay.cltvExpiryDelta),
        feeProportionalMillionths: relay.feeProportionalMillionths,
        feeBaseMsat: relay.feeBaseMsat ?? 0,
      },
    }),
    ...(constraints && {
      paymentConstraints: {
        maxCltvExpiry: blockHeight(constraints.maxCltvExpiry),
        htlcMinimumMsat: msat(BigInt(constraints.htlcMinimumMsat)),
      },
    }),
    ...(allowedFeatures && { allowedFeatures: featuresFromBits(allowedFeatures.features) }),
    ...(unknownTlvs.length === 0 ? {} : { unknownTlvs }),
  };
}

/** A signer that holds its key, ready at once. */
export const signerOf = (secret: string) => {
  const key = fromHex(secret);
  return {
    nodeId: () => nodeIdOf(noble.publicKey(key)),
    ecdh: (point: Uint8Array, tweak?: Uint8Array) =>
      ready(noble.ecdh(point, tweak === undefined ? key : noble.scalarMultiply(key, tweak)!)),
  };
};
