import { blockHeight, msat, nodeIdOf, paymentHashOf, ready } from '@boltwright/base';
import type { IncomingHtlc } from '@boltwright/onion';
import { crypto } from './backend.ts';

const secret = new Uint8Array(32).fill(0x41);

/** The node that opens the onions. */
export const nodeKey: Uint8Array = crypto.publicKey(secret);
export const otherKey: Uint8Array = crypto.publicKey(new Uint8Array(32).fill(0x42));
export const sessionKey: Uint8Array = new Uint8Array(32).fill(0x43);
const hash = new Uint8Array(32).fill(0x42);
export const associatedData: Uint8Array = hash;

export const signer = {
  nodeId: () => nodeIdOf(nodeKey),
  ecdh: (point: Uint8Array, tweak?: Uint8Array) =>
    ready(crypto.ecdh(point, tweak === undefined ? secret : crypto.scalarMultiply(secret, tweak)!)),
};

export const htlcWith = (onionRoutingPacket: Uint8Array, pathKey?: Uint8Array): IncomingHtlc => ({
  onionRoutingPacket,
  paymentHash: paymentHashOf(hash),
  amountMsat: msat(100_000n),
  cltvExpiry: blockHeight(700_100),
  pathKey,
});

const pathSecret = new Uint8Array(32).fill(0x44);
const sharedSecret = crypto.ecdh(nodeKey, pathSecret)!;

/** One hop of a blinded path to this node. */
export const path = { pathKey: crypto.publicKey(pathSecret), sharedSecret } as const;
