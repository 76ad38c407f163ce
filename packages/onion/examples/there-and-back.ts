import { blockHeight, msat, nodeIdOf, paymentHashOf, ready, shortChannelId } from '@boltwright/base';
import { noble } from '@boltwright/crypto';
import { buildFailure, buildOnion, encodeHopPayload, receivePaymentOnion, unwrapFailure } from '@boltwright/onion';

const amounts = { amtToForward: msat(1000n), outgoingCltvValue: blockHeight(800_000) };
const [bobSecret, carolSecret] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const paymentHash = new Uint8Array(32).fill(3);
const { packet, sharedSecrets } = buildOnion(noble, {
  sessionKey: new Uint8Array(32).fill(4), // from a CSPRNG, fresh for each attempt
  associatedData: paymentHash,
  hops: [
    {
      publicKey: noble.publicKey(bobSecret),
      payload: encodeHopPayload({ kind: 'forward', ...amounts, shortChannelId: shortChannelId(7n) }),
    },
    { publicKey: noble.publicKey(carolSecret), payload: encodeHopPayload({ kind: 'final', ...amounts }) },
  ],
});

// Bob holds his key: his signer does the ECDH. He does not know channel 7, and tells the origin.
const bob = {
  nodeId: () => nodeIdOf(noble.publicKey(bobSecret)),
  ecdh: (point: Uint8Array) => ready(noble.ecdh(point, bobSecret)),
};
const htlc = { amountMsat: msat(1001n), cltvExpiry: blockHeight(800_040), paymentHash: paymentHashOf(paymentHash) };
const answer = receivePaymentOnion(noble, bob, { ...htlc, onionRoutingPacket: packet });
if (answer.kind !== 'ready' || !answer.value.ok) throw new Error('the onion was Bob’s');
const { sharedSecret } = answer.value.value;
const returned = buildFailure(noble, { sharedSecret, failure: { kind: 'unknown_next_peer' }, holdTime: 2 });

export const learnt = unwrapFailure(noble, { ...returned, sharedSecrets });
// { kind: 'failure', hop: 0, failure: { kind: 'unknown_next_peer' }, attribution: { holdTimes: [2] }, … }
